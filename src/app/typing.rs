//! Keys and pasted text that go into fields, and what happens when a field is left.

use zeroize::Zeroizing;

use super::event::Effect;
use super::model::{FreeRequest, Model, Overlay, Pane};
use super::overlay::palette_matches;
use super::panes::request::Row;
use super::update::settle;
use super::{companies, completing, drafts, editing, filtering, finding, history, importing, saved, taking, unlock};
use crate::key::{Code, Key};
use crate::pleo::curl::is_curl;
use crate::pleo::endpoint::Method;
use crate::pleo::preflight::Place;
use crate::pleo::request::Draft;

/// A key that is no action where it was pressed: typed into the field that has the focus, or nothing.
pub fn key(model: &mut Model, key: Key) -> Vec<Effect> {
    if model.overlay.is_some() {
        over_the_panes(model, key)
    } else if model.compare.is_some() {
        Vec::new()
    } else if model.history.is_some() {
        history::key(model, key)
    } else if model.saved.is_some() {
        saved::key(model, key);
        Vec::new()
    } else {
        in_a_pane(model, key)
    }
}

/// Into the field of what lies over the panes.
fn over_the_panes(model: &mut Model, key: Key) -> Vec<Effect> {
    let now = model.now;
    match &mut model.overlay {
        Some(Overlay::Palette(palette)) => {
            if palette.input.key(key) {
                palette.matches = palette_matches(palette.input.text());
                palette.cursor = 0;
            }
        }
        Some(Overlay::FreeRequest(free)) => {
            if free.input.key(key) {
                free.error = None;
            }
        }
        Some(Overlay::SaveAs(own)) => {
            if own.asked.input.key(key) {
                (own.asked.error, own.taken, own.candidates) = (None, None, Vec::new());
            }
        }
        Some(Overlay::Keeping(own)) => {
            if own.asked.input.key(key) {
                saved::typed(own);
                own.asked.ready = now + unlock::PASTED;
            }
        }
        Some(Overlay::Menu(_)) => return key.typed().map_or_else(Vec::new, |c| taking::choose(model, Some(c))),
        Some(
            Overlay::Unlock(asked)
            | Overlay::Keep(_, asked)
            | Overlay::Goto(asked)
            | Overlay::AlignBy(asked)
            | Overlay::Variable(_, asked),
        ) => {
            if asked.input.key(key) {
                (asked.error, asked.ready) = (None, now + unlock::PASTED);
            }
        }
        Some(Overlay::Review(review)) if review.word.is_some() => {
            if review.asked.input.key(key) {
                (review.asked.error, review.asked.ready) = (None, now + unlock::PASTED);
            }
        }
        Some(Overlay::Review(_)) => unlock::no_key(model),
        Some(Overlay::Import(_)) => return key.typed().map_or_else(Vec::new, |c| importing::letter(model, c)),
        Some(Overlay::Companies(picker)) => {
            if picker.input.key(key) {
                companies::narrow(picker);
            }
        }
        Some(Overlay::Login(pane)) => {
            pane.key(key);
        }
        Some(
            Overlay::Help(_)
            | Overlay::Remove(_)
            | Overlay::Disclose(_)
            | Overlay::Viewer(_)
            | Overlay::Columns(_)
            | Overlay::Counts(_)
            | Overlay::Differing(_),
        )
        | None => {}
    }
    Vec::new()
}

