//! The words in names: of members, parameters, collections and scopes, all in one spelling (`tag-group`).

use super::Place;
use crate::pleo::endpoint::Endpoint;

/// What a value may name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// A record such as the one that it stands in.
    Record,
    /// Something of that name.
    Named(String),
    /// Something that a scope calls by that name.
    Scope(String),
    /// Something whose name begins with that word, as a tax code's with `tax`.
    Begins(String),
}

/// An id, and what it may name: the likeliest first.
pub(super) struct Found<'a> {
    pub words: Vec<Word>,
    pub value: &'a str,
}

/// Reads a member's name, and for a value that tells more of itself (`urn:pleo:company:…`) that.
pub(super) fn word_of<'a>(place: &Place<'a>) -> Option<Found<'a>> {
    if let Some((kind, value)) = place.value.strip_prefix("urn:pleo:").and_then(|rest| rest.split_once(':')) {
        return Some(Found { words: vec![Word::Named(kind.to_owned())], value });
    }
    let (name, before) = place.path.split_last()?;
    let words = if *name == "id" {
        match before.last() {
            None => vec![Word::Record],
            Some(parent) => called(&singular(&kebab(parent))),
        }
    } else if name.ends_with("By") {
        // `createdBy` and the like name who did it.
        called("user")
    } else {
        let mut words = called(&stem(name)?);
        // `attendableId` means what `attendableType` says.
        let base = name.trim_end_matches('s').trim_end_matches("Id");
        if let Some(kind) = (place.beside)(&format!("{base}Type")) {
            words.extend(called(&kind.to_lowercase().replace('_', "-")));
        }
        words
    };
    Some(Found { words, value: place.value })
}

fn called(word: &str) -> Vec<Word> {
    vec![Word::Named(word.to_owned()), Word::Scope(word.to_owned()), Word::Begins(format!("{word}-"))]
}

/// `tag-group` of `tagGroupId`, `tagGroupIds` and `tag_group_id`; nothing of a name that is no id's.
pub(super) fn stem(name: &str) -> Option<String> {
    let name = name.strip_suffix('s').filter(|one| one.ends_with("Id") || one.ends_with("_id")).unwrap_or(name);
    let stem = name.strip_suffix("_id").or_else(|| name.strip_suffix("Id"))?;
    (!stem.is_empty()).then(|| kebab(stem))
}

/// `tag-group` of `tagGroup` and `tag_group`.
pub(super) fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(if c == '_' { '-' } else { c.to_ascii_lowercase() });
    }
    kebab
}

/// `tagGroup` of `tag-group`.
pub(super) fn camel(word: &str) -> String {
    let mut parts = word.split('-');
    let mut camel = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut letters = part.chars();
        camel.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

/// `company` of `companies`, `tag` of `tags`.
pub(super) fn singular(word: &str) -> String {
    match (word.strip_suffix("ies"), word.strip_suffix('s')) {
        (Some(start), _) => format!("{start}y"),
        (None, Some(one)) if !one.ends_with('s') => one.to_owned(),
        _ => word.to_owned(),
    }
}

/// The resource of a scope, in the singular: `user` of `users:read`.
pub(super) fn of_scope(scope: &str) -> String {
    singular(scope.split(':').next().unwrap_or_default())
}

/// The literal pieces of a path after its version, joined, the last in the singular: `vendors-csv-import-job`. Words that
/// only say how a collection is asked (`:search`, `aggregations/`) are left out.
pub(super) fn literals(path: &str) -> String {
    let mut pieces: Vec<&str> = path
        .split('/')
        .skip(2)
        .filter(|piece| !piece.starts_with('{') && *piece != "aggregations")
        .map(|piece| piece.split(':').next().unwrap_or(piece))
        .collect();
    let last = pieces.pop().map(singular);
    pieces.into_iter().map(str::to_owned).chain(last).collect::<Vec<_>>().join("-")
}

/// The collection that an operation is about.
pub(super) fn collection(endpoint: &Endpoint) -> String {
    literals(&endpoint.path)
}

/// Whether a collection's name ends with these whole words: `tag-group` ends with `group`.
pub(super) fn ends_with(collection: &str, word: &str) -> bool {
    collection.strip_suffix(word).is_some_and(|before| before.is_empty() || before.ends_with('-'))
}
