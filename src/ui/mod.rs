//! Drawing: pure functions of the model, one `render` a file.

pub mod overlays;
pub mod panes;
pub mod screen;
pub mod theme;
pub mod widgets;
