//! A request that was edited and not sent, as it is kept beyond the pane that it stands in.

use serde::{Deserialize, Serialize};

use super::endpoint::{Endpoint, Method, Surface};
use super::environment::Environment;
use super::handing;
use super::history::Setting;
use super::request::Draft;
use super::variables;
use crate::secret::{MARK, Redactor};

/// Most bytes of one that are kept.
pub const LARGEST: usize = 1 << 20;

/// How many are kept; the oldest make room.
pub const MOST: usize = 200;

/// Where a request belongs: there is one for each endpoint of each environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The environment.
    pub environment: Environment,
    /// What that stood for.
    pub setting: Setting,
    /// The API.
    pub surface: Surface,
    /// The method.
    pub method: Method,
    /// The path, as the catalogue has it or as it was typed.
    pub path: String,
}

impl Slot {
    /// Where a request belongs; nothing for a link to another host, whose URL may be what lets its reader in.
    #[must_use]
    pub fn of(draft: &Draft, environment: Environment, setting: Setting) -> Option<Self> {
        let Endpoint { surface, method, ref path, .. } = *draft.endpoint;
        draft.elsewhere.is_none().then(|| Self { environment, setting, surface, method, path: path.clone() })
    }
}

/// What was filled in. Parameters go by their names, so that it outlives a change of the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Filled {
    /// Values of the endpoint's parameters that are given.
    pub values: Vec<(String, String)>,
    /// Query parameters that the endpoint does not know.
    pub extra: Vec<(String, String)>,
    /// Headers of one's own.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Filled {
    /// What is filled in; a header that was only begun is nothing yet.
    #[must_use]
    pub fn of(draft: &Draft) -> Self {
        let given = draft.endpoint.params.iter().zip(&draft.values).filter(|(_, value)| !value.is_empty());
        Self {
            values: given.map(|(param, value)| (param.name.clone(), value.clone())).collect(),
            extra: draft.extra.clone(),
            headers: draft.own_headers.iter().filter(|(name, _)| !name.is_empty()).cloned().collect(),
            body: draft.body.clone(),
        }
    }

    /// The request again. A parameter that the endpoint does not know any more stands beside its fields.
    #[must_use]
    pub fn draft(&self, endpoint: &Endpoint) -> Draft {
        let mut draft = Draft::new(endpoint);
        draft.extra.clone_from(&self.extra);
        draft.own_headers.clone_from(&self.headers);
        draft.body.clone_from(&self.body);
        for (name, value) in &self.values {
            match endpoint.params.iter().position(|param| param.name == *name) {
                Some(index) => value.clone_into(&mut draft.values[index]),
                None => draft.extra.push((name.clone(), value.clone())),
            }
        }
        draft
    }

    /// Every text in it.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let pairs = self.values.iter().chain(&self.extra).chain(&self.headers);
        pairs.flat_map(|(name, value)| [name.as_str(), value.as_str()]).chain([self.body.as_str()])
    }

    /// How many bytes it takes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.texts().map(str::len).sum()
    }

    /// The same with [`handing::REDACTED`] in the place of what lets its reader in: of secrets that are known, and of what
    /// is one by its name or its looks. A variable stays: it only names its value.
    #[must_use]
    pub fn without_secrets(&self, known: &Redactor) -> Self {
        let text = |text: &str| {
            let text = known.text(text).replace(MARK, handing::REDACTED);
            let bare = variables::without(&text);
            if handing::without_keys(&bare) == bare { text } else { handing::without_keys(&text).into_owned() }
        };
        let pair = |(name, value): &(String, String)| {
            let named = handing::is_named_key(name, value);
            (text(name), if named { handing::REDACTED.to_owned() } else { text(value) })
        };
        let pairs = |own: &[(String, String)]| own.iter().map(pair).collect();
        Self {
            values: pairs(&self.values),
            extra: pairs(&self.extra),
            headers: pairs(&self.headers),
            body: text(&self.body),
        }
    }

    /// Whether a secret was left out of it.
    #[must_use]
    pub fn has_gaps(&self) -> bool {
        self.texts().any(|text| text.contains(handing::REDACTED))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pleo::environment::Environments;
    use crate::secret::Secret;

    fn draft(text: &str) -> Draft {
        Draft::from_path(Method::Get, text, None, Environment::Staging, &Environments::pleo()).expect("a draft")
    }

    #[test]
    fn what_was_filled_in_is_there_again() {
        let mut own = draft("/v2/employees?code=E1&mine=2");
        own.own_headers = vec![("X-Trace".to_owned(), "7".to_owned())];
        let filled = Filled::of(&own);
        assert_eq!(filled.draft(&own.endpoint), own);
        own.own_headers.push(Default::default());
        assert_eq!(Filled::of(&own), filled, "a header that was begun is nothing yet");
        let mut fewer = (*own.endpoint).clone();
        fewer.params.retain(|param| param.name != "code");
        let again = filled.draft(&fewer);
        assert_eq!(again.query(), [("mine", "2"), ("code", "E1")], "nothing is lost with the field");
    }

    #[test]
    fn what_lets_in_is_known_by_its_name_too() {
        let mut own = draft("/v2/employees?code=E1");
        let mut known = Redactor::default();
        known.learn(&Secret::new("known-secret-0001".to_owned()));
        assert_eq!(Filled::of(&own).without_secrets(&known), Filled::of(&own));
        own.own_headers = vec![
            ("X-Auth-Token".to_owned(), "abc".to_owned()),
            ("X-Api-Key".to_owned(), "{{key}}".to_owned()),
            ("X-Trace".to_owned(), "7".to_owned()),
        ];
        own.extra = vec![("sig".to_owned(), "abc".to_owned()), ("note".to_owned(), "known-secret-0001".to_owned())];
        own.body = r#"{"name":"x","password":"abc","url":"known-secret-0001"}"#.to_owned();
        let kept = Filled::of(&own).without_secrets(&known);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert!(kept.has_gaps());
        assert_eq!(kept.values, [pair("code", "E1")], "nothing else is lost");
        assert_eq!(kept.extra, [pair("sig", "REDACTED"), pair("note", "REDACTED")]);
        assert_eq!(
            kept.headers,
            [pair("X-Auth-Token", "REDACTED"), pair("X-Api-Key", "{{key}}"), pair("X-Trace", "7")]
        );
        assert_eq!(kept.body, r#"{"name":"x","password":"REDACTED","url":"REDACTED"}"#);
        own.body = r#"{"password":"{{word}}"}"#.to_owned();
        assert_eq!(Filled::of(&own).without_secrets(&known).body, own.body, "a variable only names its value");
    }

    #[test]
    fn a_link_to_another_host_is_kept_nowhere() {
        let url = "https://files.example/receipt?sig=1".parse().expect("a URL");
        assert_eq!(Slot::of(&Draft::elsewhere(Method::Get, url), Environment::Staging, Setting::Pleo), None);
    }
}
