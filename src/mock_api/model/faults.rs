//! Faults: what goes wrong, for which requests, and how many of them.
//!
//! A rule is written in Rust, as JSON, or in the words of `--fault`, which are
//! `FAULT[:TIMES][,KEY[=VALUE]]…` with the keys of the JSON form, `-` for `_`.

use super::quirks::ErrorShape;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Something that goes wrong with one request.
///
/// A fault stands in for the service: the request is not acted upon, unless the fault is made
/// [`after_storing`](Self::after_storing) or says otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub(crate) effect: Effect,
    pub(crate) stores: bool,
    pub(crate) headers: HeaderMap,
    pub(crate) shape: Option<ErrorShape>,
    pub(crate) code: Option<u32>,
    pub(crate) message: Option<String>,
}

/// What the client sees of a fault.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// An error in one of the shapes that the API has.
    Refuse(StatusCode),
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
        Self::new(Effect::Refuse(status))
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
    pub fn shape(mut self, shape: ErrorShape) -> Self {
        self.shape = Some(shape);
        self
    }

    /// The same fault with the API's error code; only a fault made by [`status`](Self::status) has one.
    #[must_use]
    pub fn code(mut self, code: u32) -> Self {
        self.code = Some(code);
        self
    }

    /// The same fault with another message; only a fault made by [`status`](Self::status) has one.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    fn new(effect: Effect) -> Self {
        Self {
            effect,
            stores: false,
            headers: HeaderMap::new(),
            shape: None,
            code: None,
            message: None,
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
            Effect::Refuse(status) => write!(f, "status {}", status.as_u16()),
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

    fn matches(&self, method: &Method, path: &str) -> bool {
        let suffix = self.path_suffix.as_deref().unwrap_or_default();
        self.method.as_ref().is_none_or(|wanted| wanted == method) && path.ends_with(suffix)
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

/// A [`Fault`], and the requests that meet it.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultRule {
    /// Which requests meet it.
    pub matcher: Matcher,
    /// How many of them; `usize::MAX` is all.
    pub times: usize,
    /// What they meet.
    pub fault: Fault,
}

/// Why words or JSON are no [`FaultRule`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FaultRuleError(String);

/// The JSON form of a rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleDocument {
    #[serde(deserialize_with = "fault")]
    fault: Fault,
    #[serde(default = "once", deserialize_with = "times")]
    times: usize,
    #[serde(default, deserialize_with = "method")]
    method: Option<Method>,
    path_suffix: Option<String>,
    #[serde(default, deserialize_with = "header_value")]
    retry_after: Option<HeaderValue>,
    code: Option<u32>,
    message: Option<String>,
    shape: Option<ErrorShape>,
    #[serde(default)]
    after_storing: bool,
}

impl FaultRule {
    /// A rule from its JSON form, such as `{"fault": "429", "times": 3, "method": "POST"}`.
    ///
    /// # Errors
    /// A member that no rule has, or a value that it does not take.
    pub fn from_json(rule: &Value) -> Result<Self, FaultRuleError> {
        if !rule.is_object() {
            return Err(FaultRuleError("a fault must be a JSON object".to_owned()));
        }
        let document: RuleDocument = serde_path_to_error::deserialize(rule)
            .map_err(|error| FaultRuleError(error.to_string()))?;
        let mut fault = Fault {
            stores: document.after_storing,
            shape: document.shape,
            code: document.code,
            message: document.message,
            ..document.fault
        };
        let retry_after = document.retry_after.map(|value| (RETRY_AFTER, value));
        fault.headers.extend(retry_after);
        let matcher = Matcher {
            method: document.method,
            path_suffix: document.path_suffix,
        };
        Ok(Self {
            matcher,
            times: document.times,
            fault,
        })
    }

    /// A description of the rule in JSON; not its JSON form.
    pub(crate) fn describe(&self) -> Value {
        let times = match self.times {
            usize::MAX => json!("always"),
            times => json!(times),
        };
        json!({
            "about": self.fault.to_string(),
            "requests": self.matcher.to_string(),
            "times": times,
        })
    }
}

impl FromStr for FaultRule {
    type Err = FaultRuleError;

