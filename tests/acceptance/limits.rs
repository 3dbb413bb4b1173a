//! The API's rate limit slows a run down and fails nothing; Ctrl-C does not wait for it.

use std::time::Duration;

use http::{Method, StatusCode};
use realtimekit::mock_api::{Fault, Matcher, Quirks, RateLimit};

#[cfg(unix)]
use crate::interrupt;
use crate::support::*;

#[test]
fn hundred_creations_succeed_under_a_low_rate_limit() {
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
    let posts = api.calls().into_iter().filter(|call| {
        call.method == Method::POST && call.status != Some(StatusCode::TOO_MANY_REQUESTS)
    });
    assert_eq!(posts.count(), 100, "each was created by one request");
}

#[cfg(unix)] // Windows has no signal for another process
#[test]
fn interrupt_during_a_wait_ends_the_run_and_keeps_the_state() {
    for (method, status) in [
        (Method::POST, 429),
        (Method::PUT, 429),
        (Method::DELETE, 503),
    ] {
        let (api, terraform) = setup();
        let (before, after) = match method {
            Method::POST => (String::new(), bell(BELL_ATTRIBUTES)),
            Method::PUT => {
                let gong = BELL_ATTRIBUTES.replace("door bell", "gong");
                (bell(BELL_ATTRIBUTES), bell(&gong))
            }
            _ => (bell(BELL_ATTRIBUTES), String::new()),
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
        ran.says(&["the operation was interrupted"]);
        assert!(time < Duration::from_secs(20), "{method}: {time:?}"); // not 60 s
        assert_eq!(terraform.state(BELL), state, "{method}");
        assert_eq!(api.webhooks(ACCOUNT, APP), webhooks, "{method}");
    }
}

#[test]
fn creation_beyond_its_timeout_is_an_error() {
    let (api, terraform) = setup();
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
