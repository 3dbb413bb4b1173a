//! [`CodecError`]: bytes that are no value of the type that the schema says, and where.

use std::fmt;

/// What is wrong, at which place in the value. Never holds a part of the value itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::framework::server) struct CodecError {
    what: String,
    /// Innermost first, as it is found while returning.
    place: Vec<String>,
}

impl CodecError {
    pub(in crate::framework::server) fn new(what: impl fmt::Display) -> Self {
        Self {
            what: what.to_string(),
            place: Vec::new(),
        }
    }

    /// The same error, found inside of `step`.
    pub(in crate::framework::server) fn within(mut self, step: impl fmt::Display) -> Self {
        self.place.push(step.to_string());
        self
    }
}

/// Adds to an error that it was found inside of `step`.
pub(in crate::framework::server) fn within<T>(
    step: impl fmt::Display,
    result: Result<T, CodecError>,
) -> Result<T, CodecError> {
    result.map_err(|error| error.within(step))
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if self.place.is_empty() {
            return Ok(());
        }
        let place: Vec<&str> = self.place.iter().rev().map(String::as_str).collect();
        write!(f, ", at {}", place.join("."))
    }
}
