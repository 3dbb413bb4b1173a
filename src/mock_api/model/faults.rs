//! Faults: what goes wrong, for which requests, and how many of them.
//!
//! A rule is written in Rust, as JSON, or in the words of `--fault`, which are
//! `FAULT[:TIMES][,KEY[=VALUE]]…` with the keys of the JSON form, `-` for `_`.

use super::{MockError, seconds, text_of};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
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
    pub(crate) code: Option<u32>,
    pub(crate) message: Option<String>,
}

/// What the client sees of a fault.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// An error in one of the shapes that the API has.
    Refuse(StatusCode),
    /// An answer of these very bytes.
    Raw(StatusCode, Bytes),
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
    /// An answer with this status, in the error shape that the API has for it; with a status of
    /// success, `"success": false` all the same, which Cloudflare documents as possible.
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
        let page = format!("<!DOCTYPE html>\n<title>{reason}</title>\n<h1>{reason}</h1>\n");
        Self::body(status, page).with(CONTENT_TYPE, HeaderValue::from_static("text/html"))
    }

    /// An answer without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self::body(status, Bytes::new())
    }

    /// An answer of these very bytes, without a content type.
    pub fn body(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self::new(Effect::Raw(status, body.into()))
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

    /// The same fault with a header on its answer, if name and value can be a header.
    pub fn header(self, name: &str, value: &str) -> Result<Self, http::Error> {
        let name = HeaderName::from_bytes(name.as_bytes())?;
        Ok(self.with(name, HeaderValue::from_str(value)?))
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
            Effect::Raw(status, body) => {
                write!(f, "status {}, {} bytes", status.as_u16(), body.len())
            }
            Effect::Huge(length) => write!(f, "body of {length} bytes"),
            Effect::Truncate(length) => write!(f, "answer cut off after {length} bytes"),
            Effect::DelayAnswer(delay) => write!(f, "answer {delay:?} late"),
            Effect::DelayRequest(delay) => write!(f, "request {delay:?} late"),
            Effect::Drop => write!(f, "connection dropped"),
        }?;
        f.write_str(if self.stores { ", after storing" } else { "" })
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

const FAULTS: &str = "a status from 200 to 599, drop, delay=SECONDS, late=SECONDS, \
                      truncate=BYTES, html=STATUS, empty=STATUS or huge=BYTES";

impl FaultRule {
    /// A rule from its JSON form, such as `{"fault": "429", "times": 3, "method": "POST"}`; an
    /// error names the member that is wrong.
    pub fn from_json(rule: &Value) -> Result<Self, MockError> {
        let members = rule.as_object();
        let members = members.ok_or_else(|| MockError::invalid("a fault must be a JSON object"))?;
        let given = members.iter().filter(|(_, value)| !value.is_null());
        let texts = given.map(|(key, value)| (key.clone(), text_of(value)));
        Self::from_texts(texts.collect())
    }

    fn from_texts(mut texts: BTreeMap<String, String>) -> Result<Self, MockError> {
        let words = texts.remove("fault").unwrap_or_default();
        let mut fault = fault(&words).ok_or_else(|| wrong("fault", FAULTS, &words))?;
        let (mut matcher, mut times) = (Matcher::any(), 1);
        for (key, text) in texts {
            match &*key {
                "times" if text == "always" => times = usize::MAX,
                "times" => {
                    let expected = "a number of at least 1, or always";
                    times = parse::<NonZeroUsize>(&key, expected, &text)?.get();
                }
                "method" => {
                    matcher.method = Some(parse(&key, "a method", &text.to_uppercase())?);
                }
                "path_suffix" => matcher.path_suffix = Some(text),
                "retry_after" => {
                    let value = parse(&key, "seconds or an HTTP-date", &text)?;
                    fault.headers.insert(RETRY_AFTER, value);
                }
                "code" => fault.code = Some(parse(&key, "a number", &text)?),
                "message" => fault.message = Some(text),
                "after_storing" => fault.stores = parse(&key, "true or false", &text)?,
                _ => return Err(MockError::invalid(format!("a fault has no `{key}`"))),
            }
        }
        Ok(Self {
            matcher,
            times,
            fault,
        })
    }

    fn matches(&self, method: &Method, path: &str) -> bool {
        let wanted = &self.matcher;
        let suffix = wanted.path_suffix.as_deref().unwrap_or_default();
        let is_method = wanted.method.as_ref().is_none_or(|it| it == method);
        self.times > 0 && is_method && path.ends_with(suffix)
    }
}

impl fmt::Display for FaultRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.times {
            usize::MAX => f.write_str("every time"),
            times => write!(f, "{times} ×"),
        }?;
        let method = self.matcher.method.as_ref();
        let method = method.map_or("any request", Method::as_str);
        write!(f, " {}, for {method}", self.fault)?;
        match &self.matcher.path_suffix {
            None => Ok(()),
            Some(suffix) => write!(f, " …{suffix}"),
        }
    }
}

impl FromStr for FaultRule {
    type Err = MockError;

