//! Whether the fields of a request hold what they may: parameters, pages, headers of one's own, and the path as a whole.

use url::Url;

use super::{Finding, Place};
use crate::pleo::endpoint::ParamPlace;
use crate::pleo::environment::{Environment, Environments};
use crate::pleo::headers;
use crate::pleo::request::{Draft, split_values};
use crate::pleo::values::check_values;

pub(super) fn parameters(draft: &Draft, findings: &mut Vec<Finding>) {
    for (index, (param, value)) in draft.endpoint.params.iter().zip(&draft.values).enumerate() {
        let place = Place::Param(index);
        if value.trim().is_empty() {
            if param.required || param.place == ParamPlace::Path {
                findings.push(Finding::refuse(place, format!("{} is required.", param.name)));
            }
        } else if let Err(sentence) = check_values(param, value) {
            findings.push(Finding::refuse(place, sentence));
        }
    }
    for (index, (name, value)) in draft.extra.iter().enumerate() {
        let fold = |name: &str| name.replace('_', "").to_ascii_lowercase();
        if let Some(own) = draft.endpoint.query_params().find(|param| fold(&param.name) == fold(name)) {
            let sentence = if own.name == *name && value.is_empty() {
                format!("{name} is given without a value: it is sent empty.")
            } else if own.name == *name {
                format!("{name} is given twice, but this operation takes one.")
            } else {
                format!("This operation spells it {}, not {name}.", own.name)
            };
            findings.push(Finding::warn(Place::Extra(index), sentence));
        }
    }
}

pub(super) fn paging(draft: &Draft, findings: &mut Vec<Finding>) {
    let given = |name: &str| {
        let index = draft.endpoint.params.iter().position(|param| param.name == name)?;
        (!draft.values[index].trim().is_empty()).then_some(index)
    };
    let exclusive: Vec<usize> = ["after", "before", "offset"].into_iter().filter_map(given).collect();
    if let [first, rest @ ..] = exclusive.as_slice() {
        for index in rest {
            let name = |index: usize| &draft.endpoint.params[index].name;
            let sentence = format!("{} and {} exclude one another: clear one of them.", name(*first), name(*index));
            findings.push(Finding::refuse(Place::Param(*index), sentence));
        }
    }
    let count = |name: &str| {
        given(name).map_or((0, None), |index| {
            (split_values(&draft.endpoint.params[index], &draft.values[index]).count(), Some(index))
        })
    };
    let ((keys, key_index), (orders, order_index)) = (count("sorting_keys"), count("sorting_order"));
    if let (true, Some(index)) = (keys != orders, order_index.or(key_index)) {
        let sentence = format!("sorting_keys ({keys}) and sorting_order ({orders}) must have equally many values.");
        findings.push(Finding::refuse(Place::Param(index), sentence));
    }
}

pub(super) fn headers(draft: &Draft, findings: &mut Vec<Finding>) {
    for (index, (name, value)) in draft.own_headers.iter().enumerate() {
        if let Err(sentence) = headers::check(name, value) {
            findings.push(Finding::refuse(Place::Header(index), sentence));
        }
    }
}

/// The URL must come out of the URL library as it went in: otherwise what is shown is not what would be sent.
pub(super) fn path(draft: &Draft, environment: Environment, environments: &Environments, findings: &mut Vec<Finding>) {
    if findings.iter().any(|finding| finding.refuses() && matches!(finding.place, Place::Param(_))) {
        return;
    }
    let hosts = environments.of(environment);
    let text = draft.url_text(hosts);
    let base = hosts.base(draft.endpoint.surface);
    match Url::parse(&text) {
        Ok(url) if url.as_str() == text && url.origin() == base.origin() => {}
        Ok(url) => findings.push(Finding::refuse(
            Place::Path,
            format!("The path would be sent as {}, not as written: take \"..\" and the like out of it.", url.path()),
        )),
        Err(error) => {
            findings.push(Finding::refuse(Place::Path, format!("The URL cannot be read ({error}): correct the path.")));
        }
    }
    if draft.endpoint.is_free() && draft.endpoint.path.contains(['{', '}']) {
        findings.push(Finding::refuse(
            Place::Path,
            "The path holds { or }: write the value itself in its place, or pick the operation in 3 Endpoints."
                .to_owned(),
        ));
    }
}
