//! The sections of a function: how it is called, and with what.

use std::fmt::{self, Formatter};

use super::{attributes::type_in_words, fenced};
use realtimekit::framework::{Parameter, Signature, Type};

/// How the function `name` is called.
pub(super) fn write_signature(
    f: &mut Formatter<'_>,
    name: &str,
    signature: &Signature,
) -> fmt::Result {
    let in_words =
        |parameter: &Parameter| format!("{} {}", parameter.name, in_hcl(&parameter.kind));
    let mut parameters: Vec<String> = signature.parameters.iter().map(in_words).collect();
    parameters.extend(
        signature
            .variadic
            .as_ref()
            .map(|last| in_words(last) + "..."),
    );
    let call = format!(
        "{name}({}) {}",
        parameters.join(", "),
        in_hcl(&signature.returns)
    );
    writeln!(f, "{}", fenced("text", &call))
}

/// What each argument means. Markdown counts on from the first.
pub(super) fn write_arguments(f: &mut Formatter<'_>, signature: &Signature) -> fmt::Result {
    for parameter in &signature.parameters {
        write_argument(f, parameter, "")?;
    }
    match &signature.variadic {
        Some(parameter) => write_argument(f, parameter, "Variadic, "),
        None => Ok(()),
    }
}

fn write_argument(f: &mut Formatter<'_>, parameter: &Parameter, how: &str) -> fmt::Result {
    let Parameter {
        name,
        kind,
        description,
    } = parameter;
    writeln!(
        f,
        "1. `{name}` ({how}{}) {description}",
        type_in_words(kind)
    )
}

/// A type as Terraform's messages name it.
fn in_hcl(kind: &Type) -> String {
    match kind {
        Type::Bool => "bool".to_owned(),
        Type::Number | Type::Integer => "number".to_owned(),
        Type::String => "string".to_owned(),
        Type::List(element) => format!("list of {}", in_hcl(element)),
        Type::Set(element) => format!("set of {}", in_hcl(element)),
        Type::Map(element) => format!("map of {}", in_hcl(element)),
        Type::Object(_) => "object".to_owned(),
    }
}
