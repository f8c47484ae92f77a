//! The listener that the browser comes back to (RFC 8252, section 7.3): on this machine only, one path, and gone with the
//! first valid answer.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use url::{Host, Url};

use super::Attempt;
use crate::app::event::{Failure, Phase};
use crate::pleo::oauth::CallbackError;
use crate::secret::Secret;

/// The longest request that is read.
const LONGEST: usize = 16 * 1024;
/// How long a client may take for its request.
const PATIENCE: Duration = Duration::from_secs(5);
/// Requests that are read at the same time; more wait in the kernel.
const AT_ONCE: usize = 16;

/// What listens.
#[derive(Debug)]
pub struct Callback {
    listeners: Vec<TcpListener>,
}

impl Callback {
    /// Listens where a loopback redirect URI leads.
    ///
    /// # Errors
    /// A sentence that names the port.
    pub async fn listen(redirect_uri: &Url) -> Result<Self, Failure> {
        let port = redirect_uri.port_or_known_default().unwrap_or(0);
        let addresses = match redirect_uri.host() {
            Some(Host::Ipv4(ip)) => vec![IpAddr::V4(ip)],
            Some(Host::Ipv6(ip)) => vec![IpAddr::V6(ip)],
            // A browser may take either for localhost; a machine may lack one.
            _ => vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)],
        };
        let mut listeners = Vec::new();
        let mut refused = None;
        for address in addresses.into_iter().filter(IpAddr::is_loopback) {
            match TcpListener::bind(SocketAddr::new(address, port)).await {
                Ok(listener) => listeners.push(listener),
                Err(error) => refused = Some(error),
            }
        }
        match (listeners.is_empty(), refused) {
            (true, Some(error)) => Err(Failure {
                phase: Phase::Setup,
                sentence: format!(
                    "Port {port} of this machine cannot be listened on ({error}): free it, or choose another one that is registered."
                ),
            }),
            _ => Ok(Self { listeners }),
        }
    }

    /// Waits for the browser. A request that is not the answer to this login is told so and changes nothing.
    ///
    /// # Errors
    /// What the authorisation server refused with.
    pub async fn code(self, attempt: &Attempt) -> Result<Secret, CallbackError> {
        let (out, mut arrivals) = mpsc::channel(AT_ONCE);
        let tasks: Vec<_> = self
            .listeners
            .into_iter()
            .map(|listener| {
                Task(tokio::spawn(accept(listener, attempt.login().redirect_uri.url().clone(), out.clone())))
            })
            .collect();
        let found = loop {
            let Some((target, stream)) = arrivals.recv().await else {
                break Err(CallbackError::NoCode);
            };
            match attempt.read(&target) {
                Err(error @ (CallbackError::NoCode | CallbackError::State(_))) => {
                    say(stream, 400, &format!("Nothing was taken: {error}.")).await;
                }
                Ok(code) => {
                    say(stream, 200, "The code has arrived. You can close this page and go back to pleoscope.").await;
                    break Ok(code);
                }
                Err(error) => {
                    say(stream, 200, "The authorisation server refused. Go back to pleoscope.").await;
                    break Err(error);
                }
            }
        };
        drop(tasks);
        found
    }
}

/// A task that ends when this is dropped, and what it listens on with it.
struct Task(tokio::task::JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn accept(listener: TcpListener, redirect_uri: Url, out: mpsc::Sender<(String, TcpStream)>) {
    let room = std::sync::Arc::new(tokio::sync::Semaphore::new(AT_ONCE));
    while let (Ok(permit), Ok((stream, _))) =
        (std::sync::Arc::clone(&room).acquire_owned().await, listener.accept().await)
    {
        let (redirect_uri, out) = (redirect_uri.clone(), out.clone());
        tokio::spawn(async move {
            let _held = permit;
            if let Ok(Some(found)) = timeout(PATIENCE, request(stream, &redirect_uri)).await {
                // The login may have ended meanwhile.
                let _ = out.send(found).await;
            }
        });
    }
}

/// The target of a request to the one path, by its own name; anything else is answered here.
async fn request(mut stream: TcpStream, redirect_uri: &Url) -> Option<(String, TcpStream)> {
    let mut head = Vec::new();
    let mut piece = [0; 2048];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = stream.read(&mut piece).await.ok().filter(|count| *count > 0)?;
        head.extend_from_slice(&piece[..count]);
        if head.len() > LONGEST {
            say(stream, 431, "The request is too long.").await;
            return None;
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default().to_owned());
    let hosts: Vec<&str> = lines
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| name.eq_ignore_ascii_case("host"))
        .map(|(_, value)| value.trim())
        .collect();
    let own = &redirect_uri[url::Position::BeforeHost..url::Position::AfterPort];
    if hosts != [own] {
        say(stream, 421, "This address is not known here.").await;
        return None;
    }
    if target.split('?').next() != Some(redirect_uri.path()) {
        say(stream, 404, "There is nothing here.").await;
        return None;
    }
    if method != "GET" {
        say(stream, 405, "Only GET is answered here.").await;
        return None;
    }
    Some((target, stream))
}

/// Answers with a page without scripts and without anything that came with the request.
async fn say(mut stream: TcpStream, status: u16, sentence: &str) {
    let body = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>pleoscope</title><p>{sentence}</p></html>\n"
    );
    let head = format!(
        "HTTP/1.1 {status} {}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\nContent-Security-Policy: default-src 'none'\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n",
        if status == 200 { "OK" } else { "Refused" },
        body.len()
    );
    // A browser that went away needs no answer.
    let _ = timeout(PATIENCE, async {
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
        stream.shutdown().await
    })
    .await;
}
