//! How the API behaves where its documentation leaves room: one switch for each behavior.
//!
//! A quirk is one entry of `quirks!`; its name, its description and its two values are used by the
//! library and by `--quirk` alike. A quirk holds until it is switched; what happens to a few
//! requests only is a [`Fault`](super::faults::Fault).

use serde::Deserialize;
use std::fmt;
use std::time::Duration;

/// Declares [`Quirks`], its two modes and the table of switches.
macro_rules! quirks {
    ($($(#[doc = $about:literal])+ $name:ident: $type:ty { documented: $documented:expr, live: $live:expr })+) => {
        /// What the API does where its documentation leaves room.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Quirks { $($(#[doc = $about])+ pub $name: $type,)+ }

        impl Quirks {
            /// The API as its documentation has it.
            pub fn documented() -> Self {
                Self { $($name: $documented,)+ }
            }

            /// The API as clients met it, without what ends after a few calls: those quirks
            /// are switched on one by one, so that every run is the same.
            pub fn live() -> Self {
                Self { $($name: $live,)+ }
            }
        }

        static SWITCHES: &[Switch] = &[$(Switch {
            name: stringify!($name),
            about: concat!($($about),+),
            values: <$type as Setting>::values,
            set: |quirks, value| {
                Setting::parse(value).map(|value| quirks.$name = value)
            },
            get: |quirks| quirks.$name.show(),
        }),+];
    };
}

quirks! {
    /// Where an answer that is a success holds its data.
    envelope: Envelope { documented: Envelope::Data, live: Envelope::Data }

    /// The shape of what the service itself refuses: 400, 404 and 409.
    service_errors: ErrorShape { documented: ErrorShape::Documented, live: ErrorShape::Documented }

    /// The shape of what is refused before the service is reached: 401, 403, 405, 413, 429 and unknown paths.
    edge_errors: ErrorShape { documented: ErrorShape::Message, live: ErrorShape::Gateway }

    /// Whether the list of an app that has no webhooks is a 404.
    empty_list_404: bool { documented: false, live: true }

    /// Whether a url that another webhook of the app has is refused with 409.
    unique_url: bool { documented: false, live: true }

    /// The fields that the answer to a PUT leaves out.
    put_omits: Vec<&'static str> { documented: Vec::new(), live: vec!["enabled", "created_at", "updated_at"] }

    /// Whether a PATCH without `enabled` sets it to true.
    patch_enables: bool { documented: true, live: true }

    /// Whether a create is answered with 200, not 201.
    create_200: bool { documented: false, live: false }

    /// What a delete that succeeded answers.
    delete_answer: DeleteAnswer { documented: DeleteAnswer::Webhook, live: DeleteAnswer::Webhook }

    /// Whether events come back in another order than they were sent.
    reorders_events: bool { documented: false, live: true }

    /// Whether answers have fields that no documentation names.
    extra_fields: bool { documented: false, live: true }

    /// Whether a url is stored normalised: the host in lower case, `/` for an empty path.
    normalises_url: bool { documented: false, live: false }

    /// How many reads still miss a new webhook.
    new_missing_reads: u32 { documented: 0, live: 0 }

    /// How many reads still find a deleted webhook.
    deleted_found_reads: u32 { documented: 0, live: 0 }

    /// How many calls are refused with 403 before the token is known everywhere.
    forbidden_calls: u32 { documented: 0, live: 0 }

    /// Whether answers carry `Ratelimit` and `Ratelimit-Policy`.
    ratelimit_headers: bool { documented: false, live: true }

    /// How many requests are answered, and what happens past that.
    rate_limit: Option<RateLimit> { documented: None, live: None }

    /// How a 429 of the rate limit says when to come back.
    retry_after: RetryAfter { documented: RetryAfter::Seconds, live: RetryAfter::Seconds }

    /// Whether `GET …/webhooks/all` lists the names of events; a 404 if not.
    lists_events: bool { documented: true, live: false }

    /// Whether every page of apps has all of them, whatever `page_no` and `per_page` say.
    ignores_paging: bool { documented: false, live: false }

    /// Whether a page of apps tells how many there are.
    tells_paging: bool { documented: true, live: true }

    /// Whether every account and app exists; if not, only those that were declared.
    any_app: bool { documented: true, live: true }
}

/// One entry of [`Quirks`], to set quirks by name.
#[derive(Clone, Copy)]
pub struct Switch {
    name: &'static str,
    about: &'static str,
    values: fn() -> String,
    set: fn(&mut Quirks, &str) -> Option<()>,
    get: fn(&Quirks) -> String,
}

impl Switch {
    /// The name that [`Quirks::set`] takes.
    pub fn name(&self) -> String {
        self.name.replace('_', "-")
    }

    /// What the quirk is, in one sentence.
    pub fn about(&self) -> &'static str {
        self.about.trim()
    }

    /// The values that [`Quirks::set`] takes.
    pub fn values(&self) -> String {
        (self.values)()
    }

    /// Every value, if they can be listed.
    pub fn choices(&self) -> Vec<String> {
        match (self.values)() {
            values if values.contains('|') => values.split('|').map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    }

    /// The value that the quirk has in `quirks`.
    pub fn value(&self, quirks: &Quirks) -> String {
        (self.get)(quirks)
    }
}

impl fmt::Debug for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Switch").field(&self.name).finish()
    }
}

