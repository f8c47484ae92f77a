//! What is measured of an exchange, against servers that are slow in one place each: what is compared are the phases with
//! each other and with how long the server waits, never with a clock of ours.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use pleoscope::app::event::{Failure, Phase};
use pleoscope::edge::http::{Authorities, Http, Measure};
use pleoscope::pleo::endpoint::Method;
use pleoscope::pleo::environment::{Environment, Environments};
use pleoscope::pleo::preflight::Situation;
use pleoscope::pleo::prepared::prepare;
use pleoscope::pleo::request::Draft;
use pleoscope::pleo::timing::{Timeouts, Timing, Wire};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// How long a server that is slow waits.
const SLOW: Duration = Duration::from_millis(300);

/// Pieces of an answer, each with the pause before it.
type Script = Vec<(Duration, Vec<u8>)>;

fn whole(body: &[u8], more: &str) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{more}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Answers each request on a connection by the script.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, script: &Script) {
    let mut seen = Vec::new();
    loop {
        let mut piece = [0; 1024];
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(length) => seen.extend_from_slice(&piece[..length]),
        }
        if seen.ends_with(b"\r\n\r\n") {
            seen.clear();
            for (pause, bytes) in script {
                tokio::time::sleep(*pause).await;
                if stream.write_all(bytes).await.and(stream.flush().await).is_err() {
                    return;
                }
            }
        }
    }
}

/// A server, by TLS after a pause where that is given.
async fn serve(script: Script, tls: Option<(Arc<ServerConfig>, Duration)>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let script = Arc::new(script);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (script, tls) = (Arc::clone(&script), tls.clone());
            tokio::spawn(async move {
                match tls {
                    None => answer(stream, &script).await,
                    Some((config, pause)) => {
                        tokio::time::sleep(pause).await;
                        if let Ok(stream) = TlsAcceptor::from(config).accept(stream).await {
                            answer(stream, &script).await;
                        }
                    }
                }
            });
        }
    });
    address
}

/// The clients of a run whose staging is there.
struct Run {
    http: Http,
    environments: Environments,
}

fn run(base: &str, limits: Timeouts, authorities: Authorities) -> Run {
    let mut environments = Environments::pleo();
    environments.override_with(&format!("staging={base}")).expect("loopback");
    let limits: BTreeMap<_, _> = [(Environment::Staging, limits)].into();
    Run { http: Http::new(environments.clone()).with(limits, authorities), environments }
}

impl Run {
    /// Asks, takes the body in, and tells what was measured.
    async fn ask(&self) -> (Result<Vec<u8>, Failure>, Timing, Wire) {
        let draft = Draft::from_path(Method::Get, "/v2/employees", None, Environment::Staging, &self.environments);
        let situation = Situation::new(Environment::Staging, &self.environments, None);
        let request = prepare(&draft.expect("a draft"), &situation).expect("a request");
        let measure = Measure::begin();
        let taken = async {
            let (_, mut answer) = self.http.send(&request, None, &measure).await?;
            let mut body = Vec::new();
            while let Some(piece) = answer.chunk().await? {
                body.extend_from_slice(&piece);
            }
            Ok(body)
        };
        let taken = taken.await;
        let (timing, wire) = measure.told();
        (taken, timing, wire)
    }
}

