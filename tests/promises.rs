//! Where a credential goes: the real binary against a whole fake Pleo on its real names, in a network of its own.
//!
//! Each test is named after its number among the promises. Most of them run themselves once more under `unshare`, see
//! `promises::network`; where that is not possible they say so in one line on stderr, and pass.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail by panicking")]

mod harness;

mod promises {
    mod canary;
    mod given;
    mod hosts;
    mod input;
    mod network;
    mod routing;
    mod screen;
    mod sequences;
    mod server;
    mod tls;
    mod transport;
    mod world;
    mod writes;
}
