//! What is done where saved requests are listed: moving, looking for one, opening, renaming, editing and removing it. Nothing is
//! sent from here.

use super::pane::{Asking, Doing, SavedPane, rows};
use super::{Ask, TAKEN, Told, keeping, remember};
use crate::app::action::Action;
use crate::app::event::{Effect, Outside, WorkId};
use crate::app::importing::capitalised;
use crate::app::model::{Asked, Model};
use crate::app::{acting, drafts, typing, unlock};
use crate::key::{Code, Key as Pressed};
use crate::pleo::saved::{Key, Saved};

/// Opens the list.
pub fn open(model: &mut Model) -> Vec<Effect> {
    typing::leave(model);
    model.saved = Some(Box::default());
    ask(model, Ask::List, Doing::List)
}

/// Asks the folders something. One thing goes on at a time.
fn ask(model: &mut Model, ask: Ask, doing: Doing) -> Vec<Effect> {
    let id = model.next_work();
    let Some(pane) = &mut model.saved else {
        return Vec::new();
    };
    pane.work = Some((id, doing));
    vec![Effect::AskSaved(id, Box::new(ask))]
}

/// What an action does while the list is shown; `None` when it means the same as without it.
pub fn act(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    let page = rows(model.size).max(2) - 1;
    let pane = model.saved.as_mut()?;
    if pane.asking.is_some() {
        return match action {
            Action::Choose => Some(choose(model)),
            Action::Back => {
                leave(pane);
                Some(Vec::new())
            }
            Action::Quit | Action::Suspend | Action::SwitchEnvironment | Action::Palette | Action::FreeRequest => None,
            _ => Some(Vec::new()),
        };
    }
    let current = pane.current().map(|entry| entry.key.clone());
    match (action, current) {
        (Action::Up, _) => pane.cursor = pane.cursor.saturating_sub(1),
        (Action::Down, _) => pane.cursor += 1,
        (Action::PageUp, _) => pane.cursor = pane.cursor.saturating_sub(page),
        (Action::PageDown, _) => pane.cursor += page,
        (Action::First, _) => pane.cursor = 0,
        (Action::Last, _) => pane.cursor = pane.matches.len(),
        (Action::Search, _) => pane.asking = Some(Asking::Filter),
        (Action::Choose, Some(key)) => return Some(ask(model, Ask::Read(key.clone()), Doing::Open(key))),
        (Action::EditOutside, Some(key)) => return Some(edit(model, key)),
        (Action::Rename, Some(key)) => {
            let asked = Box::new(Asked::new(&key.to_string()));
            pane.asking = Some(Asking::Name(key, asked, None));
        }
        (Action::Clear, Some(key)) => pane.asking = Some(Asking::Remove(key)),
        (Action::Choose | Action::EditOutside | Action::Rename | Action::Clear, None) | (Action::SavedRequests, _) => {}
        (Action::Back, _) if !pane.input.text().is_empty() => leave(pane),
        (Action::Back, _) => model.saved = None,
        (action, _) if action.is_general() => return None,
        // Anything else is about the panes.
        _ => {
            model.saved = None;
            return Some(acting::act(model, action));
        }
    }
    Some(Vec::new())
}

/// Whether an action would do something in the list.
#[must_use]
pub fn can_act(pane: &SavedPane, action: Action) -> bool {
    if pane.asking.is_some() {
        let known = [Action::Choose, Action::Back, Action::Quit, Action::SwitchEnvironment, Action::Palette];
        return known.contains(&action);
    }
    match action {
        Action::Choose => pane.current().is_some_and(|entry| entry.own.is_ok()),
        Action::EditOutside | Action::Rename | Action::Clear => pane.current().is_some(),
        Action::Search => pane.listing.as_ref().is_some_and(|listing| !listing.entries.is_empty()),
        Action::SavedRequests => false,
        _ => true,
    }
}

