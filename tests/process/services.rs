//! The services beside the provider's own, and the limits of messages.

use std::time::Duration;

use realtimekit::proto::{
    health::{HealthCheckRequest, health_check_response::ServingStatus},
    plugin::ConnInfo,
    tfplugin6::{DynamicValue, validate_resource_config},
};
use tokio::time::timeout;
use tonic::Code;

use crate::support::Core;

#[tokio::test]
async fn the_plugin_and_the_server_as_a_whole_are_healthy() {
    let mut terraform = Core::start().await;

    for service in ["plugin", ""] {
        let answer = terraform.health.check(named(service)).await.unwrap();

        assert_eq!(
            answer.into_inner().status(),
            ServingStatus::Serving,
            "{service:?}"
        );
    }
}

#[tokio::test]
async fn the_health_of_an_unknown_service_is_not_found() {
    let mut terraform = Core::start().await;

    let error = terraform
        .health
        .check(named("unheard.of"))
        .await
        .unwrap_err();

    assert_eq!(error.code(), Code::NotFound);
}

#[tokio::test]
async fn health_can_be_watched() {
    let mut terraform = Core::start().await;
    let cases = [
        ("plugin", ServingStatus::Serving),
        ("", ServingStatus::Serving),
        ("unheard.of", ServingStatus::ServiceUnknown),
    ];

    for (service, expected) in cases {
        let mut changes = terraform
            .health
            .watch(named(service))
            .await
            .unwrap()
            .into_inner();

        assert_eq!(
            changes.message().await.unwrap().unwrap().status(),
            expected,
            "{service:?}"
        );
        expect_silence(changes.message()).await;
    }
}

#[tokio::test]
async fn the_stream_of_output_stays_open_and_silent() {
    let mut terraform = Core::start().await;

    let mut output = terraform.stdio.stream_stdio(()).await.unwrap().into_inner();

    expect_silence(output.message()).await;
}

#[tokio::test]
async fn the_broker_listens_and_says_nothing() {
    let mut terraform = Core::start().await;
    let infos = tokio_stream::iter([ConnInfo::default(), ConnInfo::default()]);
    let open_end = tokio_stream::StreamExt::chain(infos, tokio_stream::pending());

    let mut answers = terraform
        .broker
        .start_stream(open_end)
        .await
        .unwrap()
        .into_inner();

    expect_silence(answers.message()).await;
}

#[tokio::test]
async fn the_broker_is_done_when_terraform_is() {
    let mut terraform = Core::start().await;
    let infos = tokio_stream::iter([ConnInfo::default()]);

    let mut answers = terraform
        .broker
        .start_stream(infos)
        .await
        .unwrap()
        .into_inner();

    assert_eq!(answers.message().await.unwrap(), None);
}

#[tokio::test]
async fn messages_may_be_large() {
    let mut terraform = Core::start().await;
    let config = DynamicValue {
        msgpack: vec![0xc0; 32 << 20],
        json: vec![],
    };

    let answer = terraform
        .provider
        .validate_resource_config(validate_resource_config::Request {
            type_name: "unheard_of".into(),
            config: Some(config),
            client_capabilities: None,
        })
        .await;

    if let Err(error) = answer {
        let too_large = matches!(error.code(), Code::OutOfRange | Code::ResourceExhausted);
        assert!(!too_large, "{error}");
        assert_ne!(error.code(), Code::Unavailable, "{error}");
    }
}

fn named(service: &str) -> HealthCheckRequest {
    HealthCheckRequest {
        service: service.into(),
    }
}

async fn expect_silence<T: std::fmt::Debug>(message: impl Future<Output = T>) {
    let message = timeout(Duration::from_millis(100), message).await;
    assert!(message.is_err(), "{message:?}");
}
