//! What reading a body costs, beside counting its newlines and beside `serde_json` into a `Value`.
//!
//! `cargo bench --bench document` takes about two minutes; a word behind `--` picks some, as `cargo bench --bench document -- scan`.
//! The bodies are those that the sandbox sends for `huge=`.

#![expect(clippy::unwrap_used, reason = "a measurement fails by panicking")]

use std::hint::black_box;
use std::time::Duration;

use bytes::Bytes;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
    measurement::WallTime,
};
use pleoscope::app::conform;
use pleoscope::document::diff::{Options as Comparing, diff, shape};
use pleoscope::document::{Document, Folds, Query, Scanner, examine, find_all};
use pleoscope::pleo::credential::CredentialKind;
use pleoscope::pleo::endpoint::Surface;
use pleoscope::pleo::environment::Environment;
use pleoscope::pleo::model::Models;
use pleoscope::sandbox::{self, Options};
use pleoscope::secret::{Redacted, Redactor, Secret};

/// What the network gives at a time.
const CHUNK: usize = 16 * 1024;
/// Rows of a large terminal.
const SCREEN: usize = 60;
/// Names of sizes as the sandbox reads them; the last one is what is moved about in.
const SIZES: [&str; 3] = ["1MB", "10MB", "100MB"];

/// The sandbox's body of each size, in the chunks in which it is scanned.
fn bodies() -> Vec<(&'static str, Bytes)> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let sandbox = sandbox::start(Options::default()).await.unwrap();
        let (environment, kind) = (Environment::Staging, CredentialKind::StandaloneApiKey);
        let credentials = sandbox.demo_credentials();
        let key = &credentials.iter().find(|it| (it.0, it.1) == (environment, kind)).unwrap().2;
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut bodies = Vec::new();
        for size in SIZES {
            let mut url = sandbox.base(environment, Surface::External).join("/v2/employees").unwrap();
            url.set_query(Some(&format!("sandbox_fault=huge={size}")));
            let answer = client.get(url).basic_auth(key, Some("")).send().await.unwrap().error_for_status().unwrap();
            bodies.push((size, answer.bytes().await.unwrap()));
        }
        bodies
    })
}

fn chunks(body: &Bytes) -> impl Iterator<Item = Bytes> {
    (0..body.len()).step_by(CHUNK).map(|at| body.slice(at..body.len().min(at + CHUNK)))
}

/// A document as it is once its chunks have arrived.
fn received(body: &Bytes) -> Document {
    let (mut document, mut scanner) = (Document::new(), Scanner::new());
    for chunk in chunks(body) {
        let piece = scanner.scan(&chunk);
        document.append(chunk, &piece);
    }
    document.finish(&scanner.finish());
    document
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
    group
}

/// Through the whole body once.
fn whole(criterion: &mut Criterion, bodies: &[(&str, Bytes)]) {
    let mut scan = group(criterion, "scan");
    for (size, body) in bodies {
        scan.throughput(Throughput::Bytes(body.len() as u64));
        scan.bench_with_input(BenchmarkId::new("ours", size), body, |bencher, body| {
            bencher.iter(|| {
                let mut scanner = Scanner::new();
                for chunk in body.chunks(CHUNK) {
                    black_box(scanner.scan(chunk));
                }
                scanner.finish()
            });
        });
        scan.bench_with_input(BenchmarkId::new("ours, kept", size), body, |bencher, body| {
            bencher.iter_with_large_drop(|| received(body));
        });
        scan.bench_with_input(BenchmarkId::new("memchr, newlines", size), body, |bencher, body| {
            bencher.iter(|| memchr::memchr_iter(b'\n', black_box(body)).count());
        });
        // The largest would take as long as all else together.
        if *size != "100MB" {
            scan.bench_with_input(BenchmarkId::new("serde_json::Value", size), body, |bencher, body| {
                bencher.iter_with_large_drop(|| serde_json::from_slice::<serde_json::Value>(body).unwrap());
            });
        }
    }
    scan.finish();
}

/// Looking for a known secret in every chunk, as it is done before a body is scanned.
fn cleaned(criterion: &mut Criterion, bodies: &[(&str, Bytes)]) {
    let mut redactor = Redactor::default();
    redactor.learn(&Secret::new("pls_demo_staging_standalone_0000000001".into()));
    redactor.prepare();
    let mut clean = group(criterion, "clean");
    for (size, body) in bodies.iter().filter(|(size, _)| *size == "10MB") {
        clean.throughput(Throughput::Bytes(body.len() as u64));
        clean.bench_with_input(BenchmarkId::new("one secret known", size), body, |bencher, body| {
            bencher.iter(|| {
                let mut stream = Redacted::new(redactor.clone());
                for chunk in chunks(body) {
                    black_box(stream.push(chunk));
                }
                stream.finish()
            });
        });
    }
    clean.finish();
}

