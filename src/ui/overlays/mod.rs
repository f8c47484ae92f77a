//! What is drawn over the panes, one file each.

pub mod free_request;
pub mod help;
pub mod palette;
