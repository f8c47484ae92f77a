//! What is drawn, as pictures at the sizes that matter.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail by panicking")]

mod screens {
    mod saved;
    mod timing;
    mod typed;
}

use std::time::Duration;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use pleoscope::app::compare::answer::compare;
use pleoscope::app::compare::both;
use pleoscope::app::credentials::Who;
use pleoscope::app::event::{Effect, Event, Failure, Head, Phase, Portion, Reply};
use pleoscope::app::history::{Ask, Told};
use pleoscope::app::looks::Depth;
use pleoscope::app::model::Model;
use pleoscope::app::panes::response::{FilterTrouble, View};
use pleoscope::app::typing;
use pleoscope::app::update::{settle, update};
use pleoscope::document::{Filter, Piece, Scanner, Sieve, arrange, examine, find_all, opened, tally};
use pleoscope::key::Key;
use pleoscope::pleo::credential::{Credential, CredentialKind, Keeping, VaultKey};
use pleoscope::pleo::endpoint::{Method, Surface};
use pleoscope::pleo::environment::{Environment, Environments};
use pleoscope::pleo::history::{Entry, Kept, Setting};
use pleoscope::pleo::identity::{Company, Identity};
use pleoscope::pleo::request::Draft;
use pleoscope::pleo::timing::{Timing, Wire};
use pleoscope::pleo::transcript::{Answer, Transcript};
use pleoscope::secret::Secret;
use pleoscope::ui::screen::render;
use pleoscope::ui::theme::Theme;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const COLOUR: Theme = Theme::of_terminal(true, false, Depth::Full);
const PAGE: &str = r#"{"data":[{"id":"ca54c551-9290-484d-9f69-b136e4df7c01","companyId":"a666a648-b52f-4acf-990f-32b16af19b3b","email":"ciaran.mueller@testfield.example","firstName":"Ciarán","lastName":"Müller","jobTitle":"経理担当","phone":null,"evil":"a\u001b[31mb\u202ec","big":12345678901234567890.10}],"pagination":{"hasNextPage":true,"total":240,"none":{},"empty":[]}}"#;

fn model() -> Model {
    let mut model = Model::new((80, 24), Environment::Staging, Environments::pleo());
    let secret = Secret::new("pls_a_secret_of_staging_7f3c".into());
    model.credentials.keep(Credential::new(
        Environment::Staging,
        CredentialKind::StandaloneApiKey,
        Keeping::Memory,
        secret,
    ));
    settle(&mut model);
    model
}

fn press(model: &mut Model, keys: &str) {
    press_and_answer(model, keys, PAGE.as_bytes());
}

/// Presses keys; a request that they send is answered with this body, and the document is worked on as the worker does.
fn press_and_answer(model: &mut Model, keys: &str, body: &[u8]) {
    for key in keys.split(' ') {
        press_as_it_is(model, key, body);
        // A list is a tree here, unless a test is about tables.
        if model.response.view() == View::Table {
            model.response.face = Some(View::Tree);
            settle(model);
        }
    }
}

/// The same where a list is shown as it is: a table.
fn press_as_it_is(model: &mut Model, keys: &str, body: &[u8]) {
    for key in keys.split(' ') {
        for effect in update(model, Event::Key(key.parse::<Key>().unwrap())) {
            work(model, effect, body);
        }
    }
}

fn work(model: &mut Model, effect: Effect, body: &[u8]) {
    let mut next = Vec::new();
    let mut reply = |reply| next.extend(update(model, Event::Reply(reply)));
    match effect {
        Effect::Send(id, _) => {
            let mut scanner = Scanner::new();
            let bytes = Bytes::copy_from_slice(body);
            let piece = scanner.scan(&bytes);
            let headers = vec![("content-type".to_owned(), b"application/json;charset=UTF-8".to_vec())];
            let head = Head { status: 200, reason: "OK".into(), version: "HTTP/1.1", headers };
            let took = Duration::from_millis(142);
            reply(Reply::Head(id, head, took));
            reply(Reply::Chunk(id, bytes, piece));
            reply(Reply::Done(id, scanner.finish(), took));
        }
        Effect::Search(id, body, finder) => {
            let mut hits = Vec::new();
            find_all(&body, &finder, &|| false, &mut |_, more| hits.extend(more));
            reply(Reply::Found(id, hits, true));
        }
        Effect::Compare(id, own) => reply(Reply::Compared(id, Box::new(compare(&own, &|| false)))),
        Effect::OpenBoth(id, parts) => reply(Reply::Opened(id, both(&parts))),
        Effect::Open(id, body, range) => reply(Reply::Opened(id, opened(&body, range))),
        Effect::Arrange(id, own) => {
            let sieve = Sieve::read(&own.filter, &own.columns);
            let order = arrange(&own.body, &own.records, &sieve, &own.sort, &|| false, &mut |_| {});
            reply(Reply::Arranged(id, order.unwrap()));
        }
        Effect::Tally(id, own, path) => {
            let sieve = Sieve::read(&own.filter, &own.columns);
            reply(Reply::Tallied(id, tally(&own.body, &own.records, &sieve, &path, &|| false).unwrap()));
        }
        Effect::Learn(id, own) => reply(Reply::Learned(id, Box::new(own.read()))),
        Effect::Examine(id, body, expected) => {
            reply(Reply::Examined(id, examine(&body, expected.as_deref(), &|| false)));
        }
        Effect::Filter(id, whole, expression) => {
            let mut scanner = Scanner::new();
            let mut out = Vec::new();
            let input = Bytes::from(whole.read(0..whole.len()).into_owned());
            let ended = Filter::new(&expression).and_then(|filter| {
                filter.run(input, &mut |text| {
                    out.extend_from_slice(text);
                    std::ops::ControlFlow::Continue(())
                })
            });
            let ended = ended.map_err(|error| FilterTrouble { sentence: error.to_string(), at: error.range() });
            if !out.is_empty() {
                let bytes = Bytes::from(out);
                let piece = scanner.scan(&bytes);
                reply(Reply::Filtered(id, Portion::Here(bytes), piece));
            }
            reply(Reply::FilterEnded(id, ended, scanner.finish(), Duration::from_millis(12)));
        }
        _ => {}
    }
    for effect in next {
        work(model, effect, body);
    }
}

