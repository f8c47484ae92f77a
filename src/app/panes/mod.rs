//! The state of each pane and what its own keys do to it.

pub mod credential;
pub mod endpoints;
pub mod request;
pub mod response;
