//! A connection that notes when bytes went and came.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::measure::Line;

/// What bytes go over, TLS or not.
pub(super) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// Bytes go over it as requests want them, above TLS where there is any.
pub(super) struct Stream {
    io: TokioIo<Box<dyn Io>>,
    line: Arc<Line>,
    shared: bool,
    unsent: bool,
}

/// The connection that an answer came over.
#[derive(Clone, Debug)]
pub(super) struct Over(pub Arc<Line>);

impl Stream {
    /// Requests can go over it now, several at once where it is shared.
    pub fn new(io: Box<dyn Io>, line: Arc<Line>, shared: bool) -> Self {
        line.ready(shared);
        Self { io: TokioIo::new(io), line, shared, unsent: false }
    }

    fn wrote(&mut self, written: &Poll<io::Result<usize>>) {
        if matches!(written, Poll::Ready(Ok(1..))) {
            self.unsent = true;
            self.line.wrote();
        }
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        let connected = Connected::new().extra(Over(Arc::clone(&self.line)));
        if self.shared { connected.negotiated_h2() } else { connected }
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.io).poll_read(context, buffer);
        // The end is noted like a byte: it is as good as an answer.
        if matches!(read, Poll::Ready(Ok(()))) {
            self.line.read();
        }
        read
    }
}

impl Write for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        self.wrote(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(context, bytes);
        self.wrote(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(context);
        // What TLS still held is with the system now.
        if self.unsent && matches!(flushed, Poll::Ready(Ok(()))) {
            self.unsent = false;
            self.line.wrote();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}
