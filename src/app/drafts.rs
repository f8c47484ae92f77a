//! Requests that were edited and not sent: kept for each endpoint of each environment, in the model for this run and in the
//! history's database beyond it, and put back when one comes to the endpoint again.

use std::time::Duration;

use super::event::{Effect, WorkId};
use super::history::{Ask, Told};
use super::model::Model;
use crate::pleo::request::Draft;
use crate::pleo::unsent::{Filled, LARGEST, MOST, Slot};
use crate::secret::Redactor;

/// How long typing goes on before what was typed is written.
const PAUSE: Duration = Duration::from_millis(500);

/// What is kept of unsent requests.
#[derive(Debug, Default)]
pub struct Drafts {
    /// All of them, the one that was edited last at the end.
    kept: Vec<(Slot, Filled)>,
    /// Where the request in pane 4 belongs, and how it was after the event before.
    seen: Option<(Slot, Draft)>,
    /// Those that changed and are not written yet.
    owed: Vec<Slot>,
    /// When they are.
    due: Option<Duration>,
    /// What is in flight, as it was sent.
    sent: Option<(WorkId, Slot, Filled)>,
    /// The question for those of earlier runs.
    asked: Option<WorkId>,
    /// Where it was said that what is there is too long to be kept.
    warned: Option<Slot>,
}

impl Drafts {
    /// How long until something is written.
    #[must_use]
    pub fn wait(&self, now: Duration) -> Option<Duration> {
        self.due.map(|due| due.saturating_sub(now))
    }

    /// What is kept for an endpoint.
    #[must_use]
    pub fn of(&self, slot: &Slot) -> Option<&Filled> {
        self.kept.iter().find_map(|(own, filled)| (own == slot).then_some(filled))
    }

    /// Keeps a request, or forgets it; it is written a little later.
    fn put(&mut self, slot: Slot, filled: Option<Filled>, now: Duration) {
        self.kept.retain(|(own, _)| *own != slot);
        if let Some(filled) = filled {
            self.kept.push((slot.clone(), filled));
            let over = self.kept.len().saturating_sub(MOST);
            self.kept.drain(..over);
        }
        if !self.owed.contains(&slot) {
            self.owed.push(slot);
        }
        self.due.get_or_insert(now + PAUSE);
    }
}

/// What there is to be known of an event: whether it came by hand, whether time has passed, and what was answered whole.
#[derive(Clone, Copy, Debug)]
pub enum Cause {
    /// A key, or something pasted.
    Hand,
    /// Time has passed.
    Tick,
    /// A request was answered whole.
    Answered(WorkId),
    /// Anything else.
    Other,
}

/// Asks for what earlier runs have kept.
pub fn begin(model: &mut Model) -> Effect {
    let id = model.next_work();
    model.drafts.asked = Some(id);
    Effect::History(id, Ask::Unsent)
}

/// Whether a piece of work is that question.
#[must_use]
pub fn concerns(model: &Model, id: WorkId) -> bool {
    model.drafts.asked == Some(id)
}

/// What earlier runs have kept is here. What was edited in this run meanwhile is newer.
pub fn told(model: &mut Model, told: Result<Told, String>) {
    model.drafts.asked = None;
    // That the history cannot be used is said by itself.
    let Ok(Told::Unsent(kept)) = told else {
        return;
    };
    let drafts = &mut model.drafts;
    let known = |slot: &Slot| drafts.owed.contains(slot) || drafts.of(slot).is_some();
    let (slots, older): (Vec<_>, Vec<_>) =
        kept.into_iter().filter(|(slot, _)| !known(slot)).map(|(slot, filled)| (slot.clone(), (slot, filled))).unzip();
    drafts.kept.splice(0..0, older);
    let pane = &model.request;
    let untouched = pane.field.is_none() && pane.editor.is_none() && pane.draft.as_ref().is_some_and(is_template);
    if untouched && slot(model).is_some_and(|own| slots.contains(&own)) {
        bring_back(model);
    }
    tell_left(model);
}

/// Says what is left unsent here, while nothing else is asked for or said.
fn tell_left(model: &mut Model) {
    if model.request.draft.is_some() || model.message.is_some() {
        return;
    }
    let (environment, setting) = (model.environment, model.setting(model.environment));
    let here = |slot: &&Slot| slot.environment == environment && slot.setting == setting;
    let left: Vec<&Slot> = model.drafts.kept.iter().map(|(slot, _)| slot).filter(here).collect();
    match left.as_slice() {
        [] => {}
        [own] => model.say(format!("{} {} was left unsent: choosing it brings it back", own.method, own.path)),
        many => model.say(format!("{} requests were left unsent: choosing one brings it back", many.len())),
    }
}

/// Puts back what was left unsent for the endpoint in pane 4.
pub fn bring_back(model: &mut Model) {
    let Some((draft, slot)) = model.request.draft.as_ref().zip(slot(model)) else {
        return;
    };
    let Some(filled) = model.drafts.of(&slot) else {
        return;
    };
    let (own, gaps) = (filled.draft(&draft.endpoint), filled.has_gaps());
    if own == *draft {
        return;
    }
    model.request.remember();
    let undo = std::mem::take(&mut model.request.undo);
    model.request.open(own);
    model.request.undo = undo;
    model.say(if gaps {
        "What you left unsent here is back, without its secrets: give them again where REDACTED stands. R forgets it"
    } else {
        "What you left unsent here is back: R forgets it"
    });
}

