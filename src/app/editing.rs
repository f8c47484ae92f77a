//! What can be done to the request in pane 4 besides typing into its fields: reset, undo, more values, headers of one's own,
//! and a person's own editor. Nothing that is taken away by a key is lost: undo brings it back.

use super::action::Action;
use super::event::{Effect, Outside, WorkId};
use super::input::{Editor, LONGEST_BODY, LineInput};
use super::model::{Model, Pane};
use super::panes::request::Row;
use super::{checking, typing};
use crate::pleo::headers;
use crate::pleo::request::Draft;

/// Longest value that is taken from an editor for a field of one line, in bytes.
const LONGEST_VALUE: usize = 64 * 1024;

/// Does what was asked of the request; `None` for what is about something else.
pub fn act(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    match action {
        Action::Reset => reset(model),
        Action::Undo => undo(model),
        Action::Redo => {
            if let Some(editor) = &mut model.request.editor {
                editor.redo();
                typing::keep_body(model);
            }
        }
        Action::AddValue => add_value(model),
        Action::DropValue => drop_value(model),
        Action::AddHeader => add_header(model),
        Action::EditOutside => return Some(edit_outside(model)),
        Action::GoToError if in_editor(model) => checking::jump(model),
        _ => return None,
    }
    Some(Vec::new())
}

/// Whether it would do something; `None` for what is about something else.
#[must_use]
pub fn can_act(model: &Model, action: Action) -> Option<bool> {
    let pane = &model.request;
    let here = model.overlay.is_none() && model.focus == Pane::Request && pane.draft.is_some();
    let list = || match pane.row() {
        Some(Row::Param(_)) => pane.param().is_some_and(|param| param.list),
        Some(Row::Extra(_) | Row::Header(_)) => true,
        _ => false,
    };
    Some(match action {
        Action::Reset => pane.draft.as_ref().is_some_and(|draft| after_reset(draft) != *draft),
        Action::Undo if pane.editor.is_some() => here,
        Action::Undo => here && !pane.undo.is_empty(),
        Action::Redo => here && pane.editor.is_some(),
        Action::AddValue => here && pane.field.is_none() && list(),
        Action::DropValue => {
            here && pane.field.is_none() && list() && pane.row().is_some_and(|row| !pane.value(row).is_empty())
        }
        Action::AddHeader => here && pane.field.is_none(),
        Action::EditOutside => here && (pane.row().is_some() || pane.editor.is_some()),
        Action::GoToError if in_editor(model) => checking::can_jump(model),
        _ => return None,
    })
}

fn in_editor(model: &Model) -> bool {
    model.focus == Pane::Request && model.request.editor.is_some()
}

/// What a reset makes of a request: its template, or, where it is at that already, the one with all members of the body.
fn after_reset(draft: &Draft) -> Draft {
    let fresh = match &draft.elsewhere {
        Some(url) => Draft::elsewhere(draft.endpoint.method, url.clone()),
        None => Draft::new(&draft.endpoint),
    };
    if *draft == fresh { Draft::with_all_members(&draft.endpoint).unwrap_or(fresh) } else { fresh }
}

/// Whether a reset would give the body all of its members.
#[must_use]
pub fn gives_all_members(model: &Model) -> bool {
    model.request.draft.as_ref().is_some_and(|draft| {
        draft.elsewhere.is_none()
            && *draft == Draft::new(&draft.endpoint)
            && Draft::with_all_members(&draft.endpoint).is_some()
    })
}

/// Empties every field and puts the body back to its template; pressed again, to the one with all members.
fn reset(model: &mut Model) {
    let Some(draft) = &model.request.draft else {
        return;
    };
    let fresh = after_reset(draft);
    if *draft == fresh {
        model.say("The request is at its template already");
        return;
    }
    let all = gives_all_members(model);
    let more = !all && Draft::with_all_members(&draft.endpoint).is_some();
    model.request.remember();
    let undo = std::mem::take(&mut model.request.undo);
    model.request.open(fresh);
    // It was a person's own doing: what was kept of it goes with it.
    (model.request.undo, model.request.given) = (undo, false);
    // Where there is more, the same key goes on to it.
    model.say(match (all, more) {
        (true, _) => "All members of the body, required ones first: R has those alone, u undoes it",
        (false, true) => "Back at the template: u brings back what was there, R again gives all members",
        (false, false) => "The request is back at its template: u brings back what was there",
    });
}

/// Brings back what the last key took away: in the body's editor what was typed, else what was cleared or reset.
fn undo(model: &mut Model) {
    if let Some(editor) = &mut model.request.editor {
        editor.undo();
        typing::keep_body(model);
        return;
    }
    let Some(before) = model.request.undo.pop() else {
        model.say("There is nothing to bring back");
        return;
    };
    let undo = std::mem::take(&mut model.request.undo);
    let cursor = model.request.cursor;
    model.endpoints.select(&before.endpoint);
    model.request.open(before);
    (model.request.undo, model.request.cursor, model.request.given) = (undo, cursor, false);
    model.say("It is as it was before");
}

/// Opens the field for another value of the parameter under the cursor.
fn add_value(model: &mut Model) {
    match model.request.row() {
        Some(Row::Param(_)) => {
            let Some(param) = model.request.param().filter(|param| param.list) else {
                model.complain("It takes one value: A adds a query parameter or a header of your own");
                return;
            };
            let list = param.list;
            model.request.edit();
            if let Some(field) = model.request.field.as_mut().filter(|field| list && !field.text().trim().is_empty()) {
                *field = LineInput::new(&format!("{},", field.text().trim().trim_end_matches(',')));
            }
        }
        Some(Row::Extra(index)) => {
            if let Some(draft) = &mut model.request.draft {
                let name = draft.extra[index].0.clone();
                draft.extra.insert(index + 1, (name, String::new()));
            }
            model.request.cursor += 1;
            model.request.edit();
        }
        // Another header is what a person wants who adds to one.
        Some(Row::Header(_)) => add_header(model),
        Some(Row::Body) | None => {
            model.complain("Only parameters take several values: A adds a query parameter or a header of your own");
        }
    }
}

