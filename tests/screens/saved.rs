//! Saved requests: the list, empty and damaged, what is asked in it, and the question for a name.

use pleoscope::app::event::{Effect, Event, Reply};
use pleoscope::app::model::Model;
use pleoscope::app::saved::{Ask, Told};
use pleoscope::app::update::update;
use pleoscope::pleo::endpoint::{Method, Surface};
use pleoscope::pleo::saved::{Entry, Glimpse, Listing, Place};

use crate::{COLOUR, model, picture};

fn entry(key: &str, method: Method, path: &str, description: &str) -> Entry {
    let own = Glimpse {
        description: description.to_owned(),
        surface: Surface::External,
        method,
        path: path.to_owned(),
        free: path.starts_with("/v9"),
        variables: if path.contains("search") { vec!["companyId".to_owned(), "from".to_owned()] } else { Vec::new() },
    };
    Entry { key: key.parse().unwrap(), own: Ok(own) }
}

fn listing() -> Listing {
    let reason = "broken.toml:3:2: there is no key `qury`; did you mean `query`? (1 more)".to_owned();
    let entries = vec![
        Entry { key: "broken".parse().unwrap(), own: Err(reason) },
        entry("Zwölf Größen", Method::Get, "/v2/employees", "Odd \u{1b}[31mletters\u{202e}"),
        entry("accounting/of one company/this month", Method::Post, "/v1/accounting-entries:search", "What was booked"),
        entry("accounting/vendors", Method::Post, "/v1/vendors", "Makes a vendor, with all that it may have\nand more"),
        entry("./smoke/health", Method::Get, "/v9/health", ""),
    ];
    let folders = [
        (Place::Own, "~/.config/pleoscope/requests".to_owned()),
        (Place::Repository, "~/books/.pleoscope/requests".to_owned()),
    ];
    Listing { entries, folders: folders.into(), remarks: Vec::new() }
}

/// Presses keys; what they ask of the folders is answered with this list, and every name is taken.
fn shown(keys: &str, listing: &Listing) -> Model {
    let mut model = model();
    for key in keys.split(' ') {
        let now = model.now + std::time::Duration::from_secs(1);
        update(&mut model, Event::Tick(now));
        for effect in update(&mut model, Event::Key(key.parse().unwrap())) {
            if let Effect::AskSaved(id, ask) = effect {
                let told = if *ask == Ask::List { Told::Listed(Box::new(listing.clone())) } else { Told::Exists };
                update(&mut model, Event::Reply(Reply::ToldSaved(id, Box::new(Ok(told)))));
            }
        }
    }
    model
}

#[test]
fn saved_requests() {
    let empty = Listing { entries: Vec::new(), ..listing() };
    let odd = Listing {
        remarks: vec![
            "~/books/.pleoscope/requests holds one file whose name is no name of a saved request: 1 left out"
                .to_owned(),
        ],
        ..listing()
    };
    for (name, keys, listing, width, height) in [
        ("list", "O j j", listing(), 80, 24),
        ("list", "O j j j", listing(), 120, 40),
        ("list", "O j j j j", listing(), 60, 15),
        ("damaged", "O", odd, 80, 24),
        ("empty", "O", empty.clone(), 80, 24),
        ("filter", "O / v e n d", listing(), 80, 24),
        ("nothing_fits", "O / q q q", listing(), 80, 24),
        ("rename", "O j j j N Backspace Enter", listing(), 80, 24),
        ("remove", "O j j j Del", listing(), 80, 24),
        ("save", "Enter o", listing(), 80, 24),
        ("save_taken", "Enter o Enter", listing(), 80, 24),
        ("save_wrong", "Enter o / Enter", empty, 60, 15),
    ] {
        let picture = picture(&mut shown(keys, &listing), width, height, COLOUR);
        assert!(!picture.contains(['\u{1b}', '\u{202e}']), "{picture}");
        insta::assert_snapshot!(format!("saved_{name}_{width}x{height}"), picture);
    }
}
