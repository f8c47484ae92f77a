//! What a field or a value of the body may become: choices of the catalogue, and ids that answers of this environment have
//! shown, with a name beside them; and which members an object of the body may have.

use super::fuzzy;
use super::input::Editor;
use super::model::{Model, Pane};
use super::panes::request::Row;
use super::seen::{Known, Seen};
use super::typing;
use crate::pleo::catalogue::Catalogue;
use crate::pleo::endpoint::{BodyField, Endpoint, ValueType};
use crate::pleo::json;
use crate::pleo::links::kind_of_name;
use crate::pleo::privacy;
use crate::pleo::request::{Draft, placeholder};

/// Longest body in which it is told with each picture whether something is offered.
const MOST_LOOKED_AT: usize = 16 * 1024;

/// Most that are offered.
const MOST: usize = 200;

/// One that is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What is put into the field.
    pub value: String,
    /// A name beside it, masked where personal data is.
    pub name: String,
}

/// What is offered below a field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// What fits what is typed.
    pub fits: Vec<Candidate>,
    /// The one under the cursor, once there is one.
    pub cursor: Option<usize>,
    /// The one that is what is typed, if there is one.
    own: Option<usize>,
    /// For what was typed so.
    typed: String,
    /// Closed until something else is typed, or one is asked for.
    closed: bool,
}

impl Offer {
    /// Whether something is shown.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.closed && !self.fits.is_empty()
    }
}

/// Brings what is offered up to date with what is typed.
pub fn settle(model: &mut Model) {
    let Some((typed, all)) = wanted(model) else {
        (model.request.offer, model.request.completing) = (Offer::default(), false);
        return;
    };
    let before = std::mem::take(&mut model.request.offer);
    let same = before.typed == typed;
    let texts: Vec<String> = all.iter().map(|own| format!("{} {}", own.value, own.name)).collect();
    let whole = all.iter().take(MOST).any(|own| own.value == typed);
    // Beside one that is there already all others are offered: one would change it.
    let fits: Vec<Candidate> = if typed.is_empty() || whole {
        all.into_iter().take(MOST).collect()
    } else {
        let ranked = fuzzy::rank(&typed, texts.iter().map(String::as_str));
        ranked.into_iter().take(MOST).map(|at| all[at].clone()).collect()
    };
    // More may be known meanwhile.
    let same_fits = same && before.fits == fits;
    let own = fits.iter().position(|own| own.value == typed);
    let cursor = before.cursor.filter(|_| same_fits);
    model.request.offer = Offer { fits, cursor, own, typed, closed: same && before.closed };
}

/// What is typed where the cursor is, and all that could stand there; `None` where nothing is known.
fn wanted(model: &Model) -> Option<(String, Vec<Candidate>)> {
    let pane = &model.request;
    let draft = pane.draft.as_ref().filter(|_| model.focus == Pane::Request && model.overlay.is_none())?;
    if pane.editor.is_some() {
        return wanted_in_editor(model, draft).filter(|_| pane.completing);
    }
    let field = pane.field.as_ref()?;
    let param = pane.param()?;
    let text = field.text().trim_start();
    let typed = if param.list { text.rsplit(',').next().unwrap_or(text).trim_start() } else { text }.trim_end();
    let boolean = param.value_type == ValueType::Boolean;
    Some((typed.to_owned(), offered(model, &draft.endpoint, &param.name, &param.choices, boolean)))
}

/// The same in the body's editor.
fn wanted_in_editor(model: &Model, draft: &Draft) -> Option<(String, Vec<Candidate>)> {
    let text = model.request.editor.as_ref()?.text();
    let offset = model.request.editor.as_ref()?.offset();
    let Some(spot) = json::spot(&text, offset) else {
        let spot = json::name_spot(&text, offset)?;
        let (_, fields) = at(&draft.endpoint, &spot.path)?;
        let left = fields.iter().filter(|field| !spot.taken.contains(&field.name));
        return Some((spot.typed, left.map(member).collect()));
    };
    let field = at(&draft.endpoint, &spot.path)?.0?;
    let all = offered(model, &draft.endpoint, &field.name, &field.choices, false);
    Some((text.get(spot.inner)?.to_owned(), all))
}

