//! The only files that touch the world outside.

pub mod answers;
pub mod careful;
pub mod clipboard;
pub mod config;
pub mod doctor;
pub mod editor;
pub mod filter;
pub mod folders;
pub mod history;
pub mod http;
pub mod keyring;
pub mod log;
pub mod oauth;
pub mod program;
pub mod prompt;
pub mod save;
pub mod saved;
pub mod spill;
pub mod tables;
pub mod terminal;
pub mod variables;
pub mod vault;