    fn from_str(words: &str) -> Result<Self, MockError> {
        let mut parts = words.split(',');
        let first = parts.next().unwrap_or_default();
        let (fault, times) = first.rsplit_once(':').unwrap_or((first, "1"));
        let others = parts.map(|part| part.split_once('=').unwrap_or((part, "true")));
        let texts = [("fault", fault), ("times", times)]
            .into_iter()
            .chain(others);
        let texts = texts.map(|(key, text)| (key.replace('-', "_"), text.to_owned()));
        Self::from_texts(texts.collect())
    }
}

fn parse<T: FromStr>(key: &str, expected: &str, text: &str) -> Result<T, MockError> {
    text.parse().map_err(|_| wrong(key, expected, text))
}

fn wrong(key: &str, expected: &str, text: &str) -> MockError {
    MockError::invalid(format!("{key}: must be {expected}, not `{text}`"))
}

fn fault(words: &str) -> Option<Fault> {
    let status = |text: &str| {
        let code = text.parse().ok().filter(|code| (200..600).contains(code))?;
        StatusCode::from_u16(code).ok()
    };
    Some(match words.split_once('=') {
        None if words == "drop" => Fault::drop_connection(),
        None => Fault::status(status(words)?),
        Some(("delay", time)) => Fault::delay(seconds(time)?),
        Some(("late", time)) => Fault::delay_before_storing(seconds(time)?),
        Some(("truncate", bytes)) => Fault::truncate(bytes.parse().ok()?),
        Some(("html", code)) => Fault::html(status(code)?),
        Some(("empty", code)) => Fault::empty(status(code)?),
        Some(("huge", bytes)) => Fault::huge_body(bytes.parse().ok()?),
        Some(_) => return None,
    })
}

/// The fault for this request: that of the first rule that matches, whose count decreases.
pub(crate) fn take(rules: &mut Vec<FaultRule>, method: &Method, path: &str) -> Option<Fault> {
    let rule = rules.iter_mut().find(|rule| rule.matches(method, path))?;
    if rule.times != usize::MAX {
        rule.times -= 1;
    }
    let fault = rule.fault.clone();
    rules.retain(|rule| rule.times > 0);
    Some(fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rule(words: &str) -> FaultRule {
        words.parse().unwrap()
    }

    #[test]
    fn words_and_json_give_the_same_rule() {
        let words = rule(
            "503:3,method=POST,path-suffix=/webhooks,retry-after=7,code=971,\
             message=slow down,after-storing",
        );
        let json = json!({
            "fault": "503", "times": 3, "method": "POST", "path_suffix": "/webhooks",
            "retry_after": 7, "code": 971, "message": "slow down", "after_storing": true,
        });

        let fault = Fault::status(StatusCode::SERVICE_UNAVAILABLE)
            .code(971)
            .message("slow down")
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
            ("", "fault: must be a status from 200 to 599, drop, "),
            ("100", "or huge=BYTES, not `100`"),
            ("600", "or huge=BYTES, not `600`"),
            ("delay=-1", "or huge=BYTES, not `delay=-1`"),
            (
                "429:0",
                "times: must be a number of at least 1, or always, not `0`",
            ),
            ("429:often", "or always, not `often`"),
            (
                "429,after-storing=later",
                "after_storing: must be true or false, not `later`",
            ),
            ("429,code=x", "code: must be a number, not `x`"),
            ("429,method=P T", "method: must be a method, not `P T`"),
            (
                "429,retry-after=\n",
                "retry_after: must be seconds or an HTTP-date",
            ),
            ("429,color=red", "a fault has no `color`"),
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
        let cases = [
            (
                "503:2,method=POST,path-suffix=/webhooks,after-storing",
                "2 × status 503, after storing, for POST …/webhooks",
            ),
            (
                "drop:always",
                "every time connection dropped, for any request",
            ),
        ];

        for (words, description) in cases {
            assert_eq!(rule(words).to_string(), description);
        }
    }

    fn rules(words: &[&str]) -> Vec<FaultRule> {
        words.iter().map(|words| rule(words)).collect()
    }

    #[test]
    fn faults_are_met_in_the_order_in_which_they_were_added() {
        let mut rules = rules(&["502:2", "drop"]);

        let met = [(); 4].map(|()| take(&mut rules, &Method::GET, "/"));

        let gateway = Some(Fault::status(StatusCode::BAD_GATEWAY));
        let drop = Some(Fault::drop_connection());
        assert_eq!(met, [gateway.clone(), gateway, drop, None]);
    }

    #[test]
    fn fault_is_met_only_by_matching_requests() {
        let mut rules = rules(&["drop,method=post,path-suffix=/webhooks"]);

        assert_eq!(take(&mut rules, &Method::GET, "/a/webhooks"), None);
        assert_eq!(take(&mut rules, &Method::POST, "/a/apps"), None);
        assert!(take(&mut rules, &Method::POST, "/a/webhooks").is_some());
        assert_eq!(rules, []);
    }

    #[test]
    fn count_of_faults_may_be_zero_or_unlimited() {
        let mut rules = rules(&["429", "drop:always"]);
        rules[0].times = 0;

        let met = take(&mut rules, &Method::GET, "/");

        assert_eq!(met, Some(Fault::drop_connection()));
        assert_eq!(rules, [rule("drop:always")]);
    }
}
