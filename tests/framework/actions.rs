//! Actions: what they announce, what a plan says of them, and how an invocation is told of.

use std::time::Duration;

use realtimekit::proto::tfplugin6::{
    ClientCapabilities, Diagnostic, get_metadata, get_provider_schema,
    invoke_action::{self, event::Type},
    plan_action,
    provider_server::Provider,
    schema, validate_action_config,
};
use serde_json::{Value as Json, json};
use tokio::time::timeout;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Status};

use crate::{
    fake_provider::Fault,
    terraform::{Terraform, told},
    wire::{UNKNOWN, dynamic},
};

const PATIENCE: Duration = Duration::from_secs(10);

fn tune(house: impl Into<Json>, tune: impl Into<Json>) -> Json {
    json!({ "house": house.into(), "tune": tune.into() })
}

async fn validate(terraform: &Terraform, config: Json) -> Vec<String> {
    let request = validate_action_config::Request {
        type_name: "house_ring".into(),
        config: dynamic(&config),
    };
    let answer = terraform
        .server
        .validate_action_config(Request::new(request));
    told(&answer.await.unwrap().into_inner().diagnostics)
}

async fn plan(terraform: &Terraform, config: Json) -> Vec<String> {
    let request = plan_action::Request {
        action_type: "house_ring".into(),
        config: dynamic(&config),
        client_capabilities: Some(ClientCapabilities::default()),
    };
    let answer = terraform.server.plan_action(Request::new(request));
    let answer = answer.await.unwrap().into_inner();
    assert_eq!(answer.deferred, None);
    told(&answer.diagnostics)
}

async fn begin(
    terraform: &Terraform,
    action: &str,
    config: Json,
) -> impl Stream<Item = Result<invoke_action::Event, Status>> + use<> {
    let request = invoke_action::Request {
        action_type: action.into(),
        config: dynamic(&config),
        client_capabilities: None,
    };
    let answer = terraform.server.invoke_action(Request::new(request));
    answer.await.unwrap().into_inner()
}

/// The messages of an invocation, and what it ends with: exactly one completed, and then nothing.
async fn end(
    events: impl Stream<Item = Result<invoke_action::Event, Status>>,
) -> (Vec<String>, Vec<Diagnostic>) {
    let events = timeout(PATIENCE, events.collect::<Vec<_>>()).await.unwrap();
    let mut messages = Vec::new();
    let mut events = events.into_iter();
    for event in &mut events {
        match event.unwrap().r#type.expect("no event may be empty") {
            Type::Progress(progress) => messages.push(progress.message),
            Type::Completed(completed) => {
                assert_eq!(events.count(), 0, "nothing comes after the completed");
                return (messages, completed.diagnostics);
            }
        }
    }
    panic!("not completed, after {messages:?}")
}

async fn invoke(terraform: &Terraform, config: Json) -> (Vec<String>, Vec<Diagnostic>) {
    end(begin(terraform, "house_ring", config).await).await
}

#[tokio::test]
async fn an_action_is_announced_with_a_schema_in_which_nothing_is_computed() {
    let server = Terraform::start().server;
    let request = Request::new(get_provider_schema::Request {});
    let schemas = server.get_provider_schema(request).await.unwrap();
    let request = Request::new(get_metadata::Request {});
    let metadata = server.get_metadata(request).await.unwrap().into_inner();

    let action = &schemas.into_inner().action_schemas["house_ring"];
    let block = action.schema.clone().unwrap().block.unwrap();
    let presence = |attribute: &schema::Attribute| {
        let name = attribute.name.clone();
        (
            name,
            attribute.required,
            attribute.optional,
            attribute.computed,
        )
    };
    let attributes: Vec<_> = block.attributes.iter().map(presence).collect();
    assert_eq!(
        attributes,
        [
            ("house".into(), false, true, false),
            ("tune".into(), true, false, false)
        ]
    );
    let names = metadata.actions.into_iter().map(|action| action.type_name);
    assert_eq!(names.collect::<Vec<_>>(), ["house_ring"]);
}

#[tokio::test]
async fn a_configuration_is_checked_by_its_schema_and_by_the_action() {
    let terraform = Terraform::start();

    let cases = [
        (tune("Elm", "bim bam"), vec![]),
        (tune(Json::Null, UNKNOWN), vec![]),
        (tune("Elm", ""), vec!["error at tune: Blank"]),
        (tune("Elm", "Elm"), vec!["error at tune: Ambiguous"]),
    ];

    for (config, expected) in cases {
        assert_eq!(validate(&terraform, config).await, expected);
    }
}

#[tokio::test]
async fn a_plan_checks_what_is_known_and_needs_no_client() {
    for key in ["brass", UNKNOWN] {
        let terraform = Terraform::start();
        terraform
            .configure(json!({ "house": "Elm", "key": key }))
            .await;

        assert_eq!(plan(&terraform, tune(Json::Null, UNKNOWN)).await, [""; 0]);
        assert_eq!(plan(&terraform, tune(UNKNOWN, "bim")).await, [""; 0]);
        let found = plan(&terraform, tune(UNKNOWN, "")).await;
        assert_eq!(found, ["error at tune: Blank"]);
        assert_eq!(terraform.house.rings(), 0);
    }
}