/// What looks at everything when a key asks for it.
fn asked_for(criterion: &mut Criterion, bodies: &[(&str, Bytes)]) {
    for (size, body) in bodies.iter().filter(|(size, _)| *size != "1MB") {
        let document = received(body);
        let mut fold = group(criterion, "fold_all");
        fold.throughput(Throughput::Bytes(document.len()));
        fold.bench_function(*size, |bencher| bencher.iter_with_large_drop(|| document.fold_all(1, &|| false)));
        fold.finish();
        let mut find = group(criterion, "find_all");
        find.throughput(Throughput::Bytes(document.len()));
        for (what, text) in [
            ("literal, 1 hit", "000000000999@"),
            ("literal, absent", "-000000000999"),
            ("case-sensitive, in every record", "Accountant"),
            ("smart case, in every record", "accountant"),
            ("smart case, absent", "accountancy"),
            ("smart case, begins with what is everywhere", "000000000999@huge"),
            ("smart case, beyond ASCII", "väinö"),
        ] {
            let finder = Query::new(text).finder().unwrap();
            find.bench_function(BenchmarkId::new(what, size), |bencher| {
                bencher.iter_with_large_drop(|| {
                    let mut hits = Vec::new();
                    find_all(document.body(), &finder, &|| false, &mut |_, mut more| hits.append(&mut more));
                    hits
                });
            });
        }
        find.finish();
        let mut repeated = group(criterion, "examine");
        repeated.throughput(Throughput::Bytes(document.len()));
        repeated.bench_function(*size, |bencher| bencher.iter(|| examine(document.body(), None, &|| false)));
        let shape = Models::embedded().of_answer("Page<Employee>").map(|shape| conform::of_model(&shape.whole));
        repeated.bench_function(BenchmarkId::new("against a model", size), |bencher| {
            bencher.iter(|| examine(document.body(), shape.as_ref(), &|| false));
        });
        repeated.finish();
    }
}

/// Two bodies beside each other: the same, with a change in one record, and with a change in every record.
fn compared(criterion: &mut Criterion, bodies: &[(&str, Bytes)]) {
    let mut group = group(criterion, "compare");
    for (size, body) in bodies.iter().filter(|(size, _)| *size != "1MB") {
        let (left, options) = (received(body), Comparing::default());
        let text = String::from_utf8(body.to_vec()).unwrap();
        let changes = [
            ("the same", text.clone()),
            ("one record differs", text.replacen("Accountant", "Bookkeeper", 1)),
            ("every record differs", text.replace("Accountant", "Bookkeeper")),
        ];
        group.throughput(Throughput::Bytes(body.len() as u64));
        for (what, text) in changes {
            let right = received(&Bytes::from(text));
            group.bench_function(BenchmarkId::new(what, size), |bencher| {
                bencher.iter_with_large_drop(|| diff(&left, &right, &options, &|| false).unwrap());
            });
        }
        group.bench_function(BenchmarkId::new("shapes", size), |bencher| {
            bencher.iter_with_large_drop(|| shape(&left, &left, &options, &|| false).unwrap());
        });
    }
    group.finish();
}

/// What is read again for every key.
fn moving(criterion: &mut Criterion, bodies: &[(&str, Bytes)]) {
    let mut group = group(criterion, "moving");
    group.measurement_time(Duration::from_millis(500));
    for (size, body) in bodies.iter().filter(|(size, _)| *size != "10MB") {
        let document = received(body);
        let folded = document.fold_all(2, &|| false);
        let plain = Folds::new();
        let rows = document.row_count();
        let (middle, end) = (rows / 2, rows - SCREEN as u64);
        let id = |what: &str| BenchmarkId::new(what, size);
        for (what, at) in [("a screen, middle", middle), ("a screen, end", end)] {
            group.bench_function(id(what), |bencher| bencher.iter(|| document.rows(&plain, black_box(at), SCREEN)));
        }
        let shown = folded.visible_rows(rows) / 2;
        group.bench_function(id("a screen of folded records, middle"), |bencher| {
            bencher.iter(|| document.rows(&folded, black_box(shown), SCREEN));
        });
        group.bench_function(id("row_at_offset, middle"), |bencher| {
            bencher.iter(|| document.row_at_offset(black_box(document.len() / 2)));
        });
        group.bench_function(id("path, middle"), |bencher| bencher.iter(|| document.path(black_box(middle))));
        group.bench_function(id("next_sibling, middle"), |bencher| {
            bencher.iter(|| document.next_sibling(black_box(middle)));
        });
    }
    group.finish();
}

fn document(criterion: &mut Criterion) {
    let bodies = bodies();
    whole(criterion, &bodies);
    cleaned(criterion, &bodies);
    asked_for(criterion, &bodies);
    compared(criterion, &bodies);
    moving(criterion, &bodies);
}

criterion_group!(benches, document);
criterion_main!(benches);
