//! pleoscope: a terminal explorer for Pleo's HTTP API.

pub mod document;