/// Into the field of the pane that has the focus.
fn in_a_pane(model: &mut Model, key: Key) -> Vec<Effect> {
    match model.focus {
        Pane::Credential => {
            if let Some(super::panes::credential::Typing { field, .. }) = &mut model.credential.typing {
                match (key.code, key.ctrl) {
                    (Code::Backspace, _) => field.backspace(),
                    (Code::Char('u'), true) => field.clear(),
                    _ => {
                        let fits = key.typed().is_none_or(|c| field.insert(c.encode_utf8(&mut [0; 4])));
                        model.credential.error = (!fits).then(too_long);
                        return Vec::new();
                    }
                }
                model.credential.error = None;
            }
        }
        Pane::Endpoints if model.endpoints.typing => match key.code {
            Code::Up => model.endpoints.step(-1),
            Code::Down => model.endpoints.step(1),
            Code::PageUp => model.endpoints.step(-10),
            Code::PageDown => model.endpoints.step(10),
            _ => {
                if model.endpoints.filter.key(key) {
                    model.endpoints.refilter();
                }
            }
        },
        Pane::Request => {
            if model.request.editor.is_some() {
                in_the_editor(model, key);
            } else {
                match key.code {
                    Code::Up if completing::step(model, false) => {}
                    Code::Down if completing::step(model, true) => {}
                    _ => {
                        if let Some(field) = &mut model.request.field {
                            field.key(key);
                        }
                    }
                }
            }
        }
        Pane::Response if model.response.search.typing && model.response.search.input.key(key) => {
            return finding::again(model);
        }
        Pane::Response if model.response.search.typing => {}
        Pane::Response if model.response.types_filter() => match key.code {
            Code::Up => model.response.place.table.step(-1),
            Code::Down => model.response.place.table.step(1),
            _ => {
                model.response.place.table.filter.key(key);
            }
        },
        Pane::Response if model.response.filter.typing => match key.code {
            Code::Up => return filtering::recall(model, true),
            Code::Down => return filtering::recall(model, false),
            _ => {
                if model.response.filter.input.key(key) {
                    return filtering::again(model);
                }
            }
        },
        _ => {}
    }
    Vec::new()
}

/// Pasted text goes into the field that has the focus and is never run as keys.
pub fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    model.message = None;
    let mut effects = Vec::new();
    let taken = match &mut model.overlay {
        Some(Overlay::Palette(palette)) => {
            let taken = palette.input.paste(text);
            palette.matches = palette_matches(palette.input.text());
            palette.cursor = 0;
            taken
        }
        Some(Overlay::FreeRequest(_)) if is_curl(text) => {
            import(model, text);
            true
        }
        Some(Overlay::FreeRequest(free)) => free.input.paste(text),
        Some(
            Overlay::Unlock(asked)
            | Overlay::Keep(_, asked)
            | Overlay::Goto(asked)
            | Overlay::AlignBy(asked)
            | Overlay::Variable(_, asked),
        ) => {
            asked.ready = model.now + unlock::PASTED;
            asked.input.paste(text)
        }
        Some(Overlay::SaveAs(own)) => {
            (own.asked.error, own.taken, own.candidates) = (None, None, Vec::new());
            own.asked.input.paste(text)
        }
        Some(Overlay::Keeping(own)) => {
            saved::typed(own);
            own.asked.ready = model.now + unlock::PASTED;
            own.asked.input.paste(text)
        }
        Some(Overlay::Review(review)) => review.word.is_none() || review.asked.input.paste(text),
        Some(Overlay::Companies(picker)) => {
            let taken = picker.input.paste(text);
            companies::narrow(picker);
            taken
        }
        Some(Overlay::Login(pane)) => pane.paste(text),
        Some(
            Overlay::Help(_)
            | Overlay::Remove(_)
            | Overlay::Disclose(_)
            | Overlay::Import(_)
            | Overlay::Menu(_)
            | Overlay::Viewer(_)
            | Overlay::Columns(_)
            | Overlay::Counts(_)
            | Overlay::Differing(_),
        ) => {
            return Vec::new();
        }
        None if model.compare.is_some() => return Vec::new(),
        None if model.history.is_some() => {
            effects = history::paste(model, text);
            true
        }
        None if model.saved.is_some() => saved::paste(model, text),
        None => match model.focus {
            Pane::Credential => match paste_credential(model, text) {
                Some(fits) => fits,
                None => return Vec::new(),
            },
            Pane::Endpoints if model.endpoints.typing => {
                let taken = model.endpoints.filter.paste(text);
                model.endpoints.refilter();
                taken
            }
            Pane::Request if model.request.editor.is_some() => {
                let taken = model.request.editor.as_mut().is_some_and(|editor| editor.paste(text));
                keep_body(model);
                taken
            }
            Pane::Request if model.request.field.is_some() => {
                model.request.field.as_mut().is_some_and(|field| field.paste(text))
            }
            Pane::Response if model.response.types_filter() => model.response.place.table.filter.paste(text),
            Pane::Response if model.response.search.typing => {
                let taken = model.response.search.input.paste(text);
                effects = finding::again(model);
                taken
            }
            Pane::Response if model.response.filter.typing => {
                let taken = model.response.filter.input.paste(text);
                effects = filtering::again(model);
                taken
            }
            _ => {
                model.complain("Nothing was pasted: there is no field open here");
                return Vec::new();
            }
        },
    };
    if !taken {
        model.complain("The pasted text is too long for this field: nothing of it was taken");
    }
    effects
}

