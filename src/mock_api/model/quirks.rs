//! How the API behaves where its documentation leaves room: one quirk for each behavior.
//!
//! A quirk holds until it is changed; what happens to a few requests only is a
//! [`Fault`](super::faults::Fault). Texts for `--quirk` and the control endpoint are read by serde.

use super::{MockError, seconds, text_of};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

const BOOLEAN: &str = "true|false";
const NUMBER: &str = "a whole number";
const SHAPE: &str = "documented|gateway|message";
const LIMIT: &str =
    "none, or REQUESTS/WINDOW/BLOCK with both times in seconds, such as 1200/300/300";

/// Declares [`Quirks`] with its two modes, documented and live, and the texts that each quirk takes.
macro_rules! quirks {
    ($(#[doc = $about:literal] $name:ident: $type:ty = $documented:expr, $live:expr; $takes:expr,)+) => {
        /// What the API does where its documentation leaves room.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Quirks { $(#[doc = $about] pub $name: $type,)+ }

        impl Default for Quirks {
            fn default() -> Self {
                Self::documented()
            }
        }

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

            /// Every quirk, in the order of the fields.
            pub fn switches() -> &'static [Switch] {
                const { &[$(Switch { field: stringify!($name), about: $about.trim_ascii(), takes: $takes }),+] }
            }
        }
    };
}

quirks! {
    /// Where an answer that is a success holds its data.
    envelope: Envelope = Envelope::Data, Envelope::Data; "data|result-data|result",
    /// The shape of what the service itself refuses: 400, 404 and 409.
    service_errors: ErrorShape = ErrorShape::Documented, ErrorShape::Documented; SHAPE,
    /// The shape of what is refused before the service is reached: 401, 403, 405, 413, 429 and unknown paths.
    edge_errors: ErrorShape = ErrorShape::Message, ErrorShape::Gateway; SHAPE,
    /// Whether the list of an app that has no webhooks is a 404.
    empty_list_404: bool = false, true; BOOLEAN,
    /// Whether a url that another webhook of the app has is refused with 409.
    unique_url: bool = false, true; BOOLEAN,
    /// Whether the answer to a PUT leaves out `enabled`, `created_at` and `updated_at`.
    partial_put: bool = false, true; BOOLEAN,
    /// Whether a PATCH without `enabled` sets it to true.
    patch_enables: bool = true, true; BOOLEAN,
    /// Whether a create is answered with 200, not 201.
    create_200: bool = false, false; BOOLEAN,
    /// What a delete that succeeded answers.
    delete_answer: DeleteAnswer = DeleteAnswer::Webhook, DeleteAnswer::Webhook; "webhook|no-content|empty",
    /// Whether events come back in another order than they were sent.
    reorders_events: bool = false, true; BOOLEAN,
    /// Whether answers have fields that no documentation names.
    extra_fields: bool = false, true; BOOLEAN,
    /// Whether a url is stored normalized: the host in lower case, `/` for an empty path.
    normalizes_url: bool = false, false; BOOLEAN,
    /// How many reads still miss a new webhook.
    new_missing_reads: u32 = 0, 0; NUMBER,
    /// How many reads still find a deleted webhook.
    deleted_found_reads: u32 = 0, 0; NUMBER,
    /// Whether answers carry `Ratelimit` and `Ratelimit-Policy`.
    ratelimit_headers: bool = false, true; BOOLEAN,
    /// How many requests are answered, and what happens past that.
    rate_limit: Option<RateLimit> = None, None; LIMIT,
    /// Whether `GET …/webhooks/all` lists the names of events; a 404 if not.
    lists_events: bool = true, false; BOOLEAN,
    /// Whether every account and app exists; if not, only those that were declared.
    any_app: bool = true, true; BOOLEAN,
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

    /// Sets the quirk `name` (words joined by `-` or `_`) to the value that `text` says; an unknown
    /// name or a value that the quirk does not take is an error.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), MockError> {
        let field = name.replace('-', "_");
        let mut switches = Self::switches().iter();
        let switch = switches.find(|switch| switch.field == field);
        let unknown = || MockError::invalid(format!("there is no quirk `{name}`"));
        let switch = switch.ok_or_else(unknown)?;
        let mut all = json!(self);
        all[&field] = match text {
            "none" => Value::Null,
            _ => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
        };
        *self = serde_json::from_value(all).map_err(|_| {
            let (name, takes) = (switch.name(), switch.takes);
            MockError::invalid(format!("the quirk `{name}` takes {takes}, not `{text}`"))
        })?;
        Ok(())
    }
}

