//! Two answers compared, over real sockets.

use std::time::{Duration, Instant};

use pleoscope::app::compare::Part;
use pleoscope::app::compare::answer::{Answer, Comparing, Comparison, Outcome};
use pleoscope::app::compare::report::{Format, Reporting};
use pleoscope::app::event::{Effect, Reply, WorkId};
use pleoscope::document::Document;
use pleoscope::document::diff::{DiffError, Options};
use pleoscope::pleo::endpoint::{Endpoint, Method};
use pleoscope::pleo::environment::Environment;

use super::worker::Bench;

/// What both environments answer to a read, asked at once.
async fn both(bench: &mut Bench, path: &str) -> [Answer; 2] {
    let mut sides = Vec::new();
    for environment in Environment::ALL {
        let request = bench.request(environment, Method::Get, path);
        sides.push((Answer::awaited(environment, request.url().as_str()), bench.send(request).await));
    }
    let mut waited = 2;
    while waited > 0 {
        let reply = bench.reply().await;
        for (answer, id) in &mut sides {
            waited -= usize::from(answer.take(*id, &reply));
        }
    }
    let mut answers = sides.into_iter().map(|(answer, _)| answer);
    [answers.next().expect("staging"), answers.next().expect("production")]
}

#[tokio::test]
async fn each_environment_answers_its_own_credential_and_what_differs_is_told() {
    let mut bench = Bench::new().await;
    let sides = both(&mut bench, "/v2/employees?limit=50").await;
    assert!(sides.iter().all(Answer::is_success));
    let seen: Vec<_> = sides.iter().map(|own| own.url.clone()).collect();
    assert_ne!(seen[0], seen[1]);
    let documents = sides.each_ref().map(|own| own.document.clone());
    let comparing = Comparing { documents, options: Options::default(), shape: false };
    let id = WorkId(100);
    bench.line.effects.send(Effect::Compare(id, Box::new(comparing))).await.expect("a worker");
    let found = match bench.reply().await {
        Reply::Compared(own, found) if own == id => found.expect("a result"),
        other => panic!("{other:?}"),
    };
    let Outcome::Values(diff) = &found.outcome else { panic!("{found:?}") };
    assert_eq!(found.more, [true, true]);
    assert!(diff.counts.all() > 50 && diff.list.as_ref().is_some_and(|list| list.records == [50, 50]));
    // Both values of a difference, and a report.
    let own = diff.differences.iter().find(|own| own.left.is_some() && own.right.is_some()).expect("a change");
    let part = |side: usize| {
        let value = if side == 0 { &own.left } else { &own.right };
        let range = value.clone().expect("a value").range;
        Part { label: sides[side].label.clone(), value: Some((sides[side].document.body().clone(), range)) }
    };
    bench.line.effects.send(Effect::OpenBoth(WorkId(101), Box::new([part(0), part(1)]))).await.expect("a worker");
    match bench.reply().await {
        Reply::Opened(_, body) => {
            let text = String::from_utf8(body.read(0..body.len()).into_owned()).expect("text");
            assert!(text.starts_with("STAGING:\n") && text.contains("\n\nPRODUCTION:\n"), "{text}");
        }
        other => panic!("{other:?}"),
    }
    let comparison = Comparison::new(&Endpoint::free(Method::Get, "/v2/employees"), "/v2/employees?limit=50", sides);
    let reporting = Reporting { comparison, found: std::sync::Arc::new(found), format: Format::Json };
    bench.line.effects.send(Effect::Report(WorkId(102), Box::new(reporting))).await.expect("a worker");
    match bench.reply().await {
        Reply::Reported(_, document, "json") => assert!(document.is_json() && document.malformed().is_none()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_comparison_of_large_answers_is_stopped_at_once() {
    let mut bench = Bench::new().await;
    let sides = both(&mut bench, "/v2/employees?sandbox_fault=huge=20MB").await;
    let documents = sides.map(|own| own.document);
    assert!(documents.iter().all(|own| own.len() >= 20_000_000));
    let comparing = Comparing { documents, options: Options::default(), shape: false };
    let (first, second) = (WorkId(100), WorkId(101));
    bench.line.effects.send(Effect::Compare(first, Box::new(comparing.clone()))).await.expect("a worker");
    bench.line.effects.send(Effect::Cancel(first)).await.expect("a worker");
    let stopped = Instant::now();
    let small = Comparing { documents: [Document::default(), Document::default()], ..comparing };
    bench.line.effects.send(Effect::Compare(second, Box::new(small))).await.expect("a worker");
    match bench.reply().await {
        Reply::Compared(id, found) => assert!(id == second && *found != Err(DiffError::Cancelled)),
        other => panic!("{other:?}"),
    }
    assert!(stopped.elapsed() < Duration::from_secs(5));
}
