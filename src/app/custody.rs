//! What is done with credentials besides sending them: choosing, asking who they are, keeping and forgetting.

use super::credentials::{CredentialId, Held, Who};
use super::event::{Effect, Facts, Failure, WorkId};
use super::model::{Asked, Model, Overlay, Pane};
use super::panes::credential::{Row, Typing};
use super::{drafts, exchange, history, login};
use crate::pleo::credential::{Credential, CredentialKind, Keeping, is_name, recognise};
use crate::pleo::endpoint::Surface;
use crate::pleo::environment::Environment;
use crate::pleo::identity::Identity;
use crate::secret::SecretField;

/// Enter in pane 2: uses a credential that is held, opens the field or the form for one that is not, or keeps what was
/// typed.
pub fn choose(model: &mut Model) -> Vec<Effect> {
    if model.credential.typing.is_some() {
        return take_typed(model);
    }
    match model.credential.row(&model.credentials, model.environment) {
        Row::Held(id) => {
            model.credentials.choose(id);
            let title = model.credentials.get(id).map_or_else(String::new, |held| held.credential.label());
            model.say(format!("{title} is used for {} now", model.environment));
            identify(model, id)
        }
        Row::Add(kind) => {
            model.credential.error = None;
            model.credential.typing = Some(Typing { kind, field: SecretField::new() });
            Vec::new()
        }
        Row::Login => {
            login::begin(model);
            Vec::new()
        }
        Row::Sandbox => vec![Effect::EnterSandbox],
    }
}

fn take_typed(model: &mut Model) -> Vec<Effect> {
    let Some(typing) = &model.credential.typing else {
        return Vec::new();
    };
    match recognise(typing.kind, &typing.field) {
        Ok(recognised) => {
            let credential = Credential::new(model.environment, typing.kind, Keeping::Memory, recognised.secret);
            let remarks: Vec<String> = recognised.remarks.into_iter().chain(credential.caution()).collect();
            let told: String = remarks.iter().map(|remark| format!(" · {remark}")).collect();
            let id = hold(model, credential);
            if let Some(held) = model.credentials.get_mut(id) {
                held.remarks = remarks;
            }
            model.credential.typing = None;
            model.credential.error = None;
            model.say(format!("Kept in memory until you quit, for {} only{told}", model.environment));
            identify(model, id)
        }
        Err(error) => {
            model.credential.error = Some(error.to_string());
            Vec::new()
        }
    }
}

/// Takes a new credential of the environment in force into use.
pub fn hold(model: &mut Model, credential: Credential) -> CredentialId {
    let environment = credential.environment();
    let id = model.credentials.keep(credential);
    model.credentials.choose(id);
    if environment == model.environment {
        model.credential.go_to(id, &model.credentials, environment);
    }
    id
}

/// Asks the server who a credential is. Legacy tokens cannot be asked.
pub fn identify(model: &mut Model, id: CredentialId) -> Vec<Effect> {
    let Some(credential) = model.credentials.get(id).map(|held| held.credential.clone()) else {
        return Vec::new();
    };
    let who = if credential.kind().surface() == Surface::Legacy {
        Who::Failed("The legacy API tells nobody who a token is.".to_owned())
    } else {
        Who::Asking(model.next_work())
    };
    let effect = match &who {
        Who::Asking(work) => vec![Effect::Identify(*work, Box::new(credential))],
        _ => Vec::new(),
    };
    if let Some(held) = model.credentials.get_mut(id) {
        held.who = who;
    }
    effect
}

/// The key that asks who the credential in force is.
pub fn who_am_i(model: &mut Model) -> Vec<Effect> {
    let Some(held) = model.credentials.held_in_force(model.environment) else {
        model.focus = Pane::Credential;
        model.complain(format!("There is no credential for {}: give one first", model.environment));
        return Vec::new();
    };
    let effects = identify(model, held.id);
    if effects.is_empty() {
        model.complain("The legacy API tells nobody who a token is: try it with GET /v1/health of the legacy API");
    } else {
        model.say(format!("Asking {} who this is…", model.environment));
    }
    effects
}

/// The server has told who a credential is.
pub fn identified(model: &mut Model, work: WorkId, told: Result<Identity, Failure>) {
    let Some(id) = model.credentials.asked_by(work) else {
        return;
    };
    let Some(held) = model.credentials.get_mut(id) else {
        return;
    };
    let environment = held.credential.environment();
    let remarks: String = held.remarks.iter().map(|remark| format!(" · {remark}")).collect();
    let said = match &told {
        Ok(identity) => Ok(format!("{}: {}{remarks}", held.credential.label(), identity.summary())),
        Err(failure) => Err(format!("{}: {}{remarks}", held.credential.label(), failure.sentence)),
    };
    let companies = told.as_ref().map_or_else(|_| Vec::new(), |identity| identity.companies.clone());
    model.names.entry(environment).or_default().extend(companies.into_iter().map(|own| (own.id, own.name)));
    let Some(held) = model.credentials.get_mut(id) else {
        return;
    };
    held.who = match told {
        Ok(identity) => Who::Known(Box::new(identity)),
        Err(failure) => Who::Failed(failure.sentence),
    };
    if environment == model.environment && !model.in_text() {
        match said {
            Ok(text) => model.say(text),
            Err(text) => model.complain(text),
        }
    }
    exchange::explain_again(model);
}

