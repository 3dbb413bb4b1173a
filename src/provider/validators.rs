//! Validators of single values. Pure.

use super::events::{check_event, unknown_event};
use crate::api::{BaseUrl, Secret, check_path_segment, is_webhook_id, parse_server_url, shown_url};
use crate::framework::{Diagnostics, Value};

/// An identifier that becomes a segment of a path.
pub(super) fn path_segment(value: &Value) -> Diagnostics {
    check_text(value, |id| match check_path_segment(id) {
        Ok(()) => Diagnostics::new(),
        Err(reason) => Diagnostics::error(
            "Invalid Identifier",
            format!("The identifier {id:?} {reason}. Copy it from the Cloudflare dashboard."),
        ),
    })
}

/// The ID of a webhook to look up. An unusual ID is only a warning, because `terraform test`
/// generates IDs of webhooks that do not exist.
pub(super) fn webhook_id(value: &Value) -> Diagnostics {
    check_text(value, |id| match check_path_segment(id) {
        Err(_) => invalid_webhook_id(id),
        Ok(()) if is_webhook_id(id) => Diagnostics::new(),
        Ok(()) => Diagnostics::warning(
            "Unusual Webhook ID",
            format!("{id:?} is not a UUID. IDs of webhooks are UUIDs, so no webhook will have it."),
        ),
    })
}

pub(super) fn invalid_webhook_id(id: &str) -> Diagnostics {
    Diagnostics::error(
        "Invalid Webhook ID",
        format!(
            "{id:?} is not the ID of a webhook, which is a UUID such as \
             0d1f069d-43bb-489a-ad8c-7eb95592ba8e. The data source realtimekit_webhooks lists the \
             webhooks of an app with their IDs."
        ),
    )
}

/// The name of a webhook.
pub(super) fn not_blank(value: &Value) -> Diagnostics {
    check_text(value, |text| match text.trim() {
        "" => Diagnostics::error(
            "Blank Name",
            "The name must not be empty or only white space.",
        ),
        _ => Diagnostics::new(),
    })
}

