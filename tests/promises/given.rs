//! Credentials that are given to a run by variables, and where each belongs.

use super::canary::Canary;
use super::server::{Arrival, Request};
use super::world::Ran;

/// A credential that a variable can give: its environment, its kind as the variable's name ends, and the secret.
pub struct Given {
    pub environment: &'static str,
    pub kind: &'static str,
    pub variable: String,
    pub secret: Canary,
}

impl Given {
    pub fn new(environment: &'static str, kind: &'static str) -> Self {
        let variable = format!("PLEOSCOPE_{}_{kind}", environment.to_uppercase());
        Self { environment, kind, variable, secret: Canary::new(&format!("{environment}-{}", kind.to_lowercase())) }
    }

    /// A fresh one of each.
    pub fn all() -> Vec<Self> {
        let kinds = ["API_KEY", "ACCESS_TOKEN", "LEGACY_TOKEN"];
        ["staging", "production"].into_iter().flat_map(|of| kinds.map(|kind| Self::new(of, kind))).collect()
    }

    pub fn pair(&self) -> (&str, &str) {
        (&self.variable, self.secret.text())
    }

    pub fn is_legacy(&self) -> bool {
        self.kind == "LEGACY_TOKEN"
    }

    /// The one host that it may go to.
    pub fn home(&self) -> &'static str {
        home(self.environment, self.is_legacy())
    }

    pub fn header(&self) -> String {
        if self.kind == "API_KEY" { self.secret.basic() } else { self.secret.bearer() }
    }
}

/// The one host that a credential may go to.
pub fn home(environment: &str, legacy: bool) -> &'static str {
    match (environment, legacy) {
        ("staging", false) => "external.staging.pleo.io",
        ("staging", true) => "openapi.staging.pleo.io",
        (_, false) => "external.pleo.io",
        (_, true) => "openapi.pleo.io",
    }
}

/// None of these secrets is in what the program wrote.
pub fn assert_quiet(ran: &Ran, given: &[Given]) {
    for one in given {
        one.secret.assert_not_in(ran.out.as_bytes(), "stdout");
        one.secret.assert_not_in(ran.err.as_bytes(), "stderr");
    }
}

/// The request carries this Authorization header and no other one, and the secret nowhere else.
pub fn assert_carries(request: &Request, header: &str, secret: &Canary) {
    assert_eq!(request.header("authorization"), [header]);
    let lines = request.lines.iter().filter(|line| secret.found_in(line.as_bytes()).is_some());
    assert_eq!(lines.count(), 1, "the secret is in one line only: {request:#?}");
    secret.assert_not_in(&request.body, "the body");
}

/// None of these secrets arrived anywhere, except those that the name says.
pub fn assert_nowhere(log: &[Arrival], given: &[Given], except: Option<&str>) {
    for one in given.iter().filter(|one| except != Some(one.variable.as_str())) {
        for arrival in log {
            one.secret.assert_not_in(&arrival.bytes, &format!("what came to {}", arrival.to));
        }
    }
}

pub fn path_of(legacy: bool) -> &'static [&'static str] {
    if legacy { &["send", "GET", "/v1/employees", "--legacy"] } else { &["send", "GET", "/v2/employees"] }
}