    fn from_str(words: &str) -> Result<Self, FaultRuleError> {
        let mut parts = words.split(',');
        let first = parts.next().unwrap_or_default();
        let (fault, times) = first.rsplit_once(':').unwrap_or((first, "1"));
        let mut rule = Map::from_iter([
            ("fault".to_owned(), json!(fault)),
            ("times".to_owned(), number_or_text(times)),
        ]);
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, "true"));
            let key = key.replace('-', "_");
            let value = match (key.as_str(), value) {
                ("times" | "code", _) => number_or_text(value),
                ("after_storing", "true" | "false") => json!(value == "true"),
                _ => json!(value),
            };
            rule.insert(key, value);
        }
        Self::from_json(&Value::Object(rule))
    }
}

fn number_or_text(text: &str) -> Value {
    text.parse::<u64>()
        .map_or_else(|_| json!(text), Value::from)
}

/// A string without its quotes, anything else as JSON.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned))
}

fn once() -> usize {
    1
}

fn times<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let text = text(deserializer)?;
    match text.parse() {
        _ if text == "always" => Ok(usize::MAX),
        Ok(times) if times > 0 => Ok(times),
        _ => Err(D::Error::custom(format!(
            "must be a number of at least 1, or always, not `{text}`"
        ))),
    }
}

fn method<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Method>, D::Error> {
    let name = String::deserialize(deserializer)?;
    let method = name.to_ascii_uppercase().parse();
    method
        .map(Some)
        .map_err(|_| D::Error::custom(format!("must be a method, not `{name}`")))
}

fn header_value<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<HeaderValue>, D::Error> {
    let value = text(deserializer)?.try_into();
    value
        .map(Some)
        .map_err(|_| D::Error::custom("must be seconds or an HTTP-date"))
}

fn fault<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fault, D::Error> {
    let words = text(deserializer)?;
    let fault = match words.split_once('=') {
        None if words == "drop" => Some(Fault::drop_connection()),
        None => status(&words).map(Fault::status),
        Some(("delay", time)) => seconds(time).map(Fault::delay),
        Some(("late", time)) => seconds(time).map(Fault::delay_before_storing),
        Some(("truncate", bytes)) => bytes.parse().ok().map(Fault::truncate),
        Some(("html", code)) => status(code).map(Fault::html),
        Some(("empty", code)) => status(code).map(Fault::empty),
        Some(("huge", bytes)) => bytes.parse().ok().map(Fault::huge_body),
        Some(_) => None,
    };
    fault.ok_or_else(|| {
        D::Error::custom(format!(
            "`{words}` is no fault: take a status from 200 to 599, drop, delay=SECONDS, \
             late=SECONDS, truncate=BYTES, html=STATUS, empty=STATUS or huge=BYTES"
        ))
    })
}

fn status(text: &str) -> Option<StatusCode> {
    let code = text.parse().ok().filter(|code| (200..600).contains(code))?;
    StatusCode::from_u16(code).ok()
}

fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
}

/// The pending faults, in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(crate) struct FaultPlan {
    rules: Vec<FaultRule>,
}

impl FaultPlan {
    pub(crate) fn add(&mut self, rule: FaultRule) {
        if rule.times > 0 {
            self.rules.push(rule);
        }
    }

    /// Each rule with the times that are left.
    pub(crate) fn rules(&self) -> &[FaultRule] {
        &self.rules
    }

    /// The fault for this request: that of the first rule that matches, whose count decreases.
    pub(crate) fn take(&mut self, method: &Method, path: &str) -> Option<Fault> {
        let mut rules = self.rules.iter_mut();
        let rule = rules.find(|rule| rule.matcher.matches(method, path))?;
        if rule.times != usize::MAX {
            rule.times -= 1;
        }
        let fault = rule.fault.clone();
        self.rules.retain(|rule| rule.times > 0);
        Some(fault)
    }

