//! The files of the page, which are part of the program.

use axum::response::{IntoResponse, Response};

/// Allows only the page's own files, and no text to become code.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'; require-trusted-types-for 'script'; \
                      trusted-types 'none'";

/// Every file of the page: path, content type and content.
#[rustfmt::skip]
pub(crate) const FILES: [(&str, &str, &str); 4] = [
    ("/", "text/html", include_str!("page/index.html")),
    ("/mock/page.css", "text/css", include_str!("page/page.css")),
    ("/mock/page.js", "text/javascript", include_str!("page/page.js")),
    ("/mock/icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
];

/// A file with the headers that keep a browser from running anything else.
pub(crate) fn response(content_type: &str, content: &'static str) -> Response {
    let headers = [
        ("content-type", &*format!("{content_type}; charset=utf-8")),
        ("content-security-policy", POLICY),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
    ];
    (headers, content).into_response()
}
