//! Reading a document: folds of all of it, places to go to, and values read by themselves.

use super::event::{Effect, WorkId};
use super::layout;
use super::leading;
use super::model::{Asked, Model, Overlay};
use super::notices;
use super::panes::response::{Folding, Place, View};
use super::update::response_sight;
use crate::document::{self, Body, Folds, PathForm, Segment, Target};

/// Rows and columns of a viewer that are its frame.
pub const FRAME: (u16, u16) = (4, 4);

/// Most bytes of a value that are opened; what is larger is saved.
const LARGEST: u64 = 256 << 20;

/// A value that is read by itself.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// Where it stands.
    pub title: String,
    /// Its text.
    pub body: Body,
    /// Byte offset of the first row on the screen.
    pub top: u64,
}

/// Columns and rows that a viewer's text has.
#[must_use]
pub fn viewer_size(size: (u16, u16)) -> (usize, usize) {
    (usize::from(size.0.saturating_sub(FRAME.0 + 2)).max(1), usize::from(size.1.saturating_sub(FRAME.1 + 2)).max(1))
}

/// Folds every container from a level on: what is seen of it at once, the rest in the background.
pub fn fold(model: &mut Model, level: usize) -> Vec<Effect> {
    let mut effects = stop_folding_here(model);
    let Some(document) = model.response.document().cloned() else {
        return effects;
    };
    if let Some(folds) = document.fold_outermost(level) {
        model.response.place.set_folds(folds);
    }
    model.response.place.level = Some(level);
    let id = model.next_work();
    model.response.place.folding = Some(Folding { work: id, by_hand: Vec::new() });
    effects.push(Effect::Fold(id, document, level));
    effects
}

/// One level more, or less.
pub fn fold_step(model: &mut Model, more: bool) -> Vec<Effect> {
    let level = model.response.place.level;
    match (level, more) {
        // A document is folded from where one is.
        (None, true) => {
            let row = model.response.document().and_then(|own| own.row(model.response.place.cursor));
            let around = row.map_or(1, |row| row.depth.saturating_sub(usize::from(!row.kind.is_container())));
            fold(model, around)
        }
        (None, false) => Vec::new(),
        (Some(level), true) => fold(model, level.saturating_sub(1)),
        (Some(level), false) => fold(model, level + 1),
    }
}

/// Unfolds everything.
pub fn unfold_all(model: &mut Model) -> Vec<Effect> {
    let effects = stop_folding_here(model);
    model.response.place.level = None;
    model.response.place.set_folds(Folds::default());
    effects
}

/// Stops the folding of what is shown; what was folded stays.
fn stop_folding_here(model: &mut Model) -> Vec<Effect> {
    model.response.place.folding.take().map_or_else(Vec::new, |folding| vec![Effect::Cancel(folding.work)])
}

/// Stops all folding in the background, also of what one comes back to.
pub fn stop_folding(model: &mut Model) -> Vec<Effect> {
    model.response.stop_folding().into_iter().map(Effect::Cancel).collect()
}

/// All folds are known.
pub fn folded(model: &mut Model, id: WorkId, folds: Folds) {
    let of = |place: &&mut Place| place.folding.as_ref().is_some_and(|folding| folding.work == id);
    if let Some(place) = model.response.places().find(of) {
        place.folded(folds);
    }
}

/// Enter in the response: folds a container, and opens anything else to be read by itself.
pub fn choose(model: &mut Model) -> Vec<Effect> {
    if let Some(effects) = leading::follow(model) {
        return effects;
    }
    if model.response.view() == View::Table {
        model.response.open_record();
        return Vec::new();
    }
    if model.response.view() != View::Tree || model.response.toggle_fold() {
        return Vec::new();
    }
    let row = model.response.place.cursor;
    let Some((document, range)) = model.response.document().and_then(|own| Some((own.clone(), own.value_range(row)?)))
    else {
        return Vec::new();
    };
    if range.end - range.start > LARGEST {
        model.complain("This value is too large to be opened: o saves it");
        return Vec::new();
    }
    let id = model.next_work();
    model.reading = Some(id);
    vec![Effect::Open(id, document.body().clone(), range)]
}

/// A value is open.
pub fn opened(model: &mut Model, id: WorkId, body: Body) {
    if model.reading != Some(id) {
        return;
    }
    model.reading = None;
    let path = model.response.path(model.response.place.cursor).jq();
    let title = format!("{path} · {} bytes", body.len());
    model.overlay = Some(Overlay::Viewer(Box::new(Viewer { title, body, top: 0 })));
}