/// Whether it fits into the field of a credential; nothing where it was refused, which is said.
fn paste_credential(model: &mut Model, text: &str) -> Option<bool> {
    let Some(super::panes::credential::Typing { field, .. }) = &mut model.credential.typing else {
        model.complain("Nothing was pasted: press Enter first, so that there is a field to paste into");
        return None;
    };
    if text.trim().contains(['\n', '\r']) {
        model.credential.error = Some("More than one line was pasted: nothing of it was taken.".to_owned());
        return None;
    }
    let fits = field.insert(text.trim());
    model.credential.error = (!fits).then(too_long);
    Some(fits)
}

fn too_long() -> String {
    format!("More than {} kB is no credential: nothing of it was taken.", crate::secret::LONGEST / 1024)
}

/// Leaves whatever field is open, keeping what was typed. A half-typed secret stays in its field until it is kept, left
/// with Esc, or the environment is switched.
pub fn leave(model: &mut Model) {
    model.endpoints.typing = false;
    model.response.search.typing = false;
    model.response.filter.typing = false;
    model.response.table_mut().typing = false;
    if model.request.field.is_some() {
        keep_field(model);
        // What is no header yet is not kept.
        model.request.field = None;
    }
    model.request.drop_empty_header();
    model.request.editor = None;
}

/// Enter in pane 4: opens the field or the editor under the cursor, or keeps what was typed.
pub fn choose_field(model: &mut Model) {
    if model.request.field.is_some() {
        if completing::chooses(model) {
            completing::take(model);
        }
        keep_field(model);
    } else if model.request.draft.is_some() {
        model.request.edit();
    } else {
        model.focus = Pane::Endpoints;
    }
}

/// Into the body's editor, or through what is offered in it.
fn in_the_editor(model: &mut Model, key: Key) {
    let plain = !key.ctrl && !key.alt;
    let open = model.request.completing && model.request.offer.is_open();
    match key.code {
        Code::Up | Code::Down if open => {
            completing::step(model, key.code == Code::Down);
        }
        Code::Enter if open && plain => {
            completing::take(model);
        }
        _ => {
            if let Some(editor) = &mut model.request.editor {
                editor.key(key);
            }
            keep_body(model);
        }
    }
}

/// Tab in the body's editor: takes what is offered, offers what there is, or indents.
pub fn tab(model: &mut Model) {
    if model.request.completing && completing::take(model) {
        return;
    }
    if !completing::begin_in_editor(model)
        && let Some(editor) = &mut model.request.editor
    {
        editor.key(Key { code: Code::Tab, ctrl: false, alt: false });
        keep_body(model);
    }
}

/// Puts what stands in the body's editor into the request.
pub(super) fn keep_body(model: &mut Model) {
    if let Some(text) = model.request.editor.as_ref().map(super::input::Editor::text) {
        model.request.set(Row::Body, &text);
    }
}

