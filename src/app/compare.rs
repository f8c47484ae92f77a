//! Two answers beside each other.

pub mod answer;
pub mod report;
