//! Who a credential is: what `GET /v1/introspect` and `GET /v1/companies` tell of it, and what it may do.

use serde_json::Value;

use super::endpoint::{Endpoint, ScopeSource, Surface};

/// A company that a credential sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// Its id, a UUID.
    pub id: String,
    /// Its name, for people.
    pub name: String,
}

/// What the two endpoints told. Everything may be missing: Pleo documents few of these fields as required.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The status that introspection was answered with.
    pub answered: Option<u16>,
    /// `authMethod`: by what the server took the credential.
    pub method: Option<String>,
    /// `applicationName`: the integration or the name of the key.
    pub application: Option<String>,
    /// `clientId`.
    pub client_id: Option<String>,
    /// `subjectURN`: the company or organisation that the credential belongs to.
    pub subject: Option<String>,
    /// The granted scopes; none when the server did not tell.
    pub scopes: Option<Vec<String>>,
    /// The companies in reach, as far as they were read.
    pub companies: Vec<Company>,
    /// What could not be learnt, a sentence each.
    pub remarks: Vec<String>,
}

/// Whether a credential has the scopes that an operation needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It has them all.
    Has,
    /// It lacks one, and that the operation needs it is documented.
    Lacks,
    /// Nobody can tell: the scopes are not known, or what the operation needs is uncertain.
    Unknown,
}

impl Access {
    /// The word beside the mark.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Has => "has",
            Self::Lacks => "lacks",
            Self::Unknown => "unknown",
        }
    }

    /// The mark, which tells the three apart without colour.
    #[must_use]
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Has => "✓",
            Self::Lacks => "✗",
            Self::Unknown => "?",
        }
    }
}

impl Identity {
    /// Reads the answer of `GET /v1/introspect`.
    pub fn take_introspection(&mut self, answer: &Value) {
        let data = answer.get("data").unwrap_or(answer);
        let text = |name: &str| data.get(name).and_then(Value::as_str).map(str::to_owned);
        self.method = text("authMethod");
        self.application = text("applicationName");
        self.client_id = text("clientId");
        self.subject = text("subjectURN").or_else(|| text("subjectUrn"));
        self.scopes = match data.get("scope") {
            Some(Value::String(scopes)) => Some(scopes.split_whitespace().map(str::to_owned).collect()),
            Some(Value::Array(scopes)) => Some(scopes.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            _ => None,
        };
    }

    /// Reads a page of `GET /v1/companies`; gives the cursor of the next one.
    pub fn take_companies(&mut self, page: &Value) -> Option<String> {
        let rows = page.get("data").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        self.companies.extend(rows.iter().filter_map(|row| {
            let id = row.get("id")?.as_str()?.to_owned();
            let name = row.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            Some(Company { id, name })
        }));
        let paging = page.get("pagination")?;
        let more = paging.get("hasNextPage").and_then(Value::as_bool).unwrap_or(false);
        more.then(|| paging.get("endCursor").and_then(Value::as_str).map(str::to_owned)).flatten()
    }

    /// The company or organisation, in words: its name where it is known, else the end of its URN.
    #[must_use]
    pub fn reach(&self) -> Option<String> {
        let subject = self.subject.as_deref()?;
        let (kind, id) =
            subject.strip_prefix("urn:pleo:").and_then(|rest| rest.split_once(':')).unwrap_or(("", subject));
        let known = self.companies.iter().find(|company| company.id == id).map(|company| company.name.as_str());
        Some(match (kind, known) {
            ("company", Some(name)) => name.to_owned(),
            ("organisation" | "organization", _) => match self.companies.len() {
                0 => "organisation".to_owned(),
                1 => "organisation of 1 company".to_owned(),
                count => format!("organisation of {count} companies"),
            },
            ("", _) => id.to_owned(),
            _ => format!("{kind} {}", id.get(..8).unwrap_or(id)),
        })
    }

    /// The application's name, else the client's id.
    #[must_use]
    pub fn who(&self) -> Option<&str> {
        self.application.as_deref().filter(|name| !name.is_empty()).or(self.client_id.as_deref())
    }

    /// One line for the banner: method, application or client, company or organisation, number of scopes.
    #[must_use]
    pub fn summary(&self) -> String {
        let scopes = self.scopes.as_ref().map(|scopes| match scopes.len() {
            1 => "1 scope".to_owned(),
            count => format!("{count} scopes"),
        });
        let parts = [self.method.clone(), self.who().map(str::to_owned), self.reach(), scopes];
        let told = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        if told.is_empty() { self.remarks.join(" ") } else { told }
    }

    /// Whether the credential has a scope. One public client lists `tag-group:…` in production where the documents say
    /// `tag-groups:…`; the two count as one.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> Option<bool> {
        let plain = |scope: &str| scope.replace("tag-group:", "tag-groups:");
        Some(self.scopes.as_ref()?.iter().any(|held| plain(held) == plain(scope)))
    }

