//! A curl command that was pasted: looked at before it is taken, its credential in no text field.

use std::time::Duration;

use super::custody;
use super::event::Effect;
use super::model::{Model, Overlay};
use super::typing;
use crate::pleo::curl::{self, Imported};
pub(super) use crate::pleo::handing::capitalised;

/// How long it stands on the screen before Enter takes it: one that comes with pasted text must not.
const LOOK: Duration = Duration::from_millis(400);

/// A command that was read, to be looked at.
#[derive(Clone, Debug)]
pub struct Importing {
    /// What it means.
    pub own: Imported,
    /// From when on Enter takes it.
    pub ready: Duration,
}

/// Takes a text for a curl command where it is one; `None` where it is something else. What stands in it is dropped with it.
pub fn paste(model: &mut Model, text: &str) -> Option<Result<(), String>> {
    curl::is_curl(text).then(|| match curl::read(text, &model.environments) {
        Ok(own) => {
            offer(model, own);
            Ok(())
        }
        Err(error) => Err(capitalised(&error.to_string())),
    })
}

/// Shows what a command means.
pub fn offer(model: &mut Model, own: Imported) {
    typing::leave(model);
    let ready = model.now + LOOK;
    model.overlay = Some(Overlay::Import(Box::new(Importing { own, ready })));
}

/// A letter in the question: whether the credential comes along.
pub fn letter(model: &mut Model, letter: char) -> Vec<Effect> {
    let Some(Overlay::Import(importing)) = &mut model.overlay else {
        return Vec::new();
    };
    if importing.own.credential.is_none() || model.now < importing.ready {
        return Vec::new();
    }
    match letter {
        'k' | 'K' => {
            let effects = choose(model);
            custody::begin_keep(model);
            effects
        }
        'd' | 'D' => {
            importing.own.credential = None;
            choose(model)
        }
        _ => Vec::new(),
    }
}

/// Enter in the question: the request is prepared, in the environment of its host, and not sent.
pub fn choose(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(Overlay::Import(importing)) = &mut model.overlay else {
        return Vec::new();
    };
    if now < importing.ready {
        // A held key goes on being too early.
        importing.ready = now + LOOK;
        return Vec::new();
    }
    let Imported { environment, draft, credential, file, .. } = importing.own.clone();
    model.overlay = None;
    let mut effects = Vec::new();
    let switched = environment != model.environment;
    if switched {
        effects = custody::switched(model, environment);
    }
    let held = credential.is_some();
    if let Some(credential) = credential {
        custody::hold(model, credential);
    }
    typing::open_request(model, draft);
    let kept = if held { "; its credential is in memory until you quit" } else { "" };
    let place = if switched { format!(" for {environment}, which is in force now") } else { String::new() };
    let next = match file {
        Some(_) => "put its body in",
        None => "s sends it",
    };
    model.say(format!("Imported{place}, and not sent: {next}{kept}"));
    effects
}
