//! What is done in the history: moving, looking for something, changing entries, and fetching one to do something with it.

use super::pane::{Asking, Change, HistoryPane, Purpose, rows};
use super::recall::{archive, fetched};
use super::{Ask, From, Listing, Told};
use crate::app::acting;
use crate::app::action::Action;
use crate::app::event::{Effect, WorkId};
use crate::app::input::LineInput;
use crate::app::model::Model;
use crate::app::typing;
use crate::key::Key;

/// Entries that are asked for at once.
const PART: usize = 200;

/// Most exchanges of an archive.
pub const ARCHIVE: usize = 1_000;

/// The word that clears the history.
const CLEAR: &str = "clear";

/// The key that opens the history.
pub fn open(model: &mut Model) -> Vec<Effect> {
    typing::leave(model);
    model.history = Some(Box::default());
    list(model, From::Newest)
}

/// Asks for a part of the list. What was asked for before is not wanted any more.
fn list(model: &mut Model, from: From) -> Vec<Effect> {
    let id = model.next_work();
    let scope = (model.environment, model.setting(model.environment));
    let Some(pane) = &mut model.history else {
        return Vec::new();
    };
    let mut effects: Vec<Effect> = pane.listing.take().map(|(work, _)| Effect::Cancel(work)).into_iter().collect();
    pane.listing = Some((id, from));
    let scope = (!pane.everywhere).then_some(scope);
    let listing = Listing { query: pane.query.clone(), scope, from, most: PART };
    effects.push(Effect::History(id, Ask::List(Box::new(listing))));
    effects
}

/// The environment was switched: its exchanges are listed, where those of one are.
pub fn switched(model: &mut Model) -> Vec<Effect> {
    match &mut model.history {
        Some(pane) => {
            pane.asking = None;
            list(model, From::Newest)
        }
        None => Vec::new(),
    }
}

/// What an action does while the history is shown; `None` when it means the same as without it.
pub fn act(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    let page = rows(model.size).max(2) - 1;
    let pane = model.history.as_mut()?;
    if pane.asking.is_some() {
        return match action {
            Action::Choose => Some(choose(model)),
            Action::Back => Some(leave(model)),
            Action::Quit | Action::Suspend | Action::SwitchEnvironment | Action::Palette | Action::FreeRequest => None,
            _ => Some(Vec::new()),
        };
    }
    match action {
        Action::Up => pane.cursor = pane.cursor.saturating_sub(1),
        Action::Down => pane.cursor += 1,
        Action::PageUp => pane.cursor = pane.cursor.saturating_sub(page),
        Action::PageDown => pane.cursor += page,
        Action::First if pane.more.0 => return Some(list(model, From::Newest)),
        Action::First => pane.cursor = 0,
        Action::Last if pane.more.1 => return Some(list(model, From::Oldest)),
        Action::Last => pane.cursor = pane.entries.len(),
        Action::Search => pane.asking = Some(Asking::Query),
        Action::Everywhere => {
            pane.everywhere = !pane.everywhere;
            return Some(list(model, From::Newest));
        }
        Action::Choose => return Some(fetch(model, Purpose::Open)),
        Action::Send => return Some(fetch(model, Purpose::Resend)),
        Action::Recall => return Some(fetch(model, Purpose::Edit)),
        Action::Compare => return Some(fetch(model, Purpose::Compare)),
        Action::CopyMenu => return Some(fetch(model, Purpose::Copy)),
        Action::SaveMenu => return Some(fetch(model, Purpose::Save)),
        Action::Pin => {
            let change = pane.current().map(|entry| Change::Pin(entry.id, !entry.pinned));
            return Some(change.map_or_else(Vec::new, |change| make(model, change)));
        }
        Action::Clear => {
            let own = pane.current().map(|entry| (entry.id, entry.pinned));
            return Some(match own {
                Some((_, true)) => {
                    model.complain("Not removed: it is pinned. p unpins it");
                    Vec::new()
                }
                Some((id, false)) => make(model, Change::Delete(id)),
                None => Vec::new(),
            });
        }
        Action::Rename => {
            let own = pane.current().map(|entry| (entry.id, entry.name.clone().unwrap_or_default()));
            pane.asking = own.map(|(id, name)| Asking::Name(id, LineInput::new(&name)));
        }
        Action::ClearHistory => pane.asking = Some(Asking::Clear(LineInput::new(""), None)),
        Action::Back if !pane.input.text().is_empty() => {
            pane.input = LineInput::new("");
            return Some(look(model));
        }
        Action::Back => return Some(close(model)),
        Action::History => {}
        Action::Unlock => return None,
        _ if action.is_general() => return None,
        // Anything else is about the panes.
        _ => {
            let mut effects = close(model);
            effects.extend(acting::act(model, action));
            return Some(effects);
        }
    }
    Some(more(model))
}