fn keep_field(model: &mut Model) {
    let Some((row, text)) =
        model.request.row().zip(model.request.field.as_ref().map(|field| field.text().trim().to_owned()))
    else {
        return;
    };
    match row {
        Row::Header(index) if !editing::keep_header(model, index, &text) => return,
        Row::Header(_) => {}
        row => model.request.set(row, &text),
    }
    model.request.field = None;
}

/// Esc in pane 4: the field goes back to what it was, the editor keeps its text.
pub fn close_editing(model: &mut Model) {
    if completing::close(model) {
        return;
    }
    model.request.field = None;
    model.request.drop_empty_header();
    model.request.editor = None;
}

/// Enter in the field for a free request: a path, perhaps with its method before it.
pub fn choose_free_request(model: &mut Model) {
    let Some(Overlay::FreeRequest(free)) = &model.overlay else {
        return;
    };
    if is_curl(free.input.text()) {
        let text = Zeroizing::new(free.input.text().to_owned());
        // Without bracketed paste the lines of a command come one by one.
        match text.trim_end().strip_suffix('\\') {
            Some(line) => model.overlay = Some(Overlay::FreeRequest(FreeRequest::new(&format!("{line} ")))),
            // What was typed stays, to be put right.
            None => {
                let told = importing::paste(model, &text);
                if let (Some(Err(sentence)), Some(Overlay::FreeRequest(free))) = (told, &mut model.overlay) {
                    free.error = Some(sentence);
                }
            }
        }
        return;
    }
    let text = free.input.text().trim();
    let (method, path) = match text.split_once(char::is_whitespace) {
        Some((word, rest)) if !word.starts_with('/') => match word.parse::<Method>() {
            Ok(method) => (Ok(method), rest.trim_start()),
            Err(error) => (Err(error.to_string()), rest),
        },
        _ => (Ok(free.method), text),
    };
    let draft = method.and_then(|method| {
        Draft::from_path(method, path, None, model.environment, &model.environments).map_err(|error| error.to_string())
    });
    match (draft, &mut model.overlay) {
        (Ok(draft), _) => {
            model.overlay = None;
            let bare = drafts::is_template(&draft);
            open_request(model, draft);
            if bare {
                drafts::bring_back(model);
            }
        }
        (Err(sentence), Some(Overlay::FreeRequest(free))) => free.error = Some(sentence),
        _ => {}
    }
}

/// Takes a curl command that was pasted in place of a path. Where it is refused nothing of it is left: it may hold a secret.
fn import(model: &mut Model, text: &str) {
    if let Some(Err(sentence)) = importing::paste(model, text) {
        let mut free = FreeRequest::new("");
        free.error = Some(sentence);
        model.overlay = Some(Overlay::FreeRequest(free));
    }
}

/// Takes a draft to pane 4 and the endpoints' cursor along.
pub fn open_request(model: &mut Model, draft: Draft) {
    model.endpoints.select(&draft.endpoint);
    model.request.open(draft);
    model.focus = Pane::Request;
    settle(model);
    // A field that would be refused is where one goes on.
    let refused =
        model.request.findings.iter().find_map(|found| found.refuses().then(|| model.request.row_of(found))?);
    model.request.cursor = refused.unwrap_or(0);
}

/// Puts cursor and focus on what a finding is about.
pub fn point_at(model: &mut Model, place: Place) {
    match place {
        Place::Credential => model.focus = Pane::Credential,
        Place::Environment | Place::Endpoint | Place::Path => {}
        Place::Param(_) | Place::Extra(_) | Place::Header(_) | Place::Body => {
            let row = model.request.findings.iter().find(|f| f.place == place).and_then(|f| model.request.row_of(f));
            if let Some(row) = row {
                model.request.cursor = row;
                model.focus = Pane::Request;
            }
        }
    }
}
