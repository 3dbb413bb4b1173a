//! Creations whose outcome is unknown, and those that wait for each other.

use std::time::Duration;

use http::{Method, StatusCode};
use realtimekit::api::{Client, Error, RetryStopped};
use realtimekit::mock_api::{Fault, Matcher, MockApi, Quirks};

use crate::rate_limit::sent;
use crate::retries::{persistent, start};
use crate::{ACCOUNT, APP, door_bell};

fn client(api: &MockApi) -> Client {
    Client::new(persistent(&api.base_url()))
}

fn fail_posts(api: &MockApi, times: usize, fault: impl Into<Fault>) {
    api.fail(Matcher::method(Method::POST), times, fault);
}

/// Stores what the creation asks for, as somebody else would; created at `created_at`.
fn store_twin(api: &MockApi, created_at: &str) -> String {
    let wanted = door_bell();
    let events: Vec<&str> = wanted.events.iter().map(String::as_str).collect();
    let twin = api.add_webhook(ACCOUNT, APP, &wanted.name, &wanted.url, &events);
    api.edit_webhook(&twin.id, |twin| twin.created_at = created_at.to_owned())
        .unwrap();
    twin.id
}

#[tokio::test]
async fn webhook_created_before_the_call_is_not_adopted_though_no_list_had_it() {
    let api = start(Quirks::documented());
    let webhooks = client(&api).webhooks(ACCOUNT, APP);
    assert!(webhooks.list().await.unwrap().is_empty());
    let twin = store_twin(&api, "2025-01-02T03:04:05Z");
    fail_posts(&api, 1, StatusCode::SERVICE_UNAVAILABLE);

    let error = webhooks.create(&door_bell()).await.unwrap_err();

    let Error::Undecided { candidate, .. } = &error else {
        panic!("unexpected: {error}");
    };
    assert_eq!(candidate.as_ref(), Some(&twin));
}

#[tokio::test]
async fn webhook_created_after_the_call_began_is_adopted_without_an_earlier_list() {
    for stored_nothing_first in [false, true] {
        let api = start(Quirks::documented());
        api.fail(Matcher::method(Method::GET), 1, StatusCode::BAD_GATEWAY);
        if stored_nothing_first {
            fail_posts(&api, 1, StatusCode::BAD_GATEWAY);
        }
        fail_posts(
            &api,
            1,
            Fault::status(StatusCode::BAD_GATEWAY).after_storing(),
        );
        let webhooks = client(&api).webhooks(ACCOUNT, APP);

        let created = webhooks.create(&door_bell()).await.unwrap();

        let stored = api.webhooks(ACCOUNT, APP);
        assert_eq!(stored.len(), 1);
        assert_eq!(created.id, stored[0].id);
    }
}

#[tokio::test]
async fn post_that_a_gateway_timed_out_is_looked_for_and_never_sent_again() {
    for status in [408, 504, 522, 524] {
        let status = StatusCode::from_u16(status).unwrap();
        let api = start(Quirks::live());
        fail_posts(&api, 9, status);

        let lost = client(&api)
            .webhooks(ACCOUNT, APP)
            .create(&door_bell())
            .await;

        let error = lost.unwrap_err();
        assert!(
            error.outcome_unknown() && error.status() == Some(status),
            "{error}"
        );
        assert_eq!(sent(&api, &Method::POST), 1, "{status}");
        assert!(api.calls().len() <= 1 + 1 + 5, "{status}");

        let api = start(Quirks::live());
        fail_posts(&api, 1, Fault::status(status).after_storing());

        let found = client(&api)
            .webhooks(ACCOUNT, APP)
            .create(&door_bell())
            .await;

        assert_eq!(found.unwrap().id, api.webhooks(ACCOUNT, APP)[0].id);
        assert_eq!(sent(&api, &Method::POST), 1, "{status}");
    }
}

#[tokio::test]
async fn creation_behind_another_with_the_same_url_keeps_to_its_timeout_and_to_a_stop() {
    for is_stopped in [false, true] {
        let api = start(Quirks::live());
        fail_posts(&api, 1, Fault::delay(Duration::from_secs(3)));
        let client = client(&api);
        let first = client.webhooks(ACCOUNT, APP);
        let first = tokio::spawn(async move { first.create(&door_bell()).await });
        while sent(&api, &Method::POST) == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let second = client.webhooks(ACCOUNT, APP);
        let second = match is_stopped {
            true => second,
            false => second.within(Duration::from_millis(200)),
        };
        let second = tokio::spawn(async move { second.create(&door_bell()).await });
        if is_stopped {
            tokio::time::sleep(Duration::from_millis(50)).await;
            client.stop();
        }

        let error = second.await.unwrap().unwrap_err();

        assert!(!first.is_finished(), "it waited for the other creation");
        let reason = match is_stopped {
            true => RetryStopped::Interrupted,
            false => RetryStopped::Timeout,
        };
        assert_eq!(error.retry_stopped(), Some(reason), "{error}");
        assert!(matches!(error, Error::NotSent(..)), "{error}");
        first.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn search_for_a_lost_webhook_that_times_out_says_so() {
    let api = start(Quirks::live());
    fail_posts(&api, 9, StatusCode::BAD_GATEWAY);
    let mut config = persistent(&api.base_url());
    config.timing.visibility_backoff = Duration::from_secs(20);
    let webhooks = Client::new(config).webhooks(ACCOUNT, APP);

    let within = webhooks.within(Duration::from_secs(10));
    let error = within.create(&door_bell()).await.unwrap_err();

    let text = error.to_string();
    assert!(text.contains("the operation timed out"), "{text}");
    assert!(!text.contains("interrupted"), "{text}");
}
