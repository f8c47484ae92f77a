//! What is not there (404), and what does not go there (405): the operation that somebody probably wanted.

use super::{Answered, Explanation, Told};
use crate::pleo::catalogue::{self, Catalogue};
use crate::pleo::endpoint::{Endpoint, Method, Surface};
use crate::pleo::prepared::Prepared;

pub(super) fn not_found(answered: &Answered<'_>, told: &Told) -> Explanation {
    let request = answered.request;
    let endpoint = request.endpoint();
    let environment = request.environment();
    if endpoint.is_free() {
        return invented(endpoint, request);
    }
    if told.says("company") && !told.says("not_found") {
        return Explanation::new("No such company in reach of this credential.")
            .checked("a credential of one company sees no other")
            .next("i lists those in reach");
    }
    let ids: Vec<&str> = endpoint.path_params().map(|param| param.name.as_str()).collect();
    if ids.is_empty() {
        return Explanation::new("There is nothing here for this credential.")
            .checked("the path is one of the catalogue")
            .next("3 lists what there is");
    }
    Explanation::new(format!("{environment} knows no such {}.", ids.join(" or ")))
        .checked(format!("ids differ between environments: one of {} leads here", environment.other()))
        .checked("the path is one of the catalogue")
        .next(format!("Ctrl-t, then s, asks {}", environment.other()))
        .next("3 lists what there is")
}

/// A path that the catalogue does not know: of the other API, or nobody's.
fn invented(endpoint: &Endpoint, request: &Prepared) -> Explanation {
    let catalogue = Catalogue::current();
    let path = endpoint.path.split('?').next().unwrap_or_default();
    let other = if endpoint.surface == Surface::External { Surface::Legacy } else { Surface::External };
    if catalogue.find(other, endpoint.method, path).is_some() {
        let (here, there) = match other {
            Surface::Legacy => ("the External API", "legacy API (openapi.pleo.io), which takes legacy tokens only"),
            Surface::External => ("the legacy API", "External API (external.pleo.io)"),
        };
        let mut explanation = Explanation::new(format!("{here} has no such path; it is one of the {there}."))
            .checked(format!("{} {path} in both catalogues", request.method()));
        if let Some(nearest) = nearest_operation(endpoint.surface, path) {
            explanation = explanation.next(format!("nearest here: {} {}", nearest.method, nearest.path));
        }
        return explanation.next("3 lists both APIs");
    }
    let explanation = Explanation::new("There is no such path in the catalogue: it may be invented or misspelt.")
        .checked(format!("{} {path} in both catalogues", request.method()));
    match nearest_operation(endpoint.surface, path) {
        Some(nearest) => explanation.next(format!("nearest: {} {}", nearest.method, nearest.path)).next("3 lists all"),
        None => explanation.next("3 lists all"),
    }
}

/// Paths that public connectors invented, and the operation that does what they want.
const INVENTED: [(&str, &str); 8] = [
    ("expense", "search-accounting-entries"),
    ("transaction", "search-accounting-entries"),
    ("member", "list-employees"),
    ("user", "list-employees"),
    ("team", "list-tag-groups"),
    ("compan", "list-companies"),
    ("/me", "introspect"),
    ("export", "list-export-jobs"),
];

/// The operation of a surface that somebody who wrote this path probably wants.
fn nearest_operation(surface: Surface, path: &str) -> Option<&'static Endpoint> {
    let catalogue = Catalogue::current();
    let lower = path.to_ascii_lowercase();
    let known = INVENTED.iter().find(|(part, _)| surface == Surface::External && lower.contains(part));
    if let Some(operation) = known.and_then(|(_, name)| catalogue.operation(name).ok()) {
        return Some(operation);
    }
    // A slip of a letter or two.
    let fits =
        |endpoint: &&Endpoint| endpoint.surface == surface && (!endpoint.deprecated || surface == Surface::Legacy);
    let paths = || catalogue.endpoints().iter().filter(fits);
    let close = catalogue::nearest(path, paths().map(|endpoint| endpoint.path.as_str()));
    let close = close.filter(|close| close.len().abs_diff(path.len()) <= 2);
    if let Some(found) = close.and_then(|close| paths().find(|endpoint| endpoint.path == close)) {
        return Some(found);
    }
    let words = |path: &str| -> Vec<String> {
        let parts = path.split(['/', ':', '-', '.']).filter(|part| !part.is_empty() && !part.starts_with('{'));
        let parts = parts.map(|part| part.to_ascii_lowercase().trim_end_matches('s').to_owned());
        parts.filter(|word| !is_version(word)).collect()
    };
    let wanted = words(path);
    // The most words in common, then the fewest others, then one that reads.
    let rank = |endpoint: &&Endpoint| {
        let own = words(&endpoint.path);
        let common = own.iter().filter(|word| wanted.contains(word)).count();
        (common, usize::MAX - own.len(), !endpoint.writes)
    };
    paths().max_by_key(rank).filter(|endpoint| rank(endpoint).0 > 0)
}

/// `v1` and the like, and what stands beside them.
fn is_version(word: &str) -> bool {
    word == "beta" || word.strip_prefix('v').is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit()))
}

pub(super) fn method_not_allowed(answered: &Answered<'_>) -> Explanation {
    let endpoint = answered.request.endpoint();
    let path = endpoint.path.split('?').next().unwrap_or_default();
    let known = |method: &Method| Catalogue::current().find(endpoint.surface, *method, path).is_some();
    let catalogued: Vec<String> = Method::ALL.into_iter().filter(known).map(|method| method.to_string()).collect();
    let explanation = Explanation::new(format!("The server does not take {} here.", endpoint.method));
    let explanation = match answered.allow {
        Some(allow) => explanation.checked(format!("it takes {allow} (Allow)")),
        None => explanation.checked("it does not say what it takes (no Allow)"),
    };
    let explanation = if catalogued.is_empty() {
        explanation.checked("the catalogue does not know the path")
    } else {
        explanation.checked(format!("the catalogue lists {}", catalogued.join(", ")))
    };
    explanation.next("Ctrl-n types another request")
}
