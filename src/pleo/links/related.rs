//! What else can be asked about a record: the reads that take its id, as a filter or in their path.

use serde_json::Value;

use super::{Place, best_record, fill, lists, model_name, names_of, value_for, version, words};
use crate::pleo::catalogue::Catalogue;
use crate::pleo::endpoint::{Endpoint, Method, ParamPlace};
use crate::pleo::request::Draft;

/// A request about a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    /// What it asks, for a list to choose from.
    pub title: String,
    /// The request, ready to be sent.
    pub draft: Draft,
}

/// Every read that can be narrowed to this record. `place` is the record's `id`.
#[must_use]
pub fn related(place: &Place<'_>, catalogue: &Catalogue) -> Vec<Related> {
    let Some((own, _)) = best_record(place, catalogue) else {
        return Vec::new();
    };
    let names = names_of(own);
    let reads = catalogue.endpoints().iter().filter(|endpoint| {
        endpoint.surface == place.endpoint.surface
            && !endpoint.writes
            && endpoint.operation != own.operation
            && (!endpoint.deprecated || place.endpoint.deprecated)
            && endpoint.operation != place.endpoint.operation
    });
    let mut found: Vec<Related> = Vec::new();
    for one in reads.filter_map(|endpoint| narrowed(place, endpoint, own, &names, catalogue)) {
        // Of several versions of one operation the record's own, else the newest.
        let rank = |one: &Related| (one.draft.endpoint.group == own.group, version(&one.draft.endpoint.path));
        let same = |old: &&mut Related| unversioned(&old.draft.endpoint.path) == unversioned(&one.draft.endpoint.path);
        match found.iter_mut().find(same) {
            Some(old) if rank(old) < rank(&one) => *old = one,
            Some(_) => {}
            None => found.push(one),
        }
    }
    found
}

/// A path without its version.
fn unversioned(path: &str) -> &str {
    path.get(1..).and_then(|path| path.split_once('/')).map_or(path, |(_, rest)| rest)
}

/// The read, narrowed to the record, when it can be.
fn narrowed(
    place: &Place<'_>,
    endpoint: &Endpoint,
    own: &Endpoint,
    names: &[String],
    catalogue: &Catalogue,
) -> Option<Related> {
    let id = place.value;
    let means = |name: &str| {
        let stem = words::stem(name).filter(|stem| names.contains(stem));
        // A word that several kinds of record share means this one only among its own operations.
        stem.is_some_and(|stem| endpoint.group == own.group || !is_shared(&stem, own, catalogue))
    };
    if let Some(last) = endpoint.path_params().last() {
        // What lies below the record: `/v1/vendors/{id}/…`.
        let (top, _) = own.path.split_at(own.path.rfind('}').map_or(0, |end| end + 1));
        let below = endpoint.path.strip_prefix(top).is_some_and(|rest| rest.starts_with('/') && !rest.contains('{'));
        let draft = (below && endpoint.method == Method::Get)
            .then(|| fill(place, endpoint, Some((&last.name, id)), catalogue))?
            .ok()?;
        return Some(Related { title: endpoint.purpose.clone(), draft });
    }
    let mut draft = fill(place, endpoint, None, catalogue).ok().filter(|_| lists(endpoint))?;
    let query = endpoint.params.iter().position(|param| param.place == ParamPlace::Query && means(&param.name));
    let body = endpoint.body.as_ref().and_then(|body| body.fields.iter().find(|field| means(&field.name)));
    let by = match (body, query) {
        (Some(field), _) => {
            let mut object: serde_json::Map<String, Value> = serde_json::from_str(&draft.body).unwrap_or_default();
            object.insert(field.name.clone(), if field.list { vec![id].into() } else { id.into() });
            draft.body = serde_json::to_string_pretty(&object).ok()?;
            &field.name
        }
        (None, Some(at)) => {
            id.clone_into(&mut draft.values[at]);
            &endpoint.params[at].name
        }
        (None, None) => return None,
    };
    of_company(place, endpoint, &mut draft, catalogue)?;
    Some(Related { title: format!("{} · {by}", endpoint.purpose), draft })
}

/// Whether single reads of another kind of record call their ids by this word too.
fn is_shared(stem: &str, own: &Endpoint, catalogue: &Catalogue) -> bool {
    let others = catalogue.endpoints().iter().filter(|other| {
        other.surface == own.surface
            && other.method == Method::Get
            && other.path.ends_with('}')
            && model_name(other) != model_name(own)
    });
    others.filter_map(|other| other.path_params().last()).any(|param| words::stem(&param.name).as_deref() == Some(stem))
}

/// Narrows a list to the record's company too, spelled as the list wants it. Nothing where a list wants a company or an
/// organisation, and none is known.
fn of_company(place: &Place<'_>, endpoint: &Endpoint, draft: &mut Draft, catalogue: &Catalogue) -> Option<()> {
    let named =
        |wanted: &str| endpoint.params.iter().position(|param| words::stem(&param.name).as_deref() == Some(wanted));
    let Some(at) = named("company") else {
        return Some(());
    };
    if draft.values[at].is_empty() {
        draft.values[at] = value_for(place, &endpoint.params[at].name, catalogue).unwrap_or_default();
    }
    (named("organization").is_none() || !draft.values[at].is_empty()).then_some(())
}