/// A key that is typed into the field that is open.
pub fn key(model: &mut Model, key: Pressed) {
    let now = model.now;
    let Some(pane) = &mut model.saved else {
        return;
    };
    match &mut pane.asking {
        Some(Asking::Filter) => match key.code {
            Code::Up => pane.cursor = pane.cursor.saturating_sub(1),
            Code::Down => pane.cursor += 1,
            _ => {
                if pane.input.key(key) {
                    pane.look();
                }
            }
        },
        Some(Asking::Name(_, asked, taken)) => {
            if asked.input.key(key) {
                (asked.error, asked.ready, *taken) = (None, now + unlock::PASTED, None);
            }
        }
        Some(Asking::Remove(_)) | None => {}
    }
}

/// Text that is pasted into the field that is open; `false` when it does not fit.
pub fn paste(model: &mut Model, text: &str) -> bool {
    let ready = model.now + unlock::PASTED;
    let Some(pane) = &mut model.saved else {
        return true;
    };
    match &mut pane.asking {
        Some(Asking::Filter) => {
            let taken = pane.input.paste(text);
            pane.look();
            taken
        }
        Some(Asking::Name(_, asked, taken)) => {
            (asked.error, asked.ready, *taken) = (None, ready, None);
            asked.input.paste(text)
        }
        Some(Asking::Remove(_)) | None => true,
    }
}

/// Enter in what is asked.
fn choose(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(pane) = &mut model.saved else {
        return Vec::new();
    };
    match pane.asking.clone() {
        Some(Asking::Name(from, asked, taken)) => {
            if now < asked.ready || pane.work.is_some() {
                return Vec::new();
            }
            let to: Key = match asked.input.text().parse() {
                Ok(to) => to,
                Err(error) => {
                    complain(pane, &error.to_string());
                    return Vec::new();
                }
            };
            if to == from {
                pane.asking = None;
                return Vec::new();
            }
            let over = taken.as_ref() == Some(&to);
            ask(model, Ask::Rename { from, to: to.clone(), over }, Doing::Rename(to))
        }
        Some(Asking::Remove(key)) => {
            pane.asking = None;
            ask(model, Ask::Remove(key.clone()), Doing::Remove(key))
        }
        Some(Asking::Filter) | None => {
            pane.asking = None;
            Vec::new()
        }
    }
}

/// Says below the field what is wrong with the name in it.
fn complain(pane: &mut SavedPane, sentence: &str) {
    if let Some(Asking::Name(_, asked, _)) = &mut pane.asking {
        asked.error = Some(capitalised(sentence));
    }
}

/// Esc in what is asked, or in a list that is narrowed.
fn leave(pane: &mut SavedPane) {
    let filtered = !matches!(pane.asking.take(), Some(Asking::Name(..) | Asking::Remove(_)));
    if filtered {
        pane.input = crate::app::input::LineInput::new("");
        pane.wanted = pane.current().map(|entry| entry.key.clone());
        if let Some(listing) = pane.listing.take() {
            pane.take(listing);
        }
    }
}

/// Edits the file of one in the person's own editor.
fn edit(model: &mut Model, key: Key) -> Vec<Effect> {
    let unkept = model.saved.as_mut().and_then(|pane| pane.unkept.take_if(|(own, _)| *own == key));
    match unkept {
        Some((_, text)) => outside(model, key, text),
        None => ask(model, Ask::Text(key.clone()), Doing::Edit(key)),
    }
}

fn outside(model: &mut Model, key: Key, text: String) -> Vec<Effect> {
    let id = model.next_work();
    let Some(pane) = &mut model.saved else {
        return Vec::new();
    };
    pane.outside = Some((id, key));
    vec![Effect::EditOutside(id, Box::new(Outside { name: "request.toml".to_owned(), text }))]
}

/// Whether a text that an editor gives back is one of these files.
#[must_use]
pub fn concerns(model: &Model, id: WorkId) -> bool {
    model.saved.as_ref().is_some_and(|pane| matches!(pane.outside, Some((own, _)) if own == id))
}

