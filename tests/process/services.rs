//! The services beside the provider's own, and the limits of messages.

use std::time::Duration;

use realtimekit::proto::{
    health::{HealthCheckRequest, health_check_response::ServingStatus},
    plugin::ConnInfo,
    tfplugin6::{DynamicValue, validate_resource_config},
};
use tokio::time::timeout;
use tokio_stream::StreamExt;
use tonic::Code;

use crate::support::Core;

#[tokio::test]
async fn health_is_told_of_the_plugin_and_the_server_as_a_whole() {
    let mut terraform = Core::start().await;
    for (service, expected) in [
        ("plugin", ServingStatus::Serving),
        ("", ServingStatus::Serving),
        ("unheard.of", ServingStatus::ServiceUnknown),
    ] {
        let request = HealthCheckRequest {
            service: service.into(),
        };

        let checked = terraform.health.check(request.clone()).await;
        let watched = terraform.health.watch(request).await.unwrap();

        match checked {
            Ok(checked) => assert_eq!(checked.into_inner().status(), expected, "{service:?}"),
            Err(error) => {
                assert_eq!(error.code(), Code::NotFound, "{service:?}");
                assert_eq!(expected, ServingStatus::ServiceUnknown);
            }
        }
        let mut changes = watched.into_inner();
        let first = changes.message().await.unwrap().unwrap();
        assert_eq!(first.status(), expected, "{service:?}");
        expect_silence(changes.message()).await;
    }
}

#[tokio::test]
async fn streams_of_output_and_of_the_broker_stay_open_and_silent() {
    let mut terraform = Core::start().await;
    let infos = || tokio_stream::iter([ConnInfo::default(), ConnInfo::default()]);

    let output = terraform.stdio.stream_stdio(()).await.unwrap();
    let open_end = infos().chain(tokio_stream::pending());
    let open = terraform.broker.start_stream(open_end).await.unwrap();
    let ended = terraform.broker.start_stream(infos()).await.unwrap();

    expect_silence(output.into_inner().message()).await;
    expect_silence(open.into_inner().message()).await;
    let end = ended.into_inner().message().await;
    assert_eq!(end.unwrap(), None, "Terraform has ended it");
}

#[tokio::test]
async fn large_message_is_read() {
    let mut terraform = Core::start().await;
    let config = DynamicValue {
        msgpack: vec![0xc0; 32 << 20],
        json: vec![],
    };
    let request = validate_resource_config::Request {
        type_name: "unheard_of".into(),
        config: Some(config),
        client_capabilities: None,
    };

    let answer = terraform.provider.validate_resource_config(request).await;

    assert_eq!(answer.unwrap().into_inner().diagnostics.len(), 1);
}

async fn expect_silence<T: std::fmt::Debug>(message: impl Future<Output = T>) {
    let message = timeout(Duration::from_millis(100), message).await;
    assert!(message.is_err(), "{message:?}");
}
