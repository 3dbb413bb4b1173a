//! Functions: what is declared, and calls of them on a provider that is not configured.

use realtimekit::{
    framework::{Function, FunctionError, Parameter, Signature, Type, Value},
    proto::tfplugin6::{
        DynamicValue, FunctionError as Told, call_function, function, get_functions, get_metadata,
        get_provider_schema, provider_server::Provider,
    },
};
use serde_json::{Value as Json, json};
use tonic::Request;

use crate::{
    terraform::Terraform,
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
        let silent = arguments
            .iter()
            .position(|argument| argument.as_str() == Some(""));
        match silent {
            Some(position) => Err(FunctionError::argument(position, "say something")),
            None => Ok(Value::List(arguments)),
        }
    }
}

async fn call(name: &str, arguments: Vec<DynamicValue>) -> call_function::Response {
    let request = call_function::Request {
        name: name.into(),
        arguments,
    };
    let server = Terraform::start().server;
    let answer = server.call_function(Request::new(request)).await.unwrap();
    answer.into_inner()
}

async fn knock(arguments: &[Json]) -> call_function::Response {
    let arguments = arguments.iter().filter_map(dynamic).collect();
    call("knock", arguments).await
}

#[track_caller]
fn told(answer: call_function::Response) -> (String, Option<i64>) {
    assert_eq!(answer.result, None);
    let Told {
        text,
        function_argument,
    } = answer.error.expect("an error");
    (text, function_argument)
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
    let expected = realtimekit::proto::tfplugin6::Function {
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

    let listed = server.get_functions(Request::new(get_functions::Request {}));
    let listed = listed.await.unwrap().into_inner();
    let schema = server.get_provider_schema(Request::new(get_provider_schema::Request {}));
    let schema = schema.await.unwrap().into_inner();
    let metadata = server.get_metadata(Request::new(get_metadata::Request {}));
    let metadata = metadata.await.unwrap().into_inner();

    assert_eq!(listed.functions, expected);
    assert_eq!(listed.diagnostics, []);
    assert_eq!(schema.functions, expected);
    let names: Vec<_> = metadata.functions.iter().map(|one| &one.name).collect();
    assert_eq!(names, ["knock"]);
}

#[tokio::test]
async fn a_call_is_answered_before_the_provider_is_configured() {
    let answer = knock(&[json!("front"), json!("hello"), json!("hello?")]).await;

    assert_eq!(answer.error, None);
    let result = wire::json(answer.result.as_ref());
    assert_eq!(result, json!(["front", "hello", "hello?"]));
}

#[tokio::test]
async fn an_error_names_the_argument_by_its_position() {
    let answer = knock(&[json!("front"), json!("hello"), json!("")]).await;

    assert_eq!(told(answer), ("say something".to_owned(), Some(2)));
}

#[tokio::test]
async fn a_null_argument_is_refused_in_either_of_its_spellings() {
    let front = || dynamic(&json!("front")).unwrap();
    for null in [dynamic(&Json::Null).unwrap(), DynamicValue::default()] {
        let answer = call("knock", vec![front(), null]).await;

        assert_eq!(told(answer), ("it must not be null".to_owned(), Some(1)));
    }
}

#[tokio::test]
async fn of_an_unknown_argument_the_result_is_unknown() {
    let answer = knock(&[json!("fire"), json!(UNKNOWN)]).await;

    assert_eq!(answer.error, None);
    assert_eq!(wire::json(answer.result.as_ref()), json!(UNKNOWN));
}

#[tokio::test]
async fn a_wrong_number_of_arguments_is_an_error() {
    let (text, argument) = told(knock(&[]).await);

    assert_eq!(text, "the number of arguments must be at least 1, not 0");
    assert_eq!(argument, None);
}

#[tokio::test]
async fn an_argument_of_another_type_is_an_error_of_that_argument() {
    let (text, argument) = told(knock(&[json!("front"), json!(["hello"])]).await);

    assert!(
        text.starts_with("Terraform sent what does not fit"),
        "{text}"
    );
    assert_eq!(argument, Some(1));
}

#[tokio::test]
async fn a_function_that_does_not_exist_is_an_error() {
    let (text, argument) = told(call("ring", Vec::new()).await);

    assert_eq!(
        text,
        "this version of the provider has no function \"ring\""
    );
    assert_eq!(argument, None);
}

#[tokio::test]
async fn a_panic_or_a_result_that_does_not_fit_is_told_as_a_bug() {
    for (door, expected) in [
        ("fire", "panicked while it handled CallFunction: "),
        ("liar", "the result of knock does not fit"),
    ] {
        let (text, argument) = told(knock(&[json!(door)]).await);

        assert!(text.contains(expected), "{text}");
        let asks = "This is a bug in the provider; please report it to its developers";
        assert!(text.ends_with(asks), "{text}");
        assert_eq!(argument, None);
    }
}
