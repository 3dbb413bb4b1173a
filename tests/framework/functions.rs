//! Functions: what is declared, and calls of them on a provider that is not configured.

use realtimekit::{
    framework::{Function, FunctionError, Parameter, Signature, Type, Value},
    proto::tfplugin6::{
        self as proto, DynamicValue, call_function, function, get_functions, get_metadata,
        get_provider_schema,
    },
};
use serde_json::{Value as Json, json};

use crate::{
    terraform::{Terraform, call},
    wire::{self, UNKNOWN, dynamic},
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

async fn call(name: &str, arguments: Vec<DynamicValue>) -> call_function::Response {
    let name = name.into();
    let request = call_function::Request { name, arguments };
    call!(Terraform::start().server, call_function, request)
}

async fn knock(arguments: &[&str]) -> call_function::Response {
    let arguments = arguments.iter().filter_map(|word| dynamic(&json!(word)));
    call("knock", arguments.collect()).await
}

#[tokio::test]
async fn a_function_is_declared_as_it_says_in_every_answer_that_lists_functions() {
    let server = Terraform::start().server;
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

    let listed = call!(server, get_functions, get_functions::Request {});
    let schema = call!(server, get_provider_schema, get_provider_schema::Request {});
    let metadata = call!(server, get_metadata, get_metadata::Request {});

    assert_eq!((&listed.functions, listed.diagnostics), (&expected, vec![]));
    assert_eq!(schema.functions, expected);
    let names: Vec<_> = metadata.functions.iter().map(|one| &one.name).collect();
    assert_eq!(names, ["knock"]);
}

#[tokio::test]
async fn a_call_is_answered_before_the_provider_is_configured() {
    let cases = [
        (
            ["front", "hello", "hello?"],
            json!(["front", "hello", "hello?"]),
        ),
        (["fire", UNKNOWN, ""], json!(UNKNOWN)), // of an unknown argument the result is unknown
    ];
    for (arguments, expected) in cases {
        let answer = knock(&arguments).await;

        assert_eq!(answer.error, None);
        assert_eq!(wire::json(answer.result.as_ref()), expected);
    }
}

#[tokio::test]
async fn an_error_says_what_is_wrong_and_with_which_argument() {
    let front = || dynamic(&json!("front")).unwrap();
    let null = dynamic(&Json::Null).unwrap();
    let list = dynamic(&json!(["hello"])).unwrap();
    let bug = ". This is a bug in the provider; please report it to its developers";
    let is_null = "it must not be null";
    let cases = [
        (
            knock(&["front", "hello", ""]).await,
            Some(2),
            "say something",
            "",
        ),
        (
            knock(&[]).await,
            None,
            "the number of arguments must be at least 1, not 0",
            "",
        ),
        (
            call("ring", vec![]).await,
            None,
            "this version of the provider has no function \"ring\"",
            "",
        ),
        // Null has two spellings.
        (
            call("knock", vec![front(), null]).await,
            Some(1),
            is_null,
            "",
        ),
        (
            call("knock", vec![front(), DynamicValue::default()]).await,
            Some(1),
            is_null,
            "",
        ),
        (
            call("knock", vec![front(), list]).await,
            Some(1),
            "Terraform sent what does not fit: ",
            "expected a string",
        ),
        (
            knock(&["fire"]).await,
            None,
            "the provider panicked while it handled CallFunction: ",
            bug,
        ),
        (
            knock(&["liar"]).await,
            None,
            "the result of knock does not fit: ",
            bug,
        ),
    ];
    for (answer, argument, start, end) in cases {
        assert_eq!(answer.result, None);
        let error = answer.error.expect("an error");
        assert!(
            error.text.starts_with(start) && error.text.ends_with(end),
            "{}",
            error.text
        );
        if end.is_empty() {
            assert_eq!(error.text, start);
        }
        assert_eq!(error.function_argument, argument);
    }
}
