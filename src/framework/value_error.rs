//! [`ValueError`]: a value that is not of the type that a schema or a model says, and where.

use std::fmt;

/// What is wrong, at which place in the value. Never holds a part of the value itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueError {
    what: String,
    /// Innermost first, as it is found while returning.
    place: Vec<String>,
}

impl ValueError {
    /// An error at the place of the value itself.
    pub fn new(what: impl fmt::Display) -> Self {
        Self {
            what: what.to_string(),
            place: Vec::new(),
        }
    }

    /// The same error, found inside of `step`.
    #[must_use]
    pub fn within(mut self, step: impl fmt::Display) -> Self {
        self.place.push(step.to_string());
        self
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        for (depth, step) in self.place.iter().rev().enumerate() {
            write!(f, "{}{step}", if depth == 0 { ", at " } else { "." })?;
        }
        Ok(())
    }
}

impl std::error::Error for ValueError {}
