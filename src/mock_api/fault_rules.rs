//! A fault, the requests that it is for, and how many of them: as Rust, as words, as JSON.
//!
//! The words are those of `--fault`: `FAULT[:TIMES][,KEY[=VALUE]]…`. In JSON the fault is the
//! member `fault`, and each key is a member with `_` for `-`.

use super::faults::{Fault, Matcher};
use super::quirk_values::{ErrorShape, Setting};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use std::str::FromStr;
use std::time::Duration;

/// What a rule's fault may be, for people.
const FAULTS: &str = "a status from 200 to 599, drop, delay=SECONDS, late=SECONDS, \
                      truncate=BYTES, html=STATUS, empty=STATUS or huge=BYTES";

/// The keys that a rule may have in JSON.
const KEYS: [&str; 9] = [
    "fault",
    "times",
    "method",
    "path_suffix",
    "retry_after",
    "code",
    "message",
    "shape",
    "after_storing",
];

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

fn wrong(what: impl Into<String>) -> FaultRuleError {
    FaultRuleError(what.into())
}

impl FaultRule {
    /// A rule from its JSON form, such as `{"fault": "429", "times": 3, "method": "POST"}`.
    ///
    /// # Errors
    /// A member that no rule has, or a value that it does not take.
    pub fn from_json(rule: &Value) -> Result<Self, FaultRuleError> {
        let members = rule.as_object();
        let members = members.ok_or_else(|| wrong("a fault must be a JSON object"))?;
        if let Some(unknown) = members.keys().find(|key| !KEYS.contains(&key.as_str())) {
            let known = KEYS.join(", ");
            return Err(wrong(format!("`{unknown}` is not one of the keys {known}")));
        }
        Ok(Self {
            matcher: matcher(members)?,
            times: times(members.get("times"))?,
            fault: fault(members)?,
        })
    }

    /// The JSON that tells of the rule; not all of what it says can be read back.
    pub(super) fn show(&self) -> Value {
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
        let (fault, times) = match first.rsplit_once(':') {
            Some((fault, times)) => (fault, Some(times)),
            None => (first, None),
        };
        let mut rule = Map::from_iter([("fault".to_owned(), json!(fault))]);
        if let Some(times) = times {
            rule.insert("times".to_owned(), number_or_text(times));
        }
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, "true"));
            let key = key.replace('-', "_");
            let value = match key.as_str() {
                "times" | "code" => number_or_text(value),
                "after_storing" => value
                    .parse()
                    .map(Value::Bool)
                    .unwrap_or_else(|_| json!(value)),
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

fn matcher(rule: &Map<String, Value>) -> Result<Matcher, FaultRuleError> {
    let mut matcher = match text(rule, "method")? {
        None => Matcher::any(),
        Some(method) => Matcher::method(
            Method::from_str(&method.to_ascii_uppercase())
                .map_err(|_| wrong(format!("`method` takes a method, not `{method}`")))?,
        ),
    };
    if let Some(suffix) = text(rule, "path_suffix")? {
        matcher = matcher.path_suffix(suffix);
    }
    Ok(matcher)
}

fn times(times: Option<&Value>) -> Result<usize, FaultRuleError> {
    let count = |times: &Value| usize::try_from(times.as_u64()?).ok();
    match times {
        None => Ok(1),
        Some(times) if times == "always" => Ok(usize::MAX),
        Some(times) => count(times).filter(|&count| count > 0).ok_or_else(|| {
            wrong(format!(
                "`times` takes a number of at least 1, or always, not `{}`",
                plain(times)
            ))
        }),
    }
}

fn fault(rule: &Map<String, Value>) -> Result<Fault, FaultRuleError> {
    let words = rule.get("fault").map(plain);
    let words = words.ok_or_else(|| wrong("a fault needs `fault`"))?;
    let mut fault =
        bare_fault(&words).ok_or_else(|| wrong(format!("`{words}` is no fault: take {FAULTS}")))?;
    if let Some(code) = rule.get("code") {
        let known = code.as_u64().and_then(|code| u32::try_from(code).ok());
        let known = known.ok_or_else(|| wrong("`code` takes a whole number"))?;
        fault = fault.code(known);
    }
    if let Some(message) = text(rule, "message")? {
        fault = fault.message(message);
    }
    if let Some(name) = text(rule, "shape")? {
        let shape = ErrorShape::parse(&name)
            .ok_or_else(|| wrong(format!("`shape` takes {}", ErrorShape::values())))?;
        fault = fault.shape(shape);
    }
    if let Some(wait) = rule.get("retry_after").map(plain) {
        fault = fault
            .header("retry-after", &wait)
            .map_err(|_| wrong("`retry_after` takes seconds or an HTTP-date"))?;
    }
    match rule.get("after_storing") {
        None | Some(Value::Bool(false)) => Ok(fault),
        Some(Value::Bool(true)) => Ok(fault.after_storing()),
        Some(_) => Err(wrong("`after_storing` takes true or false")),
    }
}

fn bare_fault(words: &str) -> Option<Fault> {
    match words.split_once('=') {
        None if words == "drop" => Some(Fault::drop_connection()),
        None => status(words).map(Fault::status),
        Some(("delay", time)) => seconds(time).map(Fault::delay),
        Some(("late", time)) => seconds(time).map(Fault::delay_before_storing),
        Some(("truncate", bytes)) => bytes.parse().ok().map(Fault::truncate),
        Some(("html", code)) => status(code).map(Fault::html),
        Some(("empty", code)) => status(code).map(Fault::empty),
        Some(("huge", bytes)) => bytes.parse().ok().map(Fault::huge_body),
        Some(_) => None,
    }
}

fn status(text: &str) -> Option<StatusCode> {
    let code = text.parse().ok().filter(|code| (200..600).contains(code))?;
    StatusCode::from_u16(code).ok()
}

fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
}

