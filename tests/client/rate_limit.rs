//! One budget for all calls of a client, and waits that end when the client is told to stop.

use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use realtimekit::api::{Client, Config, Error, RetryStopped};
use realtimekit::mock_api::{Fault, Matcher, MockApi, Quirks, RateLimit, RetryAfter};
use tokio::task::JoinSet;

use crate::raw_server::RawServer;
use crate::retries::{persistent, start};
use crate::{ACCOUNT, APP, door_bell};

/// Longer than anything takes that does not wait, shorter than the wait that is interrupted.
const AT_ONCE: Duration = Duration::from_secs(20);

/// An API that takes so many requests in a second, and refuses all for a second after one more.
pub(crate) fn limited(requests: u32, quirks: Quirks) -> MockApi {
    start(Quirks {
        rate_limit: Some(RateLimit {
            requests,
            window: Duration::from_secs(1),
            block: Duration::from_secs(1),
        }),
        ..quirks
    })
}

/// As many lists at once, of as many apps; all must succeed.
async fn list_together(client: &Client, count: usize) {
    let mut calls = JoinSet::new();
    for number in 0..count {
        let webhooks = client.webhooks(ACCOUNT, &format!("app-{number}"));
        calls.spawn(async move { webhooks.list().await });
    }
    for result in calls.join_all().await {
        result.unwrap();
    }
}

fn refused(api: &MockApi) -> usize {
    let calls = api.calls();
    let limited = calls
        .iter()
        .filter(|call| call.status == Some(StatusCode::TOO_MANY_REQUESTS));
    limited.count()
}

#[tokio::test]
async fn a_limit_that_the_api_tells_is_never_exceeded() {
    let api = limited(40, Quirks::live());
    let client = Client::new(persistent(&api.base_url()));

    list_together(&client, 150).await;

    assert_eq!((api.calls().len(), refused(&api)), (150, 0));
}

#[tokio::test]
async fn a_limit_that_the_api_does_not_tell_is_found_out_by_few_and_fails_nothing() {
    let api = limited(40, Quirks::documented());
    let client = Client::new(persistent(&api.base_url()));

    list_together(&client, 150).await;

    // At most three windows are exceeded before the last, each by what is under way at once.
    assert_eq!(api.calls().len() - refused(&api), 150);
    assert!(refused(&api) <= 3 * 10, "{}", refused(&api));
}

#[tokio::test]
async fn the_end_of_a_block_is_waited_for_in_whatever_form_it_is_told() {
    for retry_after in [
        RetryAfter::Seconds,
        RetryAfter::HttpDate,
        RetryAfter::Missing,
    ] {
        let api = limited(
            3,
            Quirks {
                retry_after,
                ..Quirks::documented()
            },
        );
        let client = Client::new(persistent(&api.base_url()));

        list_together(&client, 4).await;

        let answered = api.calls().len() - refused(&api);
        assert_eq!(answered, 4);
        assert!(refused(&api) > 0);
    }
}

#[tokio::test]
async fn a_limit_that_others_have_used_up_is_waited_for() {
    let api = limited(40, Quirks::live());
    let others = Client::new(persistent(&api.base_url()));
    list_together(&others, 40).await;
    let client = Client::new(persistent(&api.base_url()));

    list_together(&client, 50).await;

    // Those that were under way before the first answer told that nothing is left.
    assert!(refused(&api) <= 10, "{}", refused(&api));
}

#[tokio::test]
async fn clones_of_a_client_share_one_budget() {
    let api = start(Quirks::documented());
    let refusal = Fault::status(StatusCode::TOO_MANY_REQUESTS);
    api.fail_next(1, refusal.header("retry-after", "60").unwrap());
    let client = Client::new(Config {
        max_retries: 0,
        ..persistent(&api.base_url())
    });
    client.webhooks(ACCOUNT, APP).list().await.unwrap_err();

    let webhooks = client.clone().webhooks("another-account", "another-app");
    let error = webhooks.within(Duration::from_secs(40)).list().await;

    assert!(matches!(error, Err(Error::NotSent(..))), "{error:?}");
    assert_eq!(api.calls().len(), 1);
}

#[tokio::test]
async fn a_cap_spaces_the_calls() {
    let api = start(Quirks::live());
    let client = Client::new(Config {
        requests_per_second: Some(20.0),
        ..persistent(&api.base_url())
    });
    let start = Instant::now();

    list_together(&client, 11).await;

    assert!(start.elapsed() >= Duration::from_millis(500));
}

