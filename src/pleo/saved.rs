//! A saved request: what is called by a name and can be sent again, its variables unresolved. It belongs to no environment
//! and holds no credential, so that its file may live in a repository.

mod name;

use std::collections::BTreeMap;

use super::catalogue::Catalogue;
use super::endpoint::{Method, ParamPlace, Surface};
use super::environment::{Environment, Environments};
use super::handing;
use super::headers;
use super::request::{Draft, segment, split_values};
use super::variables;

pub use name::{DEEPEST, Key, Name, NameError, Place};

/// Largest file of one, in bytes.
pub const LARGEST: usize = 1 << 20;

/// How many of one place are listed.
pub const MOST: usize = 1_000;

/// What is saved of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// What it is for, in a person's own words.
    pub description: String,
    /// The API.
    pub surface: Surface,
    /// The method.
    pub method: Method,
    /// The path, as the catalogue has it or as it was typed.
    pub path: String,
    /// Values of what the path names.
    pub places: Vec<(String, String)>,
    /// The query: each name once, with all of its values.
    pub query: Vec<(String, Vec<String>)>,
    /// Headers of one's own.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// Why a request is not saved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The URL of a link may be what lets its reader in.
    #[error("a link to another host is not saved: its address may be what lets its reader in")]
    Link,
    /// A credential stands in it.
    #[error(
        "nothing was saved: {0} looks like a credential, and a saved request never holds one. Put a variable there, such as {{{{secret}}}}, which is asked for when it is sent; Pleo's own keys belong into pane 2, or `pleoscope auth add`"
    )]
    Secret(String),
    /// More than is read again.
    #[error("nothing was saved: it is larger than {} kB, and no saved request is", LARGEST >> 10)]
    Large,
}

impl Saved {
    /// What there is to be saved of a request.
    ///
    /// # Errors
    /// [`Unfit::Link`].
    pub fn of(draft: &Draft, description: &str) -> Result<Self, Unfit> {
        if draft.elsewhere.is_some() {
            return Err(Unfit::Link);
        }
        let endpoint = &draft.endpoint;
        let (mut places, mut query) = (Vec::new(), Vec::<(String, Vec<String>)>::new());
        for (param, value) in endpoint.params.iter().zip(&draft.values).filter(|(_, value)| !value.is_empty()) {
            let name = param.name.clone();
            match param.place {
                ParamPlace::Path => places.push((name, value.clone())),
                ParamPlace::Query if param.list => {
                    query.push((name, split_values(param, value).map(str::to_owned).collect()));
                }
                ParamPlace::Query => query.push((name, vec![value.clone()])),
            }
        }
        for (name, value) in &draft.extra {
            match query.iter_mut().find(|(own, _)| own == name) {
                Some((_, values)) => values.push(value.clone()),
                None => query.push((name.clone(), vec![value.clone()])),
            }
        }
        Ok(Self {
            description: description.to_owned(),
            surface: endpoint.surface,
            method: endpoint.method,
            path: endpoint.path.clone(),
            places,
            query,
            headers: draft.own_headers.iter().filter(|(name, _)| !name.is_empty()).cloned().collect(),
            body: draft.body.clone(),
        })
    }

    /// The request again, nothing of it resolved. Where the catalogue does not know it, it is a free one.
    ///
    /// # Errors
    /// What is wrong with it, a sentence.
    pub fn draft(&self) -> Result<Draft, String> {
        let mut path = self.path.clone();
        if self.is_free() {
            // What the path names has no field there: its value stands in the path itself.
            for (name, value) in &self.places {
                let varies = variables::names(value).next().is_some();
                let value = if varies { value.clone() } else { segment(value) };
                path = path.replace(&format!("{{{name}}}"), &value);
            }
        }
        // A path alone is the same in both environments.
        let (environment, environments) = (Environment::Staging, Environments::pleo());
        let mut draft = Draft::from_path(self.method, &path, Some(self.surface), environment, &environments)
            .map_err(|error| error.to_string())?;
        if !draft.endpoint.is_free() {
            for (name, value) in &self.places {
                draft.set_path(name, value).map_err(|error| error.to_string())?;
            }
        }
        for (name, values) in &self.query {
            for value in values {
                draft.add_query(name, value);
            }
        }
        for (name, value) in &self.headers {
            headers::check(name, value)?;
            draft.own_headers.push((name.clone(), value.clone()));
        }
        draft.body.clone_from(&self.body);
        Ok(draft)
    }

    /// Whether the catalogue does not know it.
    #[must_use]
    pub fn is_free(&self) -> bool {
        let path = self.path.split('?').next().unwrap_or_default();
        Catalogue::current().find(self.surface, self.method, path).is_none()
    }