/// Whether Tab offers or takes something in the field or the editor of the request.
#[must_use]
pub fn can_complete(model: &Model) -> bool {
    if model.request.field.is_some() { is_open(model) } else { model.focus == Pane::Request && has_more(model) }
}

/// Whether the body's editor has something to offer where the cursor is. In a long text it is tried rather than told.
fn has_more(model: &Model) -> bool {
    let pane = &model.request;
    let short = pane.draft.as_ref().filter(|draft| draft.body.len() <= MOST_LOOKED_AT);
    short.is_some_and(|draft| wanted_in_editor(model, draft).is_some_and(|(_, all)| !all.is_empty()))
}

/// The member of a body that a path leads to, nothing for the body itself, and the members of that.
fn at<'a>(endpoint: &'a Endpoint, path: &[String]) -> Option<(Option<&'a BodyField>, &'a [BodyField])> {
    let mut fields = endpoint.body.as_ref()?.fields.as_slice();
    let mut found = None;
    for name in path {
        let field = fields.iter().find(|field| field.name == *name)?;
        (found, fields) = (Some(field), field.fields.as_slice());
    }
    Some((found, fields))
}

/// A member that may stand in an object, and what it takes.
fn member(field: &BodyField) -> Candidate {
    let list = if field.list { "list of " } else { "" };
    let required = if field.required { ", required" } else { "" };
    let deprecated = if field.deprecated { ", on its way out" } else { "" };
    let name = format!("{list}{}{required}{deprecated}", field.value_type.name());
    Candidate { value: field.name.clone(), name }
}

/// Puts a member into the body at the cursor: its name, and what stands for its value until it is filled in.
fn put_member(model: &mut Model, name: &str) {
    let (Some(editor), Some(draft)) = (&mut model.request.editor, &model.request.draft) else {
        return;
    };
    let Some(spot) = json::name_spot(&editor.text(), editor.offset()) else {
        return;
    };
    let field = at(&draft.endpoint, &spot.path).and_then(|(_, fields)| fields.iter().find(|field| field.name == name));
    if spot.has_value {
        editor.replace(spot.written, &format!("\"{name}\""));
        return;
    }
    if spot.written.is_empty() {
        begin_member(editor, spot.follows);
    }
    let start = if spot.written.is_empty() { editor.offset() } else { spot.written.start };
    let written = start..start + spot.written.len();
    let value = field.map_or_else(|| "\"\"".to_owned(), placeholder);
    let comma = if spot.lacks_comma { "," } else { "" };
    editor.replace(written, &format!("\"{name}\": {value}{comma}"));
    // The cursor goes to where something is to be filled in.
    let within = value.find("\"\"").map_or(value.len(), |at| at + 1);
    editor.jump(start + name.len() + 4 + within);
}

/// Makes room for a member at the cursor: a comma behind the value that it follows, and a line of its own where the rest of
/// this one is free.
fn begin_member(editor: &mut Editor, follows: Option<usize>) {
    let at = editor.offset();
    if let Some(end) = follows {
        editor.replace(end..end, ",");
        editor.jump(at + 1);
    }
    let (before, behind) = editor.line();
    let (before, behind) = (before.trim_end(), behind.trim_start());
    if behind.is_empty() && !before.is_empty() || before.ends_with('{') && behind.starts_with('}') {
        editor.new_line();
    } else if follows == Some(at) {
        editor.replace(at + 1..at + 1, " ");
    }
}

