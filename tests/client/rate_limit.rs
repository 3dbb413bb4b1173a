//! One limit for all calls of a client, and waits that end when the client is told to stop. The
//! order and the length of waits are tested in `src/api/rate_limit/tests.rs`.

use std::time::Duration;

use http::Method;
use realtimekit::api::{Client, RetryStopped};
use realtimekit::mock_api::{Fault, Quirks, RateLimit};

use crate::{
    ACCOUNT, APP, LONG, creating, fail, listing, persistent, sent, start_persistent,
    start_persistent_as, until,
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
        answers.retain(|status| *status == Some(429));
        assert!(answers.len() <= bound, "{} are refused", answers.len());
        assert_eq!(api.calls().len() - answers.len(), 150);
    }
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
