//! The server that a debugger started, and that Terraform processes come and go at.

use realtimekit::mock_api::MockApi;
use serde_json::json;

use crate::support::{Calls, Launch, is_served, provider_block, provider_client};

const ADDRESS: &str = "registry.terraform.io/realtimekit/realtimekit";

#[tokio::test]
async fn reattach_variable_says_how_to_reach_the_server_of_an_address() {
    let by_hand = || Launch::by_hand().argument("-debug");
    for (launch, address) in [
        (by_hand(), ADDRESS),
        (
            by_hand().argument("example.com/team/thing"),
            "example.com/team/thing",
        ),
    ] {
        let mut plugin = launch.spawn();

        let reattach = plugin.reattach().await;

        let network = if cfg!(unix) { "unix" } else { "tcp" };
        let provider = &reattach[address];
        assert_eq!(provider["Protocol"], "grpc");
        assert_eq!(provider["ProtocolVersion"], 6);
        assert_eq!(provider["Pid"], plugin.id());
        assert_eq!(provider["Test"], true);
        assert_eq!(provider["Addr"]["Network"], network);
    }
}

/// Whether or not Terraform's variables are in the environment.
#[tokio::test]
async fn one_client_after_another_is_served_without_encryption() {
    for launch in [Launch::by_hand(), Launch::new()] {
        let mut plugin = launch.argument("--debug").spawn();
        let server = plugin.debug_server().await;

        for _ in 0..2 {
            let (first, second) = (server.channel(None).await, server.channel(None).await);

            assert!(is_served(first).await && is_served(second).await);
        }
        assert!(plugin.is_running());
    }
}

#[tokio::test]
async fn second_configuration_that_differs_is_warned_of_in_the_log() {
    let api = MockApi::start().unwrap();
    let launch = Launch::by_hand().argument("-debug").env("TF_LOG", "WARN");
    let mut plugin = launch.spawn();
    let server = plugin.debug_server().await;
    let mut calls = Calls::new(provider_client(server.channel(None).await.unwrap()));
    let block = |app: &str| provider_block(&api, &[("app_id", json!(app))]);

    calls.configure("1.15.5", &block("one")).await;
    calls.configure("1.15.5", &block("one")).await;
    assert!(!plugin.stderr().contains("configured again"));
    calls.configure("1.15.5", &block("other")).await;

    plugin
        .stderr_to_contain("configured again with other settings")
        .await;
}

#[cfg(unix)]
#[tokio::test]
async fn signal_ends_it() {
    for signal in ["INT", "TERM", "HUP"] {
        let mut plugin = Launch::by_hand().argument("-debug").spawn();
        let server = plugin.debug_server().await;
        let connected = server.channel(None).await.unwrap();

        plugin.signal(signal);

        assert!(plugin.exit().await.status.success());
        plugin.expect_no_files();
        drop(connected);
    }
}
