//! The files of the page, which are in the program.

use axum::response::{IntoResponse, Response};
use http::HeaderName;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};

/// Nothing but the page's own files, and no text that becomes code.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'; require-trusted-types-for 'script'; \
                      trusted-types 'none'";

/// A file of the page.
pub(crate) struct File {
    pub(crate) path: &'static str,
    content_type: &'static str,
    content: &'static str,
}

/// Every file of the page.
pub(crate) static FILES: [File; 4] = [
    File {
        path: "/",
        content_type: "text/html; charset=utf-8",
        content: include_str!("page/index.html"),
    },
    File {
        path: "/mock/page.css",
        content_type: "text/css; charset=utf-8",
        content: include_str!("page/page.css"),
    },
    File {
        path: "/mock/page.js",
        content_type: "text/javascript; charset=utf-8",
        content: include_str!("page/page.js"),
    },
    File {
        path: "/mock/icon.svg",
        content_type: "image/svg+xml",
        content: include_str!("page/icon.svg"),
    },
];

/// The file with the headers that keep a browser from running anything else.
pub(crate) fn response(file: &'static File) -> Response {
    let headers = [
        (CONTENT_TYPE, file.content_type),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    (headers, file.content).into_response()
}
