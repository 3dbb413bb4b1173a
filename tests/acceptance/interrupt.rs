//! Ctrl-C: an interrupt to Terraform and the provider at once.

use std::time::Duration;

use http::{Method, StatusCode};
use realtimekit::mock_api::{Call, Fault};
use serde_json::json;

use crate::support::*;

/// Runs a command, and interrupts it when the API has got a request of this method, or has answered
/// it.
#[track_caller]
fn interrupted(w: &Workspace, arguments: &str, method: &Method, is_answered: bool) -> Ran {
    w.api.clear_calls();
    let is_there = |call: &Call| call.method == method && (call.status.is_some() || !is_answered);
    let mut child = w.start(arguments);
    assert!(wait_for(&mut child, || w.api.calls().iter().any(is_there)));
    assert!(signal("INT", &format!("-{}", child.id())));
    Ran::from(child.wait_with_output().unwrap()).says("Interrupt received")
}

#[test]
fn interrupt_waits_for_the_creation_in_progress_and_stores_it() {
    let w = Workspace::new();
    w.write(bell(""));
    w.fail(Method::POST, 1, Fault::delay(Duration::from_secs(3)));

    interrupted(&w, APPLY, &Method::POST, false).says("Creation complete");

    w.expect_state(BELL, json!({ "id": w.webhook().id }));
}

/// Otherwise the change would be made when the wait is over.
#[test]
fn interrupt_during_a_wait_ends_the_run_and_keeps_the_state() {
    let (none, old, new) = (String::new(), bell(""), bell("name = 'gong'"));
    for (method, status, before, after) in [
        (Method::POST, StatusCode::TOO_MANY_REQUESTS, &none, &old),
        (Method::PUT, StatusCode::TOO_MANY_REQUESTS, &old, &new),
        (Method::DELETE, StatusCode::SERVICE_UNAVAILABLE, &old, &none),
    ] {
        let w = Workspace::new();
        w.apply(before);
        let (state, webhooks) = (w.state(BELL), w.webhooks());
        let fault = Fault::status(status).header("retry-after", "60");
        w.fail(method.clone(), 1, fault.unwrap());
        w.write(after);

        let apply = "apply -auto-approve -refresh=false";
        interrupted(&w, apply, &method, true).says("the operation was interrupted");

        assert_eq!((w.state(BELL), w.webhooks()), (state, webhooks), "{method}");
    }
}
