//! The catalogue: every operation of both surfaces, read once from `assets/catalogue`.

use std::sync::OnceLock;

use super::endpoint::{Endpoint, Method, Surface};

static EXTERNAL: &str = include_str!("../../assets/catalogue/external.json");
static LEGACY: &str = include_str!("../../assets/catalogue/legacy.json");

/// The catalogue of this run, where it is not that of the build.
static CURRENT: OnceLock<Catalogue> = OnceLock::new();

/// All operations, External first, then Legacy, each grouped as in the files.
#[derive(Debug)]
pub struct Catalogue {
    endpoints: Vec<Endpoint>,
}

/// A name or path that leads to no operation.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// No operation of that name.
    #[error("no operation is called {name:?}{}: `pleoscope endpoints` lists them", near(.nearest.as_ref()))]
    Operation {
        /// What was asked for.
        name: String,
        /// The most similar name.
        nearest: Option<String>,
    },
}

fn near(nearest: Option<&String>) -> String {
    nearest.map_or_else(String::new, |name| format!(" (did you mean {name}?)"))
}

impl Catalogue {
    /// The catalogue of this build. The files are embedded and checked by a test, so reading them cannot fail in use;
    /// were they damaged all the same, the catalogue would be empty and free requests still work.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
        CATALOGUE.get_or_init(|| Self {
            endpoints: read(EXTERNAL, Surface::External).chain(read(LEGACY, Surface::Legacy)).collect(),
        })
    }

    /// The catalogue of this run: that of this build, and with it a person's own operations once they are put in force.
    #[must_use]
    pub fn current() -> &'static Self {
        CURRENT.get().unwrap_or_else(|| Self::embedded())
    }

    /// Puts a catalogue in force for this run, once, before it is asked for.
    pub fn put_in_force(self) {
        // A second one comes too late: what was looked up in the first one is in use.
        let _ = CURRENT.set(self);
    }

    /// A catalogue of these operations.
    pub(super) const fn of(endpoints: Vec<Endpoint>) -> Self {
        Self { endpoints }
    }

    /// Every operation, in order.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The operation of that name.
    ///
    /// # Errors
    /// [`NotFound::Operation`], with the nearest name.
    pub fn operation(&self, name: &str) -> Result<&Endpoint, NotFound> {
        self.endpoints.iter().find(|endpoint| endpoint.operation.eq_ignore_ascii_case(name)).ok_or_else(|| {
            let nearest = nearest(name, self.endpoints.iter().map(|endpoint| endpoint.operation.as_str()));
            NotFound::Operation { name: name.to_owned(), nearest }
        })
    }

    /// The operation with this method and path on a surface, where `path` is either the template itself or a real path
    /// that fits it; then the values of its path parameters come along. Literal segments win over parameters.
    #[must_use]
    pub fn find(&self, surface: Surface, method: Method, path: &str) -> Option<(&Endpoint, Vec<(String, String)>)> {
        let path = path.trim_end_matches('/');
        self.endpoints
            .iter()
            .filter(|endpoint| endpoint.surface == surface && endpoint.method == method)
            .filter_map(|endpoint| Some((endpoint, match_path(&endpoint.path, path)?)))
            .min_by_key(|(_, values)| values.len())
    }
}

fn read(text: &str, surface: Surface) -> impl Iterator<Item = Endpoint> {
    let endpoints: Vec<Endpoint> = serde_json::from_str(text).unwrap_or_default();
    endpoints.into_iter().map(move |endpoint| Endpoint { surface, ..endpoint })
}

/// Matches a path against a template, segment by segment; a parameter may be followed by a custom verb in the same
/// segment (`{id}:archive`). The template itself matches with no values.
#[must_use]
pub fn match_path(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    if template == path {
        return Some(Vec::new());
    }
    let mut values = Vec::new();
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(values),
            (Some(want), Some(got)) => {
                if let Some(pair) = match_segment(want, got)? {
                    values.push(pair);
                }
            }
            _ => return None,
        }
    }
}

