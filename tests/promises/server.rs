//! Listeners that keep everything: what arrives is recorded as it comes, with the address and the name that it came to.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Longest wait for anything that a listener must see.
const DEADLINE: Duration = Duration::from_secs(30);
/// Between two pieces of an answer.
const PAUSE: Duration = Duration::from_millis(3);
/// The first byte of a connection that only asks whether those before it were taken.
const KNOCK: u8 = b'!';
/// The first byte of a TLS connection.
const HANDSHAKE: u8 = 0x16;

/// How a connection spoke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wire {
    /// It was closed without a byte.
    Silent,
    /// In plain text.
    Plain,
    /// By TLS.
    Tls,
    /// It began TLS and broke it off; why.
    Refused(String),
}

/// One connection.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Where it came to.
    pub to: SocketAddr,
    /// The name that TLS asked for.
    pub name: Option<String>,
    /// How it spoke.
    pub wire: Wire,
    /// Everything that came, without the TLS around it.
    pub bytes: Vec<u8>,
    /// The same, as requests.
    pub requests: Vec<Request>,
}

/// One request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The method.
    pub method: String,
    /// What stands between method and version.
    pub target: String,
    /// The lines of the head as they came, the first one included.
    pub lines: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The values of a header, in order.
    pub fn header(&self, name: &str) -> Vec<&str> {
        let split = self.lines.iter().skip(1).filter_map(|line| line.split_once(": "));
        split.filter(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
    }

    /// Reads a whole request off the front of what came.
    fn take(bytes: &mut Vec<u8>) -> Option<Self> {
        let end = memchr::memmem::find(bytes, b"\r\n\r\n")?;
        let lines: Vec<String> = String::from_utf8_lossy(&bytes[..end]).split("\r\n").map(ToOwned::to_owned).collect();
        let mut words = lines[0].split(' ').map(ToOwned::to_owned);
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let mut request = Self { method, target, lines, body: Vec::new() };
        let length = request.header("content-length").first().map_or(0, |length| length.parse().unwrap());
        let whole = end + 4 + length;
        if bytes.len() < whole {
            return None;
        }
        request.body = bytes[end + 4..whole].to_vec();
        bytes.drain(..whole);
        Some(request)
    }
}

/// What a listener does with a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Answers these bytes.
    Bytes(Vec<u8>),
    /// Answers these bytes piece by piece, with a pause after each.
    Pieces(Vec<Vec<u8>>),
    /// Answers these bytes and closes the connection.
    Last(Vec<u8>),
    /// Resets the connection.
    Reset,
    /// Says nothing, and keeps what comes until the other side goes.
    Stall,
    /// Answers these bytes and says nothing more until the other side goes.
    Begun(Vec<u8>),
    /// Answers these bytes and resets the connection once they are likely to have arrived.
    Broken(Vec<u8>),
    /// Answers the first bytes, then the second again and again with a pause before each, until the other side goes.
    Endless(Vec<u8>, Vec<u8>, Duration),
    /// Is a proxy: joins the other side to where it wants to go.
    Tunnel,
}

impl Reply {
    /// A whole answer; the connection stays open.
    pub fn new(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        Self::Bytes([head.as_bytes(), b"\r\n", body].concat())
    }

    /// JSON with a status.
    pub fn json(status: &str, body: &str) -> Self {
        Self::new(status, &[("Content-Type", "application/json")], body.as_bytes())
    }
}

/// What decides about the answers.
pub type Responder = dyn Fn(&Request) -> Reply + Send + Sync;

/// How the listeners do TLS.
#[derive(Clone)]
pub enum Tls {
    /// With this certificate.
    Modern(Arc<ServerConfig>),
    /// Only by TLS 1.1.
    Old,
}

