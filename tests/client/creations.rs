//! Creations whose outcome is unknown, and those that wait for each other.

use std::time::Duration;

use http::{Method, StatusCode};
use realtimekit::api::{Error, RetryStopped};
use realtimekit::mock_api::{Fault, MockApi, Quirks};

use crate::{
    ACCOUNT, APP, add, door_bell, fail, mock, persistent, sent, shown, start_persistent, status,
    until, webhooks_at,
};

/// An API without unique URLs, and what a creation that tries again gives.
async fn created(prepare: impl Fn(&MockApi)) -> (MockApi, Result<String, Error>) {
    let api = mock(Quirks::documented());
    prepare(&api);
    let webhooks = webhooks_at(persistent(&api.base_url()));
    let created = webhooks.create(&door_bell()).await;
    (api, created.map(|webhook| webhook.id))
}

fn lost(code: u16) -> Fault {
    status(code).after_storing()
}

#[tokio::test]
async fn webhook_created_before_the_call_is_not_adopted_though_no_list_had_it() {
    let api = mock(Quirks::documented());
    let webhooks = webhooks_at(persistent(&api.base_url()));
    assert!(webhooks.list().await.unwrap().is_empty());
    let wanted = door_bell();
    let events: Vec<&str> = wanted.events.iter().map(String::as_str).collect();
    let twin = api.add_webhook(ACCOUNT, APP, &wanted.name, &wanted.url, &events);
    let long_ago = "2025-01-02T03:04:05Z".to_owned();
    api.edit_webhook(&twin.id, |twin| twin.created_at = long_ago)
        .unwrap();
    fail(&api, Method::POST, 1, StatusCode::SERVICE_UNAVAILABLE);

    let error = webhooks.create(&wanted).await.unwrap_err();

    let Error::Undecided { candidate, .. } = &error else {
        panic!("unexpected: {error}");
    };
    assert_eq!(candidate.as_ref(), Some(&twin.id));
}

#[tokio::test]
async fn post_that_a_gateway_timed_out_is_looked_for_and_never_sent_again() {
    for code in [408, 504, 522, 524] {
        let (api, created_nothing) = created(|api| fail(api, Method::POST, 9, status(code))).await;

        let error = created_nothing.unwrap_err();
        assert!(error.outcome_unknown(), "{error}");
        assert_eq!(error.status().unwrap().as_u16(), code);
        assert_eq!(sent(&api, &Method::POST), 1, "{code}");
        assert!(api.calls().len() <= 1 + 1 + 5, "{code}");

        let (api, created) = created(|api| fail(api, Method::POST, 1, lost(code))).await;

        assert_eq!(created.unwrap(), api.webhooks(ACCOUNT, APP)[0].id);
        assert_eq!(sent(&api, &Method::POST), 1, "{code}");
    }
}

#[tokio::test]
async fn creation_that_is_refused_after_one_was_lost_still_tells_of_the_lost_one() {
    let (api, created) = created(|api| {
        fail(api, Method::POST, 1, status(502));
        fail(api, Method::POST, 1, status(400).message("no more"));
    })
    .await;

    let error = created.unwrap_err();
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
    for reason in [RetryStopped::Timeout, RetryStopped::Interrupted] {
        let (api, client) = start_persistent();
        fail(&api, Method::POST, 1, Fault::delay(Duration::from_secs(60)));
        let first = client.webhooks(ACCOUNT, APP);
        let first = tokio::spawn(async move { first.create(&door_bell()).await });
        until(|| sent(&api, &Method::POST) == 1).await;
        let second = client.webhooks(ACCOUNT, APP);
        let second = match reason {
            RetryStopped::Timeout => second.within(Duration::from_millis(200)),
            _ => second,
        };
        let second = tokio::spawn(async move { second.create(&door_bell()).await });
        if reason == RetryStopped::Interrupted {
            tokio::task::yield_now().await; // it waits
            client.stop();
        }

        let error = second.await.unwrap().unwrap_err();

        assert!(!first.is_finished(), "it waited for the other creation");
        assert!(
            matches!(error, Error::NotSent(_, why) if why == reason),
            "{error}"
        );
    }
}