/// Takes the last value of a list away, with what goes beside it.
fn drop_value(model: &mut Model) {
    let row = model.request.row();
    match row {
        Some(Row::Param(index)) => {
            model.request.remember();
            let dropped = model.request.draft.as_mut().is_some_and(|draft| draft.drop_value(index));
            if !dropped {
                model.request.undo.pop();
            }
        }
        Some(row @ (Row::Extra(_) | Row::Header(_))) => clear(model, row),
        Some(Row::Body) | None => model.complain("Only parameters have several values: Del empties a field"),
    }
}

/// Empties a field; a parameter or header of one's own goes altogether.
pub fn clear(model: &mut Model, row: Row) {
    if model.request.value(row).is_empty() && matches!(row, Row::Param(_) | Row::Body) {
        return;
    }
    model.request.remember();
    if let Some(draft) = &mut model.request.draft {
        match row {
            Row::Param(index) => draft.set_value(index, ""),
            Row::Extra(index) if index < draft.extra.len() => drop(draft.extra.remove(index)),
            Row::Header(index) if index < draft.own_headers.len() => drop(draft.own_headers.remove(index)),
            Row::Extra(_) | Row::Header(_) => {}
            Row::Body => draft.body.clear(),
        }
    }
    model.say("Taken out: u brings it back");
}

/// Opens a field for a header of one's own, or a query parameter.
fn add_header(model: &mut Model) {
    let Some(draft) = &mut model.request.draft else {
        model.complain("There is no request yet: choose an operation with Enter, or type one with Ctrl-n");
        return;
    };
    model.focus = Pane::Request;
    draft.own_headers.push(Default::default());
    let row = Row::Header(draft.own_headers.len() - 1);
    model.request.cursor = model.request.rows().iter().position(|own| *own == row).unwrap_or(0);
    model.request.edit();
}

/// Keeps what was typed as a header, `Name: value`, or as a query parameter, `name=value`; `false` when it is neither, and the
/// field stays open.
pub fn keep_header(model: &mut Model, index: usize, text: &str) -> bool {
    let Some(draft) = &mut model.request.draft else {
        return true;
    };
    if text.is_empty() {
        draft.own_headers.remove(index);
        return true;
    }
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty() && !name.contains([':', ' ']));
    if let Some((name, value)) = pair {
        draft.own_headers.remove(index);
        draft.add_query(name, value);
        return true;
    }
    match headers::read(text) {
        Ok(header) => {
            draft.own_headers[index] = header;
            true
        }
        Err(sentence) => {
            model.complain(sentence);
            false
        }
    }
}

/// Opens the body or the value under the cursor in the person's own editor.
fn edit_outside(model: &mut Model) -> Vec<Effect> {
    let pane = &model.request;
    let row = if pane.editor.is_some() { Some(Row::Body) } else { pane.row() };
    let Some((draft, row)) = pane.draft.as_ref().zip(row) else {
        model.complain("There is no field to edit here: choose an operation first");
        return Vec::new();
    };
    let text = match &pane.field {
        Some(field) => field.text().to_owned(),
        None => pane.value(row).into_owned(),
    };
    let name = match row {
        Row::Body => "body.json".to_owned(),
        Row::Param(index) => file_name(&draft.endpoint.params[index].name),
        Row::Extra(index) => file_name(&draft.extra[index].0),
        Row::Header(_) => "header.txt".to_owned(),
    };
    let id = model.next_work();
    model.request.outside = Some((id, row));
    vec![Effect::EditOutside(id, Box::new(Outside { name, text }))]
}

/// A name that is one of a file anywhere.
fn file_name(name: &str) -> String {
    let plain: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).take(40).collect();
    if plain.is_empty() { "value.txt".to_owned() } else { format!("{plain}.txt") }
}

/// The editor was left: what was written is taken, or why not is said.
pub fn edited(model: &mut Model, id: WorkId, ended: Result<Option<String>, String>) {
    let Some((_, row)) = model.request.outside.take_if(|(own, _)| *own == id) else {
        return;
    };
    let text = match ended {
        Ok(Some(text)) => text,
        Ok(None) => {
            model.say("The editor changed nothing");
            return;
        }
        Err(sentence) => {
            model.complain(sentence);
            return;
        }
    };
    let longest = if row == Row::Body { LONGEST_BODY } else { LONGEST_VALUE };
    if text.len() > longest {
        model.complain(format!("Not taken: what was written is longer than {} kB", longest / 1024));
        return;
    }
    if model.request.editor.is_some() {
        model.request.editor = Some(Editor::new(&text));
    }
    model.request.field = None;
    model.request.remember();
    match row {
        Row::Header(index) => {
            // It is checked as if it had been typed.
            model.request.field = Some(LineInput::new(text.trim()));
            if keep_header(model, index, text.trim()) {
                model.request.field = None;
                model.say("Taken from the editor: u brings back what was there");
            }
            return;
        }
        Row::Body => model.request.set(row, &text),
        _ => model.request.set(row, text.trim()),
    }
    model.say("Taken from the editor: u brings back what was there");
}