/// What may stand in a field of that name.
fn offered(model: &Model, endpoint: &Endpoint, name: &str, choices: &[String], boolean: bool) -> Vec<Candidate> {
    let plain = |value: &str| Candidate { value: value.to_owned(), name: String::new() };
    if boolean {
        return ["true", "false"].map(plain).to_vec();
    }
    if !choices.is_empty() {
        return choices.iter().map(|choice| plain(choice)).collect();
    }
    let Some(kind) = kind_of_name(name, endpoint, Catalogue::current()) else {
        return Vec::new();
    };
    let seen = model.seen.get(&model.environment).map_or_else(Vec::new, |seen: &Seen| seen.of(&kind));
    let mut known: Vec<Known> = seen.into_iter().cloned().collect();
    if kind == "company"
        && let Some(identity) = model.credentials.held_in_force(model.environment).and_then(|held| held.identity())
    {
        for company in &identity.companies {
            if !known.iter().any(|own| own.id == company.id) {
                known.push(Known { id: company.id.clone(), name: company.name.clone(), personal: false });
            }
        }
    }
    let shown = |own: Known| {
        let name = match (model.masked, own.personal) {
            (true, true) => privacy::MASK.to_owned(),
            (true, false) => privacy::masked(&own.name).into_owned(),
            (false, _) => own.name,
        };
        Candidate { value: own.id, name }
    };
    known.into_iter().map(shown).collect()
}

/// Moves the cursor through what is offered, which opens it again where it was closed; `false` when nothing is.
pub fn step(model: &mut Model, down: bool) -> bool {
    let offer = &mut model.request.offer;
    if offer.fits.is_empty() {
        return false;
    }
    let count = offer.fits.len();
    offer.closed = false;
    offer.cursor = Some(match (offer.cursor.or(offer.own), down) {
        (None, true) => 0,
        (None, false) => count - 1,
        (Some(at), true) => (at + 1) % count,
        (Some(at), false) => (at + count - 1) % count,
    });
    true
}

/// Takes the one under the cursor, or the one that is there, or the first; `false` when nothing is offered.
pub fn take(model: &mut Model) -> bool {
    let offer = &model.request.offer;
    let Some(chosen) = offer.fits.get(offer.cursor.or(offer.own).unwrap_or(0)).filter(|_| offer.is_open()).cloned()
    else {
        return false;
    };
    let list = model.request.param().is_some_and(|param| param.list);
    if let Some(editor) = &mut model.request.editor {
        match json::spot(&editor.text(), editor.offset()) {
            Some(spot) => editor.replace(spot.inner, &chosen.value),
            None => put_member(model, &chosen.value),
        }
        model.request.completing = false;
        typing::keep_body(model);
    } else if let Some(field) = &mut model.request.field {
        let before = field.text().rsplit_once(',').map(|(before, _)| format!("{before},")).filter(|_| list);
        *field = super::input::LineInput::new(&format!("{}{}", before.unwrap_or_default(), chosen.value));
    }
    model.request.offer = Offer { typed: chosen.value, closed: true, ..Offer::default() };
    true
}

/// Closes what is offered; `false` when there is nothing to close.
pub fn close(model: &mut Model) -> bool {
    model.request.completing = false;
    let offer = &mut model.request.offer;
    let open = offer.is_open();
    (offer.closed, offer.cursor) = (open || offer.closed, None);
    open
}

/// Tab in the body's editor: offers what may stand under the cursor; `false` when nothing is known of it.
pub fn begin_in_editor(model: &mut Model) -> bool {
    model.request.completing = true;
    settle(model);
    let open = model.request.offer.is_open();
    model.request.completing = open;
    if open {
        let offer = &mut model.request.offer;
        offer.cursor = offer.own.or(Some(0));
    }
    open
}

/// Whether Enter takes what is offered.
#[must_use]
pub fn chooses(model: &Model) -> bool {
    model.request.offer.is_open() && model.request.offer.cursor.is_some()
}

/// Whether the row under the cursor is one that is offered something for.
#[must_use]
pub fn is_open(model: &Model) -> bool {
    matches!(model.request.row(), Some(Row::Param(_) | Row::Body)) && model.request.offer.is_open()
}
