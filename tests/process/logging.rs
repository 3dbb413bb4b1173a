//! What Terraform's log gets from the provider.

use serde_json::Value;

use crate::support::Launch;

#[tokio::test]
async fn records_are_in_the_form_that_terraform_reads() {
    let stderr = interrupted(Launch::new().env("TF_LOG", "TRACE")).await;

    for line in stderr.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        assert!(record["@message"].is_string(), "{line}");
        assert!(
            record["@module"]
                .as_str()
                .unwrap()
                .starts_with("realtimekit."),
            "{line}"
        );
        assert!(
            ["trace", "debug", "info", "warn", "error"]
                .contains(&record["@level"].as_str().unwrap()),
            "{line}"
        );
        expect_timestamp(record["@timestamp"].as_str().unwrap());
    }
    assert!(stderr.contains("ignored an interrupt"), "{stderr}");
}

#[tokio::test]
async fn the_variables_agree_with_terraforms() {
    let talkative: [&[_]; 5] = [
        &[("TF_LOG", "trace")],
        &[("TF_LOG", "unheard-of")],
        &[("TF_LOG", "ERROR"), ("TF_LOG_PROVIDER", "DEBUG")],
        &[
            ("TF_LOG_PROVIDER", "ERROR"),
            ("TF_LOG_PROVIDER_REALTIMEKIT", "DEBUG"),
        ],
        &[("TF_LOG", "JSON"), ("TF_LOG_PROVIDER", "")],
    ];
    for variables in talkative {
        let launch = variables
            .iter()
            .fold(Launch::new(), |launch, (name, value)| {
                launch.env(name, value)
            });

        let stderr = interrupted(launch).await;

        assert!(
            stderr.contains("ignored an interrupt"),
            "{variables:?}: {stderr}"
        );
    }
}

#[tokio::test]
async fn nothing_is_logged_that_nobody_asked_for() {
    let silent: [&[_]; 6] = [
        &[],
        &[("TF_LOG", "OFF")],
        &[("TF_LOG", "info")],
        &[("TF_LOG", "")],
        &[("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "OFF")],
        &[
            ("TF_LOG", "TRACE"),
            ("TF_LOG_PROVIDER_REALTIMEKIT", "ERROR"),
        ],
    ];
    for variables in silent {
        let launch = variables
            .iter()
            .fold(Launch::new(), |launch, (name, value)| {
                launch.env(name, value)
            });
        let terraform = launch.connect().await;

        terraform.plugin.signal("INT");
        let (exit, _, _) = terraform.stop().await;

        assert_eq!(exit.stderr, "", "{variables:?}");
    }
}

#[tokio::test]
async fn a_person_reads_plain_lines() {
    let launch = Launch::by_hand().argument("-debug").env("TF_LOG", "TRACE");
    let mut plugin = launch.spawn();
    plugin.line().await;

    plugin.signal("INT");
    let exit = plugin.exit().await;

    assert!(exit.status.success());
    assert!(!exit.stderr.contains('{'), "{}", exit.stderr);
}

/// Starts the provider, interrupts it, which it logs about, and returns what is on stderr.
async fn interrupted(launch: Launch) -> String {
    let terraform = launch.connect().await;
    terraform.plugin.signal("INT");
    terraform.plugin.stderr_to_contain("interrupt").await;
    terraform.stop().await.0.stderr
}

/// `2006-01-02T15:04:05.000000Z`, digit for digit.
#[track_caller]
fn expect_timestamp(timestamp: &str) {
    let shape: String = timestamp
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    assert_eq!(shape, "0000-00-00T00:00:00.000000Z");
}
