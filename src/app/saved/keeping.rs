//! Saving the request in pane 4: its name is asked for, and nothing that has this name is replaced without being told so.

use std::collections::BTreeMap;

use super::{Ask, TAKEN, Told, remember};
use crate::app::event::{Effect, WorkId};
use crate::app::importing::capitalised;
use crate::app::model::{Asked, Model, Overlay};
use crate::app::{typing, unlock};
use crate::pleo::saved::{Key, Place, Saved, suggested};

/// The question for a name.
#[derive(Clone, Debug)]
pub struct Keeping {
    /// What is typed.
    pub asked: Asked,
    /// The folders, once they are known.
    pub folders: BTreeMap<Place, String>,
    /// The name that is taken: Enter again replaces what has it.
    pub taken: Option<Key>,
    /// The question for the folders.
    looking: WorkId,
}

impl Keeping {
    /// The file that it would go to; nothing while what is typed is no name, or the folders are not known.
    #[must_use]
    pub fn file(&self) -> Option<String> {
        let key: Key = self.asked.input.text().parse().ok()?;
        Some(format!("{}/{}.toml", self.folders.get(&key.place)?, key.name.as_str()))
    }
}

/// Asks for the name of the request in pane 4.
pub fn begin(model: &mut Model) -> Vec<Effect> {
    typing::leave(model);
    let Some(draft) = &model.request.draft else {
        model.complain("There is no request yet: choose an operation with Enter, or type one with Ctrl-n");
        return Vec::new();
    };
    if let Err(unfit) = Saved::of(draft, "") {
        model.complain(capitalised(&unfit.to_string()));
        return Vec::new();
    }
    let endpoint = &draft.endpoint;
    let name = match &model.remembered.last {
        Some((key, method, path)) if *method == endpoint.method && *path == endpoint.path => key.to_string(),
        // Beside the one before.
        Some((key, ..)) => {
            let whole = key.to_string();
            format!("{}{}", whole.rfind('/').map_or("", |at| &whole[..=at]), suggested(draft))
        }
        None => suggested(draft),
    };
    let looking = model.next_work();
    let own = Keeping { asked: Asked::new(&name), folders: BTreeMap::new(), taken: None, looking };
    model.overlay = Some(Overlay::Keeping(Box::new(own)));
    vec![Effect::AskSaved(looking, Box::new(Ask::List))]
}

/// What is typed has changed.
pub fn typed(own: &mut Keeping) {
    (own.asked.error, own.taken) = (None, None);
}

/// Enter in the question.
pub fn choose(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(Overlay::Keeping(own)) = &mut model.overlay else {
        return Vec::new();
    };
    if now < own.asked.ready || model.remembered.saving.is_some() {
        return Vec::new();
    }
    let key: Key = match own.asked.input.text().parse() {
        Ok(key) => key,
        Err(error) => {
            own.asked.error = Some(format!("{}.", capitalised(&format!("{error}"))));
            return Vec::new();
        }
    };
    let over = own.taken.as_ref() == Some(&key);
    let Some(Ok(saved)) = model.request.draft.as_ref().map(|draft| Saved::of(draft, "")) else {
        return Vec::new();
    };
    own.asked.error = None;
    let id = model.next_work();
    model.remembered.saving = Some((id, key.clone()));
    vec![Effect::AskSaved(id, Box::new(Ask::Save { key, own: Box::new(saved), over }))]
}

/// The folders are known, or the request is saved, or not; `false` when it is about something else.
pub fn told(model: &mut Model, id: WorkId, told: &Result<Told, String>) -> bool {
    let now = model.now;
    if let Some(Overlay::Keeping(own)) = &mut model.overlay
        && own.looking == id
    {
        if let Ok(Told::Listed(listing)) = told {
            own.folders.clone_from(&listing.folders);
        }
        return true;
    }
    let Some((_, key)) = model.remembered.saving.take_if(|(own, _)| *own == id) else {
        return false;
    };
    match (told, &mut model.overlay) {
        (Ok(Told::Saved(file)), _) => {
            if matches!(model.overlay, Some(Overlay::Keeping(_))) {
                model.overlay = None;
            }
            model.say(format!("Saved as {key} in {file}: O lists what is saved"));
            remember(model, key);
        }
        (Ok(Told::Exists), Some(Overlay::Keeping(own))) => {
            own.asked.error = Some(TAKEN.to_owned());
            (own.taken, own.asked.ready) = (Some(key), now + unlock::PASTED);
        }
        (Err(sentence), Some(Overlay::Keeping(own))) => own.asked.error = Some(format!("{}.", capitalised(sentence))),
        (Err(sentence), _) => model.complain(capitalised(sentence)),
        (Ok(_), _) => {}
    }
    true
}
