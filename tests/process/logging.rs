//! What Terraform's log gets from the provider.

use serde_json::Value;

use crate::support::Launch;

/// What one run writes to stderr: the end is logged at debug.
async fn logged(launch: Launch) -> String {
    launch.connect().await.stop().await.0.stderr
}

const LOGGED: &str = "Terraform asked for the end";

#[tokio::test]
async fn records_are_in_the_form_that_terraform_reads() {
    let stderr = logged(Launch::new().env("TF_LOG", "TRACE")).await;

    for line in stderr.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| record[name].as_str().expect(line);
        assert!(text("@module").starts_with("realtimekit."), "{line}");
        let levels = ["trace", "debug", "info", "warn", "error"];
        assert!(levels.contains(&text("@level")), "{line}");
        assert!(!text("@message").is_empty(), "{line}");
        let digits = |c: char| if c.is_ascii_digit() { '0' } else { c };
        let shape: String = text("@timestamp").chars().map(digits).collect();
        assert_eq!(shape, "0000-00-00T00:00:00.000000Z");
    }
    assert!(stderr.contains(LOGGED), "{stderr}");
}

#[tokio::test]
async fn variables_set_the_level_as_terraform_reads_them() {
    let cases: [(&[_], bool); 11] = [
        (&[("TF_LOG", "trace")], true),
        (&[("TF_LOG", "unheard-of")], true),
        (&[("TF_LOG", "ERROR"), ("TF_LOG_PROVIDER", "DEBUG")], true),
        (
            &[
                ("TF_LOG_PROVIDER", "ERROR"),
                ("TF_LOG_PROVIDER_REALTIMEKIT", "DEBUG"),
            ],
            true,
        ),
        (&[("TF_LOG", "JSON"), ("TF_LOG_PROVIDER", "")], true),
        (&[], false),
        (&[("TF_LOG", "OFF")], false),
        (&[("TF_LOG", "info")], false),
        (&[("TF_LOG", "")], false),
        (&[("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "OFF")], false),
        (
            &[
                ("TF_LOG", "TRACE"),
                ("TF_LOG_PROVIDER_REALTIMEKIT", "ERROR"),
            ],
            false,
        ),
    ];
    for (variables, is_logged) in cases {
        let stderr = logged(Launch::new().envs(variables)).await;

        let expected = if is_logged {
            stderr.contains(LOGGED)
        } else {
            stderr.is_empty()
        };
        assert!(expected, "{variables:?}: {stderr}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn person_reads_plain_lines() {
    let launch = Launch::by_hand().argument("-debug").env("TF_LOG", "TRACE");
    let mut plugin = launch.spawn();
    plugin.line().await;

    plugin.signal("INT");
    let exit = plugin.exit().await;

    assert!(exit.status.success());
    assert!(
        exit.stderr.contains("received an interrupt"),
        "{}",
        exit.stderr
    );
    assert!(!exit.stderr.contains('{'), "{}", exit.stderr);
}
