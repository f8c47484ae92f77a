//! What is done in a comparison: moving, comparing in another way, reading values in full, saving, leaving.

use std::ops::Range;

use bytes::Bytes;

use super::pane::{self, ComparePane, Item};
use super::report::{self, Format, Reporting};
use super::start;
use crate::app::acting;
use crate::app::action::Action;
use crate::app::event::{Effect, WorkId};
use crate::app::history;
use crate::app::model::{Asked, Model, Overlay};
use crate::app::reading::Viewer;
use crate::app::taking::{Deed, Item as MenuItem, Menu};
use crate::document::diff::Side;
use crate::document::{self, Body, Document};

/// What an action does while a comparison is shown; `None` when it means the same as without one.
pub fn act(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    let (_, height) = pane::inside(model.size);
    let pane = model.compare.as_mut()?;
    let page = pane.list_height(model.size).min(height).max(2) - 1;
    match action {
        Action::Up | Action::PreviousHit => pane.cursor = pane.cursor.saturating_sub(1),
        Action::Down | Action::NextHit => pane.cursor += 1,
        Action::PageUp => pane.cursor = pane.cursor.saturating_sub(page),
        Action::PageDown => pane.cursor += page,
        Action::First => pane.cursor = 0,
        Action::Last => pane.cursor = pane.len(),
        Action::Choose => return Some(open(model)),
        Action::AlignBy | Action::Volatile if pane.shape => model.say("That is about values: t compares them again"),
        Action::AlignBy if pane.is_without_list() => {
            model.say("The answers are no lists of records: there is nothing to align");
        }
        Action::ShapeOnly => {
            pane.shape = !pane.shape;
            return Some(anew(model));
        }
        Action::Volatile => {
            pane.options.volatile = !pane.options.volatile;
            return Some(anew(model));
        }
        Action::AlignBy => {
            model.overlay = Some(Overlay::AlignBy(Asked::new(pane.options.key.as_deref().unwrap_or(""))));
        }
        Action::SaveMenu => begin_save(model),
        Action::Cancel => return Some(cancel(model)),
        Action::Back => return Some(close(model)),
        Action::Compare => {}
        _ if action.is_general() => return None,
        // Anything else is about the panes.
        _ => {
            let mut effects = close(model);
            effects.extend(acting::act(model, action));
            return Some(effects);
        }
    }
    Some(Vec::new())
}

/// Compares in another way, from the first difference on.
fn anew(model: &mut Model) -> Vec<Effect> {
    if let Some(pane) = &mut model.compare {
        (pane.cursor, pane.top) = (0, 0);
    }
    start(model)
}

/// Enter in the field for a key: records are aligned by it, or by a guess when it is empty.
pub fn choose_key(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::AlignBy(asked)) = &model.overlay else {
        return Vec::new();
    };
    let key = asked.input.text().trim().to_owned();
    model.overlay = None;
    if let Some(pane) = &mut model.compare {
        pane.options.key = (!key.is_empty()).then_some(key);
    }
    anew(model)
}

/// Stops what goes on; what is there stays.
fn cancel(model: &mut Model) -> Vec<Effect> {
    let Some(pane) = &mut model.compare else {
        return Vec::new();
    };
    let effects = stop(pane);
    if effects.is_empty() {
        model.say("Nothing is in flight");
    } else {
        pane.trouble = Some("Stopped: nothing was compared. Esc goes back, d compares again.".to_owned());
        model.say("Stopped");
    }
    effects
}

fn stop(pane: &mut ComparePane) -> Vec<Effect> {
    let flight = pane.flight.take().map(|(id, _)| id);
    [flight, pane.work.take(), pane.chore.take()].into_iter().flatten().map(Effect::Cancel).collect()
}

/// Back to the panes.
pub fn close(model: &mut Model) -> Vec<Effect> {
    let mut effects = model.compare.take().map_or_else(Vec::new, |mut pane| stop(&mut pane));
    // What was sent to be compared is an exchange too.
    effects.extend(history::catch_up(model));
    effects
}

/// What a row is about.
fn title(item: Item<'_>) -> String {
    match item {
        Item::Difference(own) => own.path_text(),
        Item::Field(own) => own.path.clone(),
        Item::Header(own) => format!("header {}", own.name),
    }
}

