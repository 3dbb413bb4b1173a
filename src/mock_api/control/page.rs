//! The files of the page, which are in the program.

use super::{Outcome, reads, with_common_headers};
use crate::mock_api::envelope::Answer;
use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

/// Nothing but the page's own files, and no text that becomes code.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'; require-trusted-types-for 'script'; \
                      trusted-types 'none'";

/// One file, and what it is.
pub(super) struct File {
    content_type: &'static str,
    content: &'static str,
}

/// The file at a path.
pub(super) fn file(path: &str) -> Option<File> {
    let (content_type, content) = match path {
        "/" => (
            "text/html; charset=utf-8",
            include_str!("../page/index.html"),
        ),
        "/mock/page.css" => ("text/css; charset=utf-8", include_str!("../page/page.css")),
        "/mock/page.js" => (
            "text/javascript; charset=utf-8",
            include_str!("../page/page.js"),
        ),
        "/mock/icon.svg" => ("image/svg+xml", include_str!("../page/icon.svg")),
        _ => return None,
    };
    Some(File {
        content_type,
        content,
    })
}

impl File {
    pub(super) fn answer(&self, method: &Method) -> Outcome {
        reads(method)?;
        let headers = [
            (CONTENT_TYPE, self.content_type),
            (CONTENT_SECURITY_POLICY, POLICY),
            (REFERRER_POLICY, "no-referrer"),
            (
                HeaderName::from_static("cross-origin-opener-policy"),
                "same-origin",
            ),
        ];
        let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
        Ok(with_common_headers(Answer::raw(
            StatusCode::OK,
            HeaderMap::from_iter(headers),
            Bytes::from_static(self.content.as_bytes()),
        )))
    }
}
