//! Ids lead on: from an id in an answer to the request that reads what it names.
//!
//! Nothing here lists pairs of names. The word in the member's name (`companyId`, `tags[].id`) is looked for in the
//! catalogue's own words: the path parameter of a single read (`{companyId}`), the collection it reads from
//! (`/v1/companies`), the model of its answer, and last the scope it needs.

mod kinds;
mod related;
#[cfg(test)]
mod tests;
mod words;

use percent_encoding::percent_decode_str;

pub use self::kinds::{is_same_kind, kind_of_name, kind_of_records};
pub use self::related::{Related, related};
use self::words::{Word, collection, literals, word_of};
use super::catalogue::{Catalogue, match_path};
use super::endpoint::{Endpoint, Method, Param, ParamPlace};
use super::request::Draft;

/// The UUID that stands for "unknown" where a person did not choose.
const ZERO: &str = "00000000-0000-0000-0000-000000000000";

/// Most characters of a value that is taken for an id.
const LONGEST: usize = 200;

/// Where a value stands.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// Names from the record down to the value, without positions in arrays: `["tags", "tagId"]`.
    pub path: &'a [&'a str],
    /// The value as text, without quotes.
    pub value: &'a str,
    /// What else is in the object that holds the value, by name.
    pub beside: &'a dyn Fn(&str) -> Option<String>,
    /// What is in the record, by a name or by dotted names (`group.id`).
    pub record: &'a dyn Fn(&str) -> Option<String>,
    /// The operation that answered.
    pub endpoint: &'a Endpoint,
    /// The path that was asked for, as sent, with its query.
    pub asked: &'a str,
}

/// Why a value leads nowhere; each is a sentence for a person.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoWay {
    /// Its name says nothing of an id.
    #[error("{0} is not an id: put the cursor on one, such as companyId")]
    NotAnId(String),
    /// Nothing, or nothing that could be an id.
    #[error("{0} holds nothing that leads on")]
    Nothing(String),
    /// The UUID of zeros.
    #[error("{0} is the UUID of zeros: it says that the value is not known, and leads nowhere")]
    Unknown(String),
    /// No operation reads it.
    #[error("no operation of the catalogue reads what {0} names")]
    NoOperation(String),
    /// The operation needs more than there is.
    #[error("{operation} would read it, but needs {needs}, which this record does not have")]
    Needs {
        /// The operation's name.
        operation: String,
        /// The parameter's name.
        needs: String,
    },
    /// It is what is shown.
    #[error("{0} is the id of what is shown here")]
    Here(String),
}

/// The request that reads what a value names.
///
/// # Errors
/// [`NoWay`], with the member's name as a person sees it.
pub fn leads(place: &Place<'_>, catalogue: &Catalogue) -> Result<Draft, NoWay> {
    let name = place.path.join(".");
    let Some(found) = word_of(place) else {
        return Err(NoWay::NotAnId(name));
    };
    let value = found.value;
    if value == ZERO {
        return Err(NoWay::Unknown(name));
    }
    if value.is_empty() || value.chars().count() > LONGEST || value.chars().any(char::is_control) {
        return Err(NoWay::Nothing(name));
    }
    let Some((endpoint, last)) = found.words.iter().find_map(|word| best(place, word, value, catalogue)) else {
        let own = matches!(found.words.first(), Some(Word::Record)) && place.endpoint.path_params().count() == 0;
        let alone = place.endpoint.method == Method::Get && !lists(place.endpoint);
        return Err(if own && alone { NoWay::Here(name) } else { NoWay::NoOperation(name) });
    };
    let draft = fill(place, endpoint, Some((&last.name, value)), catalogue)?;
    if endpoint.operation == place.endpoint.operation && draft.target() == path_of(place.asked) {
        return Err(NoWay::Here(name));
    }
    Ok(draft)
}

/// Whether it answers with several records.
fn lists(endpoint: &Endpoint) -> bool {
    endpoint.paging.is_some() || endpoint.answer.as_deref().is_some_and(|answer| answer.starts_with("DataList<"))
}

/// The single reads that a word may mean: the parameter that takes the id comes along.
fn readers<'c>(place: &Place<'_>, catalogue: &'c Catalogue) -> impl Iterator<Item = (&'c Endpoint, &'c Param)> {
    let surface = place.endpoint.surface;
    catalogue
        .endpoints()
        .iter()
        .filter(move |endpoint| endpoint.surface == surface && endpoint.method == Method::Get && !lists(endpoint))
        .filter_map(|endpoint| Some((endpoint, endpoint.path_params().last()?)))
}

/// The reader that fits a word best: by its words, then by what can be filled in, then of the same family as the answer,
/// then what is not on its way out, then the newest.
fn best<'c>(
    place: &Place<'_>,
    word: &Word,
    value: &str,
    catalogue: &'c Catalogue,
) -> Option<(&'c Endpoint, &'c Param)> {
    readers(place, catalogue)
        .map(|(endpoint, last)| (fits(place, word, endpoint, last), endpoint, last))
        .filter(|(fits, ..)| *fits > 0)
        .map(|(fits, endpoint, last)| {
            let whole = fill(place, endpoint, Some((&last.name, value)), catalogue).is_ok();
            let family = endpoint.group == place.endpoint.group;
            ((fits, whole, family, !endpoint.deprecated, version(&endpoint.path)), (endpoint, last))
        })
        // Of equals the first of the catalogue.
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, found)| found)
}

