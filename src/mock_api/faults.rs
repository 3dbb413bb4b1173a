//! What goes wrong, and for which of the next requests.

use super::quirk_values::ErrorShape;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use std::fmt;
use std::time::Duration;

/// Something that goes wrong with one request.
///
/// A fault stands in for the service: the request is not acted upon, unless the fault is made
/// [`after_storing`](Self::after_storing) or says otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub(super) effect: Effect,
    pub(super) stores: bool,
    pub(super) headers: HeaderMap,
}

/// What the client gets to see of a fault.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Effect {
    /// An error in one of the shapes that the API has.
    Refuse {
        status: StatusCode,
        shape: Option<ErrorShape>,
        code: Option<u32>,
        message: Option<String>,
    },
    /// An answer of these very bytes.
    Raw { status: StatusCode, body: Bytes },
    /// A success whose JSON body has this many bytes.
    Huge(usize),
    /// The service's answer, cut off after this many bytes of its body.
    Truncate(usize),
    /// The service's answer, late.
    DelayAnswer(Duration),
    /// The request reaches the service late.
    DelayRequest(Duration),
    /// No answer: the connection is closed.
    Drop,
}

impl Fault {
    /// An answer with this status, in the error shape that the API has for it.
    ///
    /// With a status of success it is the error that Cloudflare documents as possible:
    /// `"success": false` all the same.
    pub fn status(status: StatusCode) -> Self {
        Self::new(Effect::Refuse {
            status,
            shape: None,
            code: None,
            message: None,
        })
    }

    /// The connection is closed without an answer.
    pub fn drop_connection() -> Self {
        Self::new(Effect::Drop)
    }

    /// The request is acted upon at once, and the answer comes after `delay`.
    pub fn delay(delay: Duration) -> Self {
        Self::new(Effect::DelayAnswer(delay))
    }

    /// The request is acted upon and answered after `delay`, even if the client has gone by then.
    pub fn delay_before_storing(delay: Duration) -> Self {
        Self::new(Effect::DelayRequest(delay))
    }

    /// The request is acted upon, and the connection ends after `length` bytes of the answer's body.
    pub fn truncate(length: usize) -> Self {
        Self::new(Effect::Truncate(length))
    }

    /// An HTML page, as proxies and captive portals answer.
    pub fn html(status: StatusCode) -> Self {
        let reason = status.canonical_reason().unwrap_or("Unknown");
        let page = format!(
            "<!DOCTYPE html>\n<html><head><title>{reason}</title></head>\
             <body><h1>{reason}</h1></body></html>\n"
        );
        Self::body(status, page).with(CONTENT_TYPE, HeaderValue::from_static("text/html"))
    }

    /// An answer without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self::body(status, Bytes::new())
    }

    /// A redirect with status 307, which asks to send the same request to `location`.
    ///
    /// # Errors
    /// `location` has characters that no header may have.
    pub fn redirect(location: &str) -> Result<Self, http::Error> {
        let location = HeaderValue::from_str(location)?;
        Ok(Self::empty(StatusCode::TEMPORARY_REDIRECT).with(LOCATION, location))
    }

    /// An answer of these very bytes; as JSON, unless a header says otherwise.
    pub fn body(status: StatusCode, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self::new(Effect::Raw { status, body })
    }

    /// A success in valid JSON of `length` bytes, without a `Content-Length` to warn of it.
    pub fn huge_body(length: usize) -> Self {
        Self::new(Effect::Huge(length))
    }

    /// The same fault, but the service acts on the request first.
    #[must_use]
    pub fn after_storing(mut self) -> Self {
        self.stores = true;
        self
    }

    /// The same fault with a header on its answer.
    ///
    /// # Errors
    /// The name or value has characters that no header may have.
    pub fn header(self, name: &str, value: &str) -> Result<Self, http::Error> {
        let name = HeaderName::from_bytes(name.as_bytes())?;
        Ok(self.with(name, HeaderValue::from_str(value)?))
    }

    /// The same fault in another shape; only a fault made by [`status`](Self::status) has one.
    #[must_use]
    pub fn shape(mut self, new: ErrorShape) -> Self {
        if let Effect::Refuse { shape, .. } = &mut self.effect {
            *shape = Some(new);
        }
        self
    }

    /// The same fault with the API's error code; only a fault made by [`status`](Self::status) has one.
    #[must_use]
    pub fn code(mut self, new: u32) -> Self {
        if let Effect::Refuse { code, .. } = &mut self.effect {
            *code = Some(new);
        }
        self
    }

    /// The same fault with another message; only a fault made by [`status`](Self::status) has one.
    #[must_use]
    pub fn message(mut self, new: impl Into<String>) -> Self {
        if let Effect::Refuse { message, .. } = &mut self.effect {
            *message = Some(new.into());
        }
        self
    }

    fn new(effect: Effect) -> Self {
        Self {
            effect,
            stores: false,
            headers: HeaderMap::new(),
        }
    }

    fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }
}

impl From<StatusCode> for Fault {
    fn from(status: StatusCode) -> Self {
        Self::status(status)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.effect {
            Effect::Refuse { status, .. } => write!(f, "status {}", status.as_u16()),
            Effect::Raw { status, body } => {
                write!(f, "status {}, {} bytes", status.as_u16(), body.len())
            }
            Effect::Huge(length) => write!(f, "body of {length} bytes"),
            Effect::Truncate(length) => write!(f, "answer cut off after {length} bytes"),
            Effect::DelayAnswer(delay) => write!(f, "answer {delay:?} late"),
            Effect::DelayRequest(delay) => write!(f, "request {delay:?} late"),
            Effect::Drop => write!(f, "connection dropped"),
        }?;
        match self.stores {
            true => write!(f, ", after storing"),
            false => Ok(()),
        }
    }
}

/// Which requests a fault is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matcher {
    method: Option<Method>,
    path_suffix: Option<String>,
}

impl Matcher {
    /// Every request.
    pub fn any() -> Self {
        Self::default()
    }

    /// Requests with this method.
    pub fn method(method: Method) -> Self {
        Self {
            method: Some(method),
            ..Self::any()
        }
    }

    /// Of these, the requests whose path (percent-encoded, without query) ends so.
    #[must_use]
    pub fn path_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.path_suffix = Some(suffix.into());
        self
    }

    pub(super) fn matches(&self, method: &Method, path: &str) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted == method)
            && self
                .path_suffix
                .as_ref()
                .is_none_or(|suffix| path.ends_with(suffix))
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.method, &self.path_suffix) {
            (None, None) => write!(f, "any"),
            (Some(method), None) => write!(f, "{method}"),
            (None, Some(suffix)) => write!(f, "…{suffix}"),
            (Some(method), Some(suffix)) => write!(f, "{method} …{suffix}"),
        }
    }
}
