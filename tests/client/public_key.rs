//! The public key of deliveries: from another server, and without the token.

use http::StatusCode;
use realtimekit::api::BaseUrl;

use crate::{TOKEN, raw_server::RawServer, start_persistent};

#[tokio::test]
async fn the_token_is_not_sent_where_the_key_is() {
    let (api, client, _) = start_persistent();
    let url = api.public_key_url().parse().unwrap();
    let server = RawServer::answering_json("200 OK", r#"{"data": {"publicKey": "key"}}"#);
    let elsewhere: BaseUrl = format!("{}/a/key.json", server.origin).parse().unwrap();

    let published = client.public_key(&url).await.unwrap();
    let key = client.public_key(&elsewhere).await.unwrap();
    client.apps("account").await.unwrap();

    assert!(
        published.starts_with("-----BEGIN PUBLIC KEY-----\n"),
        "{published}"
    );
    assert_eq!(api.calls()[0].path, "/.well-known/webhooks.json");
    let authorized: Vec<bool> = api.calls().iter().map(|call| call.authorized).collect();
    assert_eq!(authorized, [false, true]);
    assert_eq!(key, "key");
    let request = server.request();
    assert!(request.starts_with("get /a/key.json http/1.1"), "{request}");
    assert!(!request.contains("authorization"), "{request}");
    assert!(!request.contains(TOKEN), "{request}");
    assert!(request.contains("user-agent: the-tests/1.0"), "{request}");
}

#[tokio::test]
async fn failure_that_may_pass_is_tried_again_unless_the_client_was_stopped() {
    let (api, client, _) = start_persistent();
    let url = api.public_key_url().parse().unwrap();
    api.fail_next(1, StatusCode::SERVICE_UNAVAILABLE);
    client.public_key(&url).await.unwrap();
    assert_eq!(api.calls().len(), 2);

    api.fail_next(9, StatusCode::SERVICE_UNAVAILABLE);
    client.stop();
    let error = client.public_key(&url).await.unwrap_err();

    assert!(error.retry_stopped().is_some(), "{error:?}");
    assert_eq!(api.calls().len(), 3);
}
