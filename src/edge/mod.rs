//! The only files that touch the world outside.

pub mod http;
pub mod terminal;
pub mod variables;
