//! The public key of deliveries: from another server, and without the token.

use http::StatusCode;
use realtimekit::api::{BaseUrl, Client, Config};
use realtimekit::mock_api::{Fault, MockApi};

use crate::{TOKEN, config, raw_server::RawServer, shown};

fn start() -> (MockApi, Client, BaseUrl) {
    let api = MockApi::builder().token(TOKEN).start().unwrap();
    let client = Client::new(config(&api.base_url()));
    let url = api.public_key_url().parse().unwrap();
    (api, client, url)
}

#[tokio::test]
async fn the_key_is_what_the_service_publishes() {
    let (api, client, url) = start();

    let key = client.public_key(&url).await.unwrap();

    assert!(key.starts_with("-----BEGIN PUBLIC KEY-----\n"), "{key}");
    assert_eq!(api.calls()[0].path, "/.well-known/webhooks.json");
    assert_eq!(api.calls()[0].status, Some(StatusCode::OK));
}

#[tokio::test]
async fn the_token_is_not_sent_where_the_key_is() {
    let (api, client, url) = start();
    let server = RawServer::answering_json("200 OK", r#"{"data": {"publicKey": "key"}}"#);
    let elsewhere: BaseUrl = format!("{}/a/key.json", server.origin).parse().unwrap();

    client.public_key(&url).await.unwrap();
    let key = client.public_key(&elsewhere).await.unwrap();

    assert!(api.calls().iter().all(|call| !call.authorized));
    assert_eq!(key, "key");
    let request = server.request();
    assert!(request.starts_with("get /a/key.json http/1.1"), "{request}");
    assert!(!request.contains("authorization"), "{request}");
    assert!(!request.contains(TOKEN), "{request}");
    assert!(request.contains("user-agent: the-tests/1.0"), "{request}");
}

#[tokio::test]
async fn other_calls_of_the_same_client_still_have_the_token() {
    let (api, client, url) = start();

    client.public_key(&url).await.unwrap();
    client.apps("account").await.unwrap();

    let authorized: Vec<bool> = api.calls().iter().map(|call| call.authorized).collect();
    assert_eq!(authorized, [false, true]);
}

#[tokio::test]
async fn a_failure_that_may_pass_is_tried_again() {
    let (api, _, url) = start();
    let patient = Client::new(Config {
        max_retries: 1,
        ..config(&api.base_url())
    });
    api.fail_next(1, StatusCode::SERVICE_UNAVAILABLE);

    patient.public_key(&url).await.unwrap();

    assert_eq!(api.calls().len(), 2);
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_another_answer_is_told() {
    let (api, client, url) = start();
    let cases = [
        (r#"{"data": {}}"#, "publicKey is missing"),
        ("<title>Log in</title>", "a page with the title"),
        (r#"{"data": "key"}"#, "data is a string, expected an object"),
    ];
    for (body, expected) in cases {
        api.fail_next(1, Fault::body(StatusCode::OK, body));

        let error = client.public_key(&url).await.unwrap_err();

        assert!(error.is_unreadable(), "{error:?}");
        assert!(shown(&error).contains(expected), "{error}");
    }

    api.fail_next(1, Fault::redirect("http://127.0.0.1:1/elsewhere").unwrap());
    let error = client.public_key(&url).await.unwrap_err();
    assert!(error.status().unwrap().is_redirection(), "{error:?}");
}

#[tokio::test]
async fn a_stopped_client_does_not_wait_for_a_key() {
    let (api, _, url) = start();
    let patient = Client::new(Config {
        max_retries: 4,
        ..config(&api.base_url())
    });
    api.fail_next(9, StatusCode::SERVICE_UNAVAILABLE);
    patient.stop();

    let error = patient.public_key(&url).await.unwrap_err();

    assert!(error.retry_stopped().is_some(), "{error:?}");
    assert_eq!(api.calls().len(), 1);
}