/// What became known of the credential that a piece of work uses.
pub fn known(model: &mut Model, work: WorkId, facts: Facts) {
    let used = model.response.of(work).and_then(|exchange| exchange.request.credential().cloned());
    let sent = used.and_then(|used| model.credentials.find(&used).map(|held| held.id));
    if let Some(id) = sent.or_else(|| model.credentials.asked_by(work)) {
        take_facts(model, id, &facts);
    }
    if let Some(remark) = facts.remark {
        if let Some(exchange) = model.response.of(work) {
            exchange.trace.push(format!("! {remark}"));
        }
        model.complain(remark);
    }
}

/// Takes facts over; those that say nothing change nothing.
pub fn take_facts(model: &mut Model, id: CredentialId, facts: &Facts) {
    let now = model.now;
    if let Some(held) = model.credentials.get_mut(id) {
        if !facts.tail.is_empty() {
            held.credential.set_tail(&facts.tail);
        }
        held.ends = facts.left.map(|left| now + left).or(held.ends);
        held.renews = facts.renews;
    }
}

/// The key that keeps the credential under the cursor in the keyring: asks for its name first.
pub fn begin_keep(model: &mut Model) {
    let Row::Held(id) = model.credential.row(&model.credentials, model.environment) else {
        return;
    };
    let Some(held) = model.credentials.get(id) else {
        return;
    };
    let refusal = match held.credential.keeping() {
        Keeping::Sandbox => Some("The sandbox's credentials are of no use anywhere else: they are not kept".to_owned()),
        keeping if keeping.is_stored() => Some(format!("It is kept already: {}", keeping.word())),
        _ if model.environments.of(model.environment).overridden => {
            Some("With an overridden base URL nothing is kept, nor anything that was kept used".to_owned())
        }
        _ => None,
    };
    match refusal {
        Some(sentence) => model.complain(sentence),
        None => {
            let name = free_name(model, held.credential.kind());
            model.overlay = Some(Overlay::Keep(id, Asked::new(&name)));
        }
    }
}

/// A name that no credential of the environment has.
fn free_name(model: &Model, kind: CredentialKind) -> String {
    let taken = |name: &str| model.credentials.of(model.environment).any(|held| held.credential.name() == name);
    let word = kind.word();
    let numbered = (2..).map(|number| format!("{word}-{number}"));
    [word.to_owned()].into_iter().chain(numbered).find(|name| !taken(name)).unwrap_or_default()
}

/// Enter in the question for the name.
pub fn keep(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Keep(id, asked)) = &mut model.overlay else {
        return Vec::new();
    };
    let (id, name) = (*id, asked.input.text().trim().to_owned());
    if !is_name(&name) {
        asked.error = Some("A name is 1 to 40 letters, digits, \"-\", \"_\" or \".\".".to_owned());
        return Vec::new();
    }
    model.overlay = None;
    let Some(credential) = model.credentials.get(id).map(|held| held.credential.clone()) else {
        return Vec::new();
    };
    let work = model.next_work();
    model.chores.push((work, id));
    model.say("Asking the keyring…");
    vec![Effect::Keep(work, Box::new(credential), name)]
}

/// The keyring has answered.
pub fn kept(model: &mut Model, work: WorkId, kept: Result<Box<Credential>, Failure>) {
    let Some(id) = end_chore(model, work) else {
        return;
    };
    match (kept, model.credentials.get_mut(id)) {
        (Ok(credential), Some(held)) => {
            held.credential = *credential;
            let name = held.credential.name().to_owned();
            model.say(format!("{name} is kept in the keyring, for the next time too"));
        }
        (Ok(_), None) => {}
        (Err(failure), _) => model.complain(format!("Not kept: {}", failure.sentence)),
    }
}

/// The key that forgets the credential under the cursor; one that outlives the run is asked about first.
pub fn begin_forget(model: &mut Model) -> Vec<Effect> {
    let Row::Held(id) = model.credential.row(&model.credentials, model.environment) else {
        return Vec::new();
    };
    let stored = model.credentials.get(id).is_some_and(|held| held.credential.keeping().is_stored());
    if stored {
        model.overlay = Some(Overlay::Remove(id));
        return Vec::new();
    }
    forget(model, id)
}

