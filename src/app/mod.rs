//! The state machine: pure, without clock, file, socket, channel or terminal.

pub mod action;
pub mod available;
pub mod companies;
pub mod credentials;
pub mod custody;
pub mod event;
pub mod exchange;
pub mod filtering;
pub mod finding;
pub mod fuzzy;
pub mod help;
pub mod input;
pub mod keymap;
pub mod layout;
pub mod login;
pub mod model;
pub mod mouse;
pub mod notices;
pub mod overlay;
pub mod panes;
pub mod reading;
pub mod tabling;
pub mod taking;
pub mod typing;
pub mod unlock;
pub mod update;
