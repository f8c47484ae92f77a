//! The body of an answer, counted as it comes and decompressed.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tower_http::decompression::DecompressionBody;

use super::measure::Measure;

/// A body as it is read.
pub(super) type Decompressed = DecompressionBody<Counted>;

/// A body as it comes.
#[derive(Debug)]
pub(super) struct Counted {
    pub inner: reqwest::Body,
    pub measure: Measure,
}

impl Body for Counted {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        let frame = Pin::new(&mut self.inner).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &frame {
            self.measure.took(frame.data_ref().map_or(0, Bytes::len));
        }
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) {
            self.measure.over();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