    /// The names of its variables, each once.
    #[must_use]
    pub fn variables(&self) -> Vec<&str> {
        let mut seen = Vec::new();
        for name in self.texts().flat_map(|(_, text)| variables::names(text)) {
            if !seen.contains(&name) {
                seen.push(name);
            }
        }
        seen
    }

    /// What the list tells of it.
    #[must_use]
    pub fn glimpse(&self) -> Glimpse {
        Glimpse {
            description: self.description.clone(),
            surface: self.surface,
            method: self.method,
            path: self.path.clone(),
            free: self.is_free(),
            variables: self.variables().into_iter().map(str::to_owned).collect(),
        }
    }

    /// Every text that may hold variables, and what it is called.
    fn texts(&self) -> impl Iterator<Item = (String, &str)> {
        let places = self.places.iter().map(|(name, value)| (format!("the path parameter {name}"), value.as_str()));
        let query = self.query.iter().flat_map(|(name, values)| {
            values.iter().map(move |value| (format!("the parameter {name}"), value.as_str()))
        });
        let headers = self.headers.iter().map(|(name, value)| (format!("the header {name}"), value.as_str()));
        let around = [("the path".to_owned(), self.path.as_str()), ("the body".to_owned(), self.body.as_str())];
        around.into_iter().chain(places).chain(query).chain(headers)
    }

    /// Whether nothing in it lets its reader in. `known` finds the credentials that are at hand, in whatever form.
    ///
    /// # Errors
    /// [`Unfit::Secret`], which names the place and never the value.
    pub fn holds_no_secret(&self, known: &dyn Fn(&str) -> bool) -> Result<(), Unfit> {
        let description = ("the description".to_owned(), self.description.as_str());
        if let Some((place, text)) = self.texts().chain([description]).find(|(_, text)| lets_in(text, known)) {
            // A body is long, and the name of what lets in is none.
            let name = handing::first_key(&variables::without(text)).filter(|_| !known(text));
            return Err(Unfit::Secret(name.map_or_else(|| place.clone(), |name| format!("{place}, its {name},"))));
        }
        let query = self.query.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
        let parameter = self.places.iter().map(|(name, value)| (name, value)).chain(query);
        if let Some((name, _)) = parameter.into_iter().find(|(name, value)| named_so(name, value, known)) {
            return Err(Unfit::Secret(format!("the parameter {name}")));
        }
        let header = self.headers.iter().find(|(name, value)| named_so(name, value, known));
        header.map_or(Ok(()), |(name, _)| Err(Unfit::Secret(format!("the header {name}"))))
    }
}

/// Whether a text lets its reader in, what its variables will stand for left aside.
#[must_use]
pub fn lets_in(text: &str, known: &dyn Fn(&str) -> bool) -> bool {
    let bare = variables::without(text);
    known(text) || handing::without_keys(&bare) != bare
}

/// Whether a value is one that its name gives away.
fn named_so(name: &str, value: &str, known: &dyn Fn(&str) -> bool) -> bool {
    known(name) || handing::is_named_key(name, value)
}

/// What the list tells of a saved request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glimpse {
    /// What it is for.
    pub description: String,
    /// The API.
    pub surface: Surface,
    /// The method.
    pub method: Method,
    /// The path.
    pub path: String,
    /// Whether the catalogue does not know it.
    pub free: bool,
    /// The names of its variables.
    pub variables: Vec<String>,
}

/// A saved request in the list of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is called.
    pub key: Key,
    /// What it is, or why it cannot be read, a sentence with line and column.
    pub own: Result<Glimpse, String>,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// In the order in which they are shown.
    pub entries: Vec<Entry>,
    /// Their folders, as they are shown: a person's own, and that of the repository where there is one or could be.
    pub folders: BTreeMap<Place, String>,
    /// What is to be said besides, a sentence each.
    pub remarks: Vec<String>,
}

impl Listing {
    /// The entry of that name.
    #[must_use]
    pub fn find(&self, key: &Key) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == *key)
    }
}

