//! What is drawn over the panes, one file each.

pub mod align_by;
pub mod columns;
pub mod companies;
pub mod counts;
pub mod differing;
pub mod free_request;
pub mod help;
pub mod import;
pub mod keeping;
pub mod login;
pub mod menu;
pub mod palette;
pub mod question;
pub mod review;
pub mod save_as;
pub mod variable;
pub mod viewer;