/// How well a single read fits a word; 0 for not at all.
fn fits(place: &Place<'_>, word: &Word, endpoint: &Endpoint, last: &Param) -> u8 {
    let ends = endpoint.path.ends_with('}');
    match word {
        // What the record itself is, is told by its model first: a record of Page<T> is read by what answers with Data<T>.
        Word::Record => {
            let model = model_name(place.endpoint).is_some_and(|own| model_name(endpoint) == Some(own));
            let named = ends && literals(&endpoint.path) == collection(place.endpoint);
            u8::from(model) * 2 + u8::from(named)
        }
        Word::Named(word) if ends => {
            let parameter = words::stem(&last.name).is_some_and(|stem| stem == *word);
            u8::from(parameter) * 2 + u8::from(words::ends_with(&collection(endpoint), word))
        }
        Word::Scope(word) => u8::from(ends && endpoint.scopes.iter().any(|scope| words::of_scope(scope) == *word)),
        Word::Begins(word) => u8::from(ends && collection(endpoint).starts_with(word.as_str())),
        Word::Named(_) => 0,
    }
}

/// `Employee` of `Page<Employee>`.
fn model_name(endpoint: &Endpoint) -> Option<&str> {
    let answer = endpoint.answer.as_deref()?;
    Some(answer.split_once('<').map_or(answer, |(_, rest)| rest.trim_end_matches('>')))
}

/// What a path begins with: the number of its version, and whether it is a finished one.
fn version(path: &str) -> (u32, bool) {
    let first = path.split('/').nth(1).unwrap_or_default().trim_start_matches('v');
    let digits: String = first.chars().take_while(char::is_ascii_digit).collect();
    (digits.parse().unwrap_or_default(), digits.len() == first.len())
}

/// A draft with all that it needs, taken from the value, from beside it, from the record, and from the path asked for.
fn fill(
    place: &Place<'_>,
    endpoint: &Endpoint,
    given: Option<(&str, &str)>,
    catalogue: &Catalogue,
) -> Result<Draft, NoWay> {
    let mut draft = Draft::new(endpoint);
    for (param, value) in endpoint.params.iter().zip(&mut draft.values) {
        let path = param.place == ParamPlace::Path;
        let known = match given {
            Some((name, value)) if path && name == param.name => Some(value.to_owned()),
            _ if param.required => value_for(place, &param.name, catalogue),
            _ => None,
        };
        match known {
            Some(known) => *value = known,
            None if param.required => {
                let (operation, needs) = (endpoint.operation.clone(), param.name.clone());
                return Err(NoWay::Needs { operation, needs });
            }
            None => {}
        }
    }
    Ok(draft)
}

/// What a parameter of that name is here.
fn value_for(place: &Place<'_>, parameter: &str, catalogue: &Catalogue) -> Option<String> {
    let stem = words::stem(parameter);
    let spellings = match &stem {
        Some(stem) => vec![parameter.to_owned(), format!("{}Id", words::camel(stem))],
        None => vec![parameter.to_owned()],
    };
    let usable = |value: &String| !value.is_empty() && value != ZERO;
    let named = spellings
        .iter()
        .find_map(|name| (place.beside)(name).filter(usable).or_else(|| (place.record)(name).filter(usable)));
    named
        .or_else(|| (place.record)(&format!("{}.id", words::camel(stem.as_deref()?))).filter(usable))
        .or_else(|| {
            // The record's own id, where the parameter means such records.
            let (own, _) = best_record(place, catalogue)?;
            let means = names_of(own).contains(stem.as_ref()?);
            means.then(|| (place.record)("id")).flatten().filter(usable)
        })
        .or_else(|| asked_for(place, parameter).filter(usable))
}

/// The single read of the record itself, whether or not all that it needs is there.
fn best_record<'c>(place: &Place<'_>, catalogue: &'c Catalogue) -> Option<(&'c Endpoint, &'c Param)> {
    readers(place, catalogue).filter(|(endpoint, last)| fits(place, &Word::Record, endpoint, last) > 0).max_by_key(
        |(endpoint, last)| {
            let family = endpoint.group == place.endpoint.group;
            (fits(place, &Word::Record, endpoint, last), family, version(&endpoint.path))
        },
    )
}

/// What the id of such a record is called elsewhere: by its path parameter, and by its collection.
fn names_of(own: &Endpoint) -> Vec<String> {
    let parameter = own.path_params().last().and_then(|param| words::stem(&param.name));
    let mut names: Vec<String> = parameter.into_iter().collect();
    let collection = collection(own);
    if !names.contains(&collection) {
        names.push(collection);
    }
    names
}

/// What was asked for says of a parameter.
fn asked_for(place: &Place<'_>, parameter: &str) -> Option<String> {
    let values = match_path(&place.endpoint.path, path_of(place.asked)).unwrap_or_default();
    let in_path = values.into_iter().find(|(name, _)| name == parameter).map(|(_, value)| value);
    let query = place.asked.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let same =
        |name: &str| name == parameter || (words::stem(name).is_some() && words::stem(name) == words::stem(parameter));
    let value =
        in_path.or_else(|| pairs.into_iter().find(|(name, _)| same(name)).map(|(_, value)| value.to_owned()))?;
    Some(percent_decode_str(&value).decode_utf8_lossy().into_owned())
}

/// What is asked for without its query.
fn path_of(asked: &str) -> &str {
    asked.split('?').next().unwrap_or(asked)
}
