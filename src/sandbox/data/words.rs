//! The word lists under `assets/sandbox`, read once.

use std::sync::OnceLock;

use crate::pleo::environment::Environment;

static PEOPLE: &str = include_str!("../../../assets/sandbox/people.txt");
static WORDS: &str = include_str!("../../../assets/sandbox/words.txt");
static COMPANIES: &str = include_str!("../../../assets/sandbox/companies.txt");

/// A part of a person's name: as written, and as in an e-mail address.
pub struct Name {
    /// As written.
    pub written: String,
    /// In Latin letters.
    pub latin: String,
}

/// Names of one script.
pub struct Script {
    /// Share in a hundred.
    pub share: u64,
    /// Given names.
    pub given: Vec<Name>,
    /// Family names.
    pub family: Vec<Name>,
}

/// The lines of `[section]` in a text, without comments and empty ones.
fn section<'a>(text: &'a str, wanted: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines()
        .skip_while(move |line| heading(line) != Some(wanted))
        .skip(1)
        .take_while(|line| heading(line).is_none())
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn heading(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.strip_suffix(']')
}

/// The people's names, by script.
pub fn scripts() -> &'static [Script] {
    static SCRIPTS: OnceLock<Vec<Script>> = OnceLock::new();
    SCRIPTS.get_or_init(|| PEOPLE.lines().filter_map(heading).map(script).collect())
}

fn script(title: &str) -> Script {
    let share = title.rsplit(' ').next().and_then(|share| share.parse().ok()).unwrap_or(1);
    let names = |part: &str| {
        section(PEOPLE, title)
            .find_map(|line| line.strip_prefix(part))
            .unwrap_or_default()
            .split(' ')
            .map(name)
            .collect()
    };
    Script { share, given: names("given: "), family: names("family: ") }
}

fn name(entry: &str) -> Name {
    let (written, latin) = entry.split_once('=').unwrap_or((entry, entry));
    Name { written: written.replace('_', " "), latin: latin.to_lowercase() }
}

/// A list of `words.txt`.
pub fn list(name: &str) -> Vec<&'static str> {
    let wanted = WORDS.lines().filter_map(heading).find(|title| *title == name).unwrap_or_default();
    section(WORDS, wanted).collect()
}

/// A list of `words.txt` whose lines have columns.
pub fn table(name: &str) -> Vec<Vec<&'static str>> {
    list(name).into_iter().map(columns).collect()
}

fn columns(line: &'static str) -> Vec<&'static str> {
    line.split('|').map(str::trim).collect()
}

/// A company as `companies.txt` has it.
pub struct Firm {
    /// Its name.
    pub name: &'static str,
    /// Its share of the employees.
    pub share: u64,
    /// What it keeps its books in.
    pub currency: &'static str,
    /// Where it is.
    pub country: &'static str,
    /// What its e-mail addresses end in.
    pub domain: &'static str,
    /// In the public register.
    pub registration: &'static str,
    /// Street, place, postcode.
    pub address: [&'static str; 3],
}

/// The companies of an environment.
pub fn firms(environment: Environment) -> &'static [Firm] {
    static FIRMS: [OnceLock<Vec<Firm>>; 2] = [OnceLock::new(), OnceLock::new()];
    FIRMS[usize::from(environment == Environment::Production)].get_or_init(|| {
        let rows = section(COMPANIES, environment.name()).map(columns);
        rows.filter_map(|row| match row[..] {
            [name, share, currency, country, domain, registration, street, place, postcode] => Some(Firm {
                name,
                share: share.parse().unwrap_or(1),
                currency,
                country,
                domain,
                registration,
                address: [street, place, postcode],
            }),
            _ => None,
        })
        .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_whole() {
        assert_eq!(scripts().len(), 9);
        assert_eq!(scripts().iter().map(|script| script.share).sum::<u64>(), 102);
        assert!(scripts().iter().all(|script| script.given.len() >= 4 && script.family.len() >= 4));
        assert!(scripts().iter().flat_map(|s| s.given.iter().chain(&s.family)).all(|name| name.latin.is_ascii()));
        assert_eq!((firms(Environment::Staging).len(), firms(Environment::Production).len()), (3, 4));
        for name in ["job-titles", "notes", "merchants", "departments", "projects", "cost-centres", "teams"] {
            assert!(list(name).len() > 6, "{name}");
        }
        assert!(table("accounts").iter().all(|row| row.len() == 2));
        assert!(table("vendors").iter().all(|row| row.len() == 2));
        assert!(table("tax-codes").iter().all(|row| row.len() == 4));
    }
}