fn picture(model: &mut Model, width: u16, height: u16, theme: Theme) -> String {
    update(model, Event::Resize(width, height));
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| render(model, theme, frame)).unwrap();
    terminal.backend().to_string()
}

/// What the other environment answers in place of `PAGE`: another record, another type, and text that would steer the screen.
const OTHER_PAGE: &str = r#"{"data":[{"id":"11111111-9290-484d-9f69-b136e4df7c01","companyId":"a666a648-b52f-4acf-990f-32b16af19b3b","email":"ciaran.mueller@testfield.example","firstName":"Ciarán","lastName":"Mueller","jobTitle":"Κ\u001b[31m","phone":"+45","big":12345678901234567890.1},{"id":"2","email":"new@testfield.example"}],"pagination":{"hasNextPage":true,"total":"240","none":{},"empty":[]}}"#;

/// A comparison with what production answers.
fn compared() -> Model {
    let mut model = model();
    let secret = Secret::new("pls_a_secret_of_production_1a2b".into());
    let kind = CredentialKind::StandaloneApiKey;
    model.credentials.keep(Credential::new(Environment::Production, kind, Keeping::Memory, secret));
    press(&mut model, "Enter s");
    press_and_answer(&mut model, "d", OTHER_PAGE.as_bytes());
    model
}

#[test]
fn a_comparison() {
    for (width, height) in [(80, 24), (120, 40)] {
        for (name, keys) in [("values", "j"), ("shape", "t")] {
            let mut model = compared();
            press(&mut model, keys);
            insta::assert_snapshot!(
                format!("compare_{name}_{width}x{height}"),
                picture(&mut model, width, height, COLOUR)
            );
        }
    }
    let mut model = compared();
    press(&mut model, "K");
    insta::assert_snapshot!("compare_key_80x24", picture(&mut model, 80, 24, COLOUR));
    press(&mut model, "Esc G Enter");
    insta::assert_snapshot!("compare_both_80x24", picture(&mut model, 80, 24, COLOUR));
    press(&mut model, "Esc Esc s d");
    insta::assert_snapshot!("compare_with_80x24", picture(&mut model, 80, 24, COLOUR));
}

#[test]
fn a_comparison_needs_no_colour_to_say_which_environment_is_which() {
    let mut model = compared();
    let picture = picture(&mut model, 80, 24, Theme::of_terminal(false, true, Depth::Full));
    for word in ["STAGING", "PRODUCTION", "only in PRODUCTION", "changed"] {
        assert!(picture.contains(word), "{word}\n{picture}");
    }
}

#[test]
fn the_first_screen() {
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        insta::assert_snapshot!(format!("start_{width}x{height}"), picture(&mut model(), width, height, COLOUR));
    }
}

#[test]
fn an_answer() {
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        let mut model = model();
        press(&mut model, "Enter s");
        insta::assert_snapshot!(format!("answer_{width}x{height}"), picture(&mut model, width, height, COLOUR));
    }
}

#[test]
fn a_request_with_bad_values_in_production() {
    let mut model = model();
    press(&mut model, "Enter Enter b a d Enter Ctrl-t");
    insta::assert_snapshot!("bad_values_80x24", picture(&mut model, 80, 24, COLOUR));
}

