//! Which failed calls are sent again, how often, and what the error says in the end.

use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use realtimekit::api::{Client, Config, Error, RetryStopped, Timing, Webhooks};
use realtimekit::mock_api::{ErrorShape, Fault, Matcher, MockApi, Quirks};

use crate::rate_limit::sent;
use crate::raw_server::RawServer;
use crate::{ACCOUNT, APP, TOKEN, UNKNOWN_ID, config, door_bell, shown, webhooks_at};

const METHODS: [Method; 5] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];
/// Longer than anything takes that does not wait, shorter than every wait that is asked for.
const AT_ONCE: Duration = Duration::from_secs(20);

/// Waits that are over before anyone notices.
pub(crate) const QUICK: Timing = Timing {
    request_timeout: Duration::from_secs(60),
    visibility_backoff: Duration::from_millis(5),
    batch_window: Duration::from_millis(1),
    first_backoff: Duration::from_millis(2),
    longest_backoff: Duration::from_millis(8),
    window_margin: Duration::ZERO,
    shutdown_grace: Duration::from_millis(50),
    operation_timeout: Duration::from_secs(60),
    url_wait: Duration::from_millis(100),
};

/// A client that tries again, soon.
pub(crate) fn persistent(base_url: &str) -> Config {
    Config {
        max_retries: 4,
        timing: QUICK,
        ..config(base_url)
    }
}

/// The same, and short of patience for a fault that is a late answer.
fn persistent_with(base_url: &str, fault: &Fault, patience: Duration) -> Config {
    let mut config = persistent(base_url);
    if *fault == late() {
        config.timing.request_timeout = patience;
    }
    config
}

fn late() -> Fault {
    Fault::delay(Duration::from_secs(9))
}

pub(crate) fn start(quirks: Quirks) -> MockApi {
    let api = MockApi::builder().token(TOKEN).quirks(quirks);
    api.start().unwrap()
}

fn start_with_a_webhook() -> (MockApi, String) {
    let api = start(Quirks::documented());
    let events = ["meeting.started"];
    let webhook = api.add_webhook(ACCOUNT, APP, "there", "https://example.com/there", &events);
    (api, webhook.id)
}

async fn send(webhooks: &Webhooks, method: &Method, id: &str) -> Result<(), Error> {
    match *method {
        Method::GET => webhooks.get(id).await.map(|_| ()),
        Method::POST => webhooks.create(&door_bell()).await.map(|_| ()),
        Method::PUT => webhooks.replace(id, &door_bell()).await.map(|_| ()),
        Method::PATCH => webhooks.set_enabled(id, false).await.map(|_| ()),
        _ => webhooks.delete(id).await,
    }
}

fn status(status: u16) -> Fault {
    Fault::status(StatusCode::from_u16(status).unwrap())
}

/// Each fault, and how often GET, POST and the other methods are sent that meet it every time.
fn faults() -> Vec<(Fault, [usize; 3])> {
    let (all, but_post, never) = ([5, 5, 5], [5, 1, 5], [1, 1, 1]);
    vec![
        (Fault::drop_connection(), but_post),
        (late(), but_post),
        (status(408), but_post),
        (status(500), but_post),
        (status(502), but_post),
        (status(503), but_post),
        (status(504), but_post),
        (Fault::html(StatusCode::BAD_GATEWAY), but_post),
        (Fault::empty(StatusCode::SERVICE_UNAVAILABLE), but_post),
        (status(403), [3, 1, 1]),
        (status(400), never),
        (status(401), never),
        (status(404), never),
        (status(409), never),
        (status(422), never),
        (status(200).shape(ErrorShape::Documented), never),
        (Fault::html(StatusCode::NOT_FOUND), never),
        (Fault::html(StatusCode::OK), never),
        (Fault::body(StatusCode::OK, "[]"), never),
        (
            Fault::redirect("https://elsewhere.example/").unwrap(),
            never,
        ),
    ]
    .into_iter()
    .chain([429].map(|limit| (status(limit), all)))
    .collect()
}

fn expected([get, post, others]: [usize; 3], method: &Method) -> usize {
    match *method {
        Method::GET => get,
        Method::POST => post,
        _ => others,
    }
}

#[tokio::test]
async fn a_call_that_fails_every_time_is_sent_as_often_as_its_method_and_failure_allow() {
    for (fault, attempts) in faults()
        .into_iter()
        .filter(|(fault, _)| *fault != status(429))
    {
        for method in METHODS {
            let (api, id) = start_with_a_webhook();
            api.fail_next(usize::MAX, fault.clone());
            let patience = Duration::from_millis(100);
            let webhooks = webhooks_at(persistent_with(&api.base_url(), &fault, patience));

            let error = send(&webhooks, &method, &id).await.unwrap_err();

            let expected = expected(attempts, &method);
            assert_eq!(sent(&api, &method), expected, "{method} {fault}: {error}");
            let said = shown(&error).contains(&format!(", after {expected} attempts"));
            assert_eq!(said, expected > 1, "{error}");
        }
    }
}

