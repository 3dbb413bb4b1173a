//! [`Number`]: Terraform's numbers, exact.
//!
//! Terraform computes with 512 bits of mantissa and compares what a provider answers
//! bit by bit, so no number may pass through an `f64` that cannot hold it. Kept as a
//! decimal, every number that Terraform can write or a float can hold is exact.

use std::{cmp::Ordering, fmt, str::FromStr};

/// Longest expansion that is accepted, in digits; an `f64` needs at most 1,074 of them.
const MAX_DIGITS: i64 = 2_000;

/// A decimal number of any size, or an infinity. Numbers are ordered by their values.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Number(Repr);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Repr {
    Infinite {
        negative: bool,
    },
    /// ± `digits` × 10^`exponent`. No zero leads or trails `digits`; zero has none.
    Finite {
        negative: bool,
        digits: String,
        exponent: i64,
    },
}

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
        match &self.0 {
            Repr::Finite { exponent, .. } if *exponent >= 0 => self.to_string().parse().ok(),
            _ => None,
        }
    }

    /// The number as `f64`, when that holds it exactly.
    pub fn as_exact_f64(&self) -> Option<f64> {
        let nearest = self.to_f64();
        (Number::try_from(nearest).as_ref() == Ok(self)).then_some(nearest)
    }

    /// The nearest `f64`.
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Repr::Infinite { negative: true } => f64::NEG_INFINITY,
            Repr::Infinite { negative: false } => f64::INFINITY,
            // Every decimal has a nearest float, so this is read.
            Repr::Finite { .. } => self.to_string().parse().unwrap_or(f64::NAN),
        }
    }

    /// Whether it is a whole number.
    pub fn is_integer(&self) -> bool {
        matches!(&self.0, Repr::Finite { exponent, .. } if *exponent >= 0)
    }

    fn integer(negative: bool, magnitude: u64) -> Self {
        let text = magnitude.to_string();
        let digits = text.trim_end_matches('0');
        let exponent = if magnitude == 0 {
            0
        } else {
            (text.len() - digits.len()) as i64
        };
        Self(Repr::Finite {
            negative,
            digits: digits.to_owned(),
            exponent,
        })
    }

    fn finite(negative: bool, digits: &str, exponent: i64) -> Result<Self, ParseNumberError> {
        let leading = digits.trim_start_matches('0');
        let significant = leading.trim_end_matches('0');
        if significant.is_empty() {
            return Ok(Self::integer(false, 0));
        }
        let exponent = exponent.saturating_add((leading.len() - significant.len()) as i64);
        let is_near = (-MAX_DIGITS..=MAX_DIGITS).contains(&exponent);
        if !is_near || significant.len() as i64 > MAX_DIGITS {
            return Err(ParseNumberError::TooLong);
        }
        Ok(Self(Repr::Finite {
            negative,
            digits: significant.to_owned(),
            exponent,
        }))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let ((sign, magnitude), (other_sign, other_magnitude)) = (self.parts(), other.parts());
        sign.cmp(&other_sign).then_with(|| {
            let magnitudes = magnitude.cmp(&other_magnitude);
            if sign < 0 {
                magnitudes.reverse()
            } else {
                magnitudes
            }
        })
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Number {
    /// The sign, and what orders numbers of one sign by magnitude: the place of the first digit,
    /// then the digits from there.
    fn parts(&self) -> (i8, (i64, &str)) {
        let sign = |negative: bool| if negative { -1 } else { 1 };
        match &self.0 {
            Repr::Infinite { negative } => (sign(*negative), (i64::MAX, "")),
            Repr::Finite { digits, .. } if digits.is_empty() => (0, (0, "")),
            Repr::Finite {
                negative,
                digits,
                exponent,
            } => (sign(*negative), (exponent + digits.len() as i64, digits)),
        }
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self::integer(value < 0, value.unsigned_abs())
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self::integer(false, value)
    }
}

impl TryFrom<f64> for Number {
    type Error = ParseNumberError;

    /// Exact: 0.1 becomes the 55 digits that the float really holds.
    fn try_from(value: f64) -> Result<Self, Self::Error> {
        if value.is_nan() {
            return Err(ParseNumberError::Malformed);
        }
        if value.is_infinite() {
            let negative = value < 0.0;
            return Ok(Self(Repr::Infinite { negative }));
        }
        format!("{value:.1074}").parse()
    }
}

impl FromStr for Number {
    type Err = ParseNumberError;

    /// Reads `-12`, `0.5`, `1e-7`: what JSON and Terraform write.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                let exponent: i64 = exponent.parse().map_err(|_| ParseNumberError::Malformed)?;
                (mantissa, exponent)
            }
            None => (text, 0),
        };
        let (negative, unsigned) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ParseNumberError::Malformed);
        }
        Self::finite(
            negative,
            &digits,
            exponent.saturating_sub(fraction.len() as i64),
        )
    }
}

impl fmt::Display for Number {
    /// Decimal without exponent, as the wire format wants it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (negative, digits, exponent) = match &self.0 {
            Repr::Infinite { negative } => {
                return f.write_str(if *negative { "-Inf" } else { "Inf" });
            }
            Repr::Finite {
                negative,
                digits,
                exponent,
            } => (negative, digits.as_str(), *exponent),
        };
        if *negative {
            f.write_str("-")?;
        }
        if digits.is_empty() {
            return f.write_str("0");
        }
        if exponent >= 0 {
            f.write_str(digits)?;
            return (0..exponent).try_for_each(|_| f.write_str("0"));
        }
        let decimals = exponent.unsigned_abs() as usize;
        match digits.len().checked_sub(decimals) {
            Some(whole @ 1..) => write!(f, "{}.{}", &digits[..whole], &digits[whole..]),
            _ => write!(f, "0.{digits:0>decimals$}"),
        }
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
