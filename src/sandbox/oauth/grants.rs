//! What the authorisation server remembers: questions, codes, and the tokens that came of them.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::clients::Client;
use super::{INVALID_GRANT, Refusal, random};

/// How long a person may think.
const QUESTION_LIFE: Duration = Duration::from_secs(600);
/// How long a code is good (RFC 6749, section 4.1.2, allows ten minutes at most).
const CODE_LIFE: Duration = Duration::from_secs(60);

/// An authorization request that is in order.
#[derive(Clone)]
pub struct Asked {
    /// Who asks.
    pub client: &'static Client,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// What goes back with the answer.
    pub state: Option<String>,
    /// What is asked for.
    pub scopes: Vec<&'static str>,
    /// The SHA-256 of the verifier to come (RFC 7636, section 4.2).
    pub challenge: Option<String>,
}

struct Code {
    asked: Asked,
    made: Instant,
    used: bool,
}

/// An access token.
pub struct Access {
    /// What is sent.
    pub value: String,
    /// What it may do.
    pub scopes: Vec<&'static str>,
    /// Its id.
    pub id: String,
    /// When it was issued, for people.
    pub issued: Timestamp,
    /// How long it is good.
    pub lifetime: Duration,
    /// When it was issued, for the clock that nobody sets.
    made: Instant,
}

impl Access {
    /// A new one.
    pub fn new(value: String, scopes: Vec<&'static str>, id: String, lifetime: Duration) -> Self {
        Self { value, scopes, id, issued: Timestamp::now(), lifetime, made: Instant::now() }
    }

    /// Whether its time is over.
    pub fn expired(&self) -> bool {
        self.made.elapsed() >= self.lifetime
    }
}

/// What a person allowed, and the only pair of tokens for it that is good.
pub struct Authorization {
    /// Whom it was allowed.
    pub client: &'static Client,
    /// What was allowed.
    pub scopes: Vec<&'static str>,
    /// The access token.
    pub access: Access,
    /// The refresh token.
    pub refresh: String,
    /// The refresh tokens before this one.
    spent: Vec<String>,
    /// The code that it began with.
    code: String,
}

impl Authorization {
    /// Takes the next pair; the one before is void from now on.
    pub fn rotate(&mut self, pair: (Access, String)) {
        let (access, refresh) = pair;
        self.access = access;
        self.spent.push(std::mem::replace(&mut self.refresh, refresh));
    }
}

/// What the authorisation server of one environment remembers.
#[derive(Default)]
pub struct Grants {
    questions: HashMap<String, (Instant, Asked)>,
    codes: HashMap<String, Code>,
    authorizations: Vec<Authorization>,
}

impl Grants {
    /// Keeps a request until the person answers, and gives its id.
    pub fn ask(&mut self, asked: Asked) -> Result<String, getrandom::Error> {
        let id = random()?;
        self.questions.retain(|_, (made, _)| made.elapsed() < QUESTION_LIFE);
        self.questions.insert(id.clone(), (Instant::now(), asked));
        Ok(id)
    }

    /// The request with this id, once.
    pub fn asked(&mut self, id: &str) -> Option<Asked> {
        self.questions.remove(id).filter(|(made, _)| made.elapsed() < QUESTION_LIFE).map(|(_, asked)| asked)
    }

    /// A code for what the person allowed.
    pub fn allow(&mut self, asked: Asked) -> Result<String, getrandom::Error> {
        let code = random()?;
        self.codes.insert(code.clone(), Code { asked, made: Instant::now(), used: false });
        Ok(code)
    }

    /// What a code stands for. The first attempt of its client uses it up, the second voids what came of the first (RFC
    /// 6749, section 4.1.2).
    pub fn redeem(&mut self, code: &str, client: &Client) -> Result<Asked, Refusal> {
        let unknown = || Refusal::new(INVALID_GRANT, "The code is not known");
        let known = self.codes.get_mut(code).filter(|known| known.asked.client.id == client.id).ok_or_else(unknown)?;
        if std::mem::replace(&mut known.used, true) {
            self.authorizations.retain(|it| it.code != code);
            return Err(Refusal::new(INVALID_GRANT, "The code was used before: every token that came of it is void"));
        }
        if known.made.elapsed() >= CODE_LIFE {
            return Err(Refusal::new(INVALID_GRANT, "The code has expired"));
        }
        Ok(known.asked.clone())
    }

    /// Begins an authorization.
    pub fn begin(&mut self, code: &str, asked: Asked, pair: (Access, String)) -> &Authorization {
        let (access, refresh) = pair;
        let (client, scopes, code) = (asked.client, asked.scopes, code.to_owned());
        self.authorizations.push(Authorization { client, scopes, access, refresh, spent: Vec::new(), code });
        &self.authorizations[self.authorizations.len() - 1]
    }

    /// The authorization of a refresh token, to be given its next pair. One that was rotated away voids it: either the
    /// client or a thief holds the next (RFC 9700, section 4.14.2).
    pub fn refreshable(&mut self, token: &str, client: &Client) -> Result<&mut Authorization, Refusal> {
        self.authorizations.retain(|it| it.client.id != client.id || !it.spent.iter().any(|spent| spent == token));
        let found = self.authorizations.iter_mut().find(|it| it.client.id == client.id && it.refresh == token);
        found.ok_or_else(|| Refusal::new(INVALID_GRANT, "invalid_refresh_token: it is not known, was used or revoked"))
    }

    /// The authorization of an access token, expired or not.
    pub fn of_access(&self, token: &str) -> Option<&Authorization> {
        self.authorizations.iter().find(|it| it.access.value == token)
    }

    /// The authorization of a refresh token.
    pub fn of_refresh(&self, token: &str) -> Option<&Authorization> {
        self.authorizations.iter().find(|it| it.refresh == token)
    }

    /// Voids everything that a client was allowed.
    pub fn revoke(&mut self, client: &str) {
        self.codes.retain(|_, code| code.asked.client.id != client);
        self.authorizations.retain(|it| it.client.id != client);
    }

    /// Ends the time of every access token.
    pub fn expire(&mut self) {
        self.authorizations.iter_mut().for_each(|it| it.access.lifetime = Duration::ZERO);
    }
}

#[cfg(test)]
mod tests {
    use super::super::clients::CLIENTS;
    use super::*;

    fn asked() -> Asked {
        let client = &CLIENTS[0];
        Asked { client, redirect_uri: String::new(), state: None, scopes: Vec::new(), challenge: None }
    }

    #[test]
    fn a_code_is_good_for_a_minute() {
        for (age, good) in [(CODE_LIFE / 2, true), (CODE_LIFE, false)] {
            let mut grants = Grants::default();
            let code = grants.allow(asked()).expect("a code");
            let made = Instant::now().checked_sub(age).expect("the machine runs for longer");
            grants.codes.get_mut(&code).expect("the code").made = made;
            assert_eq!(grants.redeem(&code, &CLIENTS[0]).is_ok(), good);
        }
    }

    #[test]
    fn a_question_is_good_for_ten_minutes() {
        let mut grants = Grants::default();
        let id = grants.ask(asked()).expect("an id");
        grants.questions.get_mut(&id).expect("the question").0 =
            Instant::now().checked_sub(QUESTION_LIFE).expect("the machine runs for longer");
        assert!(grants.asked(&id).is_none());
    }
}
