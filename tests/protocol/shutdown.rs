//! How the process ends, and what it leaves behind: nothing.

use std::time::Duration;

use realtimekit::proto::{plugin::ConnInfo, tfplugin6::get_provider_schema::Request};
use tokio::time::sleep;
use tokio_stream::pending;

use crate::support::{Core, Launch};

/// Terraform kills a plugin after two seconds, each of which the practitioner waits.
const PROMPT: Duration = Duration::from_millis(500);

#[tokio::test]
async fn it_ends_promptly_when_terraform_asks_for_it() {
    for launch in [Launch::new(), Launch::new().without_tls()] {
        let terraform = launch.connect().await;

        let (exit, duration, plugin) = terraform.stop().await;

        assert!(duration < PROMPT, "{duration:?}");
        assert!(exit.status.success(), "{exit:?}");
        plugin.expect_no_files();
    }
}

#[tokio::test]
async fn it_ends_promptly_with_open_streams() {
    let mut terraform = Core::start().await;
    let stdio = terraform.stdio.stream_stdio(()).await.unwrap();
    let broker = terraform
        .broker
        .start_stream(pending::<ConnInfo>())
        .await
        .unwrap();

    let (exit, duration, plugin) = terraform.stop().await;

    assert!(duration < PROMPT, "{duration:?}");
    assert!(exit.status.success(), "{exit:?}");
    plugin.expect_no_files();
    drop((stdio, broker));
}

#[tokio::test]
async fn nothing_but_the_handshake_line_is_on_stdout() {
    let mut terraform = Launch::new().env("TF_LOG", "TRACE").connect().await;
    terraform
        .provider
        .get_provider_schema(Request {})
        .await
        .unwrap();

    let (exit, _, _) = terraform.stop().await;

    assert_eq!(exit.stdout, "");
}

#[tokio::test]
async fn an_interrupt_is_ignored() {
    let mut terraform = Launch::new().env("TF_LOG", "DEBUG").connect().await;

    terraform.plugin.signal("INT");
    terraform
        .plugin
        .stderr_to_contain("ignored an interrupt")
        .await;
    terraform.plugin.signal("INT");

    terraform
        .provider
        .get_provider_schema(Request {})
        .await
        .unwrap();
    assert!(terraform.plugin.is_running());
}

#[tokio::test]
async fn the_end_of_the_session_or_of_the_terminal_ends_it() {
    for signal in ["TERM", "HUP"] {
        let mut terraform = Core::start().await;

        terraform.plugin.signal(signal);

        assert!(terraform.plugin.exit().await.status.success(), "{signal}");
        terraform.plugin.expect_no_files();
    }
}

#[tokio::test]
async fn it_ends_when_terraform_is_killed() {
    let terraform = Core::start().await;

    let mut orphan = terraform.plugin.abandon().await;

    assert!(orphan.exit().await.success());
    orphan.expect_no_files();
}

#[tokio::test]
async fn it_stays_when_terraform_only_reconnects() {
    let mut terraform = Core::start().await;
    let client = terraform.plugin.identity.as_ref();

    drop(terraform.handshake.channel(client).await.unwrap());
    sleep(Duration::from_millis(50)).await;

    terraform
        .provider
        .get_provider_schema(Request {})
        .await
        .unwrap();
}
