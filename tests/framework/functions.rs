//! Functions: what is declared, and calls of them on a provider that is not configured.

use realtimekit::{
    framework::{Function, FunctionError, Parameter, Signature, Type, Value},
    proto::tfplugin6::{self as proto, function},
};
use serde_json::{Value as Json, json};

use crate::{
    calls::{
        call,
        wire::{self, UNKNOWN, dynamic},
    },
    terraform::start,
};

/// `knock`: says something at a door, again for each further word.
pub(crate) struct Knock;

impl Function for Knock {
    fn name(&self) -> &'static str {
        "knock"
    }

    fn signature(&self) -> Signature {
        Signature {
            summary: "Knocks.".into(),
            description: "Knocks at a door.".into(),
            parameters: vec![Parameter::new("door", Type::String, "Which door.")],
            variadic: Some(Parameter::new("words", Type::String, "What to say.")),
            returns: Type::list(Type::String),
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        assert_ne!(arguments[0], Value::from("fire"), "the house is on fire");
        if arguments[0] == Value::from("liar") {
            return Ok(Value::from("no list"));
        }
        let mut words = arguments.iter();
        match words.position(|argument| argument.as_str() == Some("")) {
            Some(position) => Err(FunctionError::argument(position, "say something")),
            None => Ok(Value::List(arguments)),
        }
    }
}

/// The result, or the text of the error after the argument at fault, if there is one.
async fn call(name: &str, arguments: Json) -> Result<Json, String> {
    let (terraform, _) = start();
    let arguments = arguments.as_array().unwrap().iter().filter_map(dynamic);
    let arguments = arguments.collect();
    let answer = call!(terraform.call_function { name: name.into(), arguments });
    let Some(error) = answer.error else {
        return Ok(wire::json(answer.result));
    };
    assert_eq!(answer.result, None);
    let argument = error.function_argument.map(|it| format!("{it}: "));
    Err(argument.unwrap_or_default() + &error.text)
}

#[tokio::test]
async fn function_is_declared_as_it_says_in_every_answer_that_lists_functions() {
    let (terraform, _) = start();
    let parameter = |name: &str, description: &str| function::Parameter {
        name: name.into(),
        r#type: b"\"string\"".into(),
        description: description.into(),
        description_kind: 1,
        ..Default::default()
    };
    let expected = proto::Function {
        parameters: vec![parameter("door", "Which door.")],
        variadic_parameter: Some(parameter("words", "What to say.")),
        r#return: Some(function::Return {
            r#type: br#"["list","string"]"#.into(),
        }),
        summary: "Knocks.".into(),
        description: "Knocks at a door.".into(),
        description_kind: 1,
        ..Default::default()
    };
    let expected = [("knock".to_owned(), expected)].into();

    let listed = call!(terraform.get_functions {});
    let schema = call!(terraform.get_provider_schema {});
    let metadata = call!(terraform.get_metadata {});

    assert_eq!((&listed.functions, listed.diagnostics), (&expected, vec![]));
    assert_eq!(schema.functions, expected);
    let names: Vec<_> = metadata.functions.iter().map(|one| &one.name).collect();
    assert_eq!(names, ["knock"]);
}

#[tokio::test]
async fn call_is_answered_before_the_provider_is_configured() {
    for (arguments, expected) in [
        (json!(["front", "hello"]), json!(["front", "hello"])),
        (json!(["fire", UNKNOWN, ""]), json!(UNKNOWN)), // of an unknown argument it is unknown
    ] {
        assert_eq!(call("knock", arguments).await, Ok(expected));
    }
}

#[tokio::test]
async fn error_says_what_is_wrong_and_with_which_argument() {
    let too_few = "the number of arguments must be at least 1, not 0";
    let unknown = "this version of the provider has no function \"ring\"";
    let misfit = "1: Terraform sent what does not fit: expected a string";
    for (name, arguments, expected) in [
        ("knock", json!(["front", "hello", ""]), "2: say something"),
        ("knock", json!([]), too_few),
        ("knock", json!(["front", null]), "1: it must not be null"),
        ("knock", json!(["front", ["hello"]]), misfit),
        ("ring", json!([]), unknown),
    ] {
        assert_eq!(call(name, arguments).await, Err(expected.to_owned()));
    }
}

#[tokio::test]
async fn panic_or_a_result_that_does_not_fit_is_told_as_a_bug() {
    let bug = ". This is a bug in the provider; please report it to its developers";
    let panicked = "the provider panicked while it handled CallFunction: ";
    let misfit = "the result of knock does not fit: ";
    for (door, expected) in [("fire", panicked), ("liar", misfit)] {
        let text = call("knock", json!([door])).await.unwrap_err();
        assert!(text.starts_with(expected) && text.ends_with(bug), "{text}");
    }
}
