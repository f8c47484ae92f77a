//! What the worker sends for a person is kept, whatever becomes of it; what it asks for itself is not.

use std::time::Duration;

use pleoscope::app::event::{Effect, Reply, WorkId};
use pleoscope::app::history::{Ask, From, Listing, Told};
use pleoscope::edge::folders::Folders;
use pleoscope::edge::history::{History, Rules};
use pleoscope::pleo::endpoint::Method;
use pleoscope::pleo::environment::{Environment, Environments};
use pleoscope::pleo::history::{Entry, Kept};

use super::worker::Bench;

async fn list(history: &History) -> Vec<Entry> {
    let listing = Listing { query: "".parse().expect("a query"), scope: None, from: From::Newest, most: 50 };
    let told = history.ask(Ask::List(Box::new(listing))).await.expect("a list");
    if let Told::Listed(entries, _) = told { entries } else { Vec::new() }
}

async fn open(history: &History, id: i64) -> Kept {
    let told = history.ask(Ask::Open(id)).await.expect("an answer");
    let kept = if let Told::Opened(kept) = told { kept } else { None };
    *kept.expect("an exchange")
}

#[tokio::test(flavor = "multi_thread")]
async fn exchanges_are_kept_as_they_happen() {
    let folder = std::env::temp_dir().join(format!("pleoscope-http-history-{}", std::process::id()));
    let folders = Folders { config: folder.clone(), state: folder.clone() };
    let history = History::new(Some(&folders), Rules::default(), true, &Environments::pleo());
    let own = history.clone();
    let mut bench = Bench::with(move |tools| tools.history = own).await;
    let sends = [
        (Environment::Staging, Method::Get, "/v2/employees?limit=3", true),
        (Environment::Production, Method::Get, "/v2/employees?limit=2", true),
        (Environment::Staging, Method::Get, "/v2/employees?sandbox_fault=reset", true),
        // Stopped before it is answered.
        (Environment::Staging, Method::Get, "/v2/employees?sandbox_fault=slow=30s", false),
    ];
    for (id, (environment, method, path, ends)) in (1..).zip(sends) {
        let request = bench.request(environment, method, path);
        bench.line.effects.send(Effect::Send(WorkId(id), Box::new(request))).await.expect("a worker");
        if ends {
            while !matches!(bench.line.replies.recv().await, Some(Reply::Done(..) | Reply::Failed(..)) | None) {}
        } else {
            tokio::time::sleep(Duration::from_millis(200)).await;
            bench.line.effects.send(Effect::Cancel(WorkId(id))).await.expect("a worker");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    assert_eq!(history.settled().await, [""; 0]);
    let all = list(&history).await;
    let told: Vec<_> = all.iter().map(|entry| (entry.environment, entry.status)).collect();
    let (staging, production) = (Environment::Staging, Environment::Production);
    assert_eq!(told, [(staging, None), (staging, Some(200)), (production, Some(200)), (staging, Some(200))]);
    let first = open(&history, all[3].id).await.transcript;
    let answer = first.answer.expect("an answer");
    let body = answer.body.expect("a body");
    assert_eq!(answer.length, body.len() as u64);
    assert!(String::from_utf8_lossy(&body).starts_with("{\"data\":[{"));
    assert!(first.credential.expect("a label").label.starts_with("Standalone API key …"));
    assert!(first.began.is_some() && !first.timing.total.is_zero());
    let second = open(&history, all[2].id).await.transcript.answer.expect("an answer");
    assert!(second.body.is_none() && second.length > 0, "bodies of production are not kept");
    let reset = open(&history, all[1].id).await.transcript.failure;
    assert!(reset.as_ref().is_some_and(|sentence| sentence.contains("broke off")), "{reset:?}");
    assert_eq!(open(&history, all[0].id).await.transcript.failure.as_deref(), Some("It was cancelled."));
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}