    /// How many more requests will meet a fault.
    pub(crate) fn left(&self) -> usize {
        let times = self.rules.iter().map(|rule| rule.times);
        times.fold(0, usize::saturating_add)
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(words: &str) -> FaultRule {
        words.parse().unwrap()
    }

    #[test]
    fn words_and_json_give_the_same_rule() {
        let words = rule(
            "503:3,method=post,path-suffix=/webhooks,retry-after=7,code=971,\
             message=slow down,shape=gateway,after-storing",
        );
        let json = json!({
            "fault": "503", "times": 3, "method": "POST", "path_suffix": "/webhooks",
            "retry_after": 7, "code": 971, "message": "slow down", "shape": "gateway",
            "after_storing": true,
        });

        let fault = Fault::status(StatusCode::SERVICE_UNAVAILABLE)
            .code(971)
            .message("slow down")
            .shape(ErrorShape::Gateway)
            .after_storing();
        assert_eq!(words.fault, fault.header("retry-after", "7").unwrap());
        assert_eq!(words.times, 3);
        assert_eq!(FaultRule::from_json(&json).unwrap(), words);
    }

    #[test]
    fn words_describe_every_kind_of_fault() {
        let gateway = StatusCode::BAD_GATEWAY;
        let cases = [
            ("429", Fault::status(StatusCode::TOO_MANY_REQUESTS), 1),
            ("drop:always", Fault::drop_connection(), usize::MAX),
            ("delay=1.5", Fault::delay(Duration::from_millis(1500)), 1),
            (
                "late=2",
                Fault::delay_before_storing(Duration::from_secs(2)),
                1,
            ),
            ("truncate=10", Fault::truncate(10), 1),
            ("html=502", Fault::html(gateway), 1),
            ("empty=502:2", Fault::empty(gateway), 2),
            ("huge=1000", Fault::huge_body(1000), 1),
        ];

        for (words, fault, times) in cases {
            let matcher = Matcher::any();
            let expected = FaultRule {
                matcher,
                times,
                fault,
            };
            assert_eq!(rule(words), expected, "{words}");
        }
    }

    #[test]
    fn wrong_rule_is_refused_with_the_reason() {
        let cases = [
            ("", "fault: `` is no fault: take a status"),
            ("100", "`100` is no fault"),
            ("600", "`600` is no fault"),
            ("delay=-1", "`delay=-1` is no fault"),
            ("429:0", "times: must be a number of at least 1"),
            ("429:often", "or always, not `often`"),
            ("429,shape=round", "expected one of `documented`, `gateway`"),
            ("429,after-storing=later", "after_storing: invalid type"),
            ("429,code=x", "code: invalid type"),
            ("429,method=P T", "method: must be a method, not `P T`"),
            ("429,retry-after=\n", "retry_after: must be seconds"),
            ("429,color=red", "unknown field `color`, expected one of"),
        ];

        for (words, expected) in cases {
            let error = words.parse::<FaultRule>().unwrap_err().to_string();

            assert!(error.contains(expected), "{words}: {error}");
        }
        let error = FaultRule::from_json(&json!([])).unwrap_err();
        assert_eq!(error.to_string(), "a fault must be a JSON object");
    }

    #[test]
    fn rule_is_described_in_words() {
        let shown = rule("503:2,method=POST,after-storing").describe();

        let expected = json!({
            "about": "status 503, after storing", "requests": "POST", "times": 2,
        });
        assert_eq!(shown, expected);
    }

    fn plan(rules: &[&str]) -> FaultPlan {
        let mut plan = FaultPlan::default();
        rules.iter().for_each(|words| plan.add(rule(words)));
        plan
    }

    #[test]
    fn faults_are_met_in_the_order_in_which_they_were_added() {
        let mut plan = plan(&["502:2", "drop"]);

        let met = [(); 4].map(|()| plan.take(&Method::GET, "/"));

        let gateway = Some(Fault::status(StatusCode::BAD_GATEWAY));
        let drop = Some(Fault::drop_connection());
        assert_eq!(met, [gateway.clone(), gateway, drop, None]);
    }

    #[test]
    fn fault_is_met_only_by_matching_requests() {
        let mut plan = plan(&["drop,method=POST,path-suffix=/webhooks"]);

        assert_eq!(plan.take(&Method::GET, "/a/webhooks"), None);
        assert_eq!(plan.take(&Method::POST, "/a/apps"), None);
        assert_eq!(plan.left(), 1);
        assert!(plan.take(&Method::POST, "/a/webhooks").is_some());
        assert_eq!(plan.left(), 0);
    }

    #[test]
    fn count_of_faults_may_be_zero_or_unlimited() {
        let mut plan = plan(&["drop:always", "drop:always"]);
        plan.add(FaultRule {
            times: 0,
            ..rule("429")
        });

        assert_eq!(plan.left(), usize::MAX);
        assert_eq!(plan.rules().len(), 2);
    }
}