/// `None`: does not match. `Some(None)`: the same text. `Some(Some(…))`: a parameter and its value.
#[expect(clippy::option_option, reason = "the three outcomes are these three")]
fn match_segment(want: &str, got: &str) -> Option<Option<(String, String)>> {
    let Some(open) = want.find('{') else {
        return (want == got).then_some(None);
    };
    let close = want.find('}')?;
    let name = &want[open + 1..close];
    let value = got.strip_prefix(&want[..open])?.strip_suffix(&want[close + 1..])?;
    // A custom verb belongs to the template that names it, never to the value of another one.
    if value.is_empty() || (value.contains(':') && !value.starts_with('{')) {
        return None;
    }
    Some(Some((name.to_owned(), value.to_owned())))
}

/// The candidate that shares most with `name`, when it shares a good part; for "did you mean".
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    candidates
        .map(|candidate| (distance(&name.to_ascii_lowercase(), &candidate.to_ascii_lowercase()), candidate))
        .min()
        .filter(|(distance, candidate)| *distance * 2 <= candidate.chars().count().max(2))
        .map(|(_, candidate)| candidate.to_owned())
}

/// Distance in characters that are put in, left out, replaced, or that change places with the next (optimal string
/// alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (mut last, mut row): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    for i in 0..a.len() {
        let mut next = vec![i + 1; b.len() + 1];
        for j in 0..b.len() {
            let replaced = row[j] + usize::from(a[i] != b[j]);
            next[j + 1] = replaced.min(next[j] + 1).min(row[j + 1] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                next[j + 1] = next[j + 1].min(last[j - 1] + 1);
            }
        }
        (last, row) = (row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_embedded_files_hold_both_surfaces_whole() {
        let external: Vec<Endpoint> = serde_json::from_str(EXTERNAL).expect("external.json");
        let legacy: Vec<Endpoint> = serde_json::from_str(LEGACY).expect("legacy.json");
        assert_eq!((external.len(), legacy.len()), (114, 46));
        assert_eq!(external.iter().filter(|endpoint| endpoint.writes).count(), 54);
        assert_eq!(Catalogue::embedded().endpoints().len(), 160);
    }

    #[test]
    fn operation_names_are_unique() {
        let names: HashSet<&str> = Catalogue::embedded().endpoints().iter().map(|e| e.operation.as_str()).collect();
        assert_eq!(names.len(), 160);
        assert!(!names.contains(""));
    }

    #[test]
    fn every_template_parameter_is_described() {
        for endpoint in Catalogue::embedded().endpoints() {
            let named: Vec<&str> = endpoint.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
            let described: Vec<&str> = endpoint.path_params().map(|param| param.name.as_str()).collect();
            assert_eq!(named, described, "{} {}", endpoint.method, endpoint.path);
        }
    }

    #[test]
    fn a_real_path_finds_its_template_and_values() {
        let catalogue = Catalogue::embedded();
        let (endpoint, values) =
            catalogue.find(Surface::External, Method::Post, "/v1/vendors/abc:archive").expect("a vendor");
        assert_eq!(endpoint.path, "/v1/vendors/{id}:archive");
        assert_eq!(values, [("id".to_owned(), "abc".to_owned())]);
        let (endpoint, _) = catalogue.find(Surface::External, Method::Post, "/v0/tags:search").expect("a search");
        assert_eq!(endpoint.path, "/v0/tags:search");
        let (endpoint, _) = catalogue.find(Surface::Legacy, Method::Get, "/v1/employees").expect("legacy");
        assert_eq!(endpoint.surface, Surface::Legacy);
        assert!(catalogue.find(Surface::External, Method::Get, "/v1/expenses").is_none());
    }

    #[test]
    fn a_misspelt_name_gets_the_nearest() {
        let names = ["list-employees", "get-employee"];
        assert_eq!(nearest("list-employes", names.into_iter()), Some("list-employees".into()));
        assert_eq!(nearest("zzz", names.into_iter()), None);
        assert_eq!(nearest("evn", ["env", "method"].into_iter()), Some("env".into()), "two letters changed places");
        assert_eq!((distance("ca", "abc"), distance("", "ab"), distance("abcd", "badc")), (3, 2, 2));
    }
}