/// One entry of [`Quirks`], to set and show quirks by name.
#[derive(Clone, Copy, Debug)]
pub struct Switch {
    field: &'static str,
    /// What the quirk is, in one sentence.
    pub about: &'static str,
    /// The texts that [`Quirks::set`] takes; a choice is separated by `|`.
    pub takes: &'static str,
}

impl Switch {
    /// The name that [`Quirks::set`] takes.
    pub fn name(&self) -> String {
        self.field.replace('_', "-")
    }

    /// The value that the quirk has in `quirks`, as [`Quirks::set`] takes it.
    pub fn value(&self, quirks: &Quirks) -> String {
        match &json!(quirks)[self.field] {
            Value::Null => "none".to_owned(),
            value => text_of(value),
        }
    }
}

/// Where an answer that is a success holds its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Envelope {
    /// `{"success": true, "data": …}`, as documented.
    Data,
    /// `{"success": true, "result": {"data": …}}`.
    ResultData,
    /// `{"success": true, "result": …}`, the usual shape of Cloudflare's API.
    Result,
}

/// How an answer that is not a success gives its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorShape {
    /// `{"success": false, "error": {"code": …, "message": …}}`, as documented.
    Documented,
    /// `{"success": false, "errors": [{"code": …, "message": …}], …}`, as Cloudflare's gateway has it.
    Gateway,
    /// `{"message": …}`, as documented for 401.
    Message,
}

/// What a delete that succeeded answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeleteAnswer {
    /// 200 with the deleted webhook, as documented.
    Webhook,
    /// 204 without a body.
    NoContent,
    /// 200 without a body.
    Empty,
}

/// How many requests are answered, and what happens beyond that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RateLimit {
    /// Requests that are answered in one window.
    pub requests: u32,
    /// Length of a window; it begins with its first request.
    pub window: Duration,
    /// How long every request is refused once the limit is exceeded.
    pub block: Duration,
}

impl TryFrom<String> for RateLimit {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let parts: Vec<&str> = text.split('/').collect();
        let [requests, window, block] = parts[..] else {
            return Err(LIMIT);
        };
        Ok(Self {
            requests: requests.parse().map_err(|_| LIMIT)?,
            window: seconds(window).ok_or(LIMIT)?,
            block: seconds(block).ok_or(LIMIT)?,
        })
    }
}

impl From<RateLimit> for String {
    fn from(limit: RateLimit) -> Self {
        let (window, block) = (limit.window.as_secs_f64(), limit.block.as_secs_f64());
        format!("{}/{window}/{block}", limit.requests)
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
    fn every_choice_is_taken_and_shown_as_it_was_set() {
        for switch in Quirks::switches() {
            let takes = switch.takes;
            let choices = match takes.contains('|') {
                true => takes.split('|').collect(),
                false if takes == NUMBER => vec!["7"],
                false => vec!["none", "40/10/30", "0/0.001/5"],
            };
            for choice in choices {
                let mut quirks = Quirks::live();
                quirks.set(&switch.name(), choice).unwrap();
                assert_eq!(switch.value(&quirks), choice);
            }
        }
    }

    #[test]
    fn unknown_value_is_refused_and_changes_nothing() {
        let wrong_limits = ["40", "40/10", "40/10/30/1", "-1/10/30", "40/10/30s"];
        let wrong_limits = wrong_limits.map(|text| ("rate-limit", text));
        let names: Vec<String> = Quirks::switches().iter().map(Switch::name).collect();
        let cases = names.iter().map(|name| (name.as_str(), "perhaps"));
        let others = [("unique-url", ""), ("create-200", "null")];

        for (name, text) in cases.chain(wrong_limits).chain(others) {
            let mut quirks = Quirks::live();
            let refused = quirks.set(name, text).unwrap_err().to_string();

            assert!(
                refused.starts_with(&format!("the quirk `{name}` takes ")),
                "{refused}"
            );
            assert!(refused.ends_with(&format!(", not `{text}`")), "{refused}");
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
}