/// Why a quirk could not be set by name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetQuirkError {
    /// There is no quirk of that name.
    #[error("there is no quirk `{0}`")]
    UnknownName(String),
    /// The quirk does not take that value.
    #[error("the quirk `{name}` takes {values}, not `{value}`")]
    BadValue {
        /// Name of the quirk.
        name: String,
        /// What it takes.
        values: String,
        /// What it was given.
        value: String,
    },
}

impl Quirks {
    /// The quirks of a mode, which is `documented` or `live`.
    pub fn of_mode(mode: &str) -> Option<Self> {
        match mode {
            "documented" => Some(Self::documented()),
            "live" => Some(Self::live()),
            _ => None,
        }
    }

    /// Every quirk, in the order of the fields of [`Quirks`].
    pub fn switches() -> &'static [Switch] {
        SWITCHES
    }

    /// Sets the quirk `name` (words joined by `-` or `_`) to `value`.
    ///
    /// # Errors
    /// An unknown name, or a value that the quirk does not take.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), SetQuirkError> {
        let field = name.replace('-', "_");
        let switch = SWITCHES
            .iter()
            .find(|switch| switch.name == field)
            .ok_or_else(|| SetQuirkError::UnknownName(name.to_owned()))?;
        (switch.set)(self, value).ok_or_else(|| SetQuirkError::BadValue {
            name: switch.name(),
            values: switch.values(),
            value: value.to_owned(),
        })
    }
}

/// A type that a quirk may have: how its values are spelt.
trait Setting: Sized {
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
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
        pub enum $name { $($(#[$each])+ #[serde(rename = $text)] $variant,)+ }

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
    /// How an answer that is not a success gives its reason.
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

/// How many requests are answered, and what happens beyond that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests that are answered in one window.
    pub requests: u32,
    /// Length of a window; it begins with its first request.
    pub window: Duration,
    /// How long every request is refused once the limit is exceeded.
    pub block: Duration,
}

/// Implements [`Setting`] for a type whose values `FromStr` reads and `Display` writes.
macro_rules! plain_setting {
    ($type:ty, $values:literal) => {
        impl Setting for $type {
            fn values() -> String {
                $values.to_owned()
            }
            fn parse(text: &str) -> Option<Self> {
                text.parse().ok()
            }
            fn show(&self) -> String {
                self.to_string()
            }
        }
    };
}

plain_setting!(bool, "true|false");
plain_setting!(u32, "a whole number");

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
        let parts: Option<Vec<u64>> = text.split('/').map(|part| part.parse().ok()).collect();
        let [requests, window, block] = parts?.try_into().ok()?;
        Some(Some(RateLimit {
            requests: requests.try_into().ok()?,
            window: Duration::from_secs(window),
            block: Duration::from_secs(block),
        }))
    }

    fn show(&self) -> String {
        match self {
            None => "none".to_owned(),
            Some(limit) => {
                let (window, block) = (limit.window.as_secs(), limit.block.as_secs());
                format!("{}/{window}/{block}", limit.requests)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_every_quirk_by_name_turns_one_mode_into_the_other() {
        let live = Quirks::live();
        let mut quirks = Quirks::documented();

        for switch in Quirks::switches() {
            quirks.set(&switch.name(), &switch.value(&live)).unwrap();
        }

        assert_eq!(quirks, live);
    }

    #[test]
    fn unknown_value_is_refused_and_changes_nothing() {
        for switch in Quirks::switches() {
            let mut quirks = Quirks::live();

            let refused = quirks.set(&switch.name(), "perhaps");

            assert!(
                matches!(refused, Err(SetQuirkError::BadValue { .. })),
                "{switch:?}"
            );
            assert_eq!(quirks, Quirks::live());
        }
    }

    #[test]
    fn unknown_quirk_is_named_in_the_error() {
        let refused = Quirks::live().set("empty-lists-404", "true");

        assert_eq!(
            refused.unwrap_err().to_string(),
            "there is no quirk `empty-lists-404`"
        );
    }

    #[test]
    fn rate_limit_is_written_as_requests_window_and_block() {
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
    fn answer_can_omit_any_field_but_the_id() {
        let parsed = Setting::parse("url,events");

        assert_eq!(parsed, Some(vec!["url", "events"]));
        assert_eq!(Vec::<&str>::parse("id"), None);
    }
}
