//! The API's rate limit slows a run down and fails nothing; Ctrl-C does not wait for it.

use std::time::Duration;

use http::{Method, StatusCode};
use realtimekit::mock_api::{Fault, Matcher, Quirks, RateLimit};

#[cfg(unix)]
use crate::interrupt;
use crate::support::*;

#[test]
fn a_hundred_creations_under_a_limit_of_forty_requests_in_ten_seconds_all_succeed() {
    let limit = RateLimit {
        requests: 40,
        window: Duration::from_secs(10),
        block: Duration::from_secs(10),
    };
    let api = start(Quirks {
        rate_limit: Some(limit),
        ..Quirks::live()
    });
    let terraform = Terraform::new(&api);

    let ran = terraform.apply(
        r#"
resource "realtimekit_webhook" "each" {
  count  = 100
  name   = "bell ${count.index}"
  url    = "https://example.com/${count.index}"
  events = ["meeting.started"]
}
"#,
    );

    ran.says(&["Apply complete! Resources: 100 added"]);
    assert_eq!(api.webhooks(ACCOUNT, APP).len(), 100);
    let posts = writes(&api).len();
    let calls = api.calls();
    let refused = calls
        .iter()
        .filter(|call| call.status == Some(StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(
        posts - refused.count(),
        100,
        "each was created by one request"
    );
}

#[cfg(unix)] // Windows has no signal for another process
#[test]
fn an_interrupt_during_a_wait_ends_the_run_with_a_true_state() {
    for (method, status) in [
        (Method::POST, 429),
        (Method::PUT, 429),
        (Method::DELETE, 503),
    ] {
        let api = live();
        let terraform = Terraform::new(&api);
        let before = if method == Method::POST {
            String::new()
        } else {
            bell(BELL_ATTRIBUTES)
        };
        let after = match method {
            Method::DELETE => String::new(),
            _ => bell(&BELL_ATTRIBUTES.replace("door bell", "gong")),
        };
        terraform.apply(&before);
        let state = terraform.state(BELL);
        let webhooks = api.webhooks(ACCOUNT, APP);
        let fault = Fault::status(StatusCode::from_u16(status).unwrap());
        let fault = fault.header("retry-after", "60").unwrap();
        api.fail(Matcher::method(method.clone()), 1, fault);
        terraform.write(&after);
        api.clear_calls();

        let apply = ["apply", "-auto-approve", "-refresh=false"];
        let (ran, time) = interrupt::after(&terraform, &apply, || {
            api.calls()
                .iter()
                .any(|call| call.method == method && call.status.is_some())
        });

        ran.says(&["Interrupt received"]);
        assert!(
            ran.text.contains("the operation was interrupted"),
            "{method}: {ran}"
        );
        assert!(time < Duration::from_secs(3), "{method}: {time:?}");
        assert_eq!(terraform.state(BELL), state, "{method}");
        let names = |webhooks: &[realtimekit::mock_api::Webhook]| -> Vec<String> {
            webhooks
                .iter()
                .map(|webhook| webhook.name.clone())
                .collect()
        };
        assert_eq!(
            names(&api.webhooks(ACCOUNT, APP)),
            names(&webhooks),
            "{method}"
        );
    }
}

#[test]
fn a_creation_that_is_not_over_in_its_time_says_so() {
    let api = live();
    let terraform = Terraform::new(&api);
    let fault = Fault::status(StatusCode::TOO_MANY_REQUESTS)
        .header("retry-after", "600")
        .unwrap();
    api.fail(Matcher::method(Method::POST), 1, fault);

    let ran = terraform.apply_fails(&bell(&format!(
        "{BELL_ATTRIBUTES}\n  timeouts = {{\n    create = \"1m\"\n  }}"
    )));

    ran.says(&[
        "Could Not Create the Webhook",
        "429",
        "after the operation's timeout",
    ]);
    assert!(terraform.state(BELL).is_null());
}

#[test]
fn a_change_of_the_timeouts_alone_changes_nothing_at_the_api() {
    let api = live();
    let terraform = Terraform::new(&api);
    terraform.apply(&bell(BELL_ATTRIBUTES));
    api.clear_calls();

    let timeouts = "  timeouts = {\n    read = \"90s\"\n  }";
    terraform.apply(&bell(&format!("{BELL_ATTRIBUTES}\n{timeouts}")));

    assert!(writes(&api).is_empty());
    assert_eq!(terraform.state(BELL)["timeouts"]["read"], "90s");
    terraform.expect_no_changes();
}