#[tokio::test]
async fn what_is_set_nowhere_is_an_error_of_the_plan_of_an_action() {
    let terraform = Terraform::start();
    terraform
        .configure(json!({ "house": null, "key": "brass" }))
        .await;

    let found = plan(&terraform, tune(Json::Null, "bim")).await;

    assert_eq!(found, ["error at house: Missing house"]);
}

#[tokio::test]
async fn what_follows_an_unknown_setting_does_not_keep_an_action_from_being_planned() {
    let terraform = Terraform::start();
    terraform
        .configure(json!({ "house": UNKNOWN, "key": "brass" }))
        .await;

    assert_eq!(plan(&terraform, tune(Json::Null, "bim")).await, [""; 0]);
}

#[tokio::test]
async fn an_invocation_tells_its_progress_and_completes_once() {
    let terraform = Terraform::configured().await;

    let (messages, diagnostics) = invoke(&terraform, tune(Json::Null, "bim bam")).await;

    assert_eq!(messages, ["Playing bim bam in Elm…", "Somebody is coming."]);
    assert_eq!(diagnostics, []);
    assert_eq!(terraform.house.rings(), 1);
}

#[tokio::test]
async fn progress_is_told_as_it_happens() {
    let terraform = Terraform::configured().await;
    terraform.house.next(Fault::Late);
    let mut events = Box::pin(begin(&terraform, "house_ring", tune(Json::Null, "bim")).await);

    let first = timeout(PATIENCE, events.next()).await.unwrap();

    let first = first.unwrap().unwrap().r#type;
    assert!(matches!(first, Some(Type::Progress(_))), "{first:?}");
    assert_eq!(terraform.house.rings(), 0, "it still waits");
    terraform.house.hurry();
    assert_eq!(end(events).await.1, []);
}

#[tokio::test]
async fn a_failure_completes_the_invocation() {
    let terraform = Terraform::configured().await;
    terraform.house.next(Fault::Refused);

    let (messages, diagnostics) = invoke(&terraform, tune(Json::Null, "bim")).await;

    assert_eq!(messages, ["Playing bim in Elm…"]);
    assert_eq!(told(&diagnostics), ["error: Refused"]);
}

#[tokio::test]
async fn a_panic_completes_the_invocation_and_the_server_goes_on() {
    let terraform = Terraform::configured().await;
    terraform.house.next(Fault::Panic);

    let (messages, diagnostics) = invoke(&terraform, tune(Json::Null, "bim")).await;

    assert_eq!(messages, ["Playing bim in Elm…"]);
    assert_eq!(told(&diagnostics), ["error: Bug in the Provider"]);
    let detail = &diagnostics[0].detail;
    assert!(detail.contains("handled InvokeAction: "), "{detail}");
    assert_eq!(invoke(&terraform, tune(Json::Null, "bim")).await.1, []);
}

#[tokio::test]
async fn what_cannot_be_invoked_is_completed_with_the_reason() {
    let known = tune("Elm", "bim");
    let unconfigured = Terraform::start();
    let waiting = Terraform::start();
    waiting
        .configure(json!({ "house": "Elm", "key": UNKNOWN }))
        .await;
    let configured = Terraform::configured().await;
    let cases = [
        (
            &unconfigured,
            "house_ring",
            known.clone(),
            "error: Provider Not Configured",
        ),
        (
            &waiting,
            "house_ring",
            known.clone(),
            "error at key: Unknown Key",
        ),
        (
            &configured,
            "house_burn",
            known,
            "error: Unsupported action",
        ),
        (
            &configured,
            "house_ring",
            Json::Null,
            "error: Unreadable Value from Terraform",
        ),
        (
            &configured,
            "house_ring",
            tune("Elm", ""),
            "error at tune: Blank",
        ),
        (
            &configured,
            "house_ring",
            tune("Elm", "Elm"),
            "error at tune: Ambiguous",
        ),
    ];

    for (terraform, action, config, expected) in cases {
        let (messages, diagnostics) = end(begin(terraform, action, config).await).await;

        assert_eq!(told(&diagnostics), [expected]);
        assert_eq!(messages, [""; 0]);
        assert_eq!(terraform.house.rings(), 0);
    }
}

#[tokio::test]
async fn an_interruption_ends_the_wait_of_an_invocation_and_completes_it() {
    let terraform = Terraform::configured().await;
    terraform.house.next(Fault::Late);
    let events = begin(&terraform, "house_ring", tune(Json::Null, "bim")).await;

    let stop = Request::new(Default::default());
    terraform.server.stop_provider(stop).await.unwrap();

    assert_eq!(end(events).await.1, []);
}

#[tokio::test]
async fn an_invocation_goes_on_when_nobody_listens_any_more() {
    let terraform = Terraform::configured().await;
    terraform.house.next(Fault::Late);
    let events = begin(&terraform, "house_ring", tune(Json::Null, "bim")).await;

    drop(events);
    terraform.house.hurry();

    let rung = async {
        while terraform.house.rings() == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, rung).await.unwrap();
}
