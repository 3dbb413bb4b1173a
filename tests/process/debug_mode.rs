//! The server that a debugger started, and that Terraform processes come and go at.

use realtimekit::proto::tfplugin6::{configure_provider, get_provider_schema::Request};
use serde_json::json;

use crate::support::{Launch, provider_client};
use crate::wire::dynamic;

const ADDRESS: &str = "registry.terraform.io/realtimekit/realtimekit";

#[tokio::test]
async fn terraform_is_told_how_to_reach_it() {
    let mut plugin = Launch::by_hand().argument("-debug").spawn();

    let reattach = plugin.reattach().await;

    let provider = &reattach[ADDRESS];
    assert_eq!(provider["Protocol"], "grpc");
    assert_eq!(provider["ProtocolVersion"], 6);
    assert_eq!(provider["Pid"], plugin.id());
    assert_eq!(provider["Test"], true);
    assert_eq!(provider["Addr"]["Network"], "unix");
}

#[tokio::test]
async fn it_can_stand_in_for_another_address() {
    let mut plugin = Launch::by_hand()
        .argument("--debug")
        .argument("example.com/team/thing")
        .spawn();

    let reattach = plugin.reattach().await;

    assert_eq!(reattach["example.com/team/thing"]["Protocol"], "grpc");
}

#[tokio::test]
async fn it_serves_one_terraform_after_another_without_encryption() {
    let mut plugin = Launch::by_hand().argument("-debug").spawn();
    let server = plugin.debug_server().await;

    for _ in 0..2 {
        let first = server.channel(None).await.unwrap();
        let second = server.channel(None).await.unwrap();

        provider_client(first)
            .get_provider_schema(Request {})
            .await
            .unwrap();
        provider_client(second)
            .get_provider_schema(Request {})
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn second_configuration_that_differs_is_warned_of_in_the_log() {
    let mut plugin = Launch::by_hand()
        .argument("-debug")
        .env("TF_LOG", "WARN")
        .spawn();
    let server = plugin.debug_server().await;
    let mut provider = provider_client(server.channel(None).await.unwrap());
    let mut configure = async |app_id: &str| {
        let config = json!({
            "api_token": "token", "account_id": "account", "app_id": app_id, "base_url": null,
            "max_retries": null, "requests_per_second": null,
        });
        let request = configure_provider::Request {
            terraform_version: "1.15.5".into(),
            config: dynamic(&config),
            ..Default::default()
        };
        provider.configure_provider(request).await.unwrap();
    };

    configure("one").await;
    configure("one").await;
    assert!(!plugin.stderr().contains("configured again"));
    configure("other").await;

    plugin
        .stderr_to_contain("configured again with other settings")
        .await;
}

#[tokio::test]
async fn what_terraform_puts_into_the_environment_makes_no_difference() {
    let mut plugin = Launch::new().argument("-debug").spawn();

    let server = plugin.debug_server().await;

    let channel = server.channel(None).await.unwrap();
    provider_client(channel)
        .get_provider_schema(Request {})
        .await
        .unwrap();
}

#[tokio::test]
async fn an_interrupt_ends_it() {
    for signal in ["INT", "TERM"] {
        let mut plugin = Launch::by_hand().argument("-debug").spawn();
        let server = plugin.debug_server().await;
        let connected = server.channel(None).await.unwrap();

        plugin.signal(signal);

        assert!(plugin.exit().await.status.success());
        plugin.expect_no_files();
        drop(connected);
    }
}
