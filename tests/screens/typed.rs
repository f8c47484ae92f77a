//! What is typed and may not be read over a shoulder.

use std::time::Duration;

use pleoscope::app::event::{Effect, Event};
use pleoscope::app::model::Model;
use pleoscope::app::update::update;
use pleoscope::key::Key;

use crate::{COLOUR, model, picture, press};

fn typed(model: &mut Model, text: &str) -> String {
    for c in text.chars() {
        update(model, Event::Key(Key::char(c)));
    }
    picture(model, 120, 40, COLOUR)
}

#[test]
fn what_lets_in_is_not_seen_while_a_curl_command_is_typed() {
    let mut model = model();
    press(&mut model, "Ctrl-n");
    let shown = typed(&mut model, "curl https://x.example -H 'Authorization: Bearer CNRY");
    assert!(shown.contains("Bearer ••••") && !shown.contains("CNRY"), "{shown}");
    let shown = typed(&mut model, "' -u CNRY -X POST");
    assert!(shown.contains("-u •••• -X POST") && !shown.contains("CNRY"), "{shown}");
    press(&mut model, "Esc Ctrl-n");
    let shown = typed(&mut model, "/v2/x?note=Bearer-CNRY");
    assert!(shown.contains("Bearer-CNRY"), "a path is shown as it is: {shown}");
}

/// What a variable stands for that is named like a secret is typed unseen, and shown nowhere in the form.
#[test]
fn the_value_of_a_variable_that_is_named_like_a_secret_is_not_seen() {
    let mut model = model();
    press(&mut model, "Ctrl-n");
    typed(&mut model, "GET /v2/employees?code={{clientSecret}}");
    press(&mut model, "Enter 4 s");
    let shown = typed(&mut model, "swordfish");
    assert!(shown.contains("What is {{clientSecret}}") && shown.contains("•••"), "{shown}");
    assert!(!shown.contains("swordfish"), "{shown}");
    update(&mut model, Event::Tick(Duration::from_secs(5)));
    let effects = update(&mut model, Event::Key("Enter".parse().unwrap()));
    let request = effects.iter().find_map(|effect| match effect {
        Effect::Send(_, request) => Some(request),
        _ => None,
    });
    assert!(request.is_some_and(|own| own.url().as_str().ends_with("code=swordfish")), "{effects:?}");
    press(&mut model, "4");
    let pane: String = picture(&mut model, 120, 40, COLOUR).lines().filter(|line| line.contains("code")).collect();
    assert!(pane.contains("REDACTED"), "{pane}");
}

/// A header that is only begun is kept like one.
#[test]
fn a_header_that_is_only_begun_is_part_of_what_is_kept() {
    let mut model = model();
    press(&mut model, "Enter 4 A");
    let draft = model.request.draft.clone().unwrap();
    for (text, wanted) in [("X-Tra", ("X-Tra", "")), ("ck:  a b", ("X-Track", "a b"))] {
        typed(&mut model, text);
        let kept = model.request.as_typed(&draft);
        assert_eq!(kept.own_headers.last(), Some(&(wanted.0.to_owned(), wanted.1.to_owned())));
    }
}