fn text(rule: &Map<String, Value>, key: &str) -> Result<Option<String>, FaultRuleError> {
    match rule.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(wrong(format!("`{key}` takes a string"))),
    }
}

/// A string without its quotes, anything else as JSON.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The faults that are still to come, in the order in which they were asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct FaultPlan {
    planned: Vec<FaultRule>,
}

impl FaultPlan {
    pub(super) fn new(rules: &[FaultRule]) -> Self {
        let planned = rules.iter().filter(|rule| rule.times > 0);
        Self {
            planned: planned.cloned().collect(),
        }
    }

    pub(super) fn add(&mut self, rule: FaultRule) {
        self.planned.push(rule);
        self.planned.retain(|planned| planned.times > 0);
    }

    /// Each rule with the times that are left, in the order in which they are met.
    pub(super) fn rules(&self) -> &[FaultRule] {
        &self.planned
    }

    /// The fault for this request, which uses it up.
    pub(super) fn take(&mut self, method: &Method, path: &str) -> Option<Fault> {
        let planned = self
            .planned
            .iter_mut()
            .find(|planned| planned.matcher.matches(method, path))?;
        if planned.times != usize::MAX {
            planned.times -= 1;
        }
        let fault = planned.fault.clone();
        self.planned.retain(|planned| planned.times > 0);
        Some(fault)
    }

    /// How many more requests will meet a fault.
    pub(super) fn left(&self) -> usize {
        self.planned
            .iter()
            .fold(0, |sum, planned| sum.saturating_add(planned.times))
    }

