//! Draws the field for what a variable of the request stands for.

use ratatui::Frame;

use super::question;
use crate::app::model::{Asked, Model};
use crate::ui::theme::Theme;

/// Draws the box.
pub fn render(model: &Model, name: &str, asked: &Asked, theme: Theme, frame: &mut Frame) {
    let environment = model.environment;
    let left = model.request.draft.as_ref().map_or(0, |draft| draft.missing(model.variables_in(environment)).len());
    let more = match left {
        0 | 1 => "Then the request is sent.".to_owned(),
        left => format!("{} more after it.", left - 1),
    };
    let text = format!(
        "What is {{{{{name}}}}} in {}? It is remembered for this run; [variables.{environment}] of config.toml keeps it. {more}",
        environment.banner()
    );
    question::render("A variable", &text, Some(asked), theme, frame);
}
