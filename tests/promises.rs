//! Where a credential goes: the real binary against a whole fake Pleo on its real names, in a network of its own.
//!
//! Each test is named after its number among the promises. Most of them run themselves once more under `unshare`, see
//! `promises::network`; where that is not possible they say so in one line on stderr, and pass. A new one looks like this:
//!
//! ```ignore
//! #[test]
//! fn promise_99_something() {
//!     isolated(|| {
//!         let (world, secret) = (World::new(), Canary::new("staging-key"));
//!         world.answer(|request| Reply::json("200 OK", "{}"));
//!         let ran = world.run(&["send", "GET", "/v2/employees"], &[("PLEOSCOPE_STAGING_API_KEY", secret.text())]);
//!         assert_eq!(ran.code, 0, "{}", ran.err);
//!         assert_carries(&only(&world.take(), "external.staging.pleo.io"), &secret.basic(), &secret);
//!     });
//! }
//! ```
//!
//! A name that is not there yet gets a row in `promises::world::NAMES`.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail by panicking")]

mod harness;

mod promises {
    mod aside;
    mod bodies;
    mod canary;
    mod canary_kept;
    mod canary_run;
    mod children;
    mod columns;
    mod damaged;
    mod depth;
    mod echo;
    mod endless;
    mod explorer;
    mod faults;
    mod given;
    mod handing;
    mod hostile;
    mod hosts;
    mod idle;
    mod input;
    mod kept;
    mod keyring;
    mod kinds;
    mod links;
    mod loopback;
    mod memory;
    mod modes;
    mod network;
    mod patience;
    mod refused;
    mod renewal;
    mod requests;
    mod routing;
    mod saves;
    mod screen;
    mod sequences;
    mod server;
    mod store;
    mod stored;
    mod sweep;
    mod tls;
    mod together;
    mod transport;
    mod world;
    mod writes;
}