/// What all listeners share.
struct Shared {
    log: Mutex<Vec<Arrival>>,
    open: Mutex<usize>,
    responder: Mutex<Arc<Responder>>,
    tls: Mutex<Tls>,
    runtime: tokio::runtime::Runtime,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A set of listeners with one log.
pub struct Listeners {
    shared: Arc<Shared>,
    addresses: Vec<SocketAddr>,
}

impl Listeners {
    /// None yet.
    pub fn new(tls: Arc<ServerConfig>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let shared = Shared {
            log: Mutex::default(),
            open: Mutex::default(),
            responder: Mutex::new(Arc::new(|_| Reply::json("200 OK", "{\"data\":[]}"))),
            tls: Mutex::new(Tls::Modern(tls)),
            runtime,
        };
        Self { shared: Arc::new(shared), addresses: Vec::new() }
    }

    /// Listens there too; answers the address, whose port is chosen when 0 was asked for.
    pub fn listen(&mut self, address: SocketAddr) -> SocketAddr {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        self.addresses.push(address);
        let shared = Arc::clone(&self.shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, shared) = (stream.unwrap(), Arc::clone(&shared));
                *lock(&shared.open) += 1;
                std::thread::spawn(move || {
                    // How it ends is in the log.
                    let _ = serve(stream, address, &shared);
                    *lock(&shared.open) -= 1;
                });
            }
        });
        address
    }

    /// Decides about the answers from now on.
    pub fn answer(&self, responder: impl Fn(&Request) -> Reply + Send + Sync + 'static) {
        *lock(&self.shared.responder) = Arc::new(responder);
    }

    /// Decides about TLS from now on.
    pub fn speak(&self, tls: Tls) {
        *lock(&self.shared.tls) = tls;
    }

    /// Everything that came since the last time. Waits until every connection that was made is over.
    pub fn take(&self) -> Vec<Arrival> {
        for address in &self.addresses {
            let mut knock = TcpStream::connect(address).unwrap();
            knock.write_all(&[KNOCK]).unwrap();
            // Connections are taken in their order: when this one is closed, those before it are counted.
            let _ = knock.read(&mut [0]);
        }
        until("the connections are over", || (*lock(&self.shared.open) == 0).then_some(()));
        std::mem::take(&mut lock(&self.shared.log))
    }

    /// Waits until so many requests came since the last time that the log was taken.
    pub fn wait_for(&self, requests: usize) -> Vec<Arrival> {
        until("the requests came", || {
            let log = lock(&self.shared.log);
            (log.iter().map(|arrival| arrival.requests.len()).sum::<usize>() >= requests).then(|| log.clone())
        })
    }
}

/// Waits for something; panics when it does not come.
pub fn until<T>(what: &str, mut holds: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(value) = holds() {
            return value;
        }
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn serve(mut stream: TcpStream, to: SocketAddr, shared: &Shared) -> io::Result<()> {
    let mut first = [0];
    let count = stream.peek(&mut first)?;
    if (count, first[0]) == (1, KNOCK) {
        return Ok(());
    }
    let place = {
        let mut log = lock(&shared.log);
        log.push(Arrival { to, name: None, wire: Wire::Silent, bytes: Vec::new(), requests: Vec::new() });
        log.len() - 1
    };
    let connection = Connection { place, shared, socket: stream.try_clone()? };
    match (count, first[0]) {
        (0, _) => Ok(()),
        (_, HANDSHAKE) => {
            let tls = lock(&shared.tls).clone();
            let Tls::Modern(config) = tls else {
                return connection.old_tls(&mut stream);
            };
            let mut tls = ServerConnection::new(config).map_err(io::Error::other)?;
            while tls.is_handshaking() {
                if let Err(error) = tls.complete_io(&mut stream) {
                    connection.note(|arrival| arrival.wire = Wire::Refused(error.to_string()));
                    return Err(error);
                }
            }
            connection.note(|arrival| {
                arrival.wire = Wire::Tls;
                arrival.name = tls.server_name().map(ToOwned::to_owned);
            });
            connection.exchange(&mut StreamOwned::new(tls, stream))
        }
        _ => {
            connection.note(|arrival| arrival.wire = Wire::Plain);
            connection.exchange(&mut stream)
        }
    }
}

/// A connection that is being served.
struct Connection<'a> {
    place: usize,
    shared: &'a Shared,
    socket: TcpStream,
}

