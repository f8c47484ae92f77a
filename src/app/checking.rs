//! The body is looked at as it is typed: a short one at once, a long one in the background when the typing pauses.

use jiff::civil::Date;

use super::event::{Effect, WorkId};
use super::model::{Model, Pane};
use crate::pleo::endpoint::BodyShape;
use crate::pleo::preflight::{self, AT_ONCE, Finding, Told};
use crate::pleo::variables::{Values, settled_body};

/// A body to be looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Checking {
    /// What it should be.
    pub shape: BodyShape,
    /// As it is written.
    pub text: String,
    /// What its variables stand for.
    pub values: Values,
    /// The day from which its dates are counted.
    pub today: Option<Date>,
}

impl Checking {
    /// Looks at it as it would be sent.
    #[must_use]
    pub fn look(&self) -> Vec<Told> {
        let settled = settled_body(&self.shape, &self.text, &self.values, self.today);
        preflight::examine(&self.shape, settled.as_deref().unwrap_or(&self.text))
    }
}

/// What is known of the body.
#[derive(Debug)]
pub struct Checked {
    /// What was looked at, or is being looked at.
    of: Checking,
    /// What there is to be said.
    told: Vec<Told>,
    /// Whether it is still to be looked at, and under which number it is.
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Known,
    Wanted,
    Working(WorkId),
}

/// Brings what is known of the body up to date, as far as that takes no time.
pub fn settle(model: &mut Model) {
    let situation = model.situation();
    let lacks =
        |draft| preflight::check_but_body(draft, &situation).iter().any(|own| own.place == preflight::Place::Body);
    let draft = model.request.draft.as_ref().filter(|draft| !lacks(draft));
    let Some((shape, text)) = draft.and_then(preflight::to_examine) else {
        if !matches!(model.request.checked, Some(Checked { state: State::Working(_), .. })) {
            model.request.checked = None;
        }
        return;
    };
    let (values, today) = (situation.variables, situation.today);
    let same = |own: &Checked| {
        own.of.text == text && own.of.shape == *shape && own.of.values == *values && own.of.today == today
    };
    if model.request.checked.as_ref().is_some_and(same) {
        return;
    }
    let of = Checking { shape: shape.clone(), text: text.to_owned(), values: values.clone(), today };
    let short = text.len() <= AT_ONCE;
    let told = if short { of.look() } else { Vec::new() };
    let before = model.request.checked.take().map(|own| own.state);
    let state = match before {
        _ if short => State::Known,
        // It is stopped when the new work begins.
        Some(State::Working(id)) => State::Working(id),
        _ => State::Wanted,
    };
    let restart = !short && matches!(state, State::Working(_));
    model.request.checked = Some(Checked { of, told, state });
    if restart {
        model.request.recheck = true;
    }
}

/// Begins to look at a long body in the background; what looked at an older one stops.
pub fn follow(model: &mut Model) -> Vec<Effect> {
    let again = std::mem::take(&mut model.request.recheck);
    let before = match &model.request.checked {
        Some(Checked { state: State::Wanted, .. }) => None,
        Some(Checked { state: State::Working(id), .. }) if again => Some(*id),
        _ => return Vec::new(),
    };
    let id = model.next_work();
    let Some(checked) = &mut model.request.checked else {
        return Vec::new();
    };
    checked.state = State::Working(id);
    let check = Effect::CheckBody(id, Box::new(checked.of.clone()));
    before.map(Effect::Cancel).into_iter().chain([check]).collect()
}

/// What was found in a long body.
pub fn ended(model: &mut Model, id: WorkId, told: Vec<Told>) {
    if let Some(checked) = model.request.checked.as_mut().filter(|own| own.state == State::Working(id)) {
        (checked.told, checked.state) = (told, State::Known);
    }
}

/// What is to be said of the body.
pub fn findings(model: &Model) -> impl Iterator<Item = Finding> {
    model.request.checked.iter().flat_map(|own| own.told.iter().map(|told| told.finding.clone()))
}

/// Whether the body is still being looked at.
#[must_use]
pub fn is_busy(model: &Model) -> bool {
    model.request.checked.as_ref().is_some_and(|own| own.state != State::Known)
}

/// Whether there is a place in the body to go to.
#[must_use]
pub fn can_jump(model: &Model) -> bool {
    model.focus == Pane::Request && model.request.checked.as_ref().is_some_and(|own| !own.told.is_empty())
}

/// Puts the editor's cursor where the body stops being JSON, or departs from its shape first.
pub fn jump(model: &mut Model) {
    let at = model.request.checked.as_ref().and_then(|own| own.told.first()).map(|told| told.at);
    match (at, &mut model.request.editor) {
        (Some(at), Some(editor)) => editor.jump(at),
        _ => model.say("Nothing is wrong with the body"),
    }
}
