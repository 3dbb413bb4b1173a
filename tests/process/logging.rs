//! What Terraform's log gets from the provider.

use serde_json::Value;

use crate::support::Launch;

/// What one run writes to stderr: the end is logged at debug.
async fn logged(launch: Launch) -> String {
    launch.connect().await.stop().await.stderr
}

const LOGGED: &str = "Terraform asked for the end";

#[tokio::test]
async fn records_are_in_the_form_that_terraform_reads() {
    let stderr = logged(Launch::new().env("TF_LOG", "TRACE")).await;

    for line in stderr.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| record[name].as_str().expect(line);
        assert!(text("@module").starts_with("realtimekit."), "{line}");
        assert!(!text("@level").is_empty() && !text("@message").is_empty());
        let shape = text("@timestamp").replace(|c: char| c.is_ascii_digit(), "0");
        assert_eq!(shape, "0000-00-00T00:00:00.000000Z");
    }
    assert!(stderr.contains(LOGGED), "{stderr}");
}

/// How the variables are read is tested in `src/plugin/logging`; these are which ones.
#[tokio::test]
async fn variables_set_the_level_the_closest_first() {
    const PROVIDER: &str = "TF_LOG_PROVIDER";
    const OURS: &str = "TF_LOG_PROVIDER_REALTIMEKIT";
    let cases: [(&[_], bool); 6] = [
        (&[("TF_LOG", "debug")], true),
        (&[("TF_LOG", "ERROR"), (PROVIDER, "DEBUG")], true),
        (&[(PROVIDER, "ERROR"), (OURS, "DEBUG")], true),
        (&[], false),
        (&[("TF_LOG", "TRACE"), (PROVIDER, "OFF")], false),
        (&[("TF_LOG", "TRACE"), (OURS, "ERROR")], false),
    ];
    for (variables, is_logged) in cases {
        let stderr = logged(Launch::new().envs(variables)).await;

        let found = (stderr.contains(LOGGED), stderr.is_empty());
        assert_eq!(found, (is_logged, !is_logged), "{variables:?}: {stderr}");
    }
}
