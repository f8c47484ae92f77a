//! The list, and what is looked for in it, as SQL. It goes from number to number and never counts rows that it skips.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::rows::{ENTRY, entry};
use crate::app::history::{From, Listing};
use crate::pleo::history::{Entry, Meant, Term};

/// The entries of a part of the list, newest first, and whether more lie beyond.
pub fn list(database: &Connection, listing: &Listing, now: Timestamp) -> rusqlite::Result<(Vec<Entry>, bool)> {
    let mut made = Made::default();
    let (words, rest): (Vec<&Term>, Vec<&Term>) =
        listing.query.terms.iter().partition(|term| matches!(term.meant, Meant::Words(_)));
    let id = made.words(&words);
    for term in rest {
        made.term(term, now);
    }
    if let Some((environment, setting)) = listing.scope {
        made.holds("environment = ? AND setting = ?", [environment.name().to_owned(), setting.word().to_owned()]);
    }
    let upwards = match listing.from {
        From::Newest => false,
        From::Oldest => true,
        From::Older(than) => {
            made.holds(&format!("{id} < ?"), [than]);
            false
        }
        From::Newer(than) => {
            made.holds(&format!("{id} > ?"), [than]);
            true
        }
    };
    let holds = if made.holds.is_empty() { "1".to_owned() } else { made.holds.join(" AND ") };
    let order = if upwards { "ASC" } else { "DESC" };
    let most = listing.most.saturating_add(1);
    let sql = format!("SELECT {ENTRY} FROM {} WHERE {holds} ORDER BY {id} {order} LIMIT {most}", made.tables);
    let mut statement = database.prepare(&sql)?;
    let mut entries: Vec<Entry> =
        statement.query_map(params_from_iter(made.values), entry)?.collect::<rusqlite::Result<_>>()?;
    let more = entries.len() > listing.most;
    entries.truncate(listing.most);
    if upwards {
        entries.reverse();
    }
    Ok((entries, more))
}

/// What a query is made of.
struct Made {
    tables: &'static str,
    holds: Vec<String>,
    values: Vec<Value>,
}

impl Default for Made {
    fn default() -> Self {
        Self { tables: "exchange", holds: Vec::new(), values: Vec::new() }
    }
}

impl Made {
    fn holds<T: Into<Value>>(&mut self, text: &str, values: impl IntoIterator<Item = T>) {
        self.holds.push(text.to_owned());
        self.values.extend(values.into_iter().map(Into::into));
    }

    /// Words that must occur, and those that must not. Answers the column of the number: where there are words, the index
    /// goes ahead.
    fn words(&mut self, terms: &[&Term]) -> &'static str {
        let written = |not: bool| -> Vec<String> {
            let own = terms.iter().filter(|term| term.not == not);
            own.filter_map(|term| match &term.meant {
                Meant::Words(words) => {
                    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"*")).collect();
                    Some(format!("({})", words.join(" AND ")))
                }
                _ => None,
            })
            .collect()
        };
        let (wanted, unwanted) = (written(false).join(" AND "), written(true).join(" OR "));
        match (wanted.is_empty(), unwanted.is_empty()) {
            (true, true) => return "exchange.id",
            (true, false) => {
                self.holds("exchange.id NOT IN (SELECT rowid FROM words WHERE words MATCH ?)", [unwanted]);
                return "exchange.id";
            }
            (false, true) => self.holds("words MATCH ?", [wanted]),
            (false, false) => self.holds("words MATCH ?", [format!("({wanted}) NOT ({unwanted})")]),
        }
        self.tables = "words CROSS JOIN exchange ON exchange.id = words.rowid";
        "words.rowid"
    }

    fn term(&mut self, term: &Term, now: Timestamp) {
        let (text, values): (&str, Vec<Value>) = match &term.meant {
            Meant::Words(_) => return,
            Meant::Status(range) => {
                ("coalesce(status BETWEEN ? AND ?, 0)", vec![i64::from(range.from).into(), i64::from(range.to).into()])
            }
            Meant::NoAnswer => ("status IS NULL", Vec::new()),
            Meant::Cut => ("status IS NOT NULL AND NOT whole", Vec::new()),
            Meant::Environment(own) => ("environment = ?", vec![own.name().to_owned().into()]),
            Meant::Setting(own) => ("setting = ?", vec![own.word().to_owned().into()]),
            Meant::Method(own) => ("method = ?", vec![own.as_str().to_owned().into()]),
            Meant::Since(since) => ("at >= ?", vec![since.point(now).as_millisecond().into()]),
            Meant::Before(since) => ("at < ?", vec![since.point(now).as_millisecond().into()]),
            Meant::Pinned => ("pinned", Vec::new()),
        };
        let text = if term.not { format!("NOT ({text})") } else { text.to_owned() };
        self.holds(&text, values);
    }
}