async fn asked(script: Script) -> (Run, Timing, Wire) {
    let address = serve(script, None).await;
    let run = run(&format!("http://{address}"), Timeouts::default(), Authorities::default());
    let (taken, timing, wire) = run.ask().await;
    taken.expect("an answer");
    assert_eq!(wire.remote, Some(address));
    (run, timing, wire)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_answer_is_waited_for_and_an_open_connection_has_no_phases_of_its_own() {
    let (run, timing, wire) = asked(vec![(SLOW, whole(b"{}", ""))]).await;
    let first = timing.first_byte.expect("a first byte");
    assert!(first >= SLOW && timing.download.expect("a download") < first, "{timing:?}");
    assert!(timing.tcp.is_some_and(|tcp| tcp < first) && timing.sent.is_some_and(|sent| sent < first), "{timing:?}");
    assert_eq!((timing.dns, timing.tls, wire.reused), (None, None, false), "an address, in plain text: {timing:?}");
    assert!(timing.total >= first);
    let mut again = run.ask().await;
    for _ in 0..10 {
        if again.2.reused {
            break;
        }
        // A connection is given back a moment after the body's end, and another one is opened until then.
        again = run.ask().await;
    }
    let (taken, timing, wire) = again;
    assert_eq!(taken.expect("an answer"), b"{}");
    assert_eq!((timing.dns, timing.tcp, timing.tls), (None, None, None), "{timing:?}");
    assert!(wire.reused && timing.sent.is_some() && timing.first_byte >= Some(SLOW), "{timing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_body_is_a_long_download() {
    let answer = whole(b"{\"data\":[]}", "");
    let (head, body) = answer.split_at(answer.len() - 5);
    // The server's pause begins when it has sent the head, a little before that is here.
    let pause = SLOW + SLOW / 2;
    let (_, timing, wire) = asked(vec![(Duration::ZERO, head.to_vec()), (pause, body.to_vec())]).await;
    let download = timing.download.expect("a download");
    assert!(download >= SLOW && timing.first_byte.expect("a first byte") < download, "{timing:?}");
    assert_eq!((wire.encoded, wire.decoded, wire.encoding), (Some(11), 11, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_looked_up_before_it_is_connected_to() {
    let address = serve(vec![(Duration::ZERO, whole(b"{}", ""))], None).await;
    let run = run(&format!("http://localhost:{}", address.port()), Timeouts::default(), Authorities::default());
    let (taken, timing, _) = run.ask().await;
    taken.expect("an answer");
    assert!(timing.dns.is_some() && timing.tcp.is_some(), "{timing:?}");
}

/// In chunks and compressed: no header tells either size.
#[tokio::test(flavor = "multi_thread")]
async fn both_sizes_of_a_compressed_body_are_counted() {
    let body = b"{\"data\":[]}".repeat(1000);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&body).expect("memory");
    let packed = gzip.finish().expect("memory");
    let (one, two) = packed.split_at(packed.len() / 2);
    let chunk = |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
    let head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n";
    let script = vec![
        (Duration::ZERO, [&head[..], &chunk(one)].concat()),
        (Duration::from_millis(20), [&chunk(two)[..], b"0\r\n\r\n"].concat()),
    ];
    let (_, _, wire) = asked(script).await;
    assert_eq!((wire.encoded, wire.decoded), (Some(packed.len() as u64), body.len() as u64));
    assert_eq!(wire.encoding.as_deref(), Some("gzip"));
}

/// An authority of one's own in a file, and a server that it vouches for until then.
fn authority(expires: i32) -> (Arc<ServerConfig>, PathBuf) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "Somebody's own authority");
    let own = params.self_signed(&key).expect("a certificate");
    let text = base64::engine::general_purpose::STANDARD.encode(own.der());
    let file =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("authority-{expires}-{}.pem", std::process::id()));
    let pem = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
    std::fs::write(&file, pem).expect("a file");
    let issuer = Issuer::new(params, key);
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("parameters");
    params.distinguished_name.push(DnType::CommonName, "The server of a test");
    params.not_before = rcgen::date_time_ymd(2019, 1, 1);
    params.not_after = rcgen::date_time_ymd(expires, 1, 1);
    let key = KeyPair::generate().expect("a key");
    let chain = vec![params.signed_by(&key, &issuer).expect("a certificate").der().clone()];
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a certificate and its key");
    (Arc::new(config), file)
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_told_from_tcp_and_says_what_it_agreed_on() {
    let (config, file) = authority(2100);
    let address = serve(vec![(Duration::ZERO, whole(b"{}", ""))], Some((config, SLOW))).await;
    let own = Authorities::read(&file, "--cacert").expect("authorities");
    let here = run(&format!("https://{address}"), Timeouts::default(), own);
    let (taken, timing, wire) = here.ask().await;
    taken.expect("an answer");
    let tls = timing.tls.expect("TLS");
    assert!(tls >= SLOW && timing.tcp.is_some_and(|tcp| tcp < tls), "{timing:?}");
    assert!(timing.first_byte.is_some_and(|first| first < tls) && timing.sent.is_some(), "{timing:?}");
    let agreed = wire.tls.expect("what was agreed on");
    assert_eq!((agreed.version.as_str(), agreed.cipher.starts_with("TLS13_")), ("TLS 1.3", true), "{agreed:?}");
    assert_eq!(agreed.subject, "CN=The server of a test");
    assert!(agreed.issuer.starts_with("CN=Somebody's own authority"), "{agreed:?}");
    assert_eq!(agreed.expires, Some("2100-01-01T00:00:00Z".parse().expect("a time")));
    assert!(wire.authorities.is_some_and(|told| told.ends_with(".pem (--cacert)")));
    // Without the file it is refused, and what was refused is told.
    let (taken, timing, wire) =
        run(&format!("https://{address}"), Timeouts::default(), Authorities::default()).ask().await;
    let failure = taken.expect_err("nobody vouches for it");
    assert!(failure.phase == Phase::Tls && failure.sentence.contains("--cacert"), "{failure}");
    assert!(timing.tls.is_some() && timing.sent.is_none() && timing.first_byte.is_none(), "{timing:?}");
    let refused = wire.tls.expect("the certificate");
    assert_eq!((refused.version.as_str(), refused.subject.as_str()), ("", "CN=The server of a test"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_certificate_is_refused_with_its_date() {
    let (config, file) = authority(2020);
    let address = serve(Vec::new(), Some((config, Duration::ZERO))).await;
    let own = Authorities::read(&file, "--cacert").expect("authorities");
    let (taken, _, wire) = run(&format!("https://{address}"), Timeouts::default(), own).ask().await;
    assert_eq!(taken.expect_err("it has expired").phase, Phase::Tls);
    assert_eq!(wire.tls.and_then(|tls| tls.expires), Some("2020-01-01T00:00:00Z".parse().expect("a time")));
}

/// Each limit by itself: the sentence names it and how to raise it, and the time went into its phase.
#[tokio::test(flavor = "multi_thread")]
async fn each_limit_is_named_when_it_is_reached() {
    let soon = Duration::from_millis(200);
    let never = Duration::from_secs(600);
    let (config, _) = authority(2101);
    let silent = serve(Vec::new(), Some((config, never))).await;
    let limits = Timeouts { connect: soon, ..Timeouts::default() };
    let (taken, timing, _) = run(&format!("https://{silent}"), limits, Authorities::default()).ask().await;
    let failure = taken.expect_err("TLS is not answered");
    assert!(failure.sentence.contains("200 ms") && failure.sentence.contains("--connect-timeout"), "{failure}");
    assert!(failure.phase == Phase::Tls && timing.tls > timing.tcp, "{failure} {timing:?}");

    let mute = serve(vec![(never, Vec::new())], None).await;
    let limits = Timeouts { first_byte: soon, ..Timeouts::default() };
    let (taken, timing, _) = run(&format!("http://{mute}"), limits, Authorities::default()).ask().await;
    let failure = taken.expect_err("nothing is answered");
    assert!(failure.sentence.contains("200 ms") && failure.sentence.contains("--first-byte-timeout"), "{failure}");
    assert!(failure.phase == Phase::Answer && timing.download.is_none(), "{failure} {timing:?}");
    assert!(timing.first_byte.is_some_and(|waited| waited > Duration::from_millis(100)), "{timing:?}");

    let stuck = serve(vec![(Duration::ZERO, whole(b"{}", "")[..60].to_vec()), (never, Vec::new())], None).await;
    let limits = Timeouts { idle: soon, ..Timeouts::default() };
    let begun = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":".to_vec();
    let half = serve(vec![(Duration::ZERO, begun), (never, Vec::new())], None).await;
    let (taken, timing, wire) = run(&format!("http://{half}"), limits, Authorities::default()).ask().await;
    let failure = taken.expect_err("the body does not end");
    assert!(failure.sentence.contains("200 ms") && failure.sentence.contains("--idle-timeout"), "{failure}");
    assert!(failure.phase == Phase::Body && timing.download >= Some(soon), "{failure} {timing:?}");
    assert_eq!((wire.encoded, wire.decoded), (Some(5), 5));
    // Half a head is none.
    let limits = Timeouts { first_byte: soon, ..Timeouts::default() };
    let (taken, ..) = run(&format!("http://{stuck}"), limits, Authorities::default()).ask().await;
    assert_eq!(taken.expect_err("the head does not end").phase, Phase::Answer);
}

#[test]
fn a_file_that_vouches_for_nobody_is_told() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join(format!("no-authority-{}.pem", std::process::id()));
    let told = |text: Option<&str>| {
        match text {
            Some(text) => std::fs::write(&file, text).expect("a file"),
            None => std::fs::remove_file(&file).expect("a file"),
        }
        Authorities::read(&file, "--cacert").expect_err("no authorities")
    };
    for text in ["", "nothing of the kind", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert!(told(Some(text)).contains("Name a file of certificates in PEM"), "{text:?}");
    }
    assert!(told(Some("-----BEGIN CERTIFICATE-----\n!!!\n")).contains("no-authority"));
    assert!(told(None).contains("cannot be used"), "it is not there");
}
