//! Lists that callers share: what each may be answered with, and whose deadline counts.

use std::time::Duration;

use http::{Method, StatusCode};
use realtimekit::api::{Client, Error, RetryStopped};
use realtimekit::mock_api::{Fault, MockApi, Quirks};
use serde_json::json;

use crate::raw_server::RawServer;
use crate::{
    ACCOUNT, APP, UNKNOWN_ID, add, config, door_bell, fail, mock, persistent, sent,
    start_persistent, status, until, webhooks_at,
};

/// Longer than any test takes: what is delayed so is not answered.
const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn list_shows_what_others_changed_before_the_call() {
    let (api, client) = start_persistent();
    add(&api, 0);
    let webhooks = client.webhooks(ACCOUNT, APP);
    let before = webhooks.list().await.unwrap().len();

    add(&api, 1); // by a script, or by another process of the provider

    assert_eq!((before, webhooks.list().await.unwrap().len()), (1, 2));
}

#[tokio::test]
async fn list_in_flight_does_not_answer_a_call_that_began_after_it() {
    let (api, client) = start_persistent();
    api.fail_next(1, Fault::delay(LONG));
    let webhooks = client.webhooks(ACCOUNT, APP);
    let early = webhooks.clone();
    let early = tokio::spawn(async move { early.list().await.map(drop) });
    until(|| api.calls().len() == 1).await;

    add(&api, 0);

    assert_eq!(webhooks.list().await.unwrap().len(), 1);
    assert!(!early.is_finished());
    assert_eq!(api.calls().len(), 2);
}

#[tokio::test]
async fn timeout_of_the_call_that_sends_a_list_is_not_that_of_the_others() {
    let (api, client) = start_persistent();
    let id = add(&api, 0);
    api.fail_next(1, Fault::delay(LONG));
    let webhooks = client.webhooks(ACCOUNT, APP);
    let hasty = webhooks.clone().within(Duration::from_secs(2));
    let hasty = tokio::spawn(async move { hasty.list().await.map(drop) });
    until(|| api.calls().len() == 1).await;

    let patient = webhooks.refresh(&id, None).await;

    assert_eq!(patient.unwrap().id, id);
    assert_eq!(api.calls().len(), 2);
    let reason = hasty.await.unwrap().unwrap_err().retry_stopped();
    assert_eq!(reason, Some(RetryStopped::Timeout));
}

#[tokio::test]
async fn call_that_waits_for_the_list_of_another_keeps_to_its_own_timeout() {
    let (api, client) = start_persistent();
    let id = add(&api, 0);
    api.fail_next(1, Fault::delay(LONG));
    let webhooks = client.webhooks(ACCOUNT, APP);
    let patient = webhooks.clone();
    let patient = tokio::spawn(async move { patient.list().await.map(drop) });
    until(|| api.calls().len() == 1).await;
    let hasty = webhooks.within(Duration::from_millis(300));

    let error = hasty.refresh(&id, None).await.unwrap_err();

    assert!(!patient.is_finished(), "the list was not answered");
    assert!(
        matches!(error, Error::NotSent(_, RetryStopped::Timeout)),
        "{error}"
    );
}

#[tokio::test]
async fn call_that_is_dropped_while_it_waits_for_the_rate_limit_holds_up_nobody() {
    let (api, client) = start_persistent();
    api.fail_next(1, status(429).header("retry-after", "2").unwrap());
    let dropped = client.webhooks(ACCOUNT, APP);
    let dropped = tokio::spawn(async move { dropped.list().await.map(drop) });
    until(|| client.blocked_for().is_some()).await; // it has its answer, and waits
    dropped.abort();

    let same_app = client.webhooks(ACCOUNT, APP);
    let other_app = client.webhooks(ACCOUNT, "another");
    let (same, other) = tokio::join!(same_app.list(), other_app.list());

    assert!(same.is_ok() && other.is_ok(), "{same:?} {other:?}");
}

#[tokio::test]
async fn advisory_list_is_one_request_for_the_run_without_retry_or_wait() {
    for code in [503, 429] {
        let (api, client) = start_persistent();
        api.fail_next(1, status(code).header("retry-after", "60").unwrap());
        let webhooks = client.webhooks(ACCOUNT, APP);

        let first = webhooks.advisory_list().await;
        let second = webhooks.advisory_list().await;

        assert_eq!(first.unwrap_err().status().unwrap().as_u16(), code);
        assert!(second.is_err());
        assert_eq!(api.calls().len(), 1);
    }
}

