//! A server of pages that does what a script says: whole pages, other statuses, halves and resets.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What is done with a request.
pub enum Answer {
    /// These bytes; the connection stays.
    Whole(Vec<u8>),
    /// These bytes, then the end of the connection.
    Cut(Vec<u8>),
    /// A reset.
    Reset,
    /// Nothing, for this long.
    Stall(Duration),
}

/// An answer with a status, more lines of its head, and a body.
pub fn answer(status: &str, lines: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{lines}\r\n{body}")
        .into_bytes()
}

/// A page of records with these numbers, of so many; the cursor leads to the next page.
pub fn page(records: impl Iterator<Item = usize>, total: usize, cursor: Option<&str>) -> String {
    let records: Vec<String> = records.map(record).collect();
    let next = cursor.map_or_else(String::new, |cursor| format!(",\"endCursor\":\"{cursor}\""));
    let more = cursor.is_some();
    format!(
        "{{\"data\":[{}],\"pagination\":{{\"hasNextPage\":{more},\"hasPreviousPage\":false{next},\"total\":{total}}}}}",
        records.join(",")
    )
}

/// The record of a number, as it is sent.
pub fn record(number: usize) -> String {
    format!("{{\"id\":{number},\"name\":\"No. {number}\"}}")
}

/// The value of a query parameter of a target.
pub fn parameter<'a>(target: &'a str, name: &str) -> Option<&'a str> {
    let query = target.split_once('?')?.1;
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(own, _)| *own == name).map(|(_, value)| value)
}

/// The server.
pub struct Paged {
    /// Where it is.
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Paged {
    /// Answers the target of each request as the script says.
    pub fn start(script: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let (script, seen) = (Arc::new(script), Arc::<Mutex<Vec<String>>>::default());
        let log = Arc::clone(&seen);
        let (told, address) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
                told.send(listener.local_addr().expect("an address")).expect("a test");
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&log)));
                }
            });
        });
        Self { address: address.recv().expect("an address"), seen }
    }

    /// The targets that were asked for, in order.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(mut stream: TcpStream, script: Arc<impl Fn(&str) -> Answer>, seen: Arc<Mutex<Vec<String>>>) {
    let mut pending = Vec::new();
    loop {
        let mut bytes = [0; 4096];
        let end = loop {
            if let Some(end) = memchr::memmem::find(&pending, b"\r\n\r\n") {
                break end + 4;
            }
            match stream.read(&mut bytes).await {
                Ok(count) if count > 0 => pending.extend_from_slice(&bytes[..count]),
                _ => return,
            }
        };
        let head = String::from_utf8_lossy(&pending[..end]).into_owned();
        pending.drain(..end);
        let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
        seen.lock().unwrap_or_else(PoisonError::into_inner).push(target.clone());
        match script(&target) {
            Answer::Whole(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Answer::Cut(bytes) => {
                // The other side may be gone already.
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                return;
            }
            Answer::Reset => {
                let _ = stream.set_zero_linger();
                return;
            }
            Answer::Stall(time) => tokio::time::sleep(time).await,
        }
    }
}
