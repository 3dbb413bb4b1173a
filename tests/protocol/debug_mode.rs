//! The server that a debugger started, and that Terraform processes come and go at.

use realtimekit::proto::tfplugin6::get_provider_schema::Request;
use serde_json::Value;

use crate::support::{Handshake, Launch, Plugin, provider_client};

const ADDRESS: &str = "registry.terraform.io/realtimekit/realtimekit";

#[tokio::test]
async fn terraform_is_told_how_to_reach_it() {
    let mut plugin = Launch::by_hand().argument("-debug").spawn();

    let reattach = reattach(&mut plugin).await;

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

    let reattach = reattach(&mut plugin).await;

    assert_eq!(reattach["example.com/team/thing"]["Protocol"], "grpc");
}

#[tokio::test]
async fn it_serves_one_terraform_after_another_without_encryption() {
    let mut plugin = Launch::by_hand().argument("-debug").spawn();
    let server = server(&reattach(&mut plugin).await);

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
async fn what_terraform_puts_into_the_environment_makes_no_difference() {
    let mut plugin = Launch::new().argument("-debug").spawn();

    let server = server(&reattach(&mut plugin).await);

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
        let server = server(&reattach(&mut plugin).await);
        let connected = server.channel(None).await.unwrap();

        plugin.signal(signal);

        assert!(plugin.exit().await.status.success());
        plugin.expect_no_files();
        drop(connected);
    }
}

/// Reads the value of the variable that the process prints an assignment of.
async fn reattach(plugin: &mut Plugin) -> Value {
    loop {
        let line = plugin.line().await;
        if let Some(value) = line.strip_prefix("\tTF_REATTACH_PROVIDERS='") {
            return serde_json::from_str(value.strip_suffix('\'').unwrap()).unwrap();
        }
    }
}

fn server(reattach: &Value) -> Handshake {
    let socket = reattach[ADDRESS]["Addr"]["String"].as_str().unwrap();
    Handshake::plaintext(socket)
}
