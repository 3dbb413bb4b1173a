//! `timeouts`: the maximum duration of each operation on a resource, including retries and waits.

use std::time::Duration;

use super::{
    diagnostics::Diagnostics,
    model::Nested,
    schema::{Attribute, AttributeType, Nesting, optional},
    value::{Type, Value},
};

/// The default, as in most providers.
const DEFAULT: Duration = Duration::from_secs(20 * 60);

crate::model! {
    /// The attribute, as configured.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub struct Timeouts {
        create: Option<String>,
        read: Option<String>,
        update: Option<String>,
        delete: Option<String>,
    }
}

/// An operation that has a timeout.
#[derive(Debug, Clone, Copy)]
pub enum Operation {
    /// Creating the object.
    Create,
    /// Reading it.
    Read,
    /// Changing it.
    Update,
    /// Deleting it.
    Delete,
}

/// The timeout of an operation.
pub fn timeout(timeouts: Option<&Nested<Timeouts>>, operation: Operation) -> Duration {
    let configured = timeouts.and_then(|Nested(timeouts)| match operation {
        Operation::Create => timeouts.create.as_deref(),
        Operation::Read => timeouts.read.as_deref(),
        Operation::Update => timeouts.update.as_deref(),
        Operation::Delete => timeouts.delete.as_deref(),
    });
    configured.and_then(parse_duration).unwrap_or(DEFAULT)
}

/// The attribute `timeouts` of a resource; `object` is what it manages, such as "the webhook".
pub fn timeouts(object: &str) -> Attribute {
    let operations = ["create", "read", "update", "delete"];
    let verbs = ["creating", "reading", "updating", "deleting"];
    let attributes = operations.iter().zip(verbs).map(|(name, verb)| {
        let words = format!(
            "Maximum duration of {verb} {object}, including waits for a rate limit. Defaults to \
             `20m`. Must be a duration such as `30s`, `5m` or `1h30m`."
        );
        optional(name, Type::String, &words).validate(duration)
    });
    let kind = AttributeType::Nested(Nesting::Single, attributes.collect());
    optional("timeouts", kind, "Timeouts of operations.").local()
}

fn duration(value: &Value) -> Diagnostics {
    match value.as_str() {
        Some(text) if parse_duration(text).is_none_or(|duration| duration.is_zero()) => {
            Diagnostics::error(
                "Invalid Timeout",
                format!(
                    "{text:?} is not a positive duration: write numbers with the units h, m, s \
                     and ms, such as 30s, 5m or 1h30m."
                ),
            )
        }
        _ => Diagnostics::new(),
    }
}

/// Reads a duration as Go's `time.ParseDuration` does (<https://pkg.go.dev/time#ParseDuration>),
/// except for negative ones.
fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    let mut total = Duration::ZERO;
    loop {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, unit_and_rest) = rest.split_at(digits);
        let number: f64 = number.parse().ok()?;
        let end = unit_and_rest.find(|c: char| c.is_ascii_digit() || c == '.');
        let (unit, after) = unit_and_rest.split_at(end.unwrap_or(unit_and_rest.len()));
        let seconds = match unit {
            "h" => 3_600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" | "μs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        let part = Duration::try_from_secs_f64(number * seconds).ok()?;
        total = total.checked_add(part)?;
        if after.is_empty() {
            return Some(total);
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn duration_is_parsed_as_in_go() {
        let cases = [
            ("30s", 30_000),
            ("5m", 300_000),
            ("1h30m", 5_400_000),
            ("1.5h", 5_400_000),
            (".5s", 500),
            ("1s250ms", 1_250),
            ("+2m", 120_000),
            ("0", 0),
        ];
        for (text, milliseconds) in cases {
            assert_eq!(
                parse_duration(text),
                Some(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
    }

    #[test]
    fn duration_not_positive_is_an_error() {
        for text in [
            "", "5", "s", "5 m", "-5m", "5M", "1d", "1.2.3s", ".s", "0s", "m5", "9e9h",
        ] {
            assert!(duration(&text.into()).has_error(), "{text:?}");
        }
    }

    #[test]
    fn timeout_not_configured_is_twenty_minutes() {
        let timeouts = Nested(Timeouts {
            create: Some("1m".into()),
            read: None,
            update: None,
            delete: None,
        });

        assert_eq!(
            timeout(Some(&timeouts), Operation::Create),
            Duration::from_secs(60)
        );
        assert_eq!(timeout(Some(&timeouts), Operation::Read), DEFAULT);
        assert_eq!(timeout(None, Operation::Delete), DEFAULT);
    }

    proptest! {
        #[test]
        fn any_text_is_a_duration_or_none(text: String, numbers in "[0-9.]{0,30}(h|m|s|ms|us|ns)") {
            let _ = (parse_duration(&text), parse_duration(&numbers));
        }
    }
}