/// Moves in a viewer.
pub fn scroll(viewer: &mut Viewer, size: (u16, u16), by: i64) {
    let (width, height) = viewer_size(size);
    let rows = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX).min(1 << 16);
    viewer.top = if by < 0 {
        document::wrap_back(&viewer.body, viewer.top, width, rows)
    } else {
        document::wrap_forward(&viewer.body, viewer.top, width, rows + 1).last().map_or(0, |line| line.start)
    };
    viewer.top = viewer.top.min(document::wrap_end(&viewer.body, width, height));
}

/// To the beginning or end of a viewer.
pub fn to_edge(viewer: &mut Viewer, size: (u16, u16), last: bool) {
    let (width, height) = viewer_size(size);
    viewer.top = if last { document::wrap_end(&viewer.body, width, height) } else { 0 };
}

/// Opens the field for a place.
pub fn begin_goto(model: &mut Model) {
    model.response.close_record();
    model.response.show_body();
    model.overlay = Some(Overlay::Goto(Asked::new("")));
}

/// Enter in the field for a place.
pub fn choose_place(model: &mut Model) -> Vec<Effect> {
    let sight = response_sight(model, &layout::areas(model));
    let Some(Overlay::Goto(asked)) = &mut model.overlay else {
        return Vec::new();
    };
    match Target::read(asked.input.text()) {
        Err(error) => asked.error = Some(error.to_string()),
        Ok(Target::Row(row)) => {
            model.overlay = None;
            model.response.go_to_row(row - 1, sight);
        }
        Ok(Target::Share(share)) => {
            model.overlay = None;
            model.response.go_to_share(share, sight);
        }
        Ok(Target::Path(..)) if !model.response.faces().contains(&View::Tree) => {
            asked.error = Some("There is no JSON here that a path could lead into.".to_owned());
        }
        Ok(Target::Path(number, path)) => return locate(model, number, path),
    }
    Vec::new()
}

fn locate(model: &mut Model, number: Option<u64>, path: Vec<Segment>) -> Vec<Effect> {
    let Some(document) = model.response.document().cloned() else {
        return Vec::new();
    };
    let number = number.unwrap_or_else(|| document.path(model.response.place.cursor).document);
    let id = model.next_work();
    model.reading = Some(id);
    vec![Effect::Locate(id, document, number, path)]
}

/// The row of a path is known, or there is none.
pub fn located(model: &mut Model, id: WorkId, row: Result<u64, usize>) {
    if model.reading != Some(id) {
        return;
    }
    model.reading = None;
    let sight = response_sight(model, &layout::areas(model));
    match (row, &mut model.overlay) {
        (Ok(row), overlay) => {
            *overlay = None;
            model.response.face = Some(View::Tree).filter(|_| model.response.faces()[0] != View::Tree);
            model.response.go_to_row(row, sight);
        }
        (Err(steps), Some(Overlay::Goto(asked))) => {
            asked.error = Some(match steps {
                0 => "The path leads nowhere: its first step is not there.".to_owned(),
                1 => "The path leads nowhere: only its first step is there.".to_owned(),
                steps => format!("The path leads nowhere: only its first {steps} steps are there."),
            });
        }
        _ => {}
    }
}

/// Stops looking for a place or opening a value.
pub fn stop(model: &mut Model) -> Vec<Effect> {
    model.reading.take().map_or_else(Vec::new, |id| vec![Effect::Cancel(id)])
}

/// To the place where the body stops being JSON.
pub fn go_to_error(model: &mut Model) {
    let sight = response_sight(model, &layout::areas(model));
    let wrong = notices::wrong(&model.response).and_then(|_| model.response.document()?.malformed());
    match wrong.map(|malformed| malformed.offset) {
        Some(offset) => {
            model.response.show_body();
            model.response.go_to_offset(offset, sight);
        }
        None => model.complain("There is no place here that was found to be wrong"),
    }
}

/// Writes the path of the cursor in the next form.
pub fn turn_path_form(model: &mut Model) {
    let form: PathForm = model.response.path_form.next();
    model.response.path_form = form;
    model.say(format!("The path is written as {}", form.word()));
}

/// Wraps the lines of the raw view, or cuts them.
pub fn turn_wrap(model: &mut Model) {
    let pane = &mut model.response;
    pane.unwrapped = !pane.unwrapped;
    pane.place.left = 0;
    let top = pane.place.raw_top;
    if let Some(body) = pane.document().map(|own| own.body().clone()) {
        // A row in the middle of a line is no place where an unwrapped one begins.
        pane.place.raw_top = body.line_start(body.line_at(top));
    }
    let word = if pane.unwrapped { "cut at the edge; h and l move sideways" } else { "wrapped" };
    model.say(format!("Lines of the raw view are {word}"));
}