/// The URL that RealtimeKit calls.
pub(super) fn webhook_url(value: &Value) -> Diagnostics {
    check_text(value, |text| {
        let url = match parse_server_url(text) {
            Ok(url) => url,
            Err(reason) => {
                let url = shown_url(text);
                let detail = format!("{url:?} is not a valid webhook URL: it {reason}.");
                return Diagnostics::error("Invalid URL", detail);
            }
        };
        let mut found = Diagnostics::new();
        if url.scheme() == "http" {
            found.extend(Diagnostics::warning(
                "Unencrypted URL",
                "RealtimeKit will send data about your meetings unencrypted. Use https://.",
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            found.extend(Diagnostics::warning(
                "Credentials in the URL",
                "The URL contains a user name or password, which is stored in the state and shown in \
                 plans. To check that a delivery comes from RealtimeKit, verify its signature \
                 (header rtk-signature) instead.",
            ));
        }
        found
    })
}

/// The events of a webhook. Elements of a set have no path, so all diagnostics are about the set.
pub(super) fn events(value: &Value) -> Diagnostics {
    let Value::Set(set) = value else {
        return Diagnostics::new();
    };
    if set.is_empty() {
        return Diagnostics::error(
            "No Events",
            "A webhook needs at least one event. To pause its deliveries, set enabled = false.",
        );
    }
    let mut found = Diagnostics::new();
    for event in set.iter().filter_map(Value::as_str) {
        found.extend(check_event(event));
    }
    if set.iter().any(Value::is_null) {
        found.extend(Diagnostics::error(
            "Null Event",
            "The name of an event must not be null.",
        ));
    }
    found
}

/// An event to look for.
pub(super) fn wanted_event(value: &Value) -> Diagnostics {
    let consequence = "there may be no webhook with it";
    check_text(value, |name| unknown_event(name, consequence))
}

/// The base URL of the API. The empty string means unset.
pub(super) fn base_url(value: &Value) -> Diagnostics {
    check_text(value, |text| match text.parse::<BaseUrl>() {
        Err(reason) if !text.is_empty() => {
            Diagnostics::error("Invalid Base URL", format!("The base URL {reason}."))
        }
        _ => Diagnostics::new(),
    })
}

/// The URL of the public key for deliveries.
pub(super) fn public_key_url(value: &Value) -> Diagnostics {
    check_text(value, |text| match text.parse::<BaseUrl>() {
        Ok(_) => Diagnostics::new(),
        Err(reason) => Diagnostics::error("Invalid URL", format!("The URL of the key {reason}.")),
    })
}

/// The token. No message may show it. The empty string means unset.
pub(super) fn api_token(value: &Value) -> Diagnostics {
    const QUOTES: [char; 4] = ['"', '\'', '`', '\u{201c}'];
    check_text(value, |token| {
        let has_scheme = token.to_ascii_lowercase().starts_with("bearer ");
        let reason = match Secret::new(token) {
            _ if token.is_empty() => return Diagnostics::new(),
            _ if has_scheme => "must be the token alone, without Bearer before it".to_owned(),
            _ if token.starts_with(QUOTES) || token.ends_with(QUOTES) => {
                "must not have quotes around it".to_owned()
            }
            Ok(_) => return Diagnostics::new(),
            Err(reason) => format!("{reason}. Copy it again without line breaks"),
        };
        Diagnostics::error("Invalid API Token", format!("The token {reason}."))
    })
}

/// An identifier in the provider block. The empty string means unset.
pub(super) fn optional_path_segment(value: &Value) -> Diagnostics {
    match value.as_str() {
        Some("") => Diagnostics::new(),
        _ => path_segment(value),
    }
}

/// The maximum number of retries.
pub(super) fn retries(value: &Value) -> Diagnostics {
    const MAX: i64 = 100;
    match value {
        Value::Number(number) if !number.as_i64().is_some_and(|n| (0..=MAX).contains(&n)) => {
            Diagnostics::error(
                "Invalid Number of Retries",
                format!("{number} is not a whole number from 0 to {MAX}; 0 means no retries."),
            )
        }
        _ => Diagnostics::new(),
    }
}

/// The maximum number of requests per second.
pub(super) fn rate(value: &Value) -> Diagnostics {
    const MIN: f64 = 0.01;
    match value {
        Value::Number(number) if !(MIN..=1e6).contains(&number.to_f64()) => Diagnostics::error(
            "Invalid Request Rate",
            format!("{number} is not a number of requests per second from {MIN} to 1000000."),
        ),
        _ => Diagnostics::new(),
    }
}

fn check_text(value: &Value, check: impl FnOnce(&str) -> Diagnostics) -> Diagnostics {
    value.as_str().map(check).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Set;

    fn summaries(found: Diagnostics) -> Vec<String> {
        found.into_iter().map(|found| found.summary).collect()
    }

    #[test]
    fn url_absolute_http_or_https_passes() {
        for url in [
            "https://example.com",
            "https://example.com:8443/a?b=c#d",
            "https://[::1]/x",
        ] {
            assert_eq!(summaries(webhook_url(&url.into())), [""; 0], "{url}");
        }
    }

    #[test]
    fn url_unencrypted_or_with_credentials_is_a_warning() {
        let found = webhook_url(&"http://user:secret@example.com".into());

        assert!(!found.has_error());
        assert_eq!(
            summaries(found),
            ["Unencrypted URL", "Credentials in the URL"]
        );
    }

    #[test]
    fn url_invalid_is_an_error_with_the_reason() {
        for (url, reason) in [
            ("example.com", "must be absolute"),
            ("https:///hooks", "must name a host"),
            ("https://a.b/ c", "must not contain white space"),
        ] {
            let found = webhook_url(&url.into());

            assert!(
                found.iter().next().unwrap().detail.contains(reason),
                "{found:?}"
            );
            assert_eq!(summaries(found), ["Invalid URL"]);
        }
    }

    #[test]
    fn events_need_at_least_one_and_skip_unknown_elements() {
        let set = |values: Vec<Value>| Value::Set(values.into_iter().collect::<Set>());

        assert_eq!(summaries(events(&set(vec![]))), ["No Events"]);
        assert_eq!(summaries(events(&set(vec![Value::Unknown]))), [""; 0]);
        assert_eq!(summaries(events(&set(vec![Value::Null]))), ["Null Event"]);
        assert_eq!(
            summaries(events(&set(vec!["meeting.start".into()]))),
            ["Unknown Event"]
        );
    }

    #[test]
    fn token_with_surrounding_text_is_an_error_that_hides_it() {
        for (token, reason) in [
            ("s3cret\n", "must not contain white space"),
            ("\"s3cret\"", "must not have quotes around it"),
            ("'s3cret", "must not have quotes around it"),
            ("Bearer s3cret", "without Bearer before it"),
            ("bearer s3cret", "without Bearer before it"),
        ] {
            let found = api_token(&token.into());

            assert!(!format!("{found:?}").contains("s3cret"));
            assert!(
                found.iter().next().unwrap().detail.contains(reason),
                "{found:?}"
            );
            assert_eq!(summaries(found), ["Invalid API Token"]);
        }
    }

    #[test]
    fn webhook_id_unusual_is_a_warning() {
        for (id, summary) in [
            ("abcdefgh", "Unusual Webhook ID"),
            ("", "Invalid Webhook ID"),
            ("a/b", "Invalid Webhook ID"),
            ("a%2fb", "Invalid Webhook ID"),
            ("..", "Invalid Webhook ID"),
            ("a b", "Invalid Webhook ID"),
        ] {
            let found = webhook_id(&id.into());

            assert_eq!(found.has_error(), summary.starts_with("Invalid"), "{id}");
            assert_eq!(summaries(found), [summary], "{id}");
        }
    }

    #[test]
    fn empty_setting_is_unset() {
        for check in [base_url, api_token, optional_path_segment] {
            assert!(check(&"".into()).is_empty());
        }
        assert_eq!(summaries(path_segment(&"".into())), ["Invalid Identifier"]);
    }

    #[test]
    fn public_key_url_invalid_is_an_error_without_the_token() {
        let urls = [
            "",
            "example.com",
            "http://example.com",
            "https://a.b/?c",
            "ftp://a.b",
        ];
        for url in urls {
            let found = public_key_url(&url.into());

            assert!(found.has_error(), "{url}");
            let detail = &found.iter().next().unwrap().detail;
            assert!(!detail.contains("token"), "{detail}");
        }
        for url in [
            crate::api::DEFAULT_PUBLIC_KEY_URL,
            "http://127.0.0.1:1/key.json",
        ] {
            assert!(public_key_url(&url.into()).is_empty(), "{url}");
        }
    }

    #[test]
    fn rate_out_of_range_is_an_error() {
        for (number, fine) in [
            ("4", true),
            ("0.5", true),
            ("0", false),
            ("-1", false),
            ("1e7", false),
        ] {
            let number = Value::Number(number.parse().unwrap());
            assert_eq!(rate(&number).is_empty(), fine, "{number}");
        }
    }

    #[test]
    fn retries_out_of_range_is_an_error() {
        for (number, fine) in [
            ("0", true),
            ("4", true),
            ("-1", false),
            ("1.5", false),
            ("1e9", false),
        ] {
            let number = Value::Number(number.parse().unwrap());
            assert_eq!(retries(&number).is_empty(), fine, "{number}");
        }
    }
}