/// A name for a request that has none: that of its operation, or its path.
#[must_use]
pub fn suggested(draft: &Draft) -> String {
    let endpoint = &draft.endpoint;
    if !endpoint.operation.is_empty() {
        return endpoint.operation.clone();
    }
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let words: String = format!("{} {}", endpoint.method, endpoint.path).chars().take(60).map(plain).collect();
    let words: Vec<&str> = words.split('-').filter(|word| !word.is_empty()).collect();
    words.join("-").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(method: Method, text: &str) -> Draft {
        Draft::from_path(method, text, None, Environment::Staging, &Environments::pleo()).expect("a draft")
    }

    fn nothing(_: &str) -> bool {
        false
    }

    #[test]
    fn a_request_is_there_again_with_its_variables() {
        let path =
            "/v2/employees?companyId={{companyId}}&sorting_keys=name&sorting_keys=id&limit=5&limit=6&mine=1&mine=&x";
        let mut own = draft(Method::Get, path);
        own.own_headers = vec![("X-Trace".to_owned(), "{{trace}} 1".to_owned()), Default::default()];
        let saved = Saved::of(&own, "why").unwrap();
        own.own_headers.pop();
        let again = saved.draft().unwrap();
        assert_eq!(again, own);
        assert_eq!(Saved::of(&again, "why").unwrap(), saved);
        assert_eq!(saved.variables(), ["companyId", "trace"]);
        let mut write = draft(Method::Post, "/v1/vendors");
        write.body = String::new();
        assert_eq!(Saved::of(&write, "").unwrap().draft().unwrap().body, "", "no template comes in its place");
        let one = draft(Method::Get, "/v2/employees/{{id}}");
        assert_eq!(Saved::of(&one, "").unwrap().places, [("employeeId".to_owned(), "{{id}}".to_owned())]);
    }

    #[test]
    fn what_the_catalogue_does_not_know_is_free() {
        let mut own = Saved::of(&draft(Method::Get, "/v9/things/{{id}}"), "").unwrap();
        assert!(own.is_free() && own.draft().unwrap().endpoint.is_free());
        own.path = "/v9/things/{id}/{of}".to_owned();
        own.places = vec![("id".to_owned(), "a/b c".to_owned()), ("of".to_owned(), "{{of}}".to_owned())];
        assert_eq!(own.draft().unwrap().endpoint.path, "/v9/things/a%2Fb%20c/{{of}}");
        let link = Draft::elsewhere(Method::Get, "https://files.example/r?sig=1".parse().unwrap());
        assert_eq!(Saved::of(&link, ""), Err(Unfit::Link));
    }

    #[test]
    fn no_credential_is_saved_and_its_place_is_named() {
        let clean = Saved::of(&draft(Method::Get, "/v2/employees?code=E1"), "Bearer of news").unwrap();
        assert_eq!(clean.holds_no_secret(&nothing), Ok(()));
        let with = |change: &dyn Fn(&mut Saved)| {
            let mut own = clean.clone();
            change(&mut own);
            own.holds_no_secret(&|text| text.contains("CNRY"))
        };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let refused = |place: &str| Err(Unfit::Secret(place.to_owned()));
        let header = |name: &str, value: &str| with(&|own| own.headers = vec![pair(name, value)]);
        assert_eq!(header("X-Api-Key", "anything"), refused("the header X-Api-Key"));
        assert_eq!(header("X-Api-Key", "{{key}}"), Ok(()));
        assert_eq!(header("X-Other", "Bearer abcdefgh12345"), refused("the header X-Other"));
        assert_eq!(header("X-Other", "Bearer {{token}}"), Ok(()));
        assert_eq!(header("X-Other", "a CNRY b"), refused("the header X-Other"));
        let query = |name: &str, value: &str| with(&|own| own.query = vec![(name.to_owned(), vec![value.to_owned()])]);
        assert_eq!(query("access_token", "abc"), refused("the parameter access_token"));
        assert_eq!(query("access_token", "{{token}}"), Ok(()));
        assert_eq!(query("password", "abc"), refused("the parameter password"));
        assert_eq!(query("CNRY", "abc"), refused("the parameter CNRY"));
        let body = |text: &str| with(&|own| text.clone_into(&mut own.body));
        assert_eq!(body("{\"secret\": \"whsec_1\"}"), refused("the body, its secret,"));
        assert_eq!(body("{\"secret\": \"{{secret}}\"}"), Ok(()));
        assert_eq!(with(&|own| own.path = "/v9/CNRY".to_owned()), refused("the path"));
        assert_eq!(with(&|own| own.description = "pls_0123456789abcdef0".to_owned()), refused("the description"));
        let told = Unfit::Secret("the header X".to_owned()).to_string();
        assert!(told.contains("{{secret}}"), "{told}");
    }

    #[test]
    fn a_name_is_suggested() {
        assert_eq!(suggested(&draft(Method::Get, "/v2/employees")), "list-employees");
        assert_eq!(suggested(&draft(Method::Get, "/v9/a/{{b}}")), "get-v9-a-b");
    }
}
