//! A grant: the pair of tokens that a login gave, the client that owns it, and when it runs out.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::edge::http::TokenAnswer;
use crate::pleo::oauth::{Client, ClientAuthentication, TokenRefusal};
use crate::secret::Secret;

/// How long before its end a pair is renewed.
const EARLY: Duration = Duration::from_secs(60);
/// The least time between two renewals, whatever the server says of the first one's life.
const PAUSE: Duration = Duration::from_secs(30);
/// The longest life that is believed.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// A pair of tokens. They are opaque: never decoded, and what is known of them is what the token endpoint said.
#[derive(Clone, Debug)]
pub struct Grant {
    client: Client,
    access: Secret,
    refresh: Option<Secret>,
    scope: Option<String>,
    /// When it runs out, by the monotonic clock of this run and by the calendar, which other runs go by.
    ends: Option<(Instant, u64)>,
    /// When it was renewed in this run.
    renewed: Option<Instant>,
}

impl Grant {
    /// Reads the answer of the token endpoint. Where it leaves the refresh token or the scope out, the old ones hold.
    ///
    /// # Errors
    /// What the server refused with.
    pub fn read(answer: &TokenAnswer, client: Client, before: Option<&Self>) -> Result<Self, TokenRefusal> {
        let value: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let text =
            |name: &str| value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
        let (200, Some(access)) = (answer.status, text("access_token")) else {
            return Err(TokenRefusal {
                status: answer.status,
                error: text("error").unwrap_or_default(),
                description: text("error_description").unwrap_or_default(),
            });
        };
        let now = Instant::now();
        Ok(Self {
            client,
            access: Secret::new(access),
            refresh: text("refresh_token").map(Secret::new).or_else(|| before?.refresh.clone()),
            scope: text("scope").or_else(|| before?.scope.clone()),
            ends: value.get("expires_in").and_then(life).map(|life| (now + life, calendar() + life.as_secs())),
            renewed: before.map(|_| now),
        })
    }

    /// The access token.
    #[must_use]
    pub const fn access_token(&self) -> &Secret {
        &self.access
    }

    /// The refresh token.
    #[must_use]
    pub const fn refresh_token(&self) -> Option<&Secret> {
        self.refresh.as_ref()
    }

    /// The client that owns it.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Every secret in it.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        [Some(&self.access), self.refresh.as_ref(), self.client.secret.as_ref()].into_iter().flatten()
    }

    /// How long the access token still lives; nothing where the server did not say.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        self.ends.map(|(ends, _)| ends.saturating_duration_since(Instant::now()))
    }

    /// Whether it ends within a minute and is to be renewed before it is used.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.left().is_some_and(|left| left < EARLY) && self.may_renew()
    }

    /// Whether it can be renewed now: there is a refresh token, and the last renewal was not just now.
    #[must_use]
    pub fn may_renew(&self) -> bool {
        self.refresh.is_some() && self.renewed.is_none_or(|renewed| renewed.elapsed() >= PAUSE)
    }

    /// As it is kept: JSON for the keyring or the person's own program.
    #[must_use]
    pub fn to_kept(&self) -> Secret {
        let kept = json!({
            "access_token": self.access.expose(),
            "refresh_token": self.refresh.as_ref().map(Secret::expose),
            "expires_at": self.ends.map(|(_, at)| at),
            "scope": self.scope,
            "client_id": self.client.id,
            "client_secret": self.client.secret.as_ref().map(Secret::expose),
            "client_authentication": self.client.authentication.word(),
        });
        let secret = Secret::new(kept.to_string());
        wipe(kept);
        secret
    }

    /// Reads what [`Grant::to_kept`] wrote; `None` for anything else, which then is a token by itself.
    #[must_use]
    pub fn from_kept(kept: &Secret) -> Option<Self> {
        let value: Value = serde_json::from_str(kept.expose()).ok()?;
        let text =
            |name: &str| value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
        let ends = value.get("expires_at").and_then(Value::as_u64).map(|at| {
            let left = Duration::from_secs(at.saturating_sub(calendar())).min(LONGEST);
            (Instant::now() + left, at)
        });
        let authentication = match text("client_authentication").as_deref() {
            Some("form") => ClientAuthentication::Form,
            _ => ClientAuthentication::Basic,
        };
        let secret = text("client_secret").map(Secret::new);
        let grant = Self {
            client: Client { id: text("client_id").unwrap_or_default(), secret, authentication },
            access: Secret::new(text("access_token")?),
            refresh: text("refresh_token").map(Secret::new),
            scope: text("scope"),
            ends,
            renewed: None,
        };
        wipe(value);
        Some(grant)
    }
}

/// Strings of a JSON value are overwritten before they are given back.
fn wipe(value: Value) {
    if let Value::Object(members) = value {
        for (_, member) in members {
            if let Value::String(text) = member {
                drop(Zeroizing::new(text));
            }
        }
    }
}

/// The life that a server says: a number, also as text; nonsense counts as unsaid, and what is past as over.
fn life(value: &Value) -> Option<Duration> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    if seconds.is_nan() {
        return None;
    }
    Some(Duration::from_secs_f64(seconds.clamp(0.0, LONGEST.as_secs_f64())))
}

/// Seconds since 1970.
fn calendar() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(body: &str) -> Result<Grant, TokenRefusal> {
        let answer = TokenAnswer { status: 200, body: Zeroizing::new(body.as_bytes().to_vec()) };
        let client = Client { id: "me".into(), secret: None, authentication: ClientAuthentication::Basic };
        Grant::read(&answer, client, None)
    }

    /// Check 33, the part about odd lives: no panic, and never two renewals at once.
    #[test]
    fn promise_33_odd_lives_of_a_token() {
        for (expires_in, due) in [
            ("0", true),
            ("-1", true),
            ("1e18", false),
            ("\"3600\"", false),
            ("\"soon\"", false),
            ("null", false),
            ("59", true),
            ("61.5", false),
        ] {
            let body = format!(r#"{{"access_token":"a","refresh_token":"r","expires_in":{expires_in}}}"#);
            let first = grant(&body).expect("a grant");
            assert_eq!(first.is_due(), due, "{expires_in}");
            let answer = TokenAnswer { status: 200, body: Zeroizing::new(body.into_bytes()) };
            let second = Grant::read(&answer, first.client.clone(), Some(&first)).expect("a grant");
            assert!(!second.is_due() && !second.may_renew(), "{expires_in}: it was renewed just now");
        }
        let missing = grant(r#"{"access_token":"a"}"#).expect("a grant");
        assert!(missing.left().is_none() && !missing.is_due());
    }

    #[test]
    fn it_is_kept_whole_and_read_again() {
        let first = grant(r#"{"access_token":"a","refresh_token":"r","expires_in":3600,"scope":"users:read"}"#);
        let kept = first.expect("a grant").to_kept();
        let again = Grant::from_kept(&kept).expect("a grant");
        assert_eq!((again.access.expose(), again.refresh.as_ref().map(Secret::expose)), ("a", Some("r")));
        assert!(again.left().expect("an end") > Duration::from_secs(3500));
        assert!(["eyJ.a.token", "{}", ""].iter().all(|text| Grant::from_kept(&Secret::new((*text).into())).is_none()));
    }

    #[test]
    fn a_refusal_is_told() {
        let answer = TokenAnswer { status: 400, body: Zeroizing::new(br#"{"error":"invalid_grant"}"#.to_vec()) };
        let client = Client { id: "me".into(), secret: None, authentication: ClientAuthentication::Basic };
        assert!(Grant::read(&answer, client, None).expect_err("refused").is_final());
    }
}