    pub(super) fn clear(&mut self) {
        self.planned.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(words: &str) -> FaultRule {
        words.parse().unwrap()
    }

    #[test]
    fn a_status_alone_is_met_once_by_any_request() {
        let expected = FaultRule {
            matcher: Matcher::any(),
            times: 1,
            fault: Fault::status(StatusCode::TOO_MANY_REQUESTS),
        };

        assert_eq!(rule("429"), expected);
    }

    #[test]
    fn words_and_json_say_the_same() {
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
    fn every_kind_of_fault_has_a_word() {
        let gateway = StatusCode::BAD_GATEWAY;

        assert_eq!(rule("drop:always").times, usize::MAX);
        assert_eq!(rule("drop").fault, Fault::drop_connection());
        assert_eq!(
            rule("delay=1.5").fault,
            Fault::delay(Duration::from_millis(1500))
        );
        assert_eq!(
            rule("late=2").fault,
            Fault::delay_before_storing(Duration::from_secs(2))
        );
        assert_eq!(rule("truncate=10").fault, Fault::truncate(10));
        assert_eq!(rule("html=502").fault, Fault::html(gateway));
        assert_eq!(rule("empty=502:2").fault, Fault::empty(gateway));
        assert_eq!(rule("huge=1000").fault, Fault::huge_body(1000));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let cases = [
            ("", "`` is no fault: take a status"),
            ("100", "`100` is no fault"),
            ("600", "`600` is no fault"),
            ("delay=-1", "`delay=-1` is no fault"),
            ("429:0", "`times` takes a number of at least 1"),
            ("429:often", "or always, not `often`"),
            (
                "429,shape=round",
                "`shape` takes documented|gateway|message",
            ),
            ("429,after-storing=later", "`after_storing` takes true"),
            ("429,code=x", "`code` takes a whole number"),
            ("429,method=P T", "`method` takes a method, not `P T`"),
            ("429,retry-after=\n", "`retry_after` takes seconds"),
            (
                "429,color=red",
                "`color` is not one of the keys fault, times",
            ),
        ];

        for (words, expected) in cases {
            let error = words.parse::<FaultRule>().unwrap_err().to_string();

            assert!(error.contains(expected), "{words}: {error}");
        }
    }

    #[test]
    fn a_rule_is_shown_in_words() {
        let shown = rule("503:2,method=POST,after-storing").show();

        let expected = json!({
            "about": "status 503, after storing", "requests": "POST", "times": 2,
        });
        assert_eq!(shown, expected);
    }

    fn counted(matcher: Matcher, times: usize, fault: impl Into<Fault>) -> FaultRule {
        let fault = fault.into();
        FaultRule {
            matcher,
            times,
            fault,
        }
    }

    #[test]
    fn faults_are_met_in_the_order_in_which_they_were_asked_for() {
        let mut plan = FaultPlan::default();
        plan.add(counted(Matcher::any(), 2, StatusCode::BAD_GATEWAY));
        plan.add(counted(Matcher::any(), 1, Fault::drop_connection()));

        let met = [(); 4].map(|()| plan.take(&Method::GET, "/"));

        assert_eq!(
            met,
            [
                Some(Fault::status(StatusCode::BAD_GATEWAY)),
                Some(Fault::status(StatusCode::BAD_GATEWAY)),
                Some(Fault::drop_connection()),
                None
            ]
        );
    }

    #[test]
    fn a_fault_for_some_requests_leaves_the_others_alone() {
        let mut plan = FaultPlan::default();
        let creates = Matcher::method(Method::POST).path_suffix("/webhooks");
        plan.add(counted(creates, 1, Fault::drop_connection()));

        assert_eq!(plan.take(&Method::GET, "/a/webhooks"), None);
        assert_eq!(plan.take(&Method::POST, "/a/apps"), None);
        assert_eq!(plan.left(), 1);
        assert!(plan.take(&Method::POST, "/a/webhooks").is_some());
        assert_eq!(plan.left(), 0);
    }

    #[test]
    fn a_fault_for_no_request_is_never_met() {
        let mut plan = FaultPlan::default();

        plan.add(counted(Matcher::any(), 0, Fault::drop_connection()));

        assert_eq!(plan.take(&Method::GET, "/"), None);
    }

    #[test]
    fn faults_for_ever_can_be_counted() {
        let mut plan = FaultPlan::default();
        plan.add(counted(
            Matcher::any(),
            usize::MAX,
            Fault::drop_connection(),
        ));
        plan.add(counted(
            Matcher::any(),
            usize::MAX,
            Fault::drop_connection(),
        ));

        assert_eq!(plan.left(), usize::MAX);
    }
}
