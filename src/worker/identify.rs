//! Asks the server who a credential is: introspection, then the companies in reach. Like all that is asked it is in the
//! history.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::mpsc::Sender;

use super::Tools;
use super::exchange::clean;
use super::measured::Measured;
use super::recording::Recording;
use crate::app::event::{Failure, Phase, Reply, WorkId};
use crate::pleo::catalogue::Catalogue;
use crate::pleo::credential::Credential;
use crate::pleo::endpoint::Surface;
use crate::pleo::identity::Identity;
use crate::pleo::preflight::Situation;
use crate::pleo::prepared::{Prepared, prepare};
use crate::pleo::request::Draft;

/// Most pages of companies that are read.
const MOST_PAGES: usize = 20;
/// Most bytes of an answer that is read for this.
const MOST_BYTES: usize = 8 << 20;

/// Asks, and tells what came of it.
pub async fn run(tools: Tools, id: WorkId, credential: Box<Credential>, outbox: Sender<Reply>) {
    let identity = identify(&tools, &credential).await.map_err(|unknown| unknown.failure);
    if let Some(facts) = tools.vault.known_facts(&credential) {
        // Nobody listens any more when the program is leaving.
        let _ = outbox.send(Reply::Known(id, facts)).await;
    }
    // Nobody listens any more when the program is leaving.
    let _ = outbox.send(Reply::Identified(id, Box::new(identity))).await;
}

/// Why it is not known who a credential is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What the server answered, if it did.
    pub status: Option<u16>,
    /// As a sentence.
    pub failure: Failure,
}

/// Who a credential is.
///
/// # Errors
/// [`Unknown`] when nothing at all could be learnt.
pub async fn identify(tools: &Tools, credential: &Credential) -> Result<Identity, Unknown> {
    ask(tools, credential).await.map_err(|unknown| {
        let sentence = tools.vault.redactor().text(&unknown.failure.sentence).into_owned();
        Unknown { failure: Failure { sentence, ..unknown.failure }, ..unknown }
    })
}

impl From<Failure> for Unknown {
    fn from(failure: Failure) -> Self {
        Self { status: None, failure }
    }
}

async fn ask(tools: &Tools, credential: &Credential) -> Result<Identity, Unknown> {
    let environment = credential.environment();
    if credential.kind().surface() == Surface::Legacy {
        return Err(
            failure("The legacy API tells nobody who a token is: try it with GET /v1/health.".to_owned()).into()
        );
    }
    let mut identity = Identity::default();
    let (status, answer) = read(tools, credential, "introspect", None).await?;
    match status {
        200 => identity.take_introspection(&answer),
        401 => {
            let sentence = format!(
                "{environment} does not know this {} (401): it is of the other environment, has expired or was revoked.",
                credential.kind()
            );
            return Err(Unknown { status: Some(401), failure: failure(sentence) });
        }
        status => identity.remarks.push(format!("Introspection was answered with {status}.")),
    }
    identity.answered = Some(status);
    if status == 200 && identity.method.is_none() && identity.scopes.is_none() {
        identity.remarks.push("What introspection answered says nothing of the credential.".to_owned());
    }
    let mut after = None;
    for page in 0..MOST_PAGES {
        let (status, answer) = match read(tools, credential, "list-companies", after.as_deref()).await {
            Ok(answered) => answered,
            Err(failure) => {
                identity.remarks.push(format!("The companies could not all be read. {}", failure.sentence));
                break;
            }
        };
        if status != 200 {
            identity.remarks.push(format!("The companies could not be read ({status})."));
            break;
        }
        let next = identity.take_companies(&answer);
        if next.is_none() || next == after {
            break;
        }
        after = next;
        if page + 1 == MOST_PAGES {
            identity.remarks.push(format!("Only the first {} companies were read.", identity.companies.len()));
        }
    }
    match tools.vault.introspect(&tools.http, credential, &|_| {}).await {
        Ok(None) => {}
        Ok(Some(token)) => {
            let active = token.get("active").and_then(Value::as_bool).unwrap_or(false);
            let issuer =
                token.get("iss").and_then(Value::as_str).map_or_else(String::new, |iss| format!(", issued by {iss}"));
            let said = if active { "active" } else { "not active" };
            identity.remarks.push(format!("The authorisation server says that the token is {said}{issuer}."));
        }
        Err(failure) => identity.remarks.push(failure.sentence),
    }
    if identity == Identity::default() {
        return Err(failure("The server told nothing of this credential.".to_owned()).into());
    }
    Ok(identity)
}

/// Reads one of our own questions, whole.
async fn read(
    tools: &Tools,
    credential: &Credential,
    operation: &str,
    after: Option<&str>,
) -> Result<(u16, Value), Failure> {
    let endpoint = Catalogue::current().operation(operation).map_err(|error| failure(error.to_string()))?;
    let mut draft = Draft::new(endpoint);
    if operation == "list-companies" {
        draft.add_query("limit", "100");
    }
    if let Some(cursor) = after {
        draft.add_query("after", cursor);
    }
    let situation = Situation::new(credential.environment(), &tools.environments, Some(credential));
    let request = prepare(&draft, &situation)
        .map_err(|findings| failure(findings.first().map_or_else(String::new, |finding| finding.sentence.clone())))?;
    let measured = Arc::new(Measured::begin());
    let mut recording = Recording::begin(&tools.history, &request, Arc::clone(&measured));
    let answered = answer(tools, credential, &request, &measured, &mut recording).await;
    measured.end();
    if let Err(failure) = &answered {
        recording.failed(failure.phase, &tools.vault.redactor().text(&failure.sentence));
    }
    recording.end();
    answered
}

/// Sends a question, and reads its answer.
async fn answer(
    tools: &Tools,
    credential: &Credential,
    request: &Prepared,
    measured: &Measured,
    recording: &mut Recording,
) -> Result<(u16, Value), Failure> {
    let quiet = |_: String| {};
    let (secret, _) = tools.vault.secret(&tools.http, credential, &quiet).await?;
    let (mut head, mut answer) = tools.http.send(request, Some(&secret), &measured.sending()).await?;
    if head.status == 401
        && let Some((new, _)) = tools.vault.renewed(&tools.http, credential, &secret, &quiet).await?
    {
        (head, answer) = tools.http.send(request, Some(&new), &measured.sending()).await?;
    }
    let status = head.status;
    recording.head(&clean(head, &tools.vault.redactor()));
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > MOST_BYTES {
            return Err(failure(format!("The answer to {} is too large.", request.endpoint().path)));
        }
    }
    let body = Bytes::from(tools.vault.redactor().bytes(&body).into_owned());
    recording.take(&body);
    Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
}

fn failure(sentence: String) -> Failure {
    Failure { phase: Phase::Answer, sentence }
}
