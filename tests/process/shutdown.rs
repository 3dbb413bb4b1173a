//! How the process ends, and what it leaves behind: nothing.

use std::time::Duration;

use http::Method;
use realtimekit::{
    mock_api::{Fault, Matcher, MockApi, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID},
    proto::{
        plugin::ConnInfo,
        tfplugin6::{
            apply_resource_change, get_provider_schema::Request, plan_resource_change,
            provider_client::ProviderClient,
        },
    },
};
use serde_json::{Value as Json, json};
use tokio::time::sleep;
use tokio_stream::pending;
use tonic::transport::Channel;

use crate::{
    support::{
        Core, Launch,
        realtimekit::{configured, webhook},
    },
    wire::{dynamic, json},
};

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
async fn the_end_of_the_terminal_is_terraforms_business() {
    let mut terraform = Launch::new().env("TF_LOG", "DEBUG").connect().await;

    terraform.plugin.signal("HUP"); // as `nohup terraform apply` leaves to its plugins
    terraform
        .plugin
        .stderr_to_contain("ignored the end of the terminal")
        .await;

    terraform
        .provider
        .get_provider_schema(Request {})
        .await
        .unwrap();
}

#[tokio::test]
async fn a_request_to_terminate_ends_it() {
    let mut terraform = Core::start().await;

    terraform.plugin.signal("TERM");

    assert!(terraform.plugin.exit().await.status.success());
    terraform.plugin.expect_no_files();
}

#[tokio::test]
async fn a_creation_under_way_is_finished_before_it_terminates() {
    let api = MockApi::start().unwrap();
    let slow = Fault::delay_before_storing(Duration::from_secs(1));
    api.fail(Matcher::method(Method::POST), 1, slow);
    let mut terraform = configured(&api, &[]).await;

    let creation = create(terraform.provider.clone());
    let terminated = async {
        while !is_creating(&api) {
            sleep(Duration::from_millis(5)).await;
        }
        terraform.plugin.signal("TERM");
    };
    let (state, ()) = tokio::join!(creation, terminated);

    let stored = api.webhooks(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID);
    assert_eq!(state["id"], stored[0].id);
    assert!(terraform.plugin.exit().await.status.success());
    terraform.plugin.expect_no_files();
}

#[tokio::test]
async fn a_second_request_to_terminate_ends_it_at_once() {
    let api = MockApi::start().unwrap();
    let endless = Fault::delay(Duration::from_secs(3600));
    api.fail(Matcher::method(Method::POST), 1, endless);
    let mut terraform = configured(&api, &[]).await;
    let creation = tokio::spawn(create(terraform.provider.clone()));
    while !is_creating(&api) {
        sleep(Duration::from_millis(5)).await;
    }

    terraform.plugin.signal("TERM");
    sleep(Duration::from_millis(500)).await;
    assert!(terraform.plugin.is_running(), "the creation is under way");
    terraform.plugin.signal("TERM");

    assert!(terraform.plugin.exit().await.status.success());
    assert!(creation.await.is_err(), "it was not answered");
    terraform.plugin.expect_no_files();
}

fn is_creating(api: &MockApi) -> bool {
    api.calls().iter().any(|call| call.method == Method::POST)
}

/// Creates a webhook, and returns its state.
async fn create(mut provider: ProviderClient<Channel>) -> Json {
    let known = [
        ("name", "bell".into()),
        ("url", "https://example.com/bell".into()),
        ("events", json!(["meeting.started"])),
    ];
    let config = webhook(&known);
    let plan = plan_resource_change::Request {
        type_name: "realtimekit_webhook".into(),
        prior_state: dynamic(&Json::Null),
        proposed_new_state: dynamic(&config),
        config: dynamic(&config),
        ..Default::default()
    };
    let planned = provider.plan_resource_change(plan).await.unwrap();
    let apply = apply_resource_change::Request {
        type_name: "realtimekit_webhook".into(),
        prior_state: dynamic(&Json::Null),
        planned_state: planned.into_inner().planned_state,
        config: dynamic(&config),
        ..Default::default()
    };
    let applied = provider.apply_resource_change(apply).await.unwrap();
    let applied = applied.into_inner();
    assert_eq!(applied.diagnostics, []);
    json(applied.new_state.as_ref())
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
