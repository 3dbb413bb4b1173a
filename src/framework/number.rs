//! [`Number`]: Terraform's numbers, exact.
//!
//! Terraform computes with 512 bits of mantissa and compares what a provider answers
//! bit by bit, so no number may pass through an `f64` that cannot hold it. Kept as a
//! decimal, every number that Terraform can write or a float can hold is exact.

use std::{cmp::Ordering, fmt, str::FromStr};

/// Longest expansion that is accepted, in digits; an `f64` needs at most 1,074 of them.
const MAX_DIGITS: u64 = 2_000;

const INFINITY: &str = "Inf";

/// A decimal number of any size, or an infinity, as the wire format writes it: without exponent
/// and without superfluous zeros. Numbers are ordered by their values.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Number(String);

/// A text that is no number, or one with more than 2,000 digits when written out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseNumberError {
    /// Not a decimal number.
    #[error("not a decimal number")]
    Malformed,
    /// Written out, it would have more than 2,000 digits.
    #[error("a number of more than {MAX_DIGITS} digits")]
    TooLong,
}

impl Number {
    /// The number as `i64`, when it is a whole number in that range.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// The number as `f64`, when that holds it exactly.
    pub fn as_exact_f64(&self) -> Option<f64> {
        let nearest = self.to_f64();
        (Number::try_from(nearest).as_ref() == Ok(self)).then_some(nearest)
    }

