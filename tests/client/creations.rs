//! Creations whose outcome is unknown, and those that wait for each other. The documented API does
//! not keep to one webhook for each URL.

use std::time::Duration;

use http::{Method, StatusCode};
use realtimekit::api::{Error, RetryStopped};
use realtimekit::mock_api::{Fault, MockApi, Quirks};

use crate::{
    ACCOUNT, APP, LONG, add, creating, door_bell, fail, mock, persistent, send, sent, shown,
    start_persistent, start_persistent_as, status, until, webhooks_at,
};

/// Adds a webhook like the one to create; returns its ID.
fn add_twin(api: &MockApi) -> String {
    let wanted = door_bell();
    let events: Vec<&str> = wanted.events.iter().map(String::as_str).collect();
    let twin = api.add_webhook(ACCOUNT, APP, &wanted.name, &wanted.url, &events);
    twin.id
}

#[tokio::test]
async fn webhook_created_before_the_call_is_not_adopted_though_no_list_had_it() {
    let (api, _, webhooks) = start_persistent_as(Quirks::documented());
    assert!(webhooks.list().await.unwrap().is_empty());
    let twin = add_twin(&api);
    let long_ago = "2025-01-02T03:04:05Z".to_owned();
    let edited = api.edit_webhook(&twin, |twin| twin.created_at = long_ago);
    assert!(edited.is_some());
    fail(&api, Method::POST, 1, StatusCode::SERVICE_UNAVAILABLE);

    let error = webhooks.create(&door_bell()).await.unwrap_err();

    let is_named = |id: &Option<String>| id.as_ref() == Some(&twin);
    assert!(
        matches!(&error, Error::Undecided { candidate, .. } if is_named(candidate)),
        "{error}"
    );
}

#[tokio::test]
async fn webhook_that_the_run_knew_before_the_call_is_not_adopted_though_no_list_had_it() {
    for known_by in [Method::GET, Method::PUT] {
        let (api, _, webhooks) = start_persistent_as(Quirks::documented());
        let twin = add_twin(&api);
        send(&webhooks, &known_by, &twin).await.unwrap();
        fail(&api, Method::GET, 1, status(500)); // the list before the creation
        fail(&api, Method::POST, 1, status(503));

        let created = webhooks.create(&door_bell()).await.unwrap();

        assert_ne!(created.id, twin, "known by {known_by}");
        assert_eq!(sent(&api, &Method::POST), 2, "known by {known_by}");
    }
}

#[tokio::test]
async fn webhook_that_is_replaced_after_a_lost_creation_began_is_not_adopted() {
    let (api, _, webhooks) = start_persistent_as(Quirks::documented());
    let other = add(&api, 0);
    fail(&api, Method::GET, 1, status(500)); // the list before the creation
    fail(&api, Method::POST, 1, status(503));
    fail(&api, Method::GET, 1, Fault::delay(Duration::from_secs(3)));
    let creating = creating(&webhooks);
    until(|| sent(&api, &Method::POST) == 1).await;
    webhooks.replace(&other, &door_bell()).await.unwrap(); // as a saved plan does

    assert_ne!(creating.await.unwrap().unwrap().id, other);
    assert_eq!(sent(&api, &Method::POST), 2);
}

#[tokio::test]
async fn webhook_that_is_read_only_after_it_was_created_is_still_adopted() {
    let api = mock(Quirks::documented());
    let mut config = persistent(&api.base_url());
    config.timing.request_timeout = Duration::from_secs(1);
    let webhooks = webhooks_at(config);
    fail(&api, Method::GET, 1, status(500)); // the list before the creation
    fail(&api, Method::POST, 1, Fault::delay(LONG));
    let creating = creating(&webhooks);
    until(|| !api.webhooks(ACCOUNT, APP).is_empty()).await;
    let id = api.webhooks(ACCOUNT, APP)[0].id.clone();
    webhooks.get(&id).await.unwrap(); // as a data source may

    assert_eq!(creating.await.unwrap().unwrap().id, id);
    assert_eq!(sent(&api, &Method::POST), 1);
}

#[tokio::test]
async fn post_that_a_gateway_timed_out_is_looked_for_and_never_sent_again() {
    for code in [408, 504, 522, 524] {
        for (times, fault) in [(9, status(code)), (1, status(code).after_storing())] {
            let (api, _, webhooks) = start_persistent_as(Quirks::documented());
            fail(&api, Method::POST, times, fault);

            let created = webhooks.create(&door_bell()).await;

            match created {
                Ok(webhook) => assert_eq!(webhook.id, api.webhooks(ACCOUNT, APP)[0].id),
                Err(error) => {
                    assert!(api.webhooks(ACCOUNT, APP).is_empty() && error.outcome_unknown());
                    assert_eq!(error.status().unwrap().as_u16(), code);
                }
            }
            assert_eq!(sent(&api, &Method::POST), 1, "{code}");
            assert!(api.calls().len() <= 1 + 1 + 5, "{code}");
        }
    }
}

#[tokio::test]
async fn creation_that_is_refused_after_one_was_lost_still_tells_of_the_lost_one() {
    let (api, _, webhooks) = start_persistent_as(Quirks::documented());
    fail(&api, Method::POST, 1, status(502));
    fail(&api, Method::POST, 1, status(400).message("no more"));

    let error = webhooks.create(&door_bell()).await.unwrap_err();

    assert!(matches!(error, Error::Undecided { .. }), "{error}");
    assert!(error.outcome_unknown());
    let shown = shown(&error);
    assert!(
        shown.contains("no more") && shown.contains("502"),
        "{shown}"
    );
    assert_eq!(sent(&api, &Method::POST), 2);
}

#[tokio::test]
async fn creation_behind_another_with_the_same_url_keeps_to_its_timeout_and_to_a_stop() {
    let hasty = Duration::from_millis(200);
    for (time, reason) in [
        (hasty, RetryStopped::Timeout),
        (LONG, RetryStopped::Interrupted),
    ] {
        let (api, client, webhooks) = start_persistent();
        fail(&api, Method::POST, 1, Fault::delay(LONG));
        let first = creating(&webhooks);
        until(|| sent(&api, &Method::POST) == 1).await;
        let second = creating(&webhooks.within(time));
        tokio::task::yield_now().await; // it waits
        if reason == RetryStopped::Interrupted {
            client.stop();
        }

        let error = second.await.unwrap().unwrap_err();

        assert!(!first.is_finished(), "it waited for the other creation");
        assert!(matches!(error, Error::NotSent(_, why) if why == reason));
    }
}

#[tokio::test]
async fn creation_with_little_time_is_sent_although_the_list_before_it_gets_no_answer() {
    let (api, _, webhooks) = start_persistent();
    fail(&api, Method::GET, 1, Fault::delay(LONG));
    let webhooks = webhooks.within(Duration::from_secs(4));

    let created = webhooks.create(&door_bell()).await.unwrap();

    assert_eq!(created.id, api.webhooks(ACCOUNT, APP)[0].id);
}

#[tokio::test]
async fn search_for_a_lost_webhook_that_times_out_says_so() {
    let (api, ..) = start_persistent();
    fail(&api, Method::POST, 9, StatusCode::BAD_GATEWAY);
    let mut config = persistent(&api.base_url());
    config.timing.visibility_backoff = Duration::from_secs(90);

    let error = webhooks_at(config).create(&door_bell()).await.unwrap_err();

    let text = error.to_string();
    assert!(text.contains("after the operation's timeout"), "{text}");
    assert!(!text.contains("interrupted"), "{text}");
}
