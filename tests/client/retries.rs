//! How often failed calls are sent, and what the error says in the end. Which failures are retried
//! is tested in `src/api/retry.rs`.

use std::time::Duration;

use http::{Method, StatusCode};
use realtimekit::mock_api::{Call, Fault};
use tokio::time::{sleep, timeout};

use crate::{LONG, add, fail, send, sent, start_persistent, status, until, wait};

#[tokio::test]
async fn outcome_of_a_write_is_unknown_if_any_attempt_may_have_been_acted_upon() {
    for (first, may_have_acted) in [
        (Fault::drop_connection().after_storing(), true),
        (status(429), false),
    ] {
        let (api, _, webhooks) = start_persistent();
        let id = add(&api, 0);
        api.fail_next(1, first);
        api.fail_next(1, status(400));
        fail(&api, Method::GET, 1, status(400)); // nor can it be found out

        let error = webhooks.set_enabled(&id, false).await.unwrap_err();

        assert_eq!(error.status(), Some(StatusCode::BAD_REQUEST));
        assert_eq!(error.outcome_unknown(), may_have_acted, "{error}");
        assert!(error.to_string().contains(", after 2 attempts"), "{error}");
    }
}

#[tokio::test]
async fn wait_that_would_end_too_late_is_not_begun_and_one_that_is_interrupted_ends_at_once() {
    let too_late = "the next request is due in 90 s, after the operation's timeout"; // of 60 s
    let interrupted = "the operation was interrupted";
    for (seconds, reason) in [(90, too_late), (50, interrupted)] {
        for (method, code) in [
            (Method::GET, 503),
            (Method::GET, 429),
            (Method::PUT, 503),
            (Method::DELETE, 503),
            (Method::DELETE, 429),
            (Method::POST, 429),
        ] {
            let (api, client, webhooks) = start_persistent();
            let id = add(&api, 0);
            fail(&api, method.clone(), 1, wait(code, seconds));
            let sends = method.clone();
            let call = tokio::spawn(async move { send(&webhooks, &sends, &id).await });
            if reason == interrupted {
                let is_answered = |call: &Call| call.method == method && call.status.is_some();
                until(|| api.calls().iter().any(is_answered)).await;
                sleep(Duration::from_millis(50)).await; // it has its answer, and waits
                client.stop();
            }

            let ended = timeout(Duration::from_secs(20), call).await; // less than the wait
            let error = ended.expect("it ends").unwrap().unwrap_err();

            assert_eq!(error.status().unwrap().as_u16(), code);
            let said = format!(", after 1 attempt; not retried: {reason}");
            assert!(error.to_string().ends_with(&said), "{error}");
            assert_eq!(sent(&api, &method), 1);
        }
    }
}

#[tokio::test]
async fn request_takes_no_longer_than_its_operation_may() {
    let (api, _, webhooks) = start_persistent();
    api.fail_next(usize::MAX, Fault::delay(LONG));
    let hasty = webhooks.within(Duration::from_millis(200));

    let error = hasty.list().await.unwrap_err();

    let said = ": operation timed out, after 1 attempt; not retried: the operation timed out";
    assert!(error.to_string().ends_with(said), "{error}");
}