/// Shows both values of the row under the cursor in full.
fn open(model: &mut Model) -> Vec<Effect> {
    let id = model.next_work();
    let Some(pane) = &mut model.compare else {
        return Vec::new();
    };
    let Some(item) = pane.item() else {
        return Vec::new();
    };
    let labels = pane.comparison.labels();
    let whole = |texts: [String; 2]| format!("{}:\n{}\n\n{}:\n{}", labels[0], texts[0], labels[1], texts[1]);
    let text = match item {
        Item::Difference(own) => {
            let part = |side: usize, own: &Option<Side>| Part {
                label: labels[side].to_owned(),
                value: own.as_ref().map(|own| (pane.comparison.sides[side].document.body().clone(), own.range.clone())),
            };
            let parts = [part(0, &own.left), part(1, &own.right)];
            pane.chore = Some(id);
            return vec![Effect::OpenBoth(id, Box::new(parts))];
        }
        Item::Field(own) => whole([report::shown_text(own.left.as_ref()), report::shown_text(own.right.as_ref())]),
        Item::Header(_) if pane.shape => return Vec::new(),
        Item::Header(own) => whole([report::header_value(own.left.as_ref()), report::header_value(own.right.as_ref())]),
    };
    let (title, body) = (title(item), Body::from(Bytes::from(text)));
    model.overlay = Some(Overlay::Viewer(Box::new(Viewer { title, body, top: 0 })));
    Vec::new()
}

/// A value to be shown beside another one.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What its side is called.
    pub label: String,
    /// Where it stands, if it is there at all.
    pub value: Option<(Body, Range<u64>)>,
}

/// Both values below each other, indented where they are JSON. Takes as long as they are large.
#[must_use]
pub fn both(parts: &[Part; 2]) -> Body {
    let mut text: Vec<u8> = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            text.push(b'\n');
        }
        text.extend_from_slice(format!("{}:\n", part.label).as_bytes());
        match &part.value {
            None => text.extend_from_slice(b"not there\n"),
            Some((body, range)) => {
                let value = document::slice(body, range.clone());
                let value = Document::from_bytes(Bytes::from(value.read(0..value.len()).into_owned()));
                let Ok(()) = document::pretty(&value, &mut |row| {
                    text.extend_from_slice(row);
                    Ok::<(), std::convert::Infallible>(())
                });
            }
        }
    }
    Body::from(Bytes::from(text))
}

/// Both values are open.
pub(super) fn opened(model: &mut Model, id: WorkId, body: Body) {
    let Some(pane) = model.compare.as_mut().filter(|pane| pane.chore == Some(id)) else {
        return;
    };
    pane.chore = None;
    let title = pane.item().map_or_else(String::new, title);
    model.overlay = Some(Overlay::Viewer(Box::new(Viewer { title, body, top: 0 })));
}

/// Opens the menu of what may be saved of a comparison.
fn begin_save(model: &mut Model) {
    let Some(pane) = model.compare.as_ref().filter(|pane| pane.found.is_some()) else {
        model.complain("There is nothing yet that could be saved");
        return;
    };
    let glimpse = match (pane.shape, model.masked) {
        (true, _) => "fields and types, no value",
        (false, true) => "with values of both answers, personal data too: t leaves values out",
        (false, false) => "with values of both answers",
    };
    let item = |letter, title: &str, format| MenuItem {
        letter,
        title: title.to_owned(),
        glimpse: glimpse.to_owned(),
        deed: Deed::Report(format),
    };
    let items = vec![
        item('m', "as Markdown", Format::Markdown),
        item('n', "as JSON", Format::Json),
        item('t', "as text", Format::Text),
    ];
    model.overlay = Some(Overlay::Menu(Menu { title: "Save what differs", items, cursor: 0 }));
}

/// Writes a report in the background, to be saved.
pub fn write(model: &mut Model, format: Format) -> Vec<Effect> {
    let id = model.next_work();
    let Some(pane) = &mut model.compare else {
        return Vec::new();
    };
    let Some(found) = pane.found.clone() else {
        return Vec::new();
    };
    pane.chore = Some(id);
    vec![Effect::Report(id, Box::new(Reporting { comparison: pane.comparison.clone(), found, format }))]
}

/// Whether an action would do something in a comparison.
#[must_use]
pub fn can_act(pane: &ComparePane, action: Action) -> bool {
    match action {
        Action::Cancel => pane.is_busy(),
        Action::NextHit | Action::PreviousHit | Action::Choose => !pane.is_empty(),
        Action::SaveMenu => pane.found.is_some(),
        Action::AlignBy => pane.flight.is_none() && !pane.shape && !pane.is_without_list(),
        Action::Volatile => pane.flight.is_none() && !pane.shape,
        Action::ShapeOnly => pane.flight.is_none(),
        _ => true,
    }
}
