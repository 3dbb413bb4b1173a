//! How often failed calls are sent, and what the error says in the end. Which failures are retried
//! is tested in `src/api/retry.rs`.

use std::net::TcpListener;
use std::time::Duration;

use http::{Method, StatusCode};
use realtimekit::api::{Config, Error, RetryStopped, Webhooks};
use realtimekit::mock_api::Fault;

use crate::raw_server::RawServer;
use crate::{
    UNKNOWN_ID, add, config, door_bell, fail, persistent, sent, shown, start_persistent, status,
    webhooks_at,
};

const METHODS: [Method; 5] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];

async fn send(webhooks: &Webhooks, method: &Method, id: &str) -> Result<(), Error> {
    match *method {
        Method::GET => webhooks.get(id).await.map(drop),
        Method::POST => webhooks.create(&door_bell()).await.map(drop),
        Method::PUT => webhooks.replace(id, &door_bell()).await.map(drop),
        Method::PATCH => webhooks.set_enabled(id, false).await.map(drop),
        _ => webhooks.delete(id).await,
    }
}

#[tokio::test]
async fn server_that_cannot_be_reached_is_tried_again_even_to_create() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for method in METHODS {
        let webhooks = webhooks_at(persistent(&origin));

        let error = send(&webhooks, &method, UNKNOWN_ID).await.unwrap_err();

        let shown = shown(&error).to_lowercase();
        assert!(shown.contains(&format!(" from {origin}: ")), "{shown}");
        assert!(shown.contains("connection refused"), "{shown}");
        assert!(shown.ends_with(", after 5 attempts"), "{shown}");
        assert!(!error.outcome_unknown(), "{error}");
    }
}

#[tokio::test]
async fn outcome_of_a_write_is_unknown_if_any_attempt_may_have_been_acted_upon() {
    let (api, client) = start_persistent();
    let id = add(&api, 0);
    let webhooks = client.webhooks(crate::ACCOUNT, crate::APP);

    api.fail_next(1, Fault::drop_connection().after_storing());
    api.fail_next(1, status(400));
    fail(&api, Method::GET, 1, status(400)); // nor can it be found out
    let acted = webhooks.set_enabled(&id, false).await.unwrap_err();
    api.fail_next(1, status(429));
    api.fail_next(1, status(400));
    let did_not_act = webhooks.set_enabled(&id, false).await.unwrap_err();

    assert_eq!(acted.status(), Some(StatusCode::BAD_REQUEST));
    assert!(acted.outcome_unknown(), "{acted}");
    assert!(!did_not_act.outcome_unknown(), "{did_not_act}");
    assert!(did_not_act.to_string().contains(", after 2 attempts"));
}

#[tokio::test]
async fn wait_beyond_the_timeout_of_the_operation_is_not_begun() {
    let reason = ", after 1 attempt; not retried: the next request is due in 90 s, after the \
                  operation's timeout";
    for code in [503, 429] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let (api, client) = start_persistent();
            let id = add(&api, 0);
            api.fail_next(1, status(code).header("retry-after", "90").unwrap());
            let webhooks = client.webhooks(crate::ACCOUNT, crate::APP); // 60 s by default

            let error = send(&webhooks, &method, &id).await.unwrap_err();

            assert_eq!(error.status().unwrap().as_u16(), code);
            assert!(error.to_string().contains(reason), "{error}");
            assert_eq!(sent(&api, &method), 1);
        }
    }
}

#[tokio::test]
async fn request_takes_no_longer_than_its_operation_or_itself_may() {
    let server = RawServer::silent();
    let hasty = Duration::from_millis(200);
    let mut impatient = config(&server.origin);
    impatient.timing.request_timeout = hasty;
    let operation = webhooks_at(persistent(&server.origin));

    let replaced = webhooks_at(impatient)
        .replace(UNKNOWN_ID, &door_bell())
        .await;
    let listed = operation.within(hasty).list().await.unwrap_err();

    let replaced = replaced.unwrap_err();
    assert!(
        replaced.to_string().ends_with(": operation timed out"),
        "{replaced}"
    );
    assert!(replaced.outcome_unknown());
    let said = ": operation timed out, after 1 attempt; not retried: the operation timed out";
    assert!(listed.to_string().ends_with(said), "{listed}");
    assert_eq!(listed.retry_stopped(), Some(RetryStopped::Timeout));
}

#[tokio::test]
async fn user_agent_that_cannot_be_a_header_is_an_error_before_anything_is_sent() {
    let server = RawServer::answering_json("200 OK", r#"{"data": []}"#);
    let config = Config {
        user_agent: "two\nlines".to_owned(),
        ..config(&server.origin)
    };

    let error = webhooks_at(config).list().await.unwrap_err();

    assert!(matches!(error, Error::Setup(_)), "{error}");
    assert!(server.is_untouched());
}
