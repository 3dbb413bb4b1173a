//! [`Diagnostics`]: what a practitioner is told, and about which attribute.

use std::fmt;

use super::{value::Name, value_error::ValueError};

/// Whether Terraform stops or goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The operation failed.
    Error,
    /// The operation goes on.
    Warning,
}

/// One message to the practitioner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// A title: what went wrong.
    pub summary: String,
    /// What happened, then what to do.
    pub detail: String,
    /// The attribute at fault; empty for the block as a whole.
    pub path: AttributePath,
}

/// All messages of one call. With an error among them, the call has failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

/// A result, and warnings about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithWarnings<T> {
    /// The result.
    pub value: T,
    /// What the practitioner should know about it.
    pub warnings: Diagnostics,
}

impl<T> WithWarnings<T> {
    /// The same warnings about another form of the result.
    pub fn map<U>(self, value: impl FnOnce(T) -> U) -> WithWarnings<U> {
        WithWarnings {
            value: value(self.value),
            warnings: self.warnings,
        }
    }
}

impl<T> From<T> for WithWarnings<T> {
    fn from(value: T) -> Self {
        let warnings = Diagnostics::new();
        Self { value, warnings }
    }
}

impl Diagnostics {
    /// None.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// One error.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::one(Severity::Error, summary.into(), detail.into())
    }

    /// One warning.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::one(Severity::Warning, summary.into(), detail.into())
    }

    /// One error that only a change of the provider's code can fix.
    pub fn bug(detail: impl fmt::Display) -> Self {
        Self::error(
            "Bug in the Provider",
            format!(
                "{detail}.\n\nThis is a bug in the provider; please report it to its developers."
            ),
        )
    }

    /// The same messages, below `path`.
    #[must_use]
    pub fn at(mut self, path: impl Into<AttributePath>) -> Self {
        let path = path.into();
        for diagnostic in &mut self.0 {
            diagnostic.path.0.splice(0..0, path.0.iter().cloned());
        }
        self
    }

    /// The same messages, each with one more paragraph.
    #[must_use]
    pub fn with_detail(mut self, paragraph: &str) -> Self {
        for diagnostic in &mut self.0 {
            diagnostic.detail += &format!("\n\n{paragraph}");
        }
        self
    }

    /// Adds the messages of `other` after these.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether an error is among them.
    pub fn has_error(&self) -> bool {
        self.0.iter().any(|it| it.severity == Severity::Error)
    }

    /// `Err` of them all if an error is among them.
    pub fn into_result(self) -> Result<Self, Self> {
        match self.has_error() {
            true => Err(self),
            false => Ok(self),
        }
    }

    /// Whether there is no message.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The messages in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    fn one(severity: Severity, summary: String, detail: String) -> Self {
        Self(vec![Diagnostic {
            severity,
            summary,
            detail,
            path: AttributePath::default(),
        }])
    }
}

impl From<ValueError> for Diagnostics {
    fn from(error: ValueError) -> Self {
        Diagnostics::error(
            "Unreadable Value from Terraform",
            format!(
                "Terraform sent a value that does not fit the provider's schema: {error}.\n\nIf the \
                 provider was changed or replaced while Terraform ran, run Terraform again. \
                 Otherwise this is a bug; please report it to the provider's developers."
            ),
        )
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(diagnostics: I) -> Self {
        Self(diagnostics.into_iter().collect())
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Where in a block a value stands. Elements of sets have no address: a path ends before them.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttributePath(pub Vec<Step>);

/// One step of an [`AttributePath`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// An attribute of an object.
    Attribute(Name),
    /// An element of a map.
    Key(Name),
    /// An element of a list, from zero.
    Index(i64),
}

impl AttributePath {
    /// This path, one step further.
    #[must_use]
    pub fn step(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl From<&str> for AttributePath {
    fn from(attribute: &str) -> Self {
        Self(vec![Step::Attribute(attribute.into())])
    }
}

impl fmt::Display for AttributePath {
    /// As it is written in HCL: `hooks[0].events`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => f.write_str(name)?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_in_hcl() {
        let path = AttributePath::from("hooks")
            .step(Step::Index(0))
            .step(Step::Attribute("events".into()));

        assert_eq!(path.to_string(), "hooks[0].events");
    }

    #[test]
    fn a_message_found_below_an_attribute_is_reported_there() {
        let found = Diagnostics::error("Bad", "bad").at("inner").at("outer");

        assert_eq!(found.iter().next().unwrap().path.to_string(), "outer.inner");
    }

    #[test]
    fn warnings_alone_are_no_failure() {
        let mut diagnostics = Diagnostics::warning("Old", "old");
        assert!(diagnostics.clone().into_result().is_ok());

        diagnostics.extend(Diagnostics::error("Bad", "bad"));
        assert!(diagnostics.into_result().is_err());
    }
}
