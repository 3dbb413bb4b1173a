//! How the process ends, and what it leaves behind: nothing.

use std::time::Duration;

use realtimekit::proto::plugin::ConnInfo;
use tokio::time::sleep;
use tokio_stream::pending;

use crate::support::{Core, Launch, is_served};

/// Terraform kills a plugin that is still there two seconds after it was asked to end.
#[tokio::test]
async fn process_ends_when_terraform_asks_whatever_streams_are_open() {
    for launch in [Launch::new(), Launch::new().without_tls()] {
        let mut terraform = launch.env("TF_LOG", "TRACE").connect().await;
        terraform.expect_served().await;
        let stdio = terraform.stdio.stream_stdio(()).await.unwrap();
        let infos = pending::<ConnInfo>();
        let broker = terraform.broker.start_stream(infos).await.unwrap();

        let (exit, duration, plugin) = terraform.stop().await;

        assert!(duration < Duration::from_secs(5), "{duration:?}");
        assert!(exit.status.success(), "{exit:?}");
        assert_eq!(exit.stdout, "", "the handshake line is the only one");
        plugin.expect_no_files();
        drop((stdio, broker));
    }
}

#[tokio::test]
async fn process_stays_when_terraform_only_reconnects() {
    let mut terraform = Core::start().await;
    let client = terraform.plugin.identity.as_ref();

    assert!(is_served(terraform.handshake.channel(client).await).await);
    sleep(Duration::from_millis(50)).await;

    terraform.expect_served().await;
}

/// What a signal does to a process that Terraform drives.
#[cfg(unix)]
mod signals {
    use http::Method;
    use realtimekit::mock_api::{Fault, Matcher, MockApi};
    use serde_json::Value as Json;
    use tokio::task::JoinHandle;

    use super::*;
    use crate::support::{ACCOUNT, APP, Instance, bell, provider_block};

    #[tokio::test]
    async fn interrupt_and_end_of_the_terminal_are_ignored() {
        let mut terraform = Launch::new().env("TF_LOG", "DEBUG").connect().await;
        for (signal, ignored) in [
            ("INT", "ignored an interrupt"),
            ("HUP", "ignored the end of the terminal"), // as `nohup terraform apply` leaves it
            ("INT", "ignored an interrupt"),
        ] {
            terraform.plugin.signal(signal);

            terraform.plugin.stderr_to_contain(ignored).await;
            terraform.expect_served().await;
        }
    }

    #[tokio::test]
    async fn request_to_terminate_ends_the_process() {
        let mut terraform = Core::start().await;

        terraform.plugin.signal("TERM");

        assert!(terraform.plugin.exit().await.status.success());
        terraform.plugin.expect_no_files();
    }

    /// Begins to create a webhook at an API that is so slow, and waits until it was asked.
    async fn creating(api: &MockApi, slow: Fault) -> (Core, JoinHandle<Instance>) {
        api.fail(Matcher::method(Method::POST), 1, slow);
        let terraform = Core::start().await;
        let mut calls = terraform.calls();
        calls.configure("1.15.5", &provider_block(api, &[])).await;
        let creation = tokio::spawn(async move {
            let (nothing, config) = (Instance::default(), bell("bell"));
            calls.change(&nothing, &config).await.plainly()
        });
        while api.calls().iter().all(|call| call.method != Method::POST) {
            sleep(Duration::from_millis(5)).await;
        }
        (terraform, creation)
    }

    #[tokio::test]
    async fn creation_under_way_is_finished_before_the_process_terminates() {
        let api = MockApi::start().unwrap();
        let slow = Fault::delay_before_storing(Duration::from_secs(1));
        let (mut terraform, creation) = creating(&api, slow).await;

        terraform.plugin.signal("TERM");
        let created = creation.await.unwrap();

        let stored = api.webhooks(ACCOUNT, APP);
        assert_eq!(created.state["id"], Json::from(stored[0].id.as_str()));
        assert!(terraform.plugin.exit().await.status.success());
        terraform.plugin.expect_no_files();
    }

    #[tokio::test]
    async fn second_request_to_terminate_ends_the_process_at_once() {
        let api = MockApi::start().unwrap();
        let endless = Fault::delay(Duration::from_secs(3600));
        let (mut terraform, creation) = creating(&api, endless).await;

        terraform.plugin.signal("TERM");
        sleep(Duration::from_millis(500)).await;
        assert!(terraform.plugin.is_running(), "the creation is under way");
        terraform.plugin.signal("TERM");

        assert!(terraform.plugin.exit().await.status.success());
        assert!(creation.await.is_err(), "it was not answered");
        terraform.plugin.expect_no_files();
    }

    #[tokio::test]
    async fn process_ends_when_nobody_reads_its_log() {
        let terraform = Core::start().await;

        let mut orphan = terraform.plugin.abandon().await;

        assert!(orphan.exit().await.success());
        orphan.expect_no_files();
    }
}