/// The editor was left: what was written is kept, or why not is said.
pub fn edited(model: &mut Model, ended: Result<Option<String>, String>) -> Vec<Effect> {
    let Some((_, key)) = model.saved.as_mut().and_then(|pane| pane.outside.take()) else {
        return Vec::new();
    };
    match ended {
        Ok(Some(text)) => return ask(model, Ask::Rewrite(key.clone(), text.clone()), Doing::Rewrite(key, text)),
        Ok(None) => model.say("The editor changed nothing"),
        Err(sentence) => model.complain(sentence),
    }
    Vec::new()
}

/// The folders have answered. What is not waited for any more changes nothing.
pub fn told(model: &mut Model, id: WorkId, told: Result<Told, String>) -> Vec<Effect> {
    if keeping::told(model, id, &told) {
        return Vec::new();
    }
    let ready = model.now + unlock::PASTED;
    let Some(pane) = &mut model.saved else {
        return Vec::new();
    };
    let Some((_, doing)) = pane.work.take_if(|(own, _)| *own == id) else {
        return Vec::new();
    };
    match (doing, told) {
        (Doing::List, Ok(Told::Listed(listing))) => pane.take(*listing),
        (Doing::List, Err(sentence)) => pane.trouble = Some(capitalised(&sentence)),
        (Doing::Open(key), Ok(Told::Read(own))) => take(model, key, &own),
        (Doing::Edit(key), Ok(Told::Text(text))) => return outside(model, key, text),
        (Doing::Rename(to), Ok(Told::Exists)) => {
            if let Some(Asking::Name(_, asked, taken)) = &mut pane.asking {
                (asked.error, asked.ready, *taken) = (Some(TAKEN.to_owned()), ready, Some(to));
            }
        }
        (Doing::Rename(to), Ok(_)) => {
            pane.asking = None;
            model.say(format!("It is called {to} now"));
            return again(model, Some(to));
        }
        (Doing::Rename(_), Err(sentence)) => complain(pane, &format!("not renamed: {sentence}")),
        (Doing::Remove(key), Ok(_)) => {
            model.say(format!("{key} is removed"));
            return again(model, None);
        }
        (Doing::Rewrite(key, _), Ok(_)) => {
            model.say(format!("{key} is written"));
            return again(model, Some(key));
        }
        (Doing::Rewrite(key, text), Err(sentence)) => {
            pane.unkept = Some((key, text));
            model.complain(format!("{}. e opens what you wrote again", capitalised(&sentence)));
        }
        (doing, Err(sentence)) => {
            // A sentence may begin with the name of a file.
            let what = if matches!(doing, Doing::Open(_)) { "Not opened" } else { "Not done" };
            model.complain(format!("{what}: {sentence}"));
            return again(model, None);
        }
        (_, Ok(_)) => {}
    }
    Vec::new()
}

/// Reads the list again.
fn again(model: &mut Model, wanted: Option<Key>) -> Vec<Effect> {
    if let Some(pane) = &mut model.saved {
        pane.wanted = wanted;
    }
    ask(model, Ask::List, Doing::List)
}

/// Takes a saved request to pane 4, for the environment in force. What stood there can be brought back.
fn take(model: &mut Model, key: Key, own: &Saved) {
    let draft = match own.draft() {
        Ok(draft) => draft,
        Err(sentence) => {
            model.complain(format!("{key} cannot be opened: {sentence}"));
            return;
        }
    };
    model.saved = None;
    let worth = model.request.draft.as_ref().is_some_and(|before| !drafts::is_template(before) && *before != draft);
    if worth {
        model.request.remember();
    }
    let undo = if worth { std::mem::take(&mut model.request.undo) } else { Vec::new() };
    typing::open_request(model, draft);
    model.request.undo = undo;
    let before = if worth { "; u brings back what stood here" } else { "" };
    let text = if own.is_free() {
        format!("{key} is opened, not sent. It is not in the catalogue, and taken as a free request{before}")
    } else {
        format!("{key} is opened, not sent: s sends it{before}")
    };
    model.say(text);
    remember(model, key);
}
