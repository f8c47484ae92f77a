//! Tests over real HTTP on loopback.

mod http {
    mod sandbox;
}
