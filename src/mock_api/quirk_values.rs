//! The types that quirks have, and how their values are spelt.

use std::time::Duration;

/// A type that a quirk may have: how its values are spelt.
pub(super) trait Setting: Sized {
    /// What `parse` takes, for people.
    fn values() -> String;
    /// `None` if the text is no such value.
    fn parse(text: &str) -> Option<Self>;
    /// The text that `parse` takes for this value.
    fn show(&self) -> String;
}

/// Declares an enum whose variants have the spelling that `--quirk` takes.
macro_rules! choice {
    ($(#[$about:meta])+ $name:ident { $($(#[$each:meta])+ $variant:ident = $text:literal,)+ }) => {
        $(#[$about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$each])+ $variant,)+ }

        impl Setting for $name {
            fn values() -> String {
                [$($text),+].join("|")
            }
            fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
            fn show(&self) -> String {
                match self { $(Self::$variant => $text.to_owned(),)+ }
            }
        }
    };
}

choice! {
    /// Where an answer that is a success holds its data.
    Envelope {
        /// `{"success": true, "data": …}`, as documented.
        Data = "data",
        /// `{"success": true, "result": {"data": …}}`.
        ResultData = "result-data",
        /// `{"success": true, "result": …}`, the usual shape of Cloudflare's API.
        Result = "result",
    }
}

choice! {
    /// How an answer that is not a success tells its reason.
    ErrorShape {
        /// `{"success": false, "error": {"code": …, "message": …}}`, as documented.
        Documented = "documented",
        /// `{"success": false, "errors": [{"code": …, "message": …}], …}`, as Cloudflare's gateway has it.
        Gateway = "gateway",
        /// `{"message": …}`, as documented for 401.
        Message = "message",
    }
}

choice! {
    /// What a delete that succeeded answers.
    DeleteAnswer {
        /// 200 with the deleted webhook, as documented.
        Webhook = "webhook",
        /// 204 without a body.
        NoContent = "no-content",
        /// 200 without a body.
        Empty = "empty",
    }
}

choice! {
    /// How a 429 says when to come back.
    RetryAfter {
        /// `Retry-After` with a number of seconds.
        Seconds = "seconds",
        /// `Retry-After` with an HTTP-date.
        HttpDate = "http-date",
        /// No `Retry-After`.
        Missing = "missing",
    }
}

/// How many requests are answered, and what happens past that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests that are answered in one window.
    pub requests: u32,
    /// Length of a window; it begins with its first request.
    pub window: Duration,
    /// How long every request is refused once there was one too many.
    pub block: Duration,
}

impl Setting for bool {
    fn values() -> String {
        "true|false".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for u32 {
    fn values() -> String {
        "a whole number".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// The fields of a webhook that an answer may leave out.
const OPTIONAL_FIELDS: [&str; 6] = [
    "name",
    "url",
    "events",
    "enabled",
    "created_at",
    "updated_at",
];

impl Setting for Vec<&'static str> {
    fn values() -> String {
        format!("none, or some of {}", OPTIONAL_FIELDS.join(","))
    }

    fn parse(text: &str) -> Option<Self> {
        let known = |name| OPTIONAL_FIELDS.into_iter().find(|field| *field == name);
        match text {
            "none" => Some(Vec::new()),
            names => names.split(',').map(known).collect(),
        }
    }

    fn show(&self) -> String {
        match self.as_slice() {
            [] => "none".to_owned(),
            fields => fields.join(","),
        }
    }
}

impl Setting for Option<RateLimit> {
    fn values() -> String {
        "none, or REQUESTS/WINDOW/BLOCK with both times in seconds, such as 1200/300/300".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        if text == "none" {
            return Some(None);
        }
        let mut parts = text.split('/');
        let requests = parts.next()?.parse().ok()?;
        let window = Duration::from_secs(parts.next()?.parse().ok()?);
        let block = Duration::from_secs(parts.next()?.parse().ok()?);
        let limit = RateLimit {
            requests,
            window,
            block,
        };
        parts.next().is_none().then_some(Some(limit))
    }

    fn show(&self) -> String {
        match self {
            None => "none".to_owned(),
            Some(limit) => format!(
                "{}/{}/{}",
                limit.requests,
                limit.window.as_secs(),
                limit.block.as_secs()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_limit_is_written_as_requests_window_and_block() {
        let parsed = Setting::parse("40/10/30");

        let limit = RateLimit {
            requests: 40,
            window: Duration::from_secs(10),
            block: Duration::from_secs(30),
        };
        assert_eq!(parsed, Some(Some(limit)));
        for wrong in ["40", "40/10", "40/10/30/1", "-1/10/30", "40/10/30s"] {
            assert_eq!(Option::<RateLimit>::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_answer_can_leave_out_any_field_but_the_id() {
        let parsed = Setting::parse("url,events");

        assert_eq!(parsed, Some(vec!["url", "events"]));
        assert_eq!(Vec::<&str>::parse("id"), None);
    }
}
