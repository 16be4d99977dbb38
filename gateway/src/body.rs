//! The body of a request on its way through.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::{self, Bytes};
use futures_util::Stream;
use tokio::time::Instant;

use crate::refusal::Refusal;

/// The body on its way from the client. Until some of it has been read, another replica may be tried.
pub struct Body {
    pub payload: Option<Rc<RefCell<web::Payload>>>,
    pub length: Option<u64>,
    pub limit: u64,
    pub progress: Rc<Progress>,
}

pub struct Progress {
    bytes: Cell<u64>,
    pub at: Cell<Instant>,
    pub too_large: Cell<bool>,
    pub broken: Cell<bool>,
}

impl Body {
    pub fn new(headers: &HeaderMap, payload: web::Payload, limit: u64) -> Result<Self, Refusal> {
        let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length > limit) {
            return Err(Refusal::too_large(limit));
        }
        let present = length.is_some_and(|length| length > 0) || headers.contains_key(header::TRANSFER_ENCODING);
        let progress = Progress {
            bytes: Cell::new(0),
            at: Cell::new(Instant::now()),
            too_large: Cell::new(false),
            broken: Cell::new(false),
        };
        let payload = present.then(|| Rc::new(RefCell::new(payload)));
        Ok(Self { payload, length, limit, progress: Rc::new(progress) })
    }

    pub fn untouched(&self) -> bool {
        self.progress.bytes.get() == 0 && !self.progress.broken.get()
    }

    pub fn stream(&self, payload: &Rc<RefCell<web::Payload>>) -> BodyStream {
        BodyStream { payload: payload.clone(), limit: self.limit, progress: self.progress.clone() }
    }
}

pub struct BodyStream {
    payload: Rc<RefCell<web::Payload>>,
    limit: u64,
    progress: Rc<Progress>,
}

impl Stream for BodyStream {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut *self.payload.borrow_mut()).poll_next(context);
        match &polled {
            Poll::Ready(Some(Ok(bytes))) => {
                let total = self.progress.bytes.get().saturating_add(bytes.len() as u64);
                self.progress.bytes.set(total);
                self.progress.at.set(Instant::now());
                if total > self.limit {
                    self.progress.too_large.set(true);
                    return Poll::Ready(Some(Err(PayloadError::Overflow)));
                }
            }
            Poll::Ready(Some(Err(_))) => self.progress.broken.set(true),
            Poll::Ready(None) | Poll::Pending => {}
        }
        polled
    }
}