/// Where another request was put in the place of one that was left unsent: that is one step back. Answers whether there is
/// such a step.
pub fn set_aside(model: &mut Model) -> bool {
    let Some((draft, slot)) = model.request.draft.as_ref().zip(slot(model)) else {
        return false;
    };
    let left = model.drafts.of(&slot).map(|filled| filled.draft(&draft.endpoint)).filter(|own| own != draft);
    let is_left = left.is_some();
    model.request.undo.extend(left);
    is_left
}

/// Whether nothing is filled in.
#[must_use]
pub fn is_template(draft: &Draft) -> bool {
    Filled::of(draft) == Filled::of(&Draft::new(&draft.endpoint))
}

/// Where the request in pane 4 belongs.
fn slot(model: &Model) -> Option<Slot> {
    let draft = model.request.draft.as_ref()?;
    Slot::of(draft, model.environment, model.setting(model.environment))
}

/// After an event: what was edited is kept, what was sent is not, and what is due is written before what ends the run.
pub fn follow(model: &mut Model, cause: Cause, effects: &mut Vec<Effect>) {
    let moved = notice(model);
    match cause {
        Cause::Hand => sent(model, effects),
        Cause::Answered(id) => answered(model, id),
        Cause::Tick | Cause::Other => {}
    }
    let leaves = |effect: &Effect| {
        matches!(effect, Effect::Quit | Effect::Suspend | Effect::EnterSandbox | Effect::EditOutside(..))
    };
    let due = match cause {
        Cause::Tick => model.drafts.wait(model.now) == Some(Duration::ZERO),
        Cause::Hand => moved || effects.iter().any(leaves),
        Cause::Answered(_) | Cause::Other => false,
    };
    if due {
        let writes = write(model);
        effects.splice(0..0, writes);
    }
}

/// Takes in what was edited; answers whether another request stands in the pane now.
fn notice(model: &mut Model) -> bool {
    let given = std::mem::take(&mut model.request.given);
    let Some((draft, slot)) = model.request.draft.as_ref().zip(slot(model)) else {
        return model.drafts.seen.take().is_some();
    };
    let typed = model.request.as_typed(draft);
    let (moved, changed) = match &model.drafts.seen {
        Some((own, seen)) if *own == slot => (false, *seen != *typed),
        _ => (true, true),
    };
    if !changed {
        return false;
    }
    let typed = typed.into_owned();
    // What was not put there by hand is nobody's work yet.
    if !moved && !given {
        let filled = Filled::of(&typed);
        let too_long = filled.size() > LARGEST;
        let worth = !is_template(&typed) && !too_long;
        model.drafts.put(slot.clone(), worth.then_some(filled), model.now);
        if !too_long {
            model.drafts.warned.take_if(|own| *own == slot);
        } else if model.drafts.warned.as_ref() != Some(&slot) {
            model.drafts.warned = Some(slot.clone());
            model.complain(format!(
                "Longer than {} MiB: this request is not kept where it is left unsent. y copies it",
                LARGEST >> 20
            ));
        }
    }
    model.drafts.seen = Some((slot, typed));
    moved
}

/// A request that leaves as it stands in the pane is not unsent any more once it is answered.
fn sent(model: &mut Model, effects: &[Effect]) {
    let Some((slot, draft)) = &model.drafts.seen else {
        return;
    };
    let own = effects.iter().find_map(|effect| match effect {
        Effect::Send(id, request)
            if request.environment() == slot.environment && *request.endpoint() == *draft.endpoint =>
        {
            Some(*id)
        }
        _ => None,
    });
    if let Some(id) = own {
        model.drafts.sent = Some((id, slot.clone(), Filled::of(draft)));
    }
}

/// A request was answered whole: if it was not edited since, it is forgotten here, and the history has it.
fn answered(model: &mut Model, id: WorkId) {
    let now = model.now;
    if let Some((_, slot, filled)) = model.drafts.sent.take_if(|(own, ..)| *own == id)
        && model.drafts.of(&slot) == Some(&filled)
    {
        model.drafts.put(slot, None, now);
    }
}

/// What is not written yet is to be written now, without any credential that stands in it. What else lets its reader in is
/// taken out where it is written, for that takes its time.
pub fn write(model: &mut Model) -> Vec<Effect> {
    model.drafts.due = None;
    let owed = std::mem::take(&mut model.drafts.owed);
    let secrets = model.credentials.secrets();
    let clean = |filled: &Filled| {
        if !filled.texts().any(|text| secrets.iter().any(|secret| secret.is_in(text))) {
            return filled.clone();
        }
        let mut known = Redactor::default();
        for secret in secrets {
            known.learn(secret);
        }
        filled.without_secrets(&known)
    };
    owed.into_iter()
        .map(|slot| {
            let filled = model.drafts.of(&slot).map(|filled| Box::new(clean(filled)));
            Effect::KeepDraft(Box::new(slot), filled)
        })
        .collect()
}
