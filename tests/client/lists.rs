//! Lists that callers share: what each may be answered with, and whose deadline counts.

use std::time::Duration;

use http::{Method, StatusCode};
use realtimekit::api::{Client, Error, RetryStopped, Webhooks};
use realtimekit::mock_api::{Fault, MockApi, Quirks};

use crate::{
    ACCOUNT, LONG, UNKNOWN_ID, add, creating, door_bell, fail, listing, persistent, sent,
    start_persistent, start_persistent_as, until, wait, webhooks_at,
};

#[tokio::test]
async fn list_in_flight_neither_answers_nor_replaces_one_that_is_requested_after_it() {
    let (api, _, webhooks) = start_persistent();
    // The first list misses what another client has made, whenever the API comes to answer it.
    api.change_quirks(|quirks| quirks.new_missing_reads = 1);
    let other = webhooks_at(persistent(&api.base_url()));
    other.create(&door_bell()).await.unwrap();
    api.clear_calls();
    api.fail_next(1, Fault::delay(Duration::from_secs(1)));
    let early = listing(&webhooks);
    until(|| api.calls().len() == 1).await;

    let later = webhooks.list().await.unwrap().len();

    assert_eq!((early.await.unwrap().unwrap(), later), (0, 1));
    assert_eq!(webhooks.advisory_list().await.unwrap().len(), 1);
    assert_eq!(api.calls().len(), 2);
}

#[tokio::test]
async fn call_with_more_time_than_the_one_that_sent_a_list_sends_it_again() {
    let (little, wait_for) = (Duration::from_secs(2), Duration::from_secs(3));
    for (fault, reason) in [
        (Fault::delay(LONG), RetryStopped::Timeout),
        (wait(503, 3), RetryStopped::Wait(wait_for)),
    ] {
        let (api, _, webhooks) = start_persistent();
        let id = add(&api, 0);
        api.fail_next(1, fault);
        let hasty = listing(&webhooks.clone().within(little));
        until(|| api.calls().len() == 1).await;

        let patient = webhooks.refresh(&id, None).await;

        assert_eq!(patient.unwrap().id, id);
        assert_eq!(api.calls().len(), 2);
        let hasty = hasty.await.unwrap().unwrap_err();
        assert_eq!(hasty.retry_stopped(), Some(reason));
    }
}

#[tokio::test]
async fn list_that_no_waiting_call_has_time_to_send_again_is_sent_once() {
    let hour = Duration::from_secs(3600);
    for (fault, seconds, reason) in [
        (Fault::delay(LONG), 1, RetryStopped::Timeout),
        (wait(503, 3600), 60, RetryStopped::Wait(hour)),
    ] {
        let (api, _, webhooks) = start_persistent();
        api.fail_next(100, fault);
        let reads = (0..20).map(|number| {
            let time = Duration::from_millis(seconds * 1000 + number * 10);
            let webhooks = webhooks.clone().within(time);
            tokio::spawn(async move { webhooks.refresh(UNKNOWN_ID, None).await })
        });

        for read in reads.collect::<Vec<_>>() {
            let error = read.await.unwrap().unwrap_err();
            assert_eq!(error.retry_stopped(), Some(reason));
        }

        assert_eq!(api.calls().len(), 1);
    }
}

#[tokio::test]
async fn call_that_waits_for_the_list_of_another_keeps_to_its_own_timeout() {
    let (api, _, webhooks) = start_persistent();
    let id = add(&api, 0);
    api.fail_next(1, Fault::delay(LONG));
    let patient = listing(&webhooks);
    until(|| api.calls().len() == 1).await;
    let hasty = webhooks.within(Duration::from_millis(300));

    let error = hasty.refresh(&id, None).await.unwrap_err();

    assert!(!patient.is_finished(), "the list was not answered");
    let reason = RetryStopped::Timeout;
    assert!(matches!(error, Error::NotSent(_, why) if why == reason));
}

#[tokio::test]
async fn call_that_is_dropped_while_it_waits_for_the_rate_limit_holds_up_nobody() {
    let (api, client, webhooks) = start_persistent();
    api.fail_next(1, wait(429, 2));
    let dropped = listing(&webhooks);
    until(|| client.blocked_for().is_some()).await; // it has its answer, and waits
    dropped.abort();

    let other_app = client.webhooks(ACCOUNT, "another");
    let (same, other) = tokio::join!(webhooks.list(), other_app.list());

    assert!(same.is_ok() && other.is_ok(), "{same:?} {other:?}");
}

#[tokio::test]
async fn advisory_list_is_one_request_for_the_run_without_retry_or_wait() {
    for code in [503, 429] {
        let (api, _, webhooks) = start_persistent();
        api.fail_next(1, wait(code, 60));

        let first = webhooks.advisory_list().await;
        let second = webhooks.advisory_list().await;

        assert_eq!(first.unwrap_err().status().unwrap().as_u16(), code);
        assert!(second.is_err());
        assert_eq!(api.calls().len(), 1);
    }
}

/// The live API, which shows a new webhook only at the third look.
fn start_lagging() -> (MockApi, Client, Webhooks) {
    start_persistent_as(Quirks {
        new_missing_reads: 2,
        ..Quirks::live()
    })
}

#[tokio::test]
async fn webhook_of_this_run_is_looked_for_until_it_is_visible() {
    for by_id in [true, false] {
        let (_api, _, webhooks) = start_lagging();
        let created = webhooks.create(&door_bell()).await.unwrap();

        let found = match by_id {
            true => webhooks.get(&created.id).await.unwrap(),
            false => webhooks.list().await.unwrap()[0].clone(),
        };

        assert_eq!(found, created);
    }
}

#[tokio::test]
async fn new_webhook_that_cannot_be_looked_for_again_is_neither_called_gone_nor_left_out() {
    let (_api, client, webhooks) = start_lagging();
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
    let (api, _, webhooks) = start_persistent();
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
        let (api, _, webhooks) = start_persistent();
        let answer = Fault::body(StatusCode::NOT_FOUND, gone);
        api.fail_next(usize::MAX, answer.header("date", date).unwrap());

        let error = webhooks.refresh(UNKNOWN_ID, created_at).await.unwrap_err();

        assert!(error.is_gone(), "{error}");
        assert_eq!(api.calls().len(), looks, "{created_at:?}");
    }
}

#[tokio::test]
async fn write_count_counts_what_may_have_changed_something() {
    let (api, _, webhooks) = start_persistent();
    let created = webhooks.create(&door_bell()).await.unwrap();
    webhooks.create(&door_bell()).await.unwrap_err(); // the URL is taken
    assert_eq!(webhooks.write_count(), 1);
    assert!(!webhooks.wait_for_write(1, Duration::ZERO).await);

    let waiter = webhooks.clone();
    let waiting = tokio::spawn(async move { waiter.wait_for_write(1, LONG).await });
    fail(&api, Method::DELETE, 9, Fault::drop_connection());
    webhooks.delete(&created.id).await.unwrap_err();
    assert!(waiting.await.unwrap());
    assert_eq!(webhooks.write_count(), 2);

    fail(&api, Method::POST, 1, Fault::delay(LONG));
    let dropped = creating(&webhooks);
    until(|| sent(&api, &Method::POST) == 3).await;
    dropped.abort();
    assert!(webhooks.wait_for_write(2, LONG).await);
}
