//! One limit for all calls of a client, and waits that end when the client is told to stop. The
//! order and the length of waits are tested in `src/api/rate_limit/tests.rs`.

use std::time::Duration;

use http::{Method, StatusCode};
use realtimekit::api::{Client, Error, RetryStopped};
use realtimekit::mock_api::{Fault, Quirks, RateLimit};

use crate::{
    ACCOUNT, APP, LONG, config, creating, door_bell, fail, listing, mock, persistent, sent,
    start_persistent, start_persistent_as, until, wait,
};

/// An API takes 40 requests in a second, and refuses all for a second after one more.
#[tokio::test]
async fn limit_that_the_api_tells_is_never_exceeded_and_another_is_found_out_by_few_requests() {
    let second = Duration::from_secs(1);
    let rate_limit = Some(RateLimit {
        requests: 40,
        window: second,
        block: second,
    });
    // At most three windows are exceeded before the last, each by what is under way at once.
    for (quirks, bound) in [(Quirks::live(), 0), (Quirks::documented(), 3 * 10)] {
        let (api, client, _) = start_persistent_as(Quirks {
            rate_limit,
            ..quirks
        });
        let app = |number| client.webhooks(ACCOUNT, &format!("app-{number}"));
        let lists: Vec<_> = (0..150).map(|number| listing(&app(number))).collect();

        for list in lists {
            list.await.unwrap().unwrap();
        }

        let mut answers: Vec<_> = api.calls().into_iter().map(|call| call.status).collect();
        answers.retain(|status| *status == Some(StatusCode::TOO_MANY_REQUESTS));
        assert!(answers.len() <= bound, "{} are refused", answers.len());
        assert_eq!(api.calls().len() - answers.len(), 150);
    }
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

    let client = Client::new(persistent(&api.base_url()));
    api.clear_calls();
    api.fail_next(1, Fault::delay(LONG));
    let read = listing(&client.webhooks(ACCOUNT, APP));
    until(|| sent(&api, &Method::GET) == 1).await;
    client.stop();
    let error = read.await.unwrap().unwrap_err(); // before the timeout of a minute
    assert_eq!(error.retry_stopped(), Some(RetryStopped::Interrupted));
}