    /// The nearest `f64`.
    pub fn to_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN) // every decimal has a nearest float, so this is read
    }

    /// Whether it is a whole number.
    pub fn is_integer(&self) -> bool {
        !self.0.contains('.') && !self.0.ends_with(INFINITY)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.0.strip_prefix('-'), other.0.strip_prefix('-')) {
            (None, None) => magnitude(&self.0).cmp(&magnitude(&other.0)),
            (Some(one), Some(other)) => magnitude(other).cmp(&magnitude(one)),
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What orders numbers without a sign: how many digits are before the point, then the digits.
fn magnitude(text: &str) -> (usize, &str) {
    match text {
        INFINITY => (usize::MAX, text),
        _ => (text.find('.').unwrap_or(text.len()), text),
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(value.to_string())
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self(value.to_string())
    }
}

impl TryFrom<f64> for Number {
    type Error = ParseNumberError;

    /// Exact: 0.1 becomes the 55 digits that the float really holds.
    fn try_from(value: f64) -> Result<Self, Self::Error> {
        match value {
            f64::INFINITY => Ok(Self(INFINITY.to_owned())),
            f64::NEG_INFINITY => Ok(Self(format!("-{INFINITY}"))),
            value => format!("{value:.1074}").parse(), // NaN is no decimal number
        }
    }
}

impl FromStr for Number {
    type Err = ParseNumberError;

    /// Reads `-12`, `0.5`, `1e-7`: what JSON and Terraform write.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i64 = exponent.parse().map_err(|_| ParseNumberError::Malformed)?;
        let (sign, unsigned) = match mantissa.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ParseNumberError::Malformed);
        }
        let digits = digits.trim_start_matches('0');
        let significant = digits.trim_end_matches('0');
        if significant.is_empty() {
            return Ok(Self::from(0_u64));
        }
        // The number is `significant` × 10^`exponent`.
        let zeros = (digits.len() - significant.len()) as i64;
        let exponent = exponent.saturating_sub(fraction.len() as i64);
        let exponent = exponent.saturating_add(zeros);
        let shift = exponent.unsigned_abs();
        if shift.max(significant.len() as u64) > MAX_DIGITS {
            return Err(ParseNumberError::TooLong);
        }
        let shift = shift as usize;
        Ok(Self(match significant.len().checked_sub(shift) {
            _ if exponent >= 0 => format!("{sign}{significant}{}", "0".repeat(shift)),
            Some(whole @ 1..) => {
                let (whole, fraction) = significant.split_at(whole);
                format!("{sign}{whole}.{fraction}")
            }
            _ => format!("{sign}0.{significant:0>shift$}"),
        }))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn spellings_of_one_number_are_equal() {
        for (one, other) in [
            ("1", "1.0"),
            ("1e3", "1000"),
            ("-0", "0"),
            ("0.10", "1E-1"),
            ("+7", "07"),
        ] {
            assert_eq!(number(one), number(other));
        }
    }

    #[test]
    fn numbers_are_ordered_by_value() {
        let ordered = [
            "-1e5", "-10", "-9", "-0.5", "-0.05", "0", "0.05", "0.5", "9", "10", "10.5", "100",
        ];
        let mut numbers = ordered.map(number);
        numbers.reverse();
        numbers.sort();

        assert_eq!(numbers, ordered.map(number));
        let infinity = Number::try_from(f64::INFINITY).unwrap();
        assert!(number("1e2000") < infinity);
        assert!(Number::try_from(f64::NEG_INFINITY).unwrap() < number("-1e2000"));
    }

    #[test]
    fn display_writes_no_exponent() {
        for (text, shown) in [
            ("1e3", "1000"),
            ("12e-1", "1.2"),
            ("5e-4", "0.0005"),
            ("-12.50", "-12.5"),
            ("0", "0"),
        ] {
            assert_eq!(number(text).to_string(), shown);
        }
    }

    #[test]
    fn integers_beyond_64_bits_keep_every_digit() {
        let text = "12345678901234567890123";
        assert_eq!(number(text).to_string(), text);
        assert_eq!(number(text).as_i64(), None);
        assert_eq!(Number::from(u64::MAX).to_string(), u64::MAX.to_string());
    }

    #[test]
    fn only_floats_that_hold_the_number_exactly_count() {
        assert_eq!(number("0.5").as_exact_f64(), Some(0.5));
        assert_eq!(number("0.1").as_exact_f64(), None);
        assert_eq!(Number::try_from(0.1).unwrap().as_exact_f64(), Some(0.1));
        assert_eq!(
            Number::try_from(5e-324).unwrap().as_exact_f64(),
            Some(5e-324)
        );
    }

    #[test]
    fn texts_that_are_no_numbers_are_refused() {
        for text in ["", "-", ".", "1.2.3", "0x10", "1e", "NaN", "Inf", "1 ", "१"] {
            assert_eq!(
                text.parse::<Number>(),
                Err(ParseNumberError::Malformed),
                "{text:?}"
            );
        }
        let least = "1e-9223372036854775808";
        for text in ["1e2001", "1e-99999999999", "1e9223372036854775807", least] {
            assert_eq!(
                text.parse::<Number>(),
                Err(ParseNumberError::TooLong),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn every_integer_round_trips(value: i64) {
            let number = Number::from(value);
            prop_assert_eq!(number.as_i64(), Some(value));
            prop_assert_eq!(number.to_string(), value.to_string());
            prop_assert_eq!(value.to_string().parse::<Number>(), Ok(number));
        }

        #[test]
        fn floats_are_ordered_as_they_are(one in -1e9..1e9_f64, other in -1e9..1e9_f64) {
            let numbers = [one, other].map(|float| Number::try_from(float).unwrap());
            prop_assert_eq!(Some(numbers[0].cmp(&numbers[1])), one.partial_cmp(&other));
        }

        #[test]
        fn every_float_round_trips(value in any::<f64>().prop_filter("a number", |value| !value.is_nan())) {
            prop_assert_eq!(Number::try_from(value).unwrap().as_exact_f64(), Some(value));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            if let Ok(number) = text.parse::<Number>() {
                prop_assert_eq!(number.to_string().parse::<Number>(), Ok(number));
            }
        }

        #[test]
        fn any_mantissa_and_exponent_are_read_or_refused(
            mantissa in "-?[0-9]{1,3}(\\.[0-9]{0,3})?",
            exponent in prop_oneof![
                Just(i64::MIN), Just(i64::MAX), any::<i64>(), -2_100_i64..2_100
            ],
        ) {
            if let Ok(number) = format!("{mantissa}e{exponent}").parse::<Number>() {
                prop_assert_eq!(number.to_string().parse::<Number>(), Ok(number));
            }
        }
    }
}