#[test]
fn ids_that_were_seen_are_offered_below_the_field() {
    let mut model = model();
    let people: Vec<String> = (1..=9)
        .map(|n| {
            let first = ["Ann", "Ciarán", "Zoë"][n % 3];
            format!(r#"{{"id":"{n}a54c551-9290-484d-9f69-b136e4df7c01","firstName":"{first}","lastName":"No {n}"}}"#)
        })
        .collect();
    press_and_answer(&mut model, "Enter s", format!(r#"{{"data":[{}]}}"#, people.join(",")).as_bytes());
    let path = "/v2/employees/{employeeId}";
    let draft = Draft::from_path(Method::Get, path, None, model.environment, &model.environments).unwrap();
    typing::open_request(&mut model, draft);
    press(&mut model, "Enter ↓ ↓");
    insta::assert_snapshot!("offered_80x24", picture(&mut model, 80, 24, COLOUR));
}

#[test]
fn the_masked_field_shows_nothing_of_what_is_typed() {
    let mut model = model();
    press(&mut model, "2 j Enter");
    update(&mut model, Event::Paste("CNRY-very-secret".into()));
    let picture = picture(&mut model, 80, 24, COLOUR);
    assert!(!picture.contains("CNRY") && picture.contains("••••"));
    insta::assert_snapshot!("credential_80x24", picture);
}

#[test]
fn overlays_and_views() {
    let mut model = model();
    press(&mut model, "Enter s v");
    insta::assert_snapshot!("raw_80x24", picture(&mut model, 80, 24, COLOUR));
    press(&mut model, "v");
    insta::assert_snapshot!("headers_80x24", picture(&mut model, 80, 24, COLOUR));
    press(&mut model, "?");
    insta::assert_snapshot!("help_80x24", picture(&mut model, 80, 24, COLOUR));
    press(&mut model, "Esc : s e n d");
    insta::assert_snapshot!("palette_80x24", picture(&mut model, 80, 24, COLOUR));
    press(&mut model, "Esc z");
    insta::assert_snapshot!("zoom_80x24", picture(&mut model, 80, 24, COLOUR));
}

#[test]
fn the_document_and_what_is_done_with_it() {
    let pictures = [
        ("filtered", "z f . d a t a [ ] | { e m a i l , b i g } Enter"),
        ("filter_wrong", "f . d a t a [ 0"),
        ("search_in_values", "z / m Tab Tab Enter"),
        ("search_no_pattern", "/ Ctrl-r a ( b"),
        ("viewer", "j j j j j Enter"),
        ("copy_menu", "j j j y"),
        ("save_menu", "j j j o"),
        ("copy_forms", "y y"),
        ("copy_secret", "y y C"),
        ("copy_request", "4 y"),
        ("save_forms", "o o"),
        ("save_as", "o p"),
        ("go_to", "Ctrl-g . d a t a [ x Enter"),
        ("pointer_and_folds", "z j j j j j P"),
        ("hex", "z v v v v"),
    ];
    for (name, keys) in pictures {
        let mut model = model();
        model.began = "2026-11-25T12:00:00Z".parse().ok();
        press(&mut model, "Enter s");
        press(&mut model, keys);
        insta::assert_snapshot!(format!("document_{name}_80x24"), picture(&mut model, 80, 24, COLOUR));
    }
}

#[test]
fn a_curl_command_is_looked_at_before_it_is_taken() {
    let command = "curl 'https://external.pleo.io/v1/chart-of-accounts:search?limit=5' -kL -u pls_0123456789abcdef7f3c: -b 'a=b' -H 'X-Own: 1' --data-raw '{\"companyId\":\"x\"}'";
    for (width, height) in [(80, 24), (61, 15)] {
        let mut model = model();
        press(&mut model, "Ctrl-n");
        update(&mut model, Event::Paste(command.to_owned()));
        insta::assert_snapshot!(format!("import_{width}x{height}"), picture(&mut model, width, height, COLOUR));
    }
}

/// Links, ids, dates and money, each beside what was sent.
const MEANT: &str = r#"{"id":"ca54c551-9290-484d-9f69-b136e4df7c01","unknown":"00000000-0000-0000-0000-000000000000","performedAt":"2026-11-23T08:15:00Z","date":"2026-12-24","receiptUrl":"https://files.example/r/1","amount":{"minors":123456,"currency":"DKK"},"fee":{"currency":"ISK","minors":-1500},"again":1,"again":2}"#;

#[test]
fn values_say_what_they_mean() {
    let mut model = model();
    model.began = "2026-11-25T12:00:00Z".parse().ok();
    press_and_answer(&mut model, "Enter s z", MEANT.as_bytes());
    insta::assert_snapshot!("document_meant_80x24", picture(&mut model, 80, 24, COLOUR));
}

#[test]
fn what_is_no_json_is_shown_as_text_with_its_place() {
    let broken = b"{\n  \"data\": [\n    {\"id\": 1},\n    {\"id\": 2,}\n  ]\n}\n";
    let mut model = model();
    press_and_answer(&mut model, "Enter s z", broken);
    insta::assert_snapshot!("document_broken_80x24", picture(&mut model, 80, 24, COLOUR));
    let mut model = self::model();
    press_and_answer(&mut model, "Enter s", b"{\"data\":[1,2");
    insta::assert_snapshot!("document_cut_80x24", picture(&mut model, 80, 24, COLOUR));
}

/// Whatever comes from the network: no row is longer or shorter for it, and nothing of it reaches the terminal raw.
#[test]
fn hostile_text_stays_in_its_place() {
    let hostile = "{\"esc\":\"a\\u001b]52;c;aGk=\\u0007b\",\"\\u202ekey\":\"\\u202eright\\u2066\",\"c1\":\"\u{9b}31m\",\"zero\":\"a\u{200b}\u{200d}b\",\"pile\":\"Z\u{300}\u{301}\u{302}\u{303}\u{304}algo\",\"wide\":\"漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字\",\"emoji\":\"👩‍👩‍👧‍👦 🏳️‍🌈 e\u{301}\",\"tab\":\"a\\tb\\rc\",\"back\":\"10\\b0\",\"hindi\":\"प्रिया शर्मा\"}";
    for keys in ["Enter s z", "Enter s z v", "Enter s z v v v v", "Enter s z G k Enter"] {
        for (width, height) in [(80, 24), (61, 15), (120, 40)] {
            let mut model = model();
            press_and_answer(&mut model, keys, hostile.as_bytes());
            let picture = picture(&mut model, width, height, COLOUR);
            for c in picture.chars().filter(|c| *c != '\n') {
                assert!(
                    !c.is_control() && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200B}'),
                    "{c:?}"
                );
            }
            if (width, height) == (80, 24) {
                insta::assert_snapshot!(format!("document_hostile_{}_80x24", keys.replace(' ', "_")), picture);
            }
        }
    }
}

/// A model whose credential is known, in production, unlocked.
fn known() -> Model {
    let mut model = model();
    let secret = Secret::new("pls_a_secret_of_production_a41d".into());
    model.credentials.keep(Credential::new(
        Environment::Production,
        CredentialKind::StandaloneApiKey,
        Keeping::Memory,
        secret,
    ));
    press(&mut model, "Ctrl-t");
    let effects = update(&mut model, Event::Key("i".parse().unwrap()));
    let work =
        effects.iter().find_map(|effect| if let Effect::Identify(work, _) = effect { Some(*work) } else { None });
    let work = work.unwrap();
    let mut identity = Identity::default();
    identity.take_introspection(&serde_json::json!({
        "authMethod": "API_KEY", "applicationName": "Nordwind bookkeeping", "clientId": "6a2a766e",
        "scope": "companies:read vendors:read vendors:write",
        "subjectURN": "urn:pleo:company:c8e3b322-0ac0-4c7d-8b96-381084442e8d",
    }));
    for (id, name) in [
        ("c8e3b322-0ac0-4c7d-8b96-381084442e8d", "Nordwind A/S"),
        ("a666a648-b52f-4acf-990f-32b16af19b3b", "Testfield ApS"),
    ] {
        identity.companies.push(Company { id: id.into(), name: name.into() });
    }
    update(&mut model, Event::Reply(Reply::Identified(work, Box::new(Ok(identity)))));
    model
}

fn type_text(model: &mut Model, text: &str) {
    for c in text.chars() {
        update(model, Event::Key(Key::char(c)));
    }
}

#[test]
fn who_a_credential_is() {
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        let mut model = known();
        press(&mut model, "2");
        insta::assert_snapshot!(format!("identity_{width}x{height}"), picture(&mut model, width, height, COLOUR));
    }
}

#[test]
fn unlocking_and_the_last_look() {
    let mut model = known();
    press(&mut model, "w");
    type_text(&mut model, "prod");
    press(&mut model, "Enter");
    insta::assert_snapshot!("unlock_80x24", picture(&mut model, 80, 24, COLOUR));
    type_text(&mut model, "uction");
    press(&mut model, "Ctrl-u");
    type_text(&mut model, "production");
    update(&mut model, Event::Tick(Duration::from_secs(1)));
    press(&mut model, "Enter Ctrl-n");
    type_text(&mut model, "POST /v1/vendors");
    press(&mut model, "Enter c");
    insta::assert_snapshot!("companies_80x24", picture(&mut model, 80, 24, COLOUR));
    press(&mut model, "Enter s");
    update(&mut model, Event::Tick(Duration::from_secs(2)));
    for (width, height) in [(80, 24), (120, 40)] {
        insta::assert_snapshot!(format!("review_{width}x{height}"), picture(&mut model, width, height, COLOUR));
    }
    press(&mut model, "Esc Ctrl-n");
    type_text(&mut model, "DELETE /v1/installations/me");
    press(&mut model, "Enter s Enter");
    insta::assert_snapshot!("review_word_80x24", picture(&mut model, 80, 24, COLOUR));
}

#[test]
fn a_login() {
    let mut model = model();
    press(&mut model, "L Enter");
    insta::assert_snapshot!("login_form_80x24", picture(&mut model, 80, 24, COLOUR));
    type_text(&mut model, "my-client");
    press(&mut model, "↓ ↓ ↓ ↓ Space");
    let effects = update(&mut model, Event::Key("Enter".parse().unwrap()));
    let Some(Effect::Login(work, _)) = effects.into_iter().next() else { panic!("no login") };
    let url = "https://auth.staging.pleo.io/oauth/authorize?response_type=code&client_id=my-client&scope=users%3Aread&state=x";
    update(&mut model, Event::Reply(Reply::LoginAt(work, url.into(), true)));
    for line in
        ["! Nothing was taken: it does not belong to this login.", "> POST https://auth.staging.pleo.io/oauth/token"]
    {
        update(&mut model, Event::Reply(Reply::Step(work, line.into())));
    }
    insta::assert_snapshot!("login_waiting_80x24", picture(&mut model, 80, 24, COLOUR));
}

#[test]
fn an_explained_refusal() {
    for (status, body, height) in [
        (401, r#"{"type":"UNAUTHORIZED","message":"API key is invalid or expired"}"#, 24),
        (403, r#"{"type":"ACCESS_DENIED","message":"Access Denied"}"#, 24),
        (429, r#"{"type":"TOO_MANY_REQUESTS"}"#, 40),
    ] {
        let mut model = known();
        press(&mut model, "3 g Enter");
        let effects = update(&mut model, Event::Key("s".parse().unwrap()));
        let Some(Effect::Send(id, _)) = effects.into_iter().next() else { panic!("nothing was sent") };
        let mut scanner = Scanner::new();
        let bytes = Bytes::from_static(body.as_bytes());
        let piece = scanner.scan(&bytes);
        let headers = vec![("retry-after".to_owned(), b"75".to_vec())];
        let head = Head { status, reason: String::new(), version: "HTTP/1.1", headers };
        let took = Duration::from_millis(9);
        update(&mut model, Event::Reply(Reply::Head(id, head, took)));
        update(&mut model, Event::Reply(Reply::Chunk(id, bytes, piece)));
        update(&mut model, Event::Reply(Reply::Done(id, scanner.finish(), took)));
        let width = if height == 24 { 80 } else { 120 };
        insta::assert_snapshot!(
            format!("explained_{status}_{width}x{height}"),
            picture(&mut model, width, height, COLOUR)
        );
    }
}

/// Check 3, the part about what a person puts in the wrong place: once the field is closed it is not shown.
#[test]
fn promise_3_a_secret_in_a_request_is_not_shown() {
    let mut model = model();
    press(&mut model, "Ctrl-n");
    type_text(&mut model, "POST /x");
    press(&mut model, "Enter G Enter");
    update(&mut model, Event::Paste("{\"a\":\"pls_a_secret_of_staging_7f3c\"}".into()));
    press(&mut model, "Esc");
    let shown = picture(&mut model, 120, 40, COLOUR);
    assert!(shown.contains("A credential stands in the body") && !shown.contains("pls_a_secret"), "{shown}");
    press(&mut model, "Ctrl-n");
    type_text(&mut model, "GET /v2/employees?email=pls_a_secret_of_staging_7f3c&x=pls_a_secret_of_staging_7f3c");
    press(&mut model, "Enter");
    let shown = picture(&mut model, 200, 60, COLOUR);
    assert!(shown.contains("[redacted]") && !shown.contains("pls_a_secret"), "{shown}");
}

#[test]
fn too_small_says_so_and_recovers() {
    let mut model = model();
    insta::assert_snapshot!("too_small", picture(&mut model, 40, 10, COLOUR));
    assert!(picture(&mut model, 80, 24, COLOUR).contains("3 Endpoints"));
}

#[test]
fn hostile_text_becomes_visible_marks() {
    let mut model = model();
    press(&mut model, "Enter s z");
    let picture = picture(&mut model, 120, 40, COLOUR);
    assert!(!picture.contains('\u{1b}') && !picture.contains('\u{202e}'));
    assert!(picture.contains("12345678901234567890.10"), "numbers stay as sent");
}

/// Check 55, the part without a terminal: any size, with anything open, and the picture depends on the size alone.
#[test]
fn promise_55_any_size_draws() {
    let mut seed = 0x9e37_79b9_u64;
    let mut next = |most: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u16::try_from((seed >> 33) % (most + 1)).unwrap()
    };
    for keys in ["j", "Enter s", "?", ":", "Ctrl-n", "2 j Enter", "Enter s z"] {
        let mut changing = model();
        press(&mut changing, keys);
        for _ in 0..150 {
            let (width, height) = if next(9) == 0 { (next(3), next(3)) } else { (next(300), next(100)) };
            picture(&mut changing, width.max(1), height.max(1), COLOUR);
        }
        let mut fresh = model();
        update(&mut fresh, Event::Resize(100, 30));
        press(&mut fresh, keys);
        assert_eq!(picture(&mut changing, 100, 30, COLOUR), picture(&mut fresh, 100, 30, COLOUR), "{keys}");
    }
}

/// Check 57, the part without a terminal: a locale without UTF-8 gets ASCII only.
#[test]
fn promise_57_ascii_only() {
    let mut model = model();
    for keys in ["Enter s", "v", "v", "?", "Esc : s"] {
        press(&mut model, keys);
        let picture = picture(&mut model, 120, 40, Theme::of_terminal(false, true, Depth::Full));
        assert!(picture.is_ascii(), "{picture}");
    }
}

/// Keys that lead from the first screen of production to every screen and overlay, with what is to be seen there.
const EVERYWHERE: [(&str, &str); 26] = [
    ("1", "┏1 Environment"),
    ("2", "┏2 Credential"),
    ("3", "┏3 Endpoints"),
    ("4", "┏4 Request"),
    ("5", "┏5 Response"),
    ("1 z", "┏1 Environment"),
    ("2 z", "┏2 Credential"),
    ("3 z", "┏3 Endpoints"),
    ("Enter z", "┏4 Request"),
    ("Enter s z", "tree"),
    ("Enter s z v", "raw"),
    ("Enter s z v v", "headers"),
    ("Enter s", "5 Response PRODUCTION"),
    ("/ r e c", "/ rec"),
    ("2 j Enter", "paste or type it"),
    ("?", "┏ Help"),
    (": s e", "> se"),
    ("Ctrl-n", "Free request"),
    ("w", "Unlock writes"),
    ("Enter c", "Companies"),
    ("2 G Enter", "Log in with OAuth: "),
    ("2 G Enter Enter", "client id is missing"),
    ("2 K", "Keep in the keyring"),
    ("Enter Enter b a d Enter s", "Not sent"),
    ("Ctrl-n D E L E T E Space / v 9 Enter s", "Not sent"),
    ("x", "Nothing is in flight"),
];

/// Asserts that PRODUCTION is to be read at both sizes, with colours and without.
fn assert_production(model: &mut Model, what: &str, seen: &str) {
    let wide = picture(model, 80, 24, COLOUR);
    assert!(wide.contains(seen), "{what}: {seen:?} is not there:\n{wide}");
    for (width, height) in [(80, 24), (60, 15), (40, 10)] {
        for colour in [true, false] {
            let picture = picture(model, width, height, Theme::of_terminal(colour, false, Depth::Full));
            let first = picture.lines().next().unwrap();
            assert!(first.contains("PRODUCTION"), "{what} at {width}x{height}:\n{picture}");
        }
    }
    update(model, Event::Resize(80, 24));
}

fn in_production() -> Model {
    let mut model = model();
    press(&mut model, "Ctrl-t");
    let secret = Secret::new("pls_a_secret_of_production_9a1c".into());
    let key = CredentialKind::StandaloneApiKey;
    let id = model.credentials.keep(Credential::new(Environment::Production, key, Keeping::Memory, secret));
    let mut identity = pleoscope::pleo::identity::Identity::default();
    let page = r#"{"data":[{"id":"a666a648-b52f-4acf-990f-32b16af19b3b","name":"A company with quite a long name"}]}"#;
    identity.take_companies(&serde_json::from_str(page).unwrap());
    model.credentials.get_mut(id).unwrap().who = Who::Known(Box::new(identity));
    settle(&mut model);
    model
}

/// Check 26: wherever one is in production, the word is in the first row.
#[test]
fn promise_26_production_everywhere() {
    for (keys, seen) in EVERYWHERE {
        let mut model = in_production();
        press(&mut model, keys);
        assert_production(&mut model, keys, seen);
    }
    // A write, unlocked, looked at, and failed.
    let mut model = in_production();
    press(&mut model, "w p r o d u c t i o n");
    update(&mut model, Event::Tick(Duration::from_secs(1)));
    press(&mut model, "Enter");
    assert_production(&mut model, "unlocked", "WRITES UNLOCKED");
    press(&mut model, "Ctrl-n P O S T Space / v 9 Enter s");
    assert_production(&mut model, "review", "Write to PRODUCTION");
    update(&mut model, Event::Tick(Duration::from_secs(2)));
    let effects = update(&mut model, Event::Key("Enter".parse().unwrap()));
    let Some(Effect::Send(id, _)) = effects.first() else { panic!("{effects:?}") };
    assert_production(&mut model, "in flight", "Waiting for the answer");
    let failure = Failure { phase: Phase::Tls, sentence: "No trusted TLS connection. ".repeat(20) };
    update(&mut model, Event::Reply(Reply::Failed(*id, failure, Piece::default(), Duration::ZERO)));
    assert_production(&mut model, "an error", "No trusted TLS connection");
    model.complain("A long word to the person. ".repeat(40));
    assert_production(&mut model, "a long word", "A long word");
    // A credential that is kept beyond the run is asked about before it is removed.
    let mut model = in_production();
    let key = VaultKey("production:mine".to_owned());
    let kind = CredentialKind::OAuthAccessToken;
    let stored = Credential::in_vault(Environment::Production, kind, "mine", Keeping::Keyring, "", key);
    model.credentials.keep(stored);
    press(&mut model, "2 G k k k k k Del");
    assert_production(&mut model, "remove", "Remove a credential");
    // The login while it waits for the browser.
    let mut model = in_production();
    press(&mut model, "2 G Enter m e ↓ ↓ ↓ ↓ Space");
    let effects = update(&mut model, Event::Key("Enter".parse().unwrap()));
    let Some(Effect::Login(id, _)) = effects.first() else { panic!("{effects:?}") };
    let url = format!("https://auth.pleo.io/oauth/authorize?{}", "scope=users%3Aread&".repeat(20));
    update(&mut model, Event::Reply(Reply::LoginAt(*id, url, true)));
    assert_production(&mut model, "login waiting", "Open this address in a browser");
}

#[test]
fn a_refusal_is_told_whole_on_a_narrow_screen() {
    let mut model = model();
    let secret = Secret::new("a_legacy_token_of_staging_9e1b".into());
    let legacy = Credential::new(Environment::Staging, CredentialKind::LegacyToken, Keeping::Memory, secret);
    let id = model.credentials.keep(legacy);
    model.credentials.choose(id);
    press(&mut model, "Enter s");
    insta::assert_snapshot!("refusal_80x24", picture(&mut model, 80, 24, COLOUR));
}

#[test]
fn the_catalogue_is_seen_on_the_smallest_screen() {
    let mut model = model();
    press(&mut model, "/ r e c e i p t");
    insta::assert_snapshot!("low_60x15", picture(&mut model, 60, 15, COLOUR));
}

#[test]
fn what_differs_from_the_catalogue() {
    let mut model = model();
    let body = r#"{"data":[{"id":1,"companyId":"c","email":"a@b.example","firstName":"A","lastName":"B","nick":"x"},
        {"id":"2","companyId":"c","email":null,"firstName":"C","nick":"y\u001b[2J"}],
        "pagination":{"hasNextPage":false,"hasPreviousPage":false,"currentRequestPagination":{"parameters":{},"sortingOrder":["UP"]}}}"#;
    press_and_answer(&mut model, "Enter s", body.as_bytes());
    insta::assert_snapshot!("differs_mark_80x24", picture(&mut model, 80, 24, COLOUR));
    press(&mut model, "z D");
    insta::assert_snapshot!("differs_list_80x24", picture(&mut model, 80, 24, COLOUR));
    press(&mut model, "j j Enter");
    insta::assert_snapshot!("differs_place_80x24", picture(&mut model, 80, 24, COLOUR));
}

/// A list of accounting entries, with every kind of amount, rate, time and id.
const ENTRIES: &str = r#"{"data":[
 {"id":"5a937bcb-25e4-4fd5-a0c9-79592f963e47","family":"PURCHASE","status":"SETTLED","transactionValue":{"currency":"DKK","minors":123456},"totalBillValue":{"currency":"DKK","minors":-5},"accountId":"00000000-0000-0000-0000-000000000000","taxRate":0.25,"performedAt":"2026-03-01T10:00:00.123456789Z","note":"by ann@x.example","tags":[{"tagId":"1"}]},
 {"id":"be36a8ea-b6b0-472f-9356-42eaa27beb01","family":"PURCHASE","status":"PENDING","transactionValue":{"currency":"JPY","minors":1500},"totalBillValue":{"minors":1500,"currency":"ISK"},"accountId":"318300d0-c365-4bfc-845b-e13ce6cbf1a0","taxRate":0.255,"performedAt":"2026-02-28T23:30:00Z","note":null,"tags":[]},
 {"id":"77c25674-be56-406f-b7ce-8fa0aa98344a","family":"REFUND","status":"SETTLED","transactionValue":{"currency":"KWD","minors":12345},"totalBillValue":{"currency":"UNDEFINED","minors":99},"taxRate":0,"performedAt":"2026-01-01T00:00:00","tags":[1,2]}
],"pagination":{"hasNextPage":true,"endCursor":"AB","total":1240}}"#;

