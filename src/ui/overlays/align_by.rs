//! Draws the field for the key by which the records of a comparison are aligned, with what each guess would bring together.

use ratatui::Frame;

use super::question;
use crate::app::compare::answer::Outcome;
use crate::app::compare::pane::ComparePane;
use crate::app::model::Asked;
use crate::ui::theme::Theme;

/// Draws the box.
pub fn render(pane: Option<&ComparePane>, asked: &Asked, theme: Theme, frame: &mut Frame) {
    let found = pane.and_then(|pane| pane.found.as_ref());
    let list = found.and_then(|found| match &found.outcome {
        Outcome::Values(diff) => diff.list.as_ref(),
        Outcome::Shape(_) => None,
    });
    let known: Vec<String> = list.map_or_else(Vec::new, |list| {
        list.candidates.iter().map(|own| format!("{} ({} on both sides)", own.name, own.both)).collect()
    });
    let known = if known.is_empty() { String::new() } else { format!(" Looked at: {}.", known.join(", ")) };
    let text = format!(
        "The member by which records of a list belong together, with dots into objects, such as email or address.city. Empty guesses among id, code and email.{known}"
    );
    question::render("Align records by", &text, Some(asked), theme, frame);
}