/// Asks for the entries that one goes towards.
fn more(model: &mut Model) -> Vec<Effect> {
    let wanted = model.history.as_ref().and_then(|pane| pane.wanted());
    wanted.map_or_else(Vec::new, |from| list(model, from))
}

/// Back to the panes.
pub fn close(model: &mut Model) -> Vec<Effect> {
    let Some(pane) = model.history.take() else {
        return Vec::new();
    };
    let works = [pane.listing.map(|(id, _)| id), pane.fetching.map(|(id, _)| id)];
    works.into_iter().flatten().map(Effect::Cancel).collect()
}

/// Whether an action would do something in the history.
#[must_use]
pub fn can_act(model: &Model, pane: &HistoryPane, action: Action) -> bool {
    let entry = pane.current();
    if pane.asking.is_some() {
        let known = [Action::Choose, Action::Back, Action::Quit, Action::SwitchEnvironment, Action::Palette];
        return known.contains(&action);
    }
    match action {
        Action::Choose
        | Action::Send
        | Action::Recall
        | Action::CopyMenu
        | Action::SaveMenu
        | Action::Pin
        | Action::Rename
        | Action::Clear => entry.is_some(),
        Action::Compare => entry.is_some_and(|entry| entry.size.is_some()),
        Action::ClearHistory => !pane.entries.is_empty(),
        Action::Unlock => {
            model.environment == crate::pleo::environment::Environment::Production && !model.guard.is_read_only()
        }
        Action::History => false,
        _ => true,
    }
}

/// A key that is typed into the field that is open.
pub fn key(model: &mut Model, key: Key) -> Vec<Effect> {
    let Some(pane) = &mut model.history else {
        return Vec::new();
    };
    match &mut pane.asking {
        Some(Asking::Query) => match key.code {
            crate::key::Code::Up => pane.cursor = pane.cursor.saturating_sub(1),
            crate::key::Code::Down => pane.cursor += 1,
            _ => {
                if pane.input.key(key) {
                    return look(model);
                }
            }
        },
        Some(Asking::Name(_, input)) => {
            input.key(key);
        }
        Some(Asking::Clear(input, error)) => {
            input.key(key);
            *error = None;
        }
        None => {}
    }
    more(model)
}

/// Text that is pasted into the field that is open. A word that clears is typed.
pub fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let Some(pane) = &mut model.history else {
        return Vec::new();
    };
    match &mut pane.asking {
        Some(Asking::Query) => {
            pane.input.paste(text);
            return look(model);
        }
        Some(Asking::Name(_, input)) => {
            input.paste(text);
        }
        Some(Asking::Clear(_, error)) => *error = Some("Type the word: nothing was pasted.".to_owned()),
        None => {}
    }
    Vec::new()
}

/// Looks for what is typed; while that is wrong, the list stays and it is told why.
fn look(model: &mut Model) -> Vec<Effect> {
    let Some(pane) = &mut model.history else {
        return Vec::new();
    };
    match pane.input.text().parse() {
        Ok(query) => {
            let same = pane.query == query;
            (pane.query, pane.wrong) = (query, None);
            if same { Vec::new() } else { list(model, From::Newest) }
        }
        Err(wrong) => {
            pane.wrong = Some(wrong.to_string());
            Vec::new()
        }
    }
}

/// Enter in the field that is open.
fn choose(model: &mut Model) -> Vec<Effect> {
    let Some(pane) = &mut model.history else {
        return Vec::new();
    };
    match &mut pane.asking {
        Some(Asking::Name(id, input)) => {
            let name = Some(input.text().trim().to_owned()).filter(|name| !name.is_empty());
            let change = Change::Name(*id, name);
            pane.asking = None;
            make(model, change)
        }
        Some(Asking::Clear(input, error)) => {
            if input.text().trim() != CLEAR {
                *error = Some(format!("Type the word {CLEAR}, or Esc leaves everything as it is."));
                return Vec::new();
            }
            pane.asking = None;
            make(model, Change::Clear)
        }
        Some(Asking::Query) | None => {
            pane.asking = None;
            Vec::new()
        }
    }
}

/// Esc in the field that is open.
fn leave(model: &mut Model) -> Vec<Effect> {
    let Some(pane) = &mut model.history else {
        return Vec::new();
    };
    let searched = matches!(pane.asking, Some(Asking::Query));
    pane.asking = None;
    if searched {
        pane.input = LineInput::new("");
        return look(model);
    }
    Vec::new()
}