#[tokio::test]
async fn advisory_list_is_any_list_of_the_run() {
    let (api, client) = start_persistent();
    let webhooks = client.webhooks(ACCOUNT, APP);
    webhooks.list().await.unwrap();
    add(&api, 1);

    assert!(webhooks.advisory_list().await.unwrap().is_empty());
    assert_eq!(api.calls().len(), 1);
}

#[tokio::test]
async fn list_that_is_answered_late_does_not_replace_one_that_was_requested_after_it() {
    let (api, client) = start_persistent();
    let webhooks = client.webhooks(ACCOUNT, APP);
    api.fail_next(1, Fault::delay(Duration::from_secs(1)));
    let early = webhooks.clone();
    let early = tokio::spawn(async move { early.list().await.unwrap().len() });
    until(|| api.calls().len() == 1).await;
    add(&api, 0);

    let later = webhooks.list().await.unwrap().len();

    assert_eq!((early.await.unwrap(), later), (0, 1));
    assert_eq!(webhooks.advisory_list().await.unwrap().len(), 1);
}

fn lagging() -> (MockApi, Client) {
    let api = mock(Quirks {
        new_missing_reads: 2,
        ..Quirks::live()
    });
    let client = Client::new(persistent(&api.base_url()));
    (api, client)
}

#[tokio::test]
async fn webhook_of_this_run_is_looked_for_until_it_is_visible() {
    for by_id in [true, false] {
        let (_api, client) = lagging();
        let webhooks = client.webhooks(ACCOUNT, APP);
        let created = webhooks.create(&door_bell()).await.unwrap();

        let found = match by_id {
            true => webhooks.get(&created.id).await.unwrap(),
            false => webhooks
                .list()
                .await
                .unwrap()
                .with_url(&created.url)
                .unwrap()
                .clone(),
        };

        assert_eq!(found, created);
    }
}

#[tokio::test]
async fn new_webhook_that_cannot_be_looked_for_again_is_neither_called_gone_nor_left_out() {
    let (_api, client) = lagging();
    let webhooks = client.webhooks(ACCOUNT, APP);
    let created = webhooks.create(&door_bell()).await.unwrap();
    client.stop();

    let read = webhooks.refresh(&created.id, None).await.map(drop);
    let listed = webhooks.list().await.map(drop);

    for error in [read.unwrap_err(), listed.unwrap_err()] {
        assert!(!error.is_gone(), "{error}");
        assert_eq!(error.retry_stopped(), Some(RetryStopped::Interrupted));
    }
}

#[tokio::test]
async fn webhook_of_this_run_that_was_deleted_elsewhere_is_looked_for_only_once() {
    let (api, client) = start_persistent();
    let webhooks = client.webhooks(ACCOUNT, APP);
    let created = webhooks.create(&door_bell()).await.unwrap();
    api.remove_webhook(&created.id).unwrap();
    api.clear_calls();

    let lists = [webhooks.list().await, webhooks.list().await];

    assert!(lists.iter().all(|list| list.as_ref().unwrap().is_empty()));
    assert_eq!(api.calls().len(), 5 + 1);
}

#[tokio::test]
async fn age_of_a_missing_webhook_is_judged_by_the_servers_clock() {
    let gone = r#"{"success": false, "error": {"code": 404, "message": "Webhook not found"}}"#;
    let date = "Sun, 06 Nov 1994 08:49:37 GMT"; // decades from the clock of this machine
    for (created_at, looks) in [
        (Some("1994-11-06T08:49:07Z"), 3),
        (Some("1994-11-06T08:40:00Z"), 1),
        (None, 3),
    ] {
        let (api, client) = start_persistent();
        let answer = Fault::body(StatusCode::NOT_FOUND, gone);
        api.fail_next(usize::MAX, answer.header("date", date).unwrap());
        let webhooks = client.webhooks(ACCOUNT, APP);

        let error = webhooks.refresh(UNKNOWN_ID, created_at).await.unwrap_err();

        assert!(error.is_gone(), "{error}");
        assert_eq!(api.calls().len(), looks, "{created_at:?}");
    }
}

