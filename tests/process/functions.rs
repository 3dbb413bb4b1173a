//! Functions of a process that nobody configures.

use realtimekit::proto::tfplugin6::{DynamicValue, call_function, get_functions};

use crate::support::Core;

fn text(text: &str) -> DynamicValue {
    DynamicValue {
        msgpack: Vec::new(),
        json: format!("{text:?}").into(),
    }
}

#[tokio::test]
async fn the_functions_are_those_of_the_documentation() {
    let mut terraform = Core::start().await;

    let listed = terraform
        .provider
        .get_functions(get_functions::Request {})
        .await
        .unwrap()
        .into_inner();

    let mut names: Vec<&str> = listed.functions.keys().map(String::as_str).collect();
    names.sort_unstable();
    let expected = [
        "parse_webhook_import_id",
        "webhook_events",
        "webhook_import_id",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn the_same_arguments_have_the_same_answer_again_and_again() {
    let mut terraform = Core::start().await;
    let calls = [
        ("webhook_events", vec![text("recording.")]),
        ("webhook_events", vec![text("unheard.of")]),
        ("parse_webhook_import_id", vec![text("a/b/c/d")]),
    ];
    let mut answers = Vec::new();

    for (name, arguments) in calls.iter().chain(&calls) {
        let request = call_function::Request {
            name: (*name).to_owned(),
            arguments: arguments.clone(),
        };
        let answer = terraform.provider.call_function(request).await.unwrap();
        answers.push(answer.into_inner());
    }

    let (first, again) = answers.split_at(calls.len());
    assert_eq!(first, again);
    let [events, no_events, no_id] = first else {
        panic!("{first:?}")
    };
    let result = events.result.as_ref().unwrap();
    assert_eq!(result.msgpack, b"\x91\xb6recording.statusUpdate");
    for refused in [no_events, no_id] {
        assert_eq!(refused.result, None);
        let error = refused.error.as_ref().unwrap();
        assert_eq!(error.function_argument, Some(0));
    }
}