/// Makes a change.
fn make(model: &mut Model, change: Change) -> Vec<Effect> {
    let id = model.next_work();
    let scope = (model.environment, model.setting(model.environment));
    let Some(pane) = &mut model.history else {
        return Vec::new();
    };
    let ask = match &change {
        Change::Pin(id, pinned) => Ask::Pin(*id, *pinned),
        Change::Name(id, name) => Ask::Name(*id, name.clone()),
        Change::Delete(id) => Ask::Delete(*id),
        Change::Clear if pane.everywhere => Ask::Clear(None, None),
        Change::Clear => Ask::Clear(Some(scope.0), Some(scope.1)),
    };
    pane.changing.push((id, change));
    vec![Effect::History(id, ask)]
}

/// Fetches the exchange under the cursor to do something with it.
fn fetch(model: &mut Model, purpose: Purpose) -> Vec<Effect> {
    let work = model.next_work();
    let Some(pane) = &mut model.history else {
        return Vec::new();
    };
    let Some(id) = pane.current().map(|entry| entry.id) else {
        return Vec::new();
    };
    let mut effects: Vec<Effect> = pane.fetching.take().map(|(work, _)| Effect::Cancel(work)).into_iter().collect();
    pane.fetching = Some((work, purpose));
    effects.push(Effect::History(work, Ask::Open(id)));
    effects
}

/// Fetches all that is listed, to be saved as one archive.
pub fn fetch_listed(model: &mut Model, personal: bool) -> Vec<Effect> {
    let work = model.next_work();
    let scope = (model.environment, model.setting(model.environment));
    let Some(pane) = &mut model.history else {
        return Vec::new();
    };
    let mut effects: Vec<Effect> = pane.fetching.take().map(|(work, _)| Effect::Cancel(work)).into_iter().collect();
    pane.fetching = Some((work, Purpose::Archive(personal)));
    let scope = (!pane.everywhere).then_some(scope);
    let listing = Listing { query: pane.query.clone(), scope, from: From::Newest, most: ARCHIVE };
    effects.push(Effect::History(work, Ask::OpenAll(Box::new(listing))));
    effects
}

/// Asks for what came into the history while the list was covered.
pub fn catch_up(model: &mut Model) -> Vec<Effect> {
    let newest = model.history.as_ref().map(|pane| (pane.more.0, pane.entries.first().map(|entry| entry.id)));
    match newest {
        Some((false, Some(id))) => list(model, From::Newer(id)),
        Some((false, None)) => list(model, From::Newest),
        Some((true, _)) | None => Vec::new(),
    }
}

/// The history has answered. What is not waited for any more changes nothing.
pub fn told(model: &mut Model, id: WorkId, told: Result<Told, String>) -> Vec<Effect> {
    let Some(pane) = &mut model.history else {
        return Vec::new();
    };
    if let Some((_, from)) = pane.listing.take_if(|(own, _)| *own == id) {
        match told {
            Ok(Told::Listed(part, more)) => pane.take(from, part, more),
            Ok(_) => {}
            Err(sentence) => pane.trouble = Some(sentence),
        }
        return Vec::new();
    }
    if let Some(at) = pane.changing.iter().position(|(own, _)| *own == id) {
        let (_, change) = pane.changing.remove(at);
        return changed(model, change, told);
    }
    if let Some((_, purpose)) = pane.fetching.take_if(|(own, _)| *own == id) {
        match told {
            Ok(Told::Opened(Some(kept))) => return fetched(model, *kept, purpose),
            Ok(Told::OpenedAll(all, more)) => return archive(model, all, more, purpose == Purpose::Archive(true)),
            Ok(_) => {
                model.complain("This exchange is not kept any more");
                return list(model, From::Newest);
            }
            Err(sentence) => model.complain(sentence),
        }
    }
    Vec::new()
}

/// A change was made, or not.
fn changed(model: &mut Model, change: Change, told: Result<Told, String>) -> Vec<Effect> {
    let count = match told {
        Ok(Told::Done(count)) => count,
        Ok(_) => 0,
        Err(sentence) => {
            model.complain(sentence);
            return Vec::new();
        }
    };
    let Some(pane) = &mut model.history else {
        return Vec::new();
    };
    match change {
        Change::Pin(id, pinned) => {
            if let Some(entry) = pane.find(id) {
                entry.pinned = pinned;
            }
            model.say(if pinned { "Pinned: it stays whatever its age" } else { "Not pinned any more" });
        }
        Change::Name(id, name) => {
            if let Some(entry) = pane.find(id) {
                entry.name = name;
            }
        }
        Change::Delete(id) => {
            pane.entries.retain(|entry| entry.id != id);
            model.say("Removed");
            return more(model);
        }
        Change::Clear => {
            model.say(match count {
                1 => "1 exchange was removed".to_owned(),
                count => format!("{count} exchanges were removed; pinned ones stay"),
            });
            return list(model, From::Newest);
        }
    }
    Vec::new()
}
