//! [`Function`]: something that configurations compute: `provider::NAME::function(…)`.
//!
//! A function is pure. Terraform calls it while it validates, plans and applies, before the
//! provider is configured, and takes another result for the same arguments for a bug.

use super::{
    diagnostics::{Diagnostics, Severity},
    value::{Type, Value},
};

/// A function.
pub trait Function: Send + Sync + 'static {
    /// As in HCL, without the provider.
    fn name(&self) -> &'static str;

    /// What it takes and returns.
    fn signature(&self) -> Signature;

    /// Computes the result. There is one argument for each parameter, then those for the
    /// variadic one; each has the type of its parameter and is known and not null.
    /// An error means that an argument is not one that the function takes.
    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError>;
}

/// What a function takes and returns, and what it is for.
#[derive(Debug, Clone)]
pub struct Signature {
    /// What it is for, in one sentence.
    pub summary: String,
    /// What it is for, in Markdown.
    pub description: String,
    /// What it takes, in order.
    pub parameters: Vec<Parameter>,
    /// What it takes after that, any number of times.
    pub variadic: Option<Parameter>,
    /// The type of what it returns.
    pub returns: Type,
}

impl Signature {
    /// The parameter that an argument is for, by the argument's position from 0.
    pub fn parameter(&self, position: usize) -> Option<&Parameter> {
        self.parameters.get(position).or(self.variadic.as_ref())
    }

    /// Whether it takes so many arguments.
    pub fn takes(&self, arguments: usize) -> bool {
        match self.variadic {
            Some(_) => arguments >= self.parameters.len(),
            None => arguments == self.parameters.len(),
        }
    }
}

/// What a function takes at one place, or, as the variadic one, at the end.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// What Terraform calls it when an argument is wrong.
    pub name: String,
    /// The type of the argument.
    pub kind: Type,
    /// What it means, in Markdown.
    pub description: String,
}

impl Parameter {
    /// A parameter.
    pub fn new(name: &str, kind: Type, description: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            description: description.to_owned(),
        }
    }
}

/// Why a function has no result. Terraform puts the text into a sentence of its own, names the
/// parameter, and adds the full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// The argument at fault, by its position from 0.
    pub argument: Option<usize>,
    /// What is wrong and what to do, without a full stop at the end.
    pub text: String,
}

impl FunctionError {
    /// Something is wrong with an argument, by its position from 0.
    pub fn argument(position: usize, text: impl Into<String>) -> Self {
        Self {
            argument: Some(position),
            text: text.into(),
        }
    }

    /// Something that only a change of the provider's code can fix.
    pub fn bug(detail: impl Into<String>) -> Self {
        Self {
            argument: None,
            text: format!(
                "{}. This is a bug in the provider; please report it to its developers",
                detail.into()
            ),
        }
    }
}

/// `Err` of the errors, if there are any, that a check found in an argument.
pub fn check_argument(position: usize, found: Diagnostics) -> Result<(), FunctionError> {
    if !found.has_error() {
        return Ok(());
    }
    let errors = found.iter().filter(|one| one.severity == Severity::Error);
    let details: Vec<&str> = errors.map(|error| error.detail.as_str()).collect();
    let text = details.join(" ");
    Err(FunctionError::argument(
        position,
        text.trim_end_matches('.'),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(variadic: bool) -> Signature {
        let parameter = |name| Parameter::new(name, Type::String, "");
        Signature {
            summary: String::new(),
            description: String::new(),
            parameters: vec![parameter("a"), parameter("b")],
            variadic: variadic.then(|| parameter("more")),
            returns: Type::String,
        }
    }

    #[test]
    fn without_a_variadic_parameter_the_number_of_arguments_is_fixed() {
        let takes = |arguments| signature(false).takes(arguments);

        assert_eq!([1, 2, 3].map(takes), [false, true, false]);
        assert!(signature(false).parameter(2).is_none());
    }

    #[test]
    fn a_variadic_parameter_takes_what_is_left_over() {
        let takes = |arguments| signature(true).takes(arguments);

        assert_eq!([1, 2, 3, 9].map(takes), [false, true, true, true]);
        assert_eq!(signature(true).parameter(8).unwrap().name, "more");
    }

    #[test]
    fn the_findings_of_a_check_become_one_text_without_a_full_stop() {
        let mut found = Diagnostics::warning("Odd", "Is it?");
        assert_eq!(check_argument(1, found.clone()), Ok(()));

        found.extend(Diagnostics::error("Wrong", "It is wrong."));
        found.extend(Diagnostics::error("More", "Fix it."));

        let error = FunctionError::argument(1, "It is wrong. Fix it");
        assert_eq!(check_argument(1, found), Err(error));
    }
}
