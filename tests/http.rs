//! Tests over real HTTP on loopback.

#![expect(clippy::expect_used, reason = "a helper of a test may fail by panicking")]

mod http {
    mod sandbox;
}
