//! The services beside the provider's own, and the limits of messages.

use realtimekit::proto::{
    health::{
        HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
    },
    plugin::{ConnInfo, grpc_broker_client::GrpcBrokerClient, grpc_stdio_client::GrpcStdioClient},
    tfplugin6::DynamicValue,
};
use tokio_stream::StreamExt;
use tonic::Code;

use crate::support::{Core, call};

#[tokio::test]
async fn health_is_told_of_the_plugin_and_the_server_as_a_whole() {
    let terraform = Core::start().await;
    let mut health = HealthClient::new(terraform.channel.clone());
    for (service, expected) in [
        ("plugin", ServingStatus::Serving),
        ("", ServingStatus::Serving),
        ("unheard.of", ServingStatus::ServiceUnknown),
    ] {
        let service = service.to_owned();
        let request = HealthCheckRequest { service };

        let checked = health.check(request.clone()).await;
        let mut watched = health.watch(request).await.unwrap().into_inner();

        match expected {
            ServingStatus::ServiceUnknown => {
                assert_eq!(checked.unwrap_err().code(), Code::NotFound)
            }
            _ => assert_eq!(checked.unwrap().into_inner().status(), expected),
        }
        let first = watched.message().await.unwrap().unwrap();
        assert_eq!(first.status(), expected);
    }
}

/// Terraform keeps these streams open as long as the process lives; it must end all the same.
#[tokio::test]
async fn streams_of_output_and_of_the_broker_stay_open_until_the_process_ends() {
    let terraform = Core::start().await;
    let mut stdio = GrpcStdioClient::new(terraform.channel.clone());
    let mut broker = GrpcBrokerClient::new(terraform.channel.clone());
    let infos = || tokio_stream::iter([ConnInfo::default(), ConnInfo::default()]);

    let output = stdio.stream_stdio(()).await.unwrap();
    let open_end = infos().chain(tokio_stream::pending());
    let open = broker.start_stream(open_end).await.unwrap();
    let ended = broker.start_stream(infos()).await.unwrap();
    let end = ended.into_inner().message().await;
    let output = tokio::spawn(async move { output.into_inner().message().await });
    let open = tokio::spawn(async move { open.into_inner().message().await });
    drop((stdio, broker));
    terraform.expect_served().await;

    assert_eq!(end.unwrap(), None, "Terraform has ended it");
    assert!(!output.is_finished() && !open.is_finished());
    terraform.stop().await.expect_success();
}

/// The limit of tonic would be 4 MiB.
#[tokio::test]
async fn large_message_is_read() {
    let terraform = Core::start().await;
    let calls = terraform.calls();
    let config = DynamicValue {
        msgpack: vec![0; 32 << 20],
        ..Default::default()
    };

    let answer = call!(calls.validate_resource_config {
        type_name: "unheard_of".into(),
        config: Some(config),
        client_capabilities: None,
    });

    assert_eq!(answer.diagnostics.len(), 1);
}
