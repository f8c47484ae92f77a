//! Pleoscope: a terminal explorer for Pleo's HTTP API.
//!
//! # The house
//!
//! Every use falls, and falls one floor (`tests/architecture.rs` enforces it):
//!
//! | module | holds | may use |
//! | --- | --- | --- |
//! | `main` | nothing but the start | `cli` |
//! | [`cli`] | the command line and the commands without a screen | `run`, `worker`, `sandbox`, `app`, `edge`, `pleo`, `document` |
//! | [`run`] | the loop: terminal, channels, one frame a batch of events | `ui`, `app`, `worker`, `edge` |
//! | [`ui`] | pure drawing, one `render` a file | `app`, `document`, `pleo` |
//! | [`worker`] | effects in, replies out: requests, bodies taken in, lists followed page by page, work on documents, who a credential is, logins; cancellation | `app`, `document`, `edge`, `pleo`, `secret`, `units` |
//! | [`app`] | the state machine: pure, no clock, file, socket, channel or terminal | `pleo`, `document` |
//! | [`edge`] | the only files that touch the world: HTTP, OAuth, vault, keyring, spill files, saves, the history, saved requests, configuration, arranged columns, terminal, clipboard, a person's editor, the log, variables, the child that filters | `app::event`, `document`, `pleo`, `secret` |
//! | [`sandbox`] | an imitation of Pleo on loopback | `pleo` |
//! | [`document`] | what came back: bytes, lines, structural index, tree, lists and their records as tables, places, search, filter, differences, departures, text made safe | nothing of ours |
//! | [`pleo`] | what Pleo offers: environments, credentials, catalogue and models, requests, pages, where ids lead, preflight, guard, explanations, what is personal, what is kept of exchanges and how it is looked for, what is saved of requests, the forms in which an exchange is handed on, curl commands that are read | `secret` |
//! | [`secret`], [`key`], [`units`] | small quiet rooms on the ground | nothing of ours |
//!
//! # The flow
//!
//! ```text
//! terminal ─▶ Event ──┐                              ┌─▶ Effect ─▶ worker ─▶ edge ─▶ world
//! worker   ─▶ Reply ──┴─▶ update(&mut Model, Event) ─┤
//!                                   │                └─▶ (nothing)
//!                        Model ─▶ layout::areas ─▶ ui::screen::render ─▶ frame
//! ```
//!
//! Where is a key handled? `app::keymap` says which action it is, `app::acting` does it. Where is a request built?
//! `pleo::prepared::prepare`. Where does it leave? `app::exchange::launch`, past `pleo::guard`. Where does a secret become
//! bytes? `edge::vault` gives it out, `edge::http` and `edge::oauth` send it. Where is a row drawn? `ui::panes`.
//! Where does the next page come from? `pleo::paging` asks for it, `worker::pages` fetches it. Where does an id lead? `pleo::links`.
//! Where is it noted how long what took? `edge::http`, on the connection. What is kept of it? `worker::recording`, in `edge::history`. Where is a
//! request saved? `edge::saved`.

pub mod app;
pub mod cli;
pub mod document;
pub mod edge;
pub mod key;
pub mod pleo;
pub mod run;
pub mod sandbox;
pub mod secret;
pub mod ui;
pub mod units;
pub mod worker;
