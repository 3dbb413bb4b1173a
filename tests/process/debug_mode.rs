//! The server that a debugger started, and that Terraform processes come and go at.

use realtimekit::mock_api::MockApi;

use crate::support::{Calls, Handshake, Launch, handshake::NETWORK, is_served, provider_block};

/// Whether or not Terraform's variables are in the environment.
#[tokio::test]
async fn one_client_after_another_is_served_without_encryption_at_the_reattach_address() {
    let ours = "registry.terraform.io/realtimekit/realtimekit";
    let another = "example.com/team/thing";
    for (launch, address) in [
        (Launch::debug(), ours),
        (Launch::new().argument("--debug").argument(another), another),
    ] {
        let mut plugin = launch.spawn();

        let reattach = plugin.reattach().await;

        let provider = &reattach[address];
        assert_eq!(
            [&provider["Protocol"], &provider["Addr"]["Network"]],
            ["grpc", NETWORK]
        );
        assert_eq!(
            [&provider["ProtocolVersion"], &provider["Pid"]],
            [6, plugin.id()]
        );
        assert_eq!(provider["Test"], true);
        let server = Handshake::plaintext(provider["Addr"]["String"].as_str().unwrap());
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
    let mut plugin = Launch::debug().env("TF_LOG", "WARN").spawn();
    let server = plugin.debug_server().await;
    let calls = Calls::new(server.channel(None).await.unwrap());
    let block = |app: &str| provider_block(&api, &[("app_id", app.into())]);

    calls.configure("1.15.5", &block("one")).await;
    calls.configure("1.15.5", &block("one")).await;
    assert!(!plugin.stderr().contains("configured again"));
    calls.configure("1.15.5", &block("other")).await;

    let warning = "configured again with other settings";
    plugin.stderr_to_contain(warning).await;
}

#[cfg(unix)]
#[tokio::test]
async fn signal_ends_it_with_plain_lines_for_a_person() {
    for (signal, word) in [
        ("INT", "an interrupt"),
        ("TERM", "terminate"),
        ("HUP", "terminal"),
    ] {
        let mut plugin = Launch::debug().env("TF_LOG", "TRACE").spawn();
        let server = plugin.debug_server().await;
        let connected = server.channel(None).await.unwrap();

        plugin.signal(signal);

        let exit = plugin.exit().await;
        assert!(exit.status.success());
        let log = exit.stderr;
        assert!(log.contains(word) && !log.contains('{'), "{log}");
        drop(connected);
    }
}
