//! The timing view: proportions, absent phases, certificates, and what failed where.

use std::time::Duration;

use pleoscope::app::event::{Event, Failure, Phase, Reply};
use pleoscope::app::looks::Depth;
use pleoscope::app::model::Model;
use pleoscope::app::panes::response::View;
use pleoscope::app::update::update;
use pleoscope::document::Piece;
use pleoscope::pleo::timing::{Timing, Tls, Wire};
use pleoscope::ui::theme::Theme;

use crate::{COLOUR, model, picture, press};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn tls(expires: &str) -> Tls {
    Tls {
        version: "TLS 1.3".to_owned(),
        cipher: "TLS13_AES_256_GCM_SHA384".to_owned(),
        subject: "CN=external.staging.pleo.io".to_owned(),
        issuer: "CN=Amazon RSA 2048 M02, O=Amazon, C=US".to_owned(),
        expires: Some(expires.parse().unwrap()),
    }
}

fn fresh() -> (Timing, Wire) {
    let timing = Timing {
        before: None,
        dns: Some(ms(12)),
        tcp: Some(ms(24)),
        tls: Some(ms(31)),
        sent: Some(Duration::from_micros(412)),
        first_byte: Some(ms(182)),
        download: Some(ms(40)),
        total: Duration::from_millis(290),
    };
    let wire = Wire {
        remote: Some("34.250.1.7:443".parse().unwrap()),
        tls: Some(tls("2027-03-01T00:00:00Z")),
        encoded: Some(9_312),
        decoded: 30_149,
        encoding: Some("gzip".to_owned()),
        ..Wire::default()
    };
    (timing, wire)
}

/// The model with an answer, measured like this and looked at by its timing.
fn measured(timing: Timing, wire: Wire) -> Model {
    let mut model = model();
    model.began = Some("2026-11-28T12:00:00Z".parse().unwrap());
    press(&mut model, "Enter s");
    let id = model.response.exchange.as_ref().unwrap().id;
    update(&mut model, Event::Reply(Reply::Measured(id, Box::new((timing, wire)))));
    press(&mut model, "v v v");
    assert_eq!(model.response.view(), View::Timing);
    model
}

#[test]
fn a_new_connection() {
    let (timing, wire) = fresh();
    let mut model = measured(timing, wire);
    insta::assert_snapshot!("timing_80x24", picture(&mut model, 80, 24, COLOUR));
    insta::assert_snapshot!("timing_120x40", picture(&mut model, 120, 40, COLOUR));
    let plain = picture(&mut model, 80, 24, Theme::of_terminal(false, true, Depth::Full));
    assert!(plain.is_ascii() && plain.contains("###") && plain.contains("412 us"), "{plain}");
    // Smaller than it wants to be, it can be scrolled to its end.
    press(&mut model, "G");
    assert!(picture(&mut model, 80, 24, COLOUR).contains("(3.2 : 1)"));
}

#[test]
fn a_connection_that_was_open_already() {
    let (timing, wire) = fresh();
    let timing = Timing { dns: None, tcp: None, tls: None, before: Some(ms(80)), ..timing };
    let wire = Wire {
        reused: true,
        proxy: Some("http://proxy.example:3128".to_owned()),
        authorities: Some("/etc/own.pem (--cacert)".to_owned()),
        tls: Some(tls("2026-12-03T00:00:00Z")),
        ..wire
    };
    let mut model = measured(timing, wire);
    let shown = picture(&mut model, 120, 40, COLOUR);
    assert_eq!(shown.matches("was open already").count(), 3, "{shown}");
    insta::assert_snapshot!("timing_reused_120x40", shown);
}

#[test]
fn what_failed_is_told_in_its_phase() {
    let mut model = model();
    model.began = Some("2026-11-28T12:00:00Z".parse().unwrap());
    update(&mut model, Event::Key("Enter".parse().unwrap()));
    update(&mut model, Event::Key("s".parse().unwrap()));
    let id = model.response.exchange.as_ref().unwrap().id;
    let timing = Timing {
        dns: Some(ms(4)),
        tcp: Some(ms(20)),
        tls: Some(ms(26)),
        total: Duration::from_millis(51),
        ..Timing::default()
    };
    let certificate = Tls { version: String::new(), cipher: String::new(), ..tls("2026-11-01T00:00:00Z") };
    let wire = Wire { remote: Some("34.250.1.7:443".parse().unwrap()), tls: Some(certificate), ..Wire::default() };
    update(&mut model, Event::Reply(Reply::Measured(id, Box::new((timing, wire)))));
    let failure =
        Failure { phase: Phase::Tls, sentence: "No trusted TLS connection to external.staging.pleo.io.".into() };
    update(&mut model, Event::Reply(Reply::Failed(id, failure, Piece::default(), Duration::from_millis(51))));
    press(&mut model, "v v");
    insta::assert_snapshot!("timing_failed_80x24", picture(&mut model, 80, 24, COLOUR));
}

#[test]
fn what_was_cancelled_is_told_up_to_there() {
    let mut model = model();
    model.began = Some("2026-11-28T12:00:00Z".parse().unwrap());
    update(&mut model, Event::Key("Enter".parse().unwrap()));
    update(&mut model, Event::Key("s".parse().unwrap()));
    let id = model.response.exchange.as_ref().unwrap().id;
    update(&mut model, Event::Key("x".parse().unwrap()));
    // The worker tells how far it came once it has stopped.
    let (timing, wire) = fresh();
    let timing = Timing { first_byte: Some(ms(1_800)), download: None, total: ms(1_868), ..timing };
    let wire = Wire { encoded: None, decoded: 0, encoding: None, ..wire };
    update(&mut model, Event::Reply(Reply::Measured(id, Box::new((timing, wire)))));
    press(&mut model, "v v");
    let wide = picture(&mut model, 120, 40, COLOUR);
    assert!(wide.contains("cancelled   after 1.9 s, waiting for the answer"), "{wide}");
    let shown = picture(&mut model, 80, 24, COLOUR);
    assert!(shown.contains("not reached") && shown.contains("Cancelled after 1.9 s."), "{shown}");
    insta::assert_snapshot!("timing_cancelled_80x24", shown);
}
