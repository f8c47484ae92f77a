//! Tests over real HTTP on loopback: the sandbox by itself, and the worker against it.

#![expect(clippy::expect_used, reason = "a helper of a test may fail by panicking")]

#[path = "harness/paged.rs"]
mod paged;

mod http {
    mod compare;
    mod conform;
    mod consent;
    mod guard;
    mod history;
    mod listener;
    mod oauth;
    mod operations;
    mod pages;
    mod sandbox;
    mod timing;
    mod worker;
}
