//! The files of the page, which are part of the program.

use axum::response::{IntoResponse, Response};

/// Allows only the page's own files, and no text to become code.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'; require-trusted-types-for 'script'; \
                      trusted-types 'none'";

const HTML: &str = include_str!("page/index.html");
const CSS: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");
const ICON: &str = include_str!("page/icon.svg");

/// Every file of the page: path, content type and content.
pub(crate) const FILES: [(&str, &str, &str); 4] = [
    ("/", "text/html", HTML),
    ("/mock/page.css", "text/css", CSS),
    ("/mock/page.js", "text/javascript", SCRIPT),
    ("/mock/icon.svg", "image/svg+xml", ICON),
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