impl Connection<'_> {
    fn note(&self, change: impl FnOnce(&mut Arrival)) {
        // The log may have been taken meanwhile; then nobody asks for this any more.
        if let Some(arrival) = lock(&self.shared.log).get_mut(self.place) {
            change(arrival);
        }
    }

    /// Reads some more into the log; `None` at the end.
    fn read(&self, stream: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = vec![0; 16 * 1024];
        let count = stream.read(&mut bytes)?;
        bytes.truncate(count);
        self.note(|arrival| arrival.bytes.extend_from_slice(&bytes));
        Ok((count > 0).then_some(bytes))
    }

    fn exchange(&self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        let mut pending = Vec::new();
        loop {
            let Some(request) = Request::take(&mut pending) else {
                let Some(more) = self.read(stream)? else {
                    return Ok(());
                };
                pending.extend(more);
                continue;
            };
            let responder = Arc::clone(&lock(&self.shared.responder));
            let reply = responder(&request);
            let target = request.target.clone();
            self.note(|arrival| arrival.requests.push(request));
            match reply {
                Reply::Bytes(bytes) => {
                    stream.write_all(&bytes)?;
                    stream.flush()?;
                }
                Reply::Pieces(pieces) => {
                    for piece in pieces {
                        stream.write_all(&piece)?;
                        stream.flush()?;
                        std::thread::sleep(PAUSE);
                    }
                }
                Reply::Last(bytes) => {
                    stream.write_all(&bytes)?;
                    stream.flush()?;
                    return self.socket.shutdown(std::net::Shutdown::Both);
                }
                Reply::Reset => return self.reset(),
                Reply::Stall => {
                    while self.read(stream)?.is_some() {}
                    return Ok(());
                }
                Reply::Begun(bytes) => {
                    stream.write_all(&bytes)?;
                    stream.flush()?;
                    while self.read(stream)?.is_some() {}
                    return Ok(());
                }
                Reply::Broken(bytes) => {
                    stream.write_all(&bytes)?;
                    stream.flush()?;
                    std::thread::sleep(Duration::from_millis(100));
                    return self.reset();
                }
                Reply::Endless(first, piece, pause) => {
                    stream.write_all(&first)?;
                    loop {
                        std::thread::sleep(pause);
                        stream.write_all(&piece)?;
                        stream.flush()?;
                    }
                }
                Reply::Tunnel => {
                    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
                    return self.tunnel(stream, &target);
                }
            }
        }
    }

    /// Makes the close that follows a reset.
    fn reset(&self) -> io::Result<()> {
        let _inside = self.shared.runtime.enter();
        let socket = self.socket.try_clone()?;
        socket.set_nonblocking(true)?;
        tokio::net::TcpStream::from_std(socket)?.set_zero_linger()
    }

    /// Joins the connection to another one, keeping what goes there.
    fn tunnel(&self, stream: &mut impl Read, target: &str) -> io::Result<()> {
        let mut there = TcpStream::connect(target)?;
        let (mut back, mut here) = (there.try_clone()?, self.socket.try_clone()?);
        let answers = std::thread::spawn(move || {
            let _ = io::copy(&mut back, &mut here);
            let _ = here.shutdown(std::net::Shutdown::Both);
        });
        while let Some(bytes) = self.read(stream)? {
            there.write_all(&bytes)?;
        }
        there.shutdown(std::net::Shutdown::Write)?;
        let _ = answers.join();
        Ok(())
    }

    /// Answers the first message of TLS with TLS 1.1, and keeps what is said to that.
    fn old_tls(&self, stream: &mut TcpStream) -> io::Result<()> {
        let mut header = [0; 5];
        stream.read_exact(&mut header)?;
        stream.read_exact(&mut vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))])?;
        let mut hello = vec![HANDSHAKE, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
        hello.extend([7; 32]);
        hello.extend([0, 0xC0, 0x13, 0]);
        stream.write_all(&hello)?;
        self.note(|arrival| arrival.wire = Wire::Refused("only TLS 1.1 is offered".to_owned()));
        while self.read(stream)?.is_some() {}
        Ok(())
    }
}