#[tokio::test]
async fn a_call_that_fails_once_succeeds_in_the_end_if_it_is_sent_again() {
    for (fault, attempts) in faults() {
        for method in METHODS {
            let (api, id) = start_with_a_webhook();
            api.fail(Matcher::method(method.clone()), 1, fault.clone());
            let patience = Duration::from_secs(1);
            let webhooks = webhooks_at(persistent_with(&api.base_url(), &fault, patience));

            let result = send(&webhooks, &method, &id).await;

            // A creation is looked for instead, and made if it was not, except after a timeout,
            // when the API may still be executing it.
            let is_timeout = [status(408), status(504), late()].contains(&fault);
            let is_looked_for = expected(attempts, &Method::DELETE) > 1
                && !(method == Method::POST && is_timeout && fault != late());
            match result {
                // What the first attempt did, with its answer on the way, the second finds.
                Err(error) if method == Method::DELETE && fault == late() => {
                    assert!(error.is_gone(), "{error}");
                }
                result => assert_eq!(
                    result.is_ok(),
                    is_looked_for || expected(attempts, &method) > 1,
                    "{method} {fault}: {result:?}"
                ),
            }
        }
    }
}

#[tokio::test]
async fn nothing_is_sent_again_without_retries() {
    for (fault, _) in faults() {
        for method in METHODS {
            let (api, id) = start_with_a_webhook();
            api.fail(Matcher::method(method.clone()), 1, fault.clone());
            let webhooks = webhooks_at(Config {
                max_retries: 0,
                ..persistent_with(&api.base_url(), &fault, Duration::from_millis(200))
            });

            let result = send(&webhooks, &method, &id).await;

            assert_eq!(sent(&api, &method), 1, "{method} {fault}: {result:?}");
        }
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_tried_again_even_to_create() {
    let origin = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    for method in METHODS {
        let webhooks = webhooks_at(persistent(&origin));

        let error = send(&webhooks, &method, UNKNOWN_ID).await.unwrap_err();

        assert!(error.to_string().contains(", after 5 attempts"), "{error}");
        assert!(!error.outcome_unknown(), "{error}");
        let shown = shown(&error);
        assert!(shown.contains(&format!(" from {origin}: ")), "{shown}");
    }
}

#[tokio::test]
async fn the_outcome_of_a_write_is_unknown_if_any_attempt_may_have_been_acted_upon() {
    let (api, id) = start_with_a_webhook();
    let webhooks = webhooks_at(persistent(&api.base_url()));

    api.fail_next(1, Fault::drop_connection().after_storing());
    api.fail_next(1, status(400));
    api.fail(Matcher::method(Method::GET), 1, status(400)); // nor can it be found out
    let acted = send(&webhooks, &Method::PATCH, &id).await.unwrap_err();
    api.fail_next(1, status(429));
    api.fail_next(1, status(400));
    let did_not_act = send(&webhooks, &Method::PATCH, &id).await.unwrap_err();

    assert_eq!(acted.status(), Some(StatusCode::BAD_REQUEST));
    assert!(acted.outcome_unknown(), "{acted}");
    assert!(!did_not_act.outcome_unknown(), "{did_not_act}");
    assert!(did_not_act.to_string().contains(", after 2 attempts"));
}

#[tokio::test]
async fn a_creation_that_is_refused_after_one_was_lost_still_tells_of_the_lost_one() {
    let api = start(Quirks::documented());
    api.fail(Matcher::method(Method::POST), 1, status(502));
    api.fail(
        Matcher::method(Method::POST),
        1,
        status(400).message("no more"),
    );
    let webhooks = webhooks_at(persistent(&api.base_url()));

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
async fn a_rate_limit_uses_up_no_retry_and_fails_nothing() {
    for method in METHODS {
        let (api, id) = start_with_a_webhook();
        api.fail(Matcher::method(method.clone()), 12, status(429));
        let webhooks = webhooks_at(Config {
            max_retries: 1,
            ..persistent(&api.base_url())
        });

        send(&webhooks, &method, &id).await.unwrap();

        assert_eq!(sent(&api, &method), 13);
    }
}

#[tokio::test]
async fn a_new_token_that_spreads_slowly_is_waited_for_by_reads() {
    let api = start(Quirks {
        forbidden_calls: 2,
        ..Quirks::live()
    });
    let webhooks = webhooks_at(persistent(&api.base_url()));

    assert_eq!(webhooks.list().await.unwrap().to_vec(), []);
    assert_eq!(api.calls().len(), 3);
}

#[tokio::test]
async fn retry_after_is_waited_for_in_every_form() {
    let soon = "Sun, 06 Nov 1994 08:49:38 GMT";
    let forms = [
        status(503).header("retry-after", "1").unwrap(),
        status(429).header("retry-after", "1").unwrap(),
        status(503)
            .header("retry-after", soon)
            .unwrap()
            .header("date", "Sun, 06 Nov 1994 08:49:37 GMT")
            .unwrap(),
    ];
    for fault in forms {
        let (api, id) = start_with_a_webhook();
        api.fail_next(1, fault.clone());
        let start = Instant::now();

        let webhooks = webhooks_at(persistent(&api.base_url()));
        webhooks.get(&id).await.unwrap();

        assert!(start.elapsed() >= Duration::from_secs(1), "{fault}");
        assert_eq!(api.calls().len(), 2);
    }
}

#[tokio::test]
async fn a_retry_after_that_is_over_or_makes_no_sense_is_no_wait() {
    for value in ["0", "Sun, 06 Nov 1994 08:49:37 GMT", "soon", "-5", ""] {
        for code in [429, 503] {
            let (api, id) = start_with_a_webhook();
            api.fail_next(1, status(code).header("retry-after", value).unwrap());
            let start = Instant::now();

            let webhooks = webhooks_at(persistent(&api.base_url()));
            webhooks.get(&id).await.unwrap();

            assert!(start.elapsed() < AT_ONCE, "{value}");
            assert_eq!(api.calls().len(), 2);
        }
    }
}

#[tokio::test]
async fn a_wait_beyond_the_operations_time_out_is_not_begun() {
    let cases = [503, 429];
    let reason = "the next request is due in 60 s, after the operation's timeout";
    for code in cases {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let (api, id) = start_with_a_webhook();
            api.fail_next(1, status(code).header("retry-after", "60").unwrap());
            let client = Client::new(persistent(&api.base_url()));
            let webhooks = client
                .webhooks(ACCOUNT, APP)
                .within(Duration::from_secs(40));
            let start = Instant::now();

            let error = send(&webhooks, &method, &id).await.unwrap_err();

            assert!(start.elapsed() < AT_ONCE);
            assert_eq!(error.status().unwrap().as_u16(), code);
            let reason = format!(", after 1 attempt; not retried: {reason}");
            assert!(error.to_string().contains(&reason), "{error}");
            assert_eq!(sent(&api, &method), 1);
        }
    }
}

#[tokio::test]
async fn a_call_whose_time_is_over_before_the_block_is_never_sent() {
    let (api, id) = start_with_a_webhook();
    api.fail_next(1, status(429).header("retry-after", "60").unwrap());
    let client = Client::new(Config {
        max_retries: 0,
        ..persistent(&api.base_url())
    });
    let webhooks = client
        .webhooks(ACCOUNT, APP)
        .within(Duration::from_secs(40));
    webhooks.get(&id).await.unwrap_err();

    let error = webhooks.create(&door_bell()).await.unwrap_err();

    assert!(matches!(error.retry_stopped(), Some(RetryStopped::Wait(_))));
    let said = " was not sent: the next request is due in ";
    assert!(error.to_string().contains(said), "{error}");
    assert!(!error.outcome_unknown() && error.status().is_none());
    assert_eq!(api.calls().len(), 1);
}

#[tokio::test]
async fn one_request_takes_no_longer_than_its_operation_may() {
    let server = RawServer::silent();
    let client = Client::new(persistent(&server.origin));
    let start = Instant::now();

    let webhooks = client.webhooks(ACCOUNT, APP);
    let error = webhooks
        .within(Duration::from_millis(300))
        .list()
        .await
        .unwrap_err();

    assert!(start.elapsed() < AT_ONCE);
    assert!(error.to_string().contains("operation timed out"), "{error}");
    assert!(error.to_string().contains(", after 1 attempt;"), "{error}");
    assert!(error.retry_stopped().is_some(), "{error}");
}

#[tokio::test]
async fn an_operation_without_a_time_out_has_the_default_one() {
    let (api, id) = start_with_a_webhook();
    api.fail_next(1, status(503).header("retry-after", "3600").unwrap());
    let webhooks = webhooks_at(persistent(&api.base_url()));

    let error = webhooks.get(&id).await.unwrap_err();

    let wait = Duration::from_secs(3600);
    assert_eq!(error.retry_stopped(), Some(RetryStopped::Wait(wait)));
}
