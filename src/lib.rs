//! Pleoscope: a terminal explorer for Pleo's HTTP API.

pub mod pleo;
pub mod sandbox;
pub mod secret;
