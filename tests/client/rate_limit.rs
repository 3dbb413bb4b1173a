//! One limit for all calls of a client, and waits that end when the client is told to stop. The
//! order and the length of waits are tested in `src/api/rate_limit/tests.rs`.

use std::time::Duration;

use http::{Method, StatusCode};
use realtimekit::api::{Client, Error, RetryStopped};
use realtimekit::mock_api::{Fault, Quirks, RateLimit};
use tokio::task::JoinSet;

use crate::raw_server::RawServer;
use crate::{
    ACCOUNT, APP, config, creating, door_bell, fail, listing, mock, persistent, sent,
    start_persistent, until, wait,
};

/// Lists of so many apps at once, from an API that takes so many requests in a second, and refuses
/// all for a second after one more. Returns how often it refused.
async fn refused_lists(lists: usize, requests: u32, quirks: Quirks) -> usize {
    let second = Duration::from_secs(1);
    let api = mock(Quirks {
        rate_limit: Some(RateLimit {
            requests,
            window: second,
            block: second,
        }),
        ..quirks
    });
    let client = Client::new(persistent(&api.base_url()));
    let mut calls = JoinSet::new();
    for number in 0..lists {
        let webhooks = client.webhooks(ACCOUNT, &format!("app-{number}"));
        calls.spawn(async move { webhooks.list().await.unwrap() });
    }

    calls.join_all().await;

    let limited = Some(StatusCode::TOO_MANY_REQUESTS);
    let calls = api.calls();
    let refused = calls.iter().filter(|call| call.status == limited).count();
    assert_eq!(calls.len() - refused, lists);
    refused
}

#[tokio::test]
async fn limit_that_the_api_tells_is_never_exceeded() {
    assert_eq!(refused_lists(150, 40, Quirks::live()).await, 0);
}

#[tokio::test]
async fn limit_that_the_api_does_not_tell_is_found_out_by_few_and_fails_nothing() {
    let refused = refused_lists(150, 40, Quirks::documented()).await;

    // At most three windows are exceeded before the last, each by what is under way at once.
    assert!(refused <= 3 * 10, "{refused}");
}

#[tokio::test]
async fn block_is_one_of_all_clones_and_apps_and_not_waited_for_in_vain() {
    let api = mock(Quirks::documented());
    let client = Client::new(config(&api.base_url()));
    api.fail_next(1, wait(429, 50));
    client.webhooks(ACCOUNT, APP).list().await.unwrap_err();

    let webhooks = client.clone().webhooks("another-account", "another-app");
    let error = webhooks.within(Duration::from_secs(40)).list().await;

    let error = error.unwrap_err();
    assert!(matches!(error, Error::NotSent(_, RetryStopped::Wait(_))));
    let said = " was not sent: the next request is due in ";
    assert!(error.to_string().contains(said), "{error}");
    assert!(!error.outcome_unknown() && error.status().is_none());
    assert_eq!(api.calls().len(), 1);
}

#[tokio::test]
async fn after_a_stop_calls_are_still_sent_once() {
    let (api, client, webhooks) = start_persistent();
    client.stop();

    let created = webhooks.create(&door_bell()).await.unwrap();
    fail(&api, Method::DELETE, 9, StatusCode::BAD_GATEWAY);
    let error = webhooks.delete(&created.id).await.unwrap_err();

    assert_eq!(webhooks.list().await.unwrap().to_vec(), [created]);
    assert_eq!(error.retry_stopped(), Some(RetryStopped::Interrupted));
    assert!(error.outcome_unknown());
    assert_eq!(sent(&api, &Method::DELETE), 1);
}

#[tokio::test]
async fn write_under_way_is_left_to_finish_and_a_read_is_not() {
    let (api, client, webhooks) = start_persistent();
    let late = Fault::delay(Duration::from_millis(500)); // more than the grace
    fail(&api, Method::POST, 1, late);
    let write = creating(&webhooks);
    until(|| sent(&api, &Method::POST) == 1).await;
    client.stop();
    write.await.unwrap().unwrap();

    let silent = RawServer::silent();
    let client = Client::new(persistent(&silent.origin));
    let read = listing(&client.webhooks(ACCOUNT, APP));
    until(|| !silent.is_untouched()).await;
    client.stop();
    let error = read.await.unwrap().unwrap_err(); // before the timeout of a minute
    assert_eq!(error.retry_stopped(), Some(RetryStopped::Interrupted));
}