#[tokio::test]
async fn search_for_a_lost_webhook_that_times_out_says_so() {
    let (api, _) = start_persistent();
    fail(&api, Method::POST, 9, StatusCode::BAD_GATEWAY);
    let mut config = persistent(&api.base_url());
    config.timing.visibility_backoff = Duration::from_secs(90);

    let error = webhooks_at(config).create(&door_bell()).await.unwrap_err();

    let text = error.to_string();
    assert!(text.contains("after the operation's timeout"), "{text}");
    assert!(!text.contains("interrupted"), "{text}");
}

#[tokio::test]
async fn webhook_that_the_run_knew_before_the_call_is_not_adopted_though_no_list_had_it() {
    for knows_by in ["a read", "a write"] {
        let api = mock(Quirks::documented());
        let webhooks = webhooks_at(persistent(&api.base_url()));
        let wanted = door_bell();
        let events: Vec<&str> = wanted.events.iter().map(String::as_str).collect();
        let twin = api.add_webhook(ACCOUNT, APP, &wanted.name, &wanted.url, &events);
        match knows_by {
            "a read" => webhooks.get(&twin.id).await.map(drop).unwrap(),
            _ => webhooks.replace(&twin.id, &wanted).await.map(drop).unwrap(),
        }
        fail(&api, Method::GET, 1, status(500)); // the list before the creation
        fail(&api, Method::POST, 1, status(503));

        let created = webhooks.create(&wanted).await.unwrap();

        assert_ne!(created.id, twin.id, "known by {knows_by}");
        assert_eq!(sent(&api, &Method::POST), 2, "known by {knows_by}");
    }
}

#[tokio::test]
async fn webhook_that_is_read_only_after_it_was_created_is_still_adopted() {
    let api = mock(Quirks::documented());
    let mut config = persistent(&api.base_url());
    config.timing.request_timeout = Duration::from_secs(1);
    let webhooks = webhooks_at(config);
    fail(&api, Method::GET, 1, status(500)); // the list before the creation
    fail(&api, Method::POST, 1, Fault::delay(Duration::from_secs(60)));
    let creating = webhooks.clone();
    let creating = tokio::spawn(async move { creating.create(&door_bell()).await });
    until(|| !api.webhooks(ACCOUNT, APP).is_empty()).await;
    let id = api.webhooks(ACCOUNT, APP)[0].id.clone();
    webhooks.get(&id).await.unwrap(); // as a data source may

    assert_eq!(creating.await.unwrap().unwrap().id, id);
    assert_eq!(sent(&api, &Method::POST), 1);
}

#[tokio::test]
async fn creation_with_little_time_is_sent_although_the_list_before_it_gets_no_answer() {
    let (api, client) = start_persistent();
    fail(&api, Method::GET, 1, Fault::delay(Duration::from_secs(60)));
    let webhooks = client.webhooks(ACCOUNT, APP);
    let webhooks = webhooks.within(Duration::from_secs(4));

    let created = webhooks.create(&door_bell()).await.unwrap();

    assert_eq!(created.id, api.webhooks(ACCOUNT, APP)[0].id);
}

#[tokio::test]
async fn webhook_that_is_replaced_after_a_lost_creation_began_is_not_adopted() {
    let api = mock(Quirks::documented());
    let webhooks = webhooks_at(persistent(&api.base_url()));
    let other = add(&api, 0);
    fail(&api, Method::GET, 1, status(500)); // the list before the creation
    fail(&api, Method::POST, 1, status(503));
    fail(&api, Method::GET, 1, Fault::delay(Duration::from_secs(1)));
    let creating = webhooks.clone();
    let creating = tokio::spawn(async move { creating.create(&door_bell()).await });
    until(|| sent(&api, &Method::POST) == 1).await;
    webhooks.replace(&other, &door_bell()).await.unwrap(); // as a saved plan does

    assert_ne!(creating.await.unwrap().unwrap().id, other);
    assert_eq!(sent(&api, &Method::POST), 2);
}
