//! How often each value of a column occurs.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::record::cell_at;
use super::sieve::Sieve;
use super::table::shown;
use super::{Body, Records};

/// Different values that are counted; the records with others are counted together.
const MOST: usize = 10_000;

/// Characters of a value that are kept.
const LONGEST: usize = 200;

/// Records after which one looks whether the work is still wanted.
const TURN: u64 = 4096;

/// The values of a column and how many records have each, the most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The value as the table shows it, and the count; nothing stands for records without the value.
    pub values: Vec<(Option<String>, u64)>,
    /// Records whose values are too many to be told apart.
    pub others: u64,
    /// All records that were counted.
    pub records: u64,
}

/// Counts the values of a column in the records that the sieve lets through. `None` when it was cancelled.
#[must_use]
pub fn tally(body: &Body, records: &Records, sieve: &Sieve, path: &str, cancelled: &dyn Fn() -> bool) -> Option<Tally> {
    let mut sieve = sieve.clone();
    let mut counts: HashMap<Option<String>, u64> = HashMap::new();
    let (mut tally, mut wanted) = (Tally::default(), true);
    records.each(body, 0, &mut |number, record| {
        if number % TURN == 0 && cancelled() {
            wanted = false;
            return ControlFlow::Break(());
        }
        if !sieve.lets_through(record) {
            return ControlFlow::Continue(());
        }
        tally.records += 1;
        let value = cell_at(record, path).map(|(kind, range)| {
            let raw = &record[range.start..range.end.min(range.start + 8 * LONGEST)];
            shown(kind, raw).chars().take(LONGEST).collect::<String>()
        });
        let full = counts.len() >= MOST;
        match counts.get_mut(&value) {
            Some(count) => *count += 1,
            None if !full => {
                counts.insert(value, 1);
            }
            None => tally.others += 1,
        }
        ControlFlow::Continue(())
    });
    tally.values = counts.into_iter().collect();
    tally.values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    wanted.then_some(tally)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::document::Document;

    #[test]
    fn values_are_counted_the_most_frequent_first() {
        let text = r#"{"data":[{"a":"x"},{"a":"y","b":1},{"a":"x"},{},{"a":null},{"a":[1,2]},{"a":"x","b":2}]}"#;
        let document = Document::from_bytes(Bytes::from_static(text.as_bytes()));
        let list = document.list().expect("a list");
        let records = Records::all(&document, &list, &|| false);
        let count = |filter: &str, cancelled: bool| {
            let sieve = Sieve::read(filter, &["a".to_owned(), "b".to_owned()]);
            tally(document.body(), &records, &sieve, "a", &|| cancelled)
        };
        let all = count("", false).expect("not cancelled");
        let told: Vec<(Option<&str>, u64)> = all.values.iter().map(|(value, n)| (value.as_deref(), *n)).collect();
        assert_eq!(told, [(Some("x"), 3), (None, 1), (Some("2 items"), 1), (Some("null"), 1), (Some("y"), 1)]);
        assert_eq!((all.records, all.others), (7, 0));
        let some = count("b>0", false).expect("not cancelled");
        assert_eq!((some.records, some.values.len()), (2, 2));
        assert_eq!(count("", true), None);
    }
}