/// The table of a list, at any size, sorted, filtered, masked, with a record beside it.
#[test]
fn a_table() {
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        let mut model = model();
        update(&mut model, Event::Resize(width, height));
        press_as_it_is(&mut model, "Enter s z", ENTRIES.as_bytes());
        insta::assert_snapshot!(format!("table_{width}x{height}"), picture(&mut model, width, height, COLOUR));
        press_as_it_is(&mut model, "l S j Enter j", ENTRIES.as_bytes());
        let shown = picture(&mut model, width, height, COLOUR);
        insta::assert_snapshot!(format!("table_record_{width}x{height}"), shown);
    }
    let mut model = model();
    update(&mut model, Event::Resize(120, 24));
    press_as_it_is(&mut model, "Enter s / s e t t", PAGE.as_bytes());
    press_as_it_is(&mut model, "Esc s / d k k", ENTRIES.as_bytes());
    insta::assert_snapshot!("table_filtered_120x24", picture(&mut model, 120, 24, COLOUR));
    press_as_it_is(&mut model, "Enter p c", ENTRIES.as_bytes());
    insta::assert_snapshot!("table_columns_120x24", picture(&mut model, 120, 24, COLOUR));
    press_as_it_is(&mut model, "Esc Esc l l #", ENTRIES.as_bytes());
    insta::assert_snapshot!("table_counts_120x24", picture(&mut model, 120, 24, COLOUR));
    press_as_it_is(&mut model, "Esc o", ENTRIES.as_bytes());
    insta::assert_snapshot!("table_save_masked_120x24", picture(&mut model, 120, 24, COLOUR));
    press_as_it_is(&mut model, "Esc Esc", br#"{"data":[]}"#);
    press_as_it_is(&mut model, "s", br#"{"data":[]}"#);
    assert!(picture(&mut model, 80, 24, COLOUR).contains("The list is empty"));
}

/// Check 41: amounts are told with the decimals of their currency, beside the number as sent.
#[test]
fn promise_41_money() {
    let mut model = model();
    press_as_it_is(&mut model, "Enter s z", ENTRIES.as_bytes());
    let table = picture(&mut model, 200, 40, COLOUR);
    for amount in ["1 234.56 DKK", "-0.05 DKK", "1 500 JPY", "1 500 ISK", "12.345 KWD", "25 %", "25.5 %"] {
        assert!(table.contains(amount), "{amount}:\n{table}");
    }
    assert!(!table.contains("UNDEFINED") && table.contains(" 99 "), "no amount is made up:\n{table}");
    // In the record the literal stands, with what it means beside it.
    press_as_it_is(&mut model, "Enter", ENTRIES.as_bytes());
    let record = picture(&mut model, 200, 40, COLOUR);
    assert!(
        record.contains("minors: 123456  · 1 234.56 DKK") && record.contains("minors: -5  · -0.05 DKK"),
        "{record}"
    );
}

/// Whatever is masked is nowhere on the screen, whatever is looked at.
#[test]
fn masked_data_is_nowhere() {
    let body = r#"{"data":[{"id":"1","email":"zebra.canary@x.example","firstName":"Zebracanary","lastName":"Zebracanary","phone":"+45 12 34 56 78","note":"ask zebra.canary@x.example","iban":"DK5000400440116243","user":{"name":"Zebracanary"},"name":"Zebracanary","givenName":"Zebracanary","attendees":[{"name":"Zebracanary"}]}]}"#;
    let secrets = ["zebra.canary", "Zebracanary", "12 34 56 78", "0400440116243"];
    let mut model = model();
    press_as_it_is(&mut model, "Enter s p", body.as_bytes());
    for keys in [
        "z",
        "y",
        "Esc o",
        "Esc Enter",
        "j j Enter",
        "Esc Esc v",
        "Enter",
        "v",
        "v",
        "v",
        "v",
        "c",
        "Esc t",
        "Esc ?",
        "Esc v",
    ] {
        press_as_it_is(&mut model, keys, body.as_bytes());
        for (width, height) in [(80, 24), (200, 60)] {
            let shown = picture(&mut model, width, height, COLOUR);
            for secret in secrets {
                assert!(!shown.contains(secret), "{secret} after {keys}:\n{shown}");
            }
        }
    }
    press_as_it_is(&mut model, "g f . d a t a [ ] . f i r s t N a m e Enter", body.as_bytes());
    let shown = picture(&mut model, 120, 40, COLOUR);
    assert!(!shown.contains("Zebracanary"), "what jq makes of it is masked too:\n{shown}");
    press_as_it_is(&mut model, "Esc f . d a t a [ ] | { x : . f i r s t N a m e } Enter", body.as_bytes());
    let shown = picture(&mut model, 120, 40, COLOUR);
    assert!(!shown.contains("Zebracanary"), "also under another name:\n{shown}");
    press_as_it_is(&mut model, "p", body.as_bytes());
    assert!(picture(&mut model, 120, 40, COLOUR).contains("Zebracanary"));
    // In a request: its URL is broken into rows at any width, its body is one row.
    press_as_it_is(&mut model, "p Esc Ctrl-n", body.as_bytes());
    for c in "GET /v2/employees?email=zebra.canary@x.example".chars() {
        update(&mut model, Event::Key(Key::char(c)));
    }
    press_as_it_is(&mut model, "Enter", body.as_bytes());
    for width in 60..140 {
        for focus in ["4", "5"] {
            press_as_it_is(&mut model, focus, body.as_bytes());
            let shown = picture(&mut model, width, 30, COLOUR);
            assert!(!shown.contains("zebra") && !shown.contains("canary"), "{width}:\n{shown}");
        }
    }
}

/// A history of both environments and an imitation, with a name, a pin and a failure.
fn history(keys: &str) -> Model {
    let mut model = model();
    let now = Timestamp::from_second(1_770_000_000).unwrap();
    model.began = Some(now);
    press(&mut model, "Enter s");
    let entry = |id: i64, ago: i64, environment, setting, method, target: &str, status| Entry {
        id,
        at: now - SignedDuration::from_secs(ago),
        environment,
        setting,
        method,
        target: target.to_owned(),
        operation: None,
        status,
        took: Duration::from_millis(142 + id.unsigned_abs() * 600),
        size: status.map(|_| PAGE.len() as u64),
        name: (id == 4).then(|| "no currency".to_owned()),
        pinned: id == 2,
        whole: !matches!(id, 2 | 3),
    };
    let (staging, production) = (Environment::Staging, Environment::Production);
    let entries = [
        entry(5, 3, staging, Setting::Pleo, Method::Get, "/v2/employees?limit=100&after=MY==", Some(200)),
        entry(4, 400, production, Setting::Pleo, Method::Post, "/v1/vendors", Some(422)),
        entry(
            3,
            8_000,
            staging,
            Setting::Pleo,
            Method::Delete,
            "/v1/tag-groups/11111111-1111-4111-8111-111111111111",
            None,
        ),
        entry(2, 500_000, production, Setting::Pleo, Method::Get, "/v2/employees", Some(200)),
        entry(1, 9_000_000, staging, Setting::Sandbox, Method::Get, "/v2/employees/\u{1b}[31m", Some(404)),
    ];
    for key in keys.split(' ') {
        for effect in update(&mut model, Event::Key(key.parse::<Key>().unwrap())) {
            let told = match &effect {
                Effect::History(_, Ask::List(listing)) => {
                    let all = listing.scope.is_none();
                    let shown =
                        entries.iter().filter(|own| all || (own.environment, own.setting) == (staging, Setting::Pleo));
                    Told::Listed(shown.cloned().collect(), false)
                }
                Effect::History(_, Ask::Open(id)) => {
                    let entry = entries.iter().find(|own| own.id == *id).unwrap().clone();
                    let transcript = Transcript {
                        environment: entry.environment,
                        surface: Surface::External,
                        operation: None,
                        writes: false,
                        elsewhere: false,
                        method: entry.method,
                        url: format!("https://external.pleo.io{}", entry.target).parse().unwrap(),
                        headers: Vec::new(),
                        credential: None,
                        body: None,
                        private: pleoscope::secret::Redactor::default(),
                        began: Some(entry.at),
                        answer: Some(Answer {
                            status: 200,
                            reason: "OK".to_owned(),
                            version: "HTTP/2".to_owned(),
                            headers: Vec::new(),
                            length: PAGE.len() as u64,
                            body: (entry.environment == staging).then(|| PAGE.as_bytes().to_vec()),
                        }),
                        failure: None,
                        timing: Timing { total: entry.took, ..Timing::default() },
                        wire: Wire::default(),
                    };
                    Told::Opened(Some(Box::new(Kept { entry, transcript })))
                }
                _ => continue,
            };
            if let Effect::History(id, _) = effect {
                update(&mut model, Event::Reply(Reply::Told(id, Box::new(Ok(told)))));
            }
        }
    }
    model
}

#[test]
fn the_history() {
    for (name, keys, width, height) in [
        ("list", "H j", 80, 24),
        ("everywhere", "H a j", 80, 24),
        ("everywhere", "H a j", 120, 40),
        ("everywhere", "H a j", 60, 15),
        ("wrong", "H / s t a t u s : o", 80, 24),
        ("clear", "H C c l e", 80, 24),
        ("opened", "H Enter", 80, 24),
        ("opened", "H Enter", 120, 40),
        ("not_kept", "H a j j j Enter", 80, 24),
    ] {
        let picture = picture(&mut history(keys), width, height, COLOUR);
        assert!(!picture.contains('\u{1b}'), "{picture}");
        insta::assert_snapshot!(format!("history_{name}_{width}x{height}"), picture);
    }
    let mut model = history("H a");
    let plain = picture(&mut model, 80, 24, Theme { colour: false, ascii: true, ..COLOUR });
    assert!(plain.contains("STAG ") && plain.contains("PROD ") && plain.contains("sandbox"), "{plain}");
}

#[test]
fn a_theme_with_a_ground_of_its_own_leaves_no_cell_without() {
    let mut model = model();
    press(&mut model, "Enter s ?");
    for name in ["dark", "light", "high-contrast"] {
        model.looks.chosen = name.to_owned();
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        terminal.draw(|frame| render(&model, COLOUR, frame)).unwrap();
        let cells = &terminal.backend().buffer().content;
        let bare = cells
            .iter()
            .filter(|cell| cell.bg == ratatui::style::Color::Reset || cell.fg == ratatui::style::Color::Reset);
        assert_eq!(bare.count(), 0, "{name}");
    }
    // On the terminal's own ground nothing is painted.
    model.looks.chosen = "16".to_owned();
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| render(&model, COLOUR, frame)).unwrap();
    assert!(terminal.backend().buffer().content.iter().any(|cell| cell.bg == ratatui::style::Color::Reset));
}
