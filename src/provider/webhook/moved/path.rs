//! [`WebhookPath`]: which webhook a path of the API names. Pure.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::api::{check_path_segment, is_webhook_id};

/// Longer than any path of the API, and the longest path in a message.
const LONGEST: usize = 500;

/// What a path of the API says of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WebhookPath {
    pub(super) account_id: String,
    pub(super) app_id: String,
    /// `None` in the path of an app's webhooks, and where a placeholder stands for the ID.
    pub(super) webhook_id: Option<String>,
}

impl WebhookPath {
    /// Reads `…/accounts/<account_id>/realtime/kit/<app_id>/webhooks`, with or without the ID of a
    /// webhook after it. It may start with a base URL and end with a query.
    pub(super) fn parse(path: &str) -> Option<Self> {
        if path.len() > LONGEST {
            return None;
        }
        let segments = before_query(path).split('/');
        let segments = segments.filter(|segment| !segment.is_empty());
        let decoded = segments.map(|segment| percent_decode_str(segment).decode_utf8().ok());
        let decoded: Vec<Cow<'_, str>> = decoded.collect::<Option<_>>()?;
        let segments: Vec<&str> = decoded.iter().map(AsRef::as_ref).collect();
        let (collection, webhook_id) = match segments.as_slice() {
            [collection @ .., id] if is_webhook_id(id) => (collection, Some((*id).to_owned())),
            [collection @ .., id] if is_placeholder(id) => (collection, None),
            collection => (collection, None),
        };
        let [.., "accounts", account, "realtime", "kit", app, "webhooks"] = *collection else {
            return None;
        };
        let is_known = |id: &&str| check_path_segment(id).is_ok() && !is_placeholder(id);
        [account, app].iter().all(is_known).then(|| Self {
            account_id: account.to_owned(),
            app_id: app.to_owned(),
            webhook_id,
        })
    }
}

/// Whether the other provider replaces it: `{id}`, `$(body.id)`.
fn is_placeholder(segment: &str) -> bool {
    segment.contains('{') || segment.contains("$(")
}

fn before_query(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}

/// The part of a path that may be shown: without query and server, which may hold credentials.
pub(super) fn shown(path: &str) -> String {
    let path = before_query(path);
    let authority = match path.split_once("://") {
        Some((_, rest)) => Some(rest),
        None => path.strip_prefix("//"),
    };
    let path = authority.map_or(path, |rest| rest.find('/').map_or("", |at| &rest[at..]));
    let mut shown: String = path.chars().take(LONGEST).collect();
    if shown.len() < path.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEBHOOK: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";

    fn path(account_id: &str, app_id: &str, webhook_id: Option<&str>) -> Option<WebhookPath> {
        Some(WebhookPath {
            account_id: account_id.to_owned(),
            app_id: app_id.to_owned(),
            webhook_id: webhook_id.map(str::to_owned),
        })
    }

    #[test]
    fn path_below_any_base_url_is_parsed() {
        let base_urls = [
            "",
            "/",
            "/client/v4",
            "https://api.cloudflare.com/client/v4",
            "http://user:word@127.0.0.1:8080/proxy/accounts",
            "//example.com",
        ];
        for base_url in base_urls {
            let one = format!("{base_url}/accounts/an/realtime/kit/app/webhooks/{WEBHOOK}");
            let all = format!("{base_url}/accounts/an/realtime/kit/app/webhooks");

            assert_eq!(WebhookPath::parse(&one), path("an", "app", Some(WEBHOOK)));
            assert_eq!(WebhookPath::parse(&all), path("an", "app", None));
        }
    }

    #[test]
    fn path_with_slashes_query_or_placeholder_is_parsed() {
        for end in [
            "/",
            "//",
            "?a=/b",
            "/?a=b",
            "#c",
            "/{id}",
            "/{id}?a=b",
            "/$(body.id)",
        ] {
            let parsed = WebhookPath::parse(&format!("accounts/an/realtime/kit/app/webhooks{end}"));

            assert_eq!(parsed, path("an", "app", None), "{end}");
        }
    }

    #[test]
    fn path_with_encoded_identifiers_is_decoded() {
        let parsed = WebhookPath::parse("/accounts/an%2daccount/realtime/kit/%c3%a4pp/webhooks");

        assert_eq!(parsed, path("an-account", "äpp", None));
    }

    #[test]
    fn path_of_something_else_is_none() {
        for other in [
            "",
            "/",
            "/accounts/an/realtime/kit/app/webhooks/all",
            "/accounts/an/realtime/kit/app/meetings",
            "/realtime/kit/app/webhooks",
            "/accounts/realtime/kit/app/webhooks",
            "/accounts/../realtime/kit/app/webhooks",
            "/accounts/a%2fb/realtime/kit/app/webhooks",
            "/accounts/an/realtime/kit/%20/webhooks",
            "/accounts/an/realtime/kit/%ff/webhooks",
            "/accounts/an/realtime/kit/{id}/webhooks",
            "/a?b=/accounts/an/realtime/kit/app/webhooks",
        ] {
            assert_eq!(WebhookPath::parse(other), None, "{other}");
        }
        let long = format!(
            "/{}/accounts/an/realtime/kit/app/webhooks",
            "x".repeat(LONGEST)
        );
        assert_eq!(WebhookPath::parse(&long), None);
    }

    #[test]
    fn shown_path_hides_credentials() {
        for (path, expected) in [
            ("/accounts/an?token=word#word", "/accounts/an"),
            ("https://user:word@example.com/accounts?word", "/accounts"),
            ("//user:word@example.com/accounts//an", "/accounts//an"),
            ("https://user:word@example.com", ""),
        ] {
            assert_eq!(shown(path), expected);
        }
        assert_eq!(
            shown(&"ä".repeat(LONGEST + 1)),
            format!("{}…", "ä".repeat(LONGEST))
        );
    }
}
