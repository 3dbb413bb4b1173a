//! Functions: what there is, and the call of one.
//!
//! A call has no diagnostics: it is answered with a result or with an error of its own kind.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use super::{
    handler,
    registry::{FunctionEntry, ProviderServer},
    wire::{from_proto, to_proto},
};
use crate::framework::{Diagnostics, FunctionError, Provider, Signature, Value, ValueError};
use crate::proto::tfplugin6::{self as proto, call_function, get_functions};

impl<P: Provider> ProviderServer<P> {
    pub(super) async fn get_functions(
        &self,
        _: get_functions::Request,
    ) -> Result<get_functions::Response, Diagnostics> {
        Ok(get_functions::Response {
            functions: self.function_declarations(),
            ..Default::default()
        })
    }

    pub(super) fn function_declarations(&self) -> HashMap<String, proto::Function> {
        let functions = self.functions.iter();
        functions
            .map(|(name, function)| ((*name).to_owned(), to_proto::function(&function.signature)))
            .collect()
    }

    /// Calls a function; a panic in it is an error like any other.
    pub(super) fn call_function(
        &self,
        request: &call_function::Request,
    ) -> call_function::Response {
        let span = handler::span("CallFunction", Some(("tf_function_name", &request.name)));
        span.in_scope(|| {
            tracing::debug!("Received request");
            let outcome = catch_unwind(AssertUnwindSafe(|| self.try_call(request)));
            let result = outcome.unwrap_or_else(|panic| {
                let text = handler::panic_text(&*panic);
                Err(FunctionError::bug(format!(
                    "the provider panicked while it handled CallFunction: {text}"
                )))
            });
            let mut response = call_function::Response::default();
            match result {
                Ok(result) => response.result = Some(result),
                Err(error) => {
                    // Not its text, which may quote what a practitioner configured.
                    tracing::error!(argument = error.argument, "Function returned an error");
                    response.error = Some(to_proto::function_error(error));
                }
            }
            tracing::debug!("Served request");
            response
        })
    }

    fn try_call(
        &self,
        request: &call_function::Request,
    ) -> Result<proto::DynamicValue, FunctionError> {
        let name = request.name.as_str();
        let function = self.functions.get(name).ok_or_else(|| FunctionError {
            argument: None,
            text: format!("this version of the provider has no function {name:?}"),
        })?;
        let FunctionEntry { item, signature } = function;
        let arguments = read_arguments(signature, &request.arguments)?;
        // Terraform answers so itself and does not call; others may.
        let result = match arguments.iter().all(Value::is_wholly_known) {
            true => item.call(arguments)?,
            false => Value::Unknown,
        };
        to_proto::value(&result, &signature.returns).map_err(|error| {
            FunctionError::bug(format!("the result of {name} does not fit: {error}"))
        })
    }
}

fn read_arguments(
    signature: &Signature,
    arguments: &[proto::DynamicValue],
) -> Result<Vec<Value>, FunctionError> {
    let (needed, given) = (signature.parameters.len(), arguments.len());
    if !signature.takes(given) {
        let least = signature.variadic.as_ref().map_or("", |_| "at least ");
        return Err(FunctionError {
            argument: None,
            text: format!("the number of arguments must be {least}{needed}, not {given}"),
        });
    }
    let positions = arguments.iter().enumerate();
    let read = positions.map(|(position, argument)| {
        let parameter = signature.parameter(position);
        let value = parameter
            .ok_or_else(|| ValueError::new("no parameter takes it"))
            .and_then(|parameter| from_proto::value(Some(argument), &parameter.kind));
        let text = match value {
            Ok(value) if !value.is_null() => return Ok(value),
            Ok(_) => "it must not be null".to_owned(),
            Err(error) => format!("Terraform sent what does not fit: {error}"),
        };
        Err(FunctionError::argument(position, text))
    });
    read.collect()
}
