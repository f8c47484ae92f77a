//! Pleoscope: a terminal explorer for Pleo's HTTP API.

pub mod pleo;
pub mod secret;