/// How often a method was sent.
pub(crate) fn sent(api: &MockApi, method: &Method) -> usize {
    api.calls()
        .iter()
        .filter(|call| call.method == *method)
        .count()
}

/// Lets a call wait, stops the client, and returns how the call ends.
async fn interrupted(client: &Client, api: &MockApi, method: &Method) -> Error {
    let webhooks = client.webhooks(ACCOUNT, APP);
    let is_create = *method == Method::POST;
    let url = "https://example.com/there";
    let there = api.add_webhook(ACCOUNT, APP, "there", url, &["meeting.ended"]);
    let call = tokio::spawn(async move {
        match is_create {
            true => webhooks.create(&door_bell()).await.map(|_created| ()),
            false => webhooks.delete(&there.id).await,
        }
    });
    while api.calls().last().is_none_or(|call| call.status.is_none()) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await; // it has its answer, and waits
    let start = Instant::now();

    client.stop();

    let error = call.await.unwrap().unwrap_err();
    assert!(start.elapsed() < AT_ONCE);
    error
}

#[tokio::test]
async fn a_stop_ends_a_wait_at_once() {
    for (method, status) in [
        (Method::DELETE, 503),
        (Method::DELETE, 429),
        (Method::POST, 429),
    ] {
        let api = start(Quirks::documented());
        let fault = Fault::status(StatusCode::from_u16(status).unwrap());
        let fault = fault.header("retry-after", "50").unwrap();
        api.fail(Matcher::method(method.clone()), 1, fault);
        let client = Client::new(persistent(&api.base_url()));

        let error = interrupted(&client, &api, &method).await;

        assert_eq!(error.retry_stopped(), Some(RetryStopped::Interrupted));
        assert_eq!(error.status().unwrap().as_u16(), status);
        let said = ", after 1 attempt; not retried: the operation was interrupted";
        assert!(error.to_string().ends_with(said), "{error}");
        assert_eq!(sent(&api, &method), 1);
    }
}

#[tokio::test]
async fn a_call_that_waits_for_the_end_of_a_block_is_never_sent_after_a_stop() {
    let api = start(Quirks::documented());
    let refusal = Fault::status(StatusCode::TOO_MANY_REQUESTS);
    api.fail_next(1, refusal.header("retry-after", "50").unwrap());
    let client = Client::new(Config {
        max_retries: 0,
        ..persistent(&api.base_url())
    });
    client.webhooks(ACCOUNT, APP).list().await.unwrap_err();

    let error = interrupted(&client, &api, &Method::POST).await;

    let said = " was not sent: the operation was interrupted";
    assert!(error.to_string().ends_with(said), "{error}");
    assert!(!error.outcome_unknown());
    assert_eq!(api.calls().len(), 1);
}

#[tokio::test]
async fn after_a_stop_calls_are_still_sent_once() {
    let api = start(Quirks::live());
    let client = Client::new(persistent(&api.base_url()));
    let webhooks = client.webhooks(ACCOUNT, APP);
    client.stop();

    let created = webhooks.create(&door_bell()).await.unwrap();
    api.fail(Matcher::method(Method::DELETE), 9, StatusCode::BAD_GATEWAY);
    let error = webhooks.delete(&created.id).await.unwrap_err();

    assert_eq!(webhooks.list().await.unwrap().to_vec(), [created]);
    assert_eq!(error.retry_stopped(), Some(RetryStopped::Interrupted));
    assert!(error.outcome_unknown());
    assert_eq!(sent(&api, &Method::DELETE), 1);
}

#[tokio::test]
async fn a_write_under_way_is_left_to_finish_and_a_read_is_not() {
    let api = start(Quirks::live());
    let late = Fault::delay(Duration::from_millis(500)); // more than the grace
    api.fail(Matcher::method(Method::POST), 1, late);
    let client = Client::new(persistent(&api.base_url()));
    let webhooks = client.webhooks(ACCOUNT, APP);
    let write = tokio::spawn(async move { webhooks.create(&door_bell()).await });
    while api.calls().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }

    client.stop();

    write.await.unwrap().unwrap();

    let silent = RawServer::silent();
    let client = Client::new(persistent(&silent.origin));
    let webhooks = client.webhooks(ACCOUNT, APP);
    let read = tokio::spawn(async move { webhooks.list().await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let start = Instant::now();

    client.stop();

    let error = read.await.unwrap().unwrap_err();
    assert!(start.elapsed() < AT_ONCE);
    assert_eq!(error.retry_stopped(), Some(RetryStopped::Interrupted));
}
