//! A login with OAuth: the address is shown, the browser or the person brings the code, and tokens come for it.

use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::{sleep_until, timeout_at};

use super::Tools;
use crate::app::event::{Facts, Failure, Phase, Reply, WorkId};
use crate::app::login::PATIENCE;
use crate::edge::oauth::{Attempt, Callback, Grant, Say};
use crate::edge::program;
use crate::pleo::credential::Credential;
use crate::pleo::environment::is_loopback;
use crate::pleo::oauth::{CallbackError, Login};
use crate::secret::Secret;

/// Logs in and tells what happens.
pub async fn run(tools: Tools, id: WorkId, login: Login, pasted: Receiver<Secret>, outbox: Sender<Reply>) {
    let at = |url: String, listens: bool| {
        let (outbox, reply) = (outbox.clone(), Reply::LoginAt(id, url.clone(), listens));
        // It waits for room, unlike what is only said. Without a screen nobody asks.
        tokio::spawn(async move { outbox.send(reply).await });
        open_browser(url, tools.vault.hidden());
    };
    let say = |line: String| {
        // A busy screen can do without.
        let _ = outbox.try_send(Reply::Step(id, line));
    };
    let ended = log_in(&tools, login, pasted, &at, &say).await;
    let reply = match ended {
        Ok((credential, facts)) => Reply::LoggedIn(id, Ok(Box::new(credential)), facts),
        Err(failure) => {
            let sentence = tools.vault.redactor().text(&failure.sentence).into_owned();
            Reply::LoggedIn(id, Err(Failure { sentence, ..failure }), Facts::default())
        }
    };
    // Nobody listens any more when the program is leaving.
    let _ = outbox.send(reply).await;
}

/// Logs in: `at` is told the address and whether the browser comes back by itself; what a person pastes comes by `pasted`.
///
/// # Errors
/// [`Failure`], a sentence: the port is taken, the server refused, or five minutes have passed.
pub async fn log_in(
    tools: &Tools,
    login: Login,
    pasted: Receiver<Secret>,
    at: &(dyn Fn(String, bool) + Send + Sync),
    say: Say<'_>,
) -> Result<(Credential, Facts), Failure> {
    let environment = login.environment;
    let grant = grant(tools, login, pasted, at, say).await?;
    let renews = grant.refresh_token().is_some();
    let facts = Facts { tail: grant.access_token().tail(), left: grant.left(), renews, remark: None };
    Ok((tools.vault.add(environment, grant), facts))
}

async fn grant(
    tools: &Tools,
    login: Login,
    mut pasted: Receiver<Secret>,
    at: &(dyn Fn(String, bool) + Send + Sync),
    say: Say<'_>,
) -> Result<Grant, Failure> {
    let hosts = tools.environments.of(login.environment);
    if is_loopback(&hosts.api) != is_loopback(&hosts.auth) {
        let sentence = format!(
            "Only one of the API and the authorisation server of {} is overridden, and tokens of one do not belong to the other: point both at this machine (--base-url auth-{}=…), or none.",
            login.environment, login.environment
        );
        return Err(failure(sentence));
    }
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let callback = if login.is_loopback() { Some(Callback::listen(login.redirect_uri.url()).await?) } else { None };
    let attempt = Attempt::begin(login, &tools.environments)?;
    at(attempt.url().as_str().to_owned(), callback.is_some());
    let refused = |error: CallbackError| failure(format!("Not logged in: {error}."));
    let mut listened = Box::pin(async {
        match callback {
            Some(callback) => timeout_at(deadline, callback.code(&attempt)).await.unwrap_or(Err(CallbackError::NoCode)),
            None => std::future::pending().await,
        }
    });
    let code = loop {
        tokio::select! {
            biased;
            () = sleep_until(deadline) => {
                return Err(failure("Nobody came back within five minutes: begin the login again.".to_owned()));
            }
            found = &mut listened => break found.map_err(refused)?,
            Some(text) = pasted.recv() => match attempt.read_pasted(&text) {
                Ok(code) => break code,
                Err(error @ (CallbackError::NoCode | CallbackError::State(_))) => {
                    say(format!("! Nothing was taken: {error}."));
                }
                Err(error) => return Err(refused(error)),
            },
        }
    };
    // The listener is gone before the code is used.
    drop(listened);
    attempt.exchange(&tools.http, &code, say).await
}

/// Opens an address in the browser where there is one; where not, the person does.
pub fn open_browser(url: String, hidden: &[String]) {
    if std::env::var_os("PLEOSCOPE_NO_BROWSER").is_none_or(|value| value.is_empty()) {
        // It starts programs, which may take a moment; whether one is there is not known before.
        let hidden = hidden.to_vec();
        std::thread::spawn(move || program::browse(&url, &hidden));
    }
}

fn failure(sentence: String) -> Failure {
    Failure { phase: Phase::Answer, sentence }
}
