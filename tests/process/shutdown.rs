//! How the process ends, and what it leaves behind: nothing.

use crate::support::{Launch, is_served};

#[tokio::test]
async fn process_stays_when_terraform_reconnects_and_ends_when_terraform_asks() {
    for launch in [Launch::new(), Launch::new().without_tls()] {
        let terraform = launch.connect().await;
        let client = terraform.plugin.identity.as_ref();
        assert!(is_served(terraform.handshake.channel(client).await).await);
        terraform.expect_served().await;

        terraform.stop().await.expect_success();
    }
}

/// What a signal does to a process that Terraform drives.
#[cfg(unix)]
mod signals {
    use std::time::Duration;

    use http::Method;
    use realtimekit::mock_api::{Fault, Matcher, MockApi, Quirks};
    use tokio::task::JoinHandle;

    use super::*;
    use crate::support::{ACCOUNT, APP, Answer, Core, bell, configured, until};

    #[tokio::test]
    async fn interrupt_and_end_of_the_terminal_are_ignored() {
        let terraform = Launch::new().env("TF_LOG", "DEBUG").connect().await;
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

    /// Begins to create a webhook at an API that is so slow, and waits until it was asked.
    async fn creating(slow: Fault) -> (Core, MockApi, JoinHandle<Answer>) {
        let (terraform, calls, api) = configured(Quirks::documented(), &[]).await;
        api.fail(Matcher::method(Method::POST), 1, slow);
        let creation = async move { calls.change(&Answer::default(), &bell("bell")).await };
        let creation = tokio::spawn(creation);
        until(|| api.calls().iter().any(|call| call.method == Method::POST)).await;
        (terraform, api, creation)
    }

    #[tokio::test]
    async fn creation_under_way_is_finished_before_the_process_terminates() {
        let slow = Fault::delay_before_storing(Duration::from_secs(1));
        let (mut terraform, api, creation) = creating(slow).await;

        terraform.plugin.signal("TERM");
        let created = creation.await.unwrap().plainly();

        let stored = api.webhooks(ACCOUNT, APP);
        assert_eq!(created.state["id"], stored[0].id.as_str());
        terraform.plugin.exit().await.expect_success();
    }

    #[tokio::test]
    async fn second_request_to_terminate_ends_the_process_at_once() {
        let endless = Fault::delay(Duration::from_secs(3600));
        let (mut terraform, _api, creation) = creating(endless).await;
        let plugin = &mut terraform.plugin;

        plugin.signal("TERM");
        plugin
            .stderr_to_contain("calls under way are finished")
            .await;
        assert!(plugin.is_running(), "the creation is under way");
        plugin.signal("TERM");

        plugin.exit().await.expect_success();
        assert!(creation.await.is_err(), "it was not answered");
    }

    #[tokio::test]
    async fn process_ends_when_nobody_reads_its_log() {
        let mut terraform = Core::start().await;

        terraform.plugin.abandon().await;

        terraform.plugin.exit().await.expect_success();
    }
}