    /// Whether an operation is in reach.
    #[must_use]
    pub fn access(&self, endpoint: &Endpoint) -> Access {
        if endpoint.surface == Surface::Legacy || endpoint.scopes.is_empty() {
            return Access::Unknown;
        }
        let held: Option<Vec<bool>> = endpoint.scopes.iter().map(|scope| self.has_scope(scope)).collect();
        match held {
            None => Access::Unknown,
            Some(held) if held.iter().all(|has| *has) => Access::Has,
            Some(_) if endpoint.scope_source == ScopeSource::Documented => Access::Lacks,
            Some(_) => Access::Unknown,
        }
    }
}

/// How sure it is which scope an operation needs, in words; nothing where it is documented.
#[must_use]
pub const fn certainty(source: ScopeSource) -> &'static str {
    match source {
        ScopeSource::Documented | ScopeSource::None => "",
        ScopeSource::ThirdParty => " (by a third party, uncertain)",
        ScopeSource::Inferred => " (inferred, uncertain)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pleo::catalogue::Catalogue;
    use serde_json::json;

    fn identity(scope: &str) -> Identity {
        let mut identity = Identity::default();
        identity.take_introspection(&json!({"data": {
            "applicationName": "Books", "authMethod": "OAUTH2", "scope": scope,
            "subjectURN": "urn:pleo:company:c8e3b322-0ac0-4c7d-8b96-381084442e8d",
        }}));
        identity
    }

    #[test]
    fn the_banner_names_method_application_company_and_scopes() {
        let mut who = identity("users:read companies:read");
        assert_eq!(who.summary(), "OAUTH2 · Books · company c8e3b322 · 2 scopes");
        let page = json!({"data": [{"id": "c8e3b322-0ac0-4c7d-8b96-381084442e8d", "name": "Nordwind"}, {"name": "no id"}],
            "pagination": {"hasNextPage": true, "endCursor": "AB"}});
        assert_eq!(who.take_companies(&page).as_deref(), Some("AB"));
        assert_eq!(who.summary(), "OAUTH2 · Books · Nordwind · 2 scopes");
        who.subject = Some("urn:pleo:organisation:x".into());
        assert_eq!(who.reach().as_deref(), Some("organisation of 1 company"));
        assert_eq!(Identity::default().summary(), "");
    }

    #[test]
    fn access_is_unknown_where_the_facts_are_uncertain() {
        let catalogue = Catalogue::embedded();
        let of = |name: &str| catalogue.operation(name).expect("operation");
        let who = identity("users:read tag-group:read");
        assert_eq!(who.access(of("list-employees")), Access::Has);
        assert_eq!(who.access(of("list-export-jobs")), Access::Lacks);
        assert_eq!(who.access(of("list-companies")), Access::Unknown, "a third party's word");
        assert_eq!(who.access(of("introspect")), Access::Unknown, "none documented");
        assert_eq!(who.has_scope("tag-groups:read"), Some(true));
        assert_eq!(Identity::default().access(of("list-employees")), Access::Unknown);
    }
}
