//! Of which kind of record an id is, in the catalogue's own words: the collection that such records are read from.

use super::{Place, Word, best, best_record, collection, word_of, words};
use crate::pleo::catalogue::Catalogue;
use crate::pleo::endpoint::Endpoint;

fn place<'a>(path: &'a [&'a str], endpoint: &'a Endpoint, none: &'a dyn Fn(&str) -> Option<String>) -> Place<'a> {
    Place { path, value: "x", beside: none, record: none, endpoint, asked: "" }
}

/// The kind of the records that an operation answers with, or acts on.
#[must_use]
pub fn kind_of_records(endpoint: &Endpoint, catalogue: &Catalogue) -> String {
    let none = |_: &str| None;
    let own = place(&["id"], endpoint, &none);
    best_record(&own, catalogue).map_or_else(|| collection(endpoint), |(reader, _)| collection(reader))
}

/// The kind that a parameter or member of that name holds ids of; `None` for a name that is no id's.
#[must_use]
pub fn kind_of_name(name: &str, endpoint: &Endpoint, catalogue: &Catalogue) -> Option<String> {
    if name == "id" {
        return Some(kind_of_records(endpoint, catalogue));
    }
    let stem = words::stem(name);
    if stem.is_none() && !name.ends_with("By") {
        return None;
    }
    let (path, none) = ([name], |_: &str| None);
    let own = place(&path, endpoint, &none);
    let found = word_of(&own)?;
    let named = found.words.iter().filter(|word| !matches!(word, Word::Record));
    let reader = named.into_iter().find_map(|word| best(&own, word, "x", catalogue));
    reader.map(|(reader, _)| collection(reader)).or(stem)
}

/// Whether two kinds are one: `tag-group` is what `group` means beside it.
#[must_use]
pub fn is_same_kind(one: &str, other: &str) -> bool {
    one == other || words::ends_with(one, other) || words::ends_with(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_records_agree_on_their_kinds() {
        let catalogue = Catalogue::embedded();
        let of = |operation: &str| catalogue.operation(operation).unwrap();
        let list = of("list-employees");
        assert_eq!(kind_of_records(list, catalogue), "employee");
        for (name, kind) in [("companyId", "company"), ("company_id", "company"), ("employeeIds", "employee")] {
            assert_eq!(kind_of_name(name, list, catalogue).as_deref(), Some(kind), "{name}");
        }
        assert_eq!(kind_of_name("limit", list, catalogue), None);
        assert!(is_same_kind("tag-group", "group") && !is_same_kind("employee", "company"));
    }
}
