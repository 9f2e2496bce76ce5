//! What a test's file answers with.
//!
//! **Invariant:** a value; sent as it is, with its length, never compressed by the server.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use http_body::{Frame, SizeHint};

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    mime: &'static str,
    body: Bytes,
    shared: bool,
    sent: Arc<AtomicU64>,
}

impl From<Vec<u8>> for Reply {
    fn from(body: Vec<u8>) -> Self {
        Self {
            status: 200,
            mime: "application/octet-stream",
            body: body.into(),
            shared: false,
            sent: Arc::default(),
        }
    }
}

impl From<&str> for Reply {
    fn from(text: &str) -> Self {
        Self::from(text.as_bytes().to_vec())
    }
}

impl Reply {
    /// Says that it is of this type.
    pub const fn typed(mut self, mime: &'static str) -> Self {
        self.mime = mime;
        self
    }

    /// Answers with this status.
    pub const fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Lets pages of other origins read it.
    pub const fn for_all(mut self) -> Self {
        self.shared = true;
        self
    }

    pub(super) fn sent(&self) -> Option<f64> {
        let micros = self.sent.load(Ordering::Acquire);
        (micros > 0).then(|| micros as f64 / 1_000.0)
    }

    pub(super) fn response(&self) -> Response {
        let body = Timed {
            rest: self.body.clone(),
            sent: self.sent.clone(),
        };
        let mut response = Response::new(Body::new(body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.mime));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.shared {
            headers.insert(
                header::ACCESS_CONTROL_ALLOW_ORIGIN,
                HeaderValue::from_static("*"),
            );
        }
        response
    }
}

/// A body that remembers when its last piece was handed to the network.
pub(super) struct Timed {
    rest: Bytes,
    sent: Arc<AtomicU64>,
}

impl HttpBody for Timed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        const PIECE: usize = 256 << 10;
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let piece = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(piece);
        if self.rest.is_empty() {
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            self.sent.store(now.as_micros() as u64, Ordering::Release);
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