#[tokio::test]
async fn webhook_needs_only_an_id_a_name_a_url_and_events() {
    let least = json!({"id": UNKNOWN_ID, "name": "n", "url": "https://a.example/", "events": []});
    let mut null = least.clone();
    for field in ["enabled", "created_at", "updated_at"] {
        null[field] = json!(null);
    }
    for webhook in [least, null] {
        let one = RawServer::answering_json("200 OK", &json!({"data": webhook}).to_string());
        let list = RawServer::answering_json("200 OK", &json!({"data": [webhook]}).to_string());

        let got = webhooks_at(config(&one.origin))
            .get(UNKNOWN_ID)
            .await
            .unwrap();
        let listed = webhooks_at(config(&list.origin)).list().await.unwrap();

        assert!(got.enabled);
        assert_eq!((&got.created_at, &got.updated_at), (&None, &None));
        assert_eq!(listed.to_vec(), [got]);
    }
}

#[tokio::test]
async fn write_count_counts_what_may_have_changed_something() {
    let (api, client) = start_persistent();
    let webhooks = client.webhooks(ACCOUNT, APP);
    let created = webhooks.create(&door_bell()).await.unwrap();
    let after_create = webhooks.write_count();

    webhooks.create(&door_bell()).await.unwrap_err(); // the URL is taken
    let after_conflict = webhooks.write_count();
    let waited = webhooks.wait_for_write(after_create, Duration::ZERO).await;
    let waiter = webhooks.clone();
    let waiting = tokio::spawn(async move { waiter.wait_for_write(after_create, LONG).await });
    fail(&api, Method::DELETE, 9, Fault::drop_connection());
    webhooks.delete(&created.id).await.unwrap_err();

    assert_eq!((after_create, after_conflict, waited), (1, 1, false));
    assert!(waiting.await.unwrap());
    assert_eq!(webhooks.write_count(), 2);
}

#[tokio::test]
async fn write_that_is_dropped_counts_as_one_that_may_have_changed_something() {
    let (api, client) = start_persistent();
    fail(&api, Method::POST, 1, Fault::delay(LONG));
    let webhooks = client.webhooks(ACCOUNT, APP);
    let dropped = webhooks.clone();
    let dropped = tokio::spawn(async move { dropped.create(&door_bell()).await });
    until(|| sent(&api, &Method::POST) == 1).await;

    dropped.abort();

    assert!(webhooks.wait_for_write(0, LONG).await);
}

#[tokio::test]
async fn list_that_gets_no_answer_is_not_sent_again_by_calls_that_soon_time_out_as_well() {
    let (api, client) = start_persistent();
    api.fail_next(100, Fault::delay(LONG));
    let reads = (0..20).map(|number| {
        let time = Duration::from_millis(1000 + 10 * number);
        let webhooks = client.webhooks(ACCOUNT, APP).within(time);
        tokio::spawn(async move { webhooks.refresh(UNKNOWN_ID, None).await })
    });

    for read in reads.collect::<Vec<_>>() {
        let reason = read.await.unwrap().unwrap_err().retry_stopped();
        assert_eq!(reason, Some(RetryStopped::Timeout));
    }

    assert_eq!(api.calls().len(), 1);
}

#[tokio::test]
async fn list_that_may_be_sent_again_only_after_every_timeout_is_sent_once() {
    let (api, client) = start_persistent();
    let refused = status(503).header("retry-after", "3600").unwrap();
    api.fail_next(100, refused);
    let webhooks = client.webhooks(ACCOUNT, APP);
    let reads = (0..20).map(|_| {
        let webhooks = webhooks.clone();
        tokio::spawn(async move { webhooks.refresh(UNKNOWN_ID, None).await })
    });

    for read in reads.collect::<Vec<_>>() {
        let error = read.await.unwrap().unwrap_err();
        assert_eq!(error.status(), Some(StatusCode::SERVICE_UNAVAILABLE));
    }

    assert_eq!(api.calls().len(), 1);
}

#[tokio::test]
async fn call_with_time_for_the_wait_that_a_server_asks_for_sends_the_list_again() {
    let (api, client) = start_persistent();
    let id = add(&api, 0);
    let refused = status(503).header("retry-after", "3").unwrap();
    api.fail_next(1, refused);
    let webhooks = client.webhooks(ACCOUNT, APP);
    let hasty = webhooks.clone().within(Duration::from_secs(2));

    let (hasty, patient) = tokio::join!(hasty.list(), webhooks.refresh(&id, None));

    assert_eq!(patient.unwrap().id, id);
    assert_eq!(api.calls().len(), 2);
    assert!(hasty.is_err());
}