/// Lets go of logins of this run whose tokens are not taken any more: a new one has come.
pub fn drop_ended_logins(model: &mut Model, environment: Environment) -> Vec<Effect> {
    let now = model.now;
    let over = |held: &&Held| {
        let login = *held.credential.keeping() == Keeping::Memory && held.credential.vault_key().is_some();
        login && (matches!(held.who, Who::Failed(_)) || held.ends.is_some_and(|ends| ends <= now))
    };
    let ended: Vec<CredentialId> = model.credentials.of(environment).filter(over).map(|held| held.id).collect();
    ended.into_iter().flat_map(|id| forget(model, id)).collect()
}

/// Forgets a credential, also where it is kept.
pub fn forget(model: &mut Model, id: CredentialId) -> Vec<Effect> {
    let Some(held) = model.credentials.get(id) else {
        return Vec::new();
    };
    let credential = held.credential.clone();
    let stored = credential.keeping().is_stored();
    let mut effects = stop(model, id, &credential);
    if credential.kind() == CredentialKind::OAuthAccessToken
        && let Some(login) = model.login_defaults.get_mut(&credential.environment())
    {
        // The secret of the client that it came from goes with it.
        login.client.secret = None;
    }
    let work = model.next_work();
    if stored {
        model.chores.push((work, id));
        model.say("Removing it…");
    } else {
        model.credentials.remove(id);
        model.response.let_go(&credential);
        model.crumbs.iter_mut().for_each(|crumb| crumb.response.let_go(&credential));
        model.say(format!("Forgot the {} of {}", credential.kind(), model.environment));
    }
    effects.push(Effect::Forget(work, Box::new(credential), stored));
    effects
}

/// Ends what goes on with a credential: whatever came back of it could no longer be recognised.
fn stop(model: &mut Model, id: CredentialId, credential: &Credential) -> Vec<Effect> {
    let mut effects = Vec::new();
    if let Some(Who::Asking(work)) = model.credentials.get(id).map(|held| &held.who) {
        effects.push(Effect::Cancel(*work));
    }
    if model.waiting.as_ref().is_some_and(|waiting| waiting.credential() == Some(credential)) {
        model.waiting = None;
    }
    let flight = model.flight.as_ref().map(|flight| flight.id);
    let flies = flight.and_then(|flight| model.response.of(flight)).map(|exchange| exchange.request.credential());
    if flies == Some(Some(credential)) {
        effects.extend(exchange::cancel(model));
    }
    effects
}

/// The vault has answered.
pub fn forgot(model: &mut Model, work: WorkId, forgot: Result<(), Failure>) {
    let Some(id) = end_chore(model, work) else {
        return;
    };
    match forgot {
        Ok(()) => {
            let removed = model.credentials.remove(id);
            if let Some(held) = &removed {
                model.response.let_go(&held.credential);
                model.crumbs.iter_mut().for_each(|crumb| crumb.response.let_go(&held.credential));
            }
            let name = removed.map_or_else(String::new, |held| held.credential.title().to_owned());
            model.say(format!("{name} is removed"));
        }
        Err(failure) => model.complain(format!("Not removed: {}", failure.sentence)),
    }
}

fn end_chore(model: &mut Model, work: WorkId) -> Option<CredentialId> {
    let at = model.chores.iter().position(|(own, _)| *own == work)?;
    Some(model.chores.remove(at).1)
}

/// A switch of environment: nothing that was begun for one may end under the other.
pub fn switched(model: &mut Model, to: Environment) -> Vec<Effect> {
    let mut effects = Vec::new();
    match model.overlay.take() {
        Some(Overlay::Login(login)) => {
            if let Some(work) = login.work() {
                effects.push(Effect::Cancel(work));
                model.say(format!("The login to {} was cancelled", to.other()));
            }
        }
        Some(overlay @ (Overlay::Help(_) | Overlay::Palette(_) | Overlay::FreeRequest(_))) => {
            model.overlay = Some(overlay);
        }
        _ => {}
    }
    // What was typed for one environment must never be kept under the other.
    if model.credential.typing.take().is_some() {
        model.complain("The credential that you were typing was for the other environment: it was dropped");
    }
    if model.waiting.take().is_some() {
        model.complain(format!("What waited to be sent was for {}: it was dropped", to.other()));
    }
    model.credential.error = None;
    model.guard.lock();
    model.environment = to;
    model.environment_cursor = to;
    match model.credentials.held_in_force(to).map(|held| held.id) {
        Some(id) => model.credential.go_to(id, &model.credentials, to),
        None => model.credential.cursor = 0,
    }
    drafts::bring_back(model);
    effects.extend(history::switched(model));
    effects
}
