//! What travels, to whom, and what becomes of a call when the connection fails.

use realtimekit::api::{Client, Config, Error};

use crate::raw_server::RawServer;
use crate::{ACCOUNT, APP, TOKEN, UNKNOWN_ID, config, door_bell, shown, webhooks_at};

async fn list_error(server: &RawServer) -> Error {
    let webhooks = webhooks_at(config(&server.origin));
    webhooks.list().await.unwrap_err()
}

#[tokio::test]
async fn request_says_who_asks_for_what_below_the_base_url_and_sends_json() {
    let server = RawServer::answering_json("409 Conflict", "{}");
    let client = Client::new(config(&format!("{}/client/v4/", server.origin)));

    let webhooks = client.webhooks("an:account", "..+b");
    let replaced = webhooks.replace(UNKNOWN_ID, &door_bell()).await;

    assert!(replaced.unwrap_err().is_conflict());
    let request = server.request();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let path = "/client/v4/accounts/an%3aaccount/realtime/kit/..%2bb/webhooks";
    let start = format!("put {path}/{UNKNOWN_ID} http/1.1\r\n");
    assert!(head.starts_with(&start), "{head}");
    for header in [
        "user-agent: the-tests/1.0",
        "accept: application/json",
        "content-type: application/json",
        &format!("authorization: bearer {TOKEN}"),
    ] {
        assert!(head.lines().any(|line| line == header), "{head}");
    }
    let expected = r#"{"enabled":true,"events":["meeting.ended","meeting.started"],"name":"door bell","url":"https://example.com/door-bell"}"#;
    assert_eq!(body, expected);
}

#[tokio::test]
async fn request_that_cannot_be_made_or_would_lead_elsewhere_is_never_sent() {
    let server = RawServer::answering_json("200 OK", r#"{"data": []}"#);
    let client = Client::new(config(&server.origin));

    for (account, app, name) in [("", APP, "account ID"), (ACCOUNT, "..", "app ID")] {
        let error = client.webhooks(account, app).list().await.unwrap_err();

        let expected = format!("the {name} must not ");
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
    for id in ["all", "", "../x"] {
        let error = client.webhooks(ACCOUNT, APP).delete(id).await.unwrap_err();

        assert_eq!(error.to_string(), "the webhook ID must be a UUID");
    }
    client.apps("../x").await.unwrap_err();
    let two_lines = Config {
        user_agent: "two\nlines".to_owned(),
        ..config(&server.origin)
    };
    let error = webhooks_at(two_lines).list().await.unwrap_err();
    assert!(matches!(error, Error::Setup(_)), "{error}");
    assert!(server.is_untouched());
}

#[tokio::test]
async fn redirect_is_not_followed_and_the_token_stays_here() {
    let elsewhere = RawServer::answering_json("200 OK", r#"{"data": []}"#);
    for status in [301, 302, 303, 307, 308] {
        let target = elsewhere.origin.replace("://", "://user:password@");
        let server = RawServer::answering(format!(
            "HTTP/1.1 {status}\r\nLocation: {target}/log-in?next=secret#x\r\n\
             Content-Length: 0\r\nConnection: close\r\n\r\n"
        ));

        let error = list_error(&server).await;

        let target = target.replace("user:password", "***");
        let message = format!("it points to {target}/log-in");
        assert!(error.to_string().contains(&message), "{error}");
        assert!(!error.is_gone());
    }
    assert!(elsewhere.is_untouched());
}

#[tokio::test]
async fn answer_that_is_not_http_leaves_the_outcome_of_a_write_unknown() {
    let server = RawServer::answering("SSH-2.0-OpenSSH_9.6\r\n\r\n");
    let webhooks = webhooks_at(config(&server.origin));

    let error = webhooks.set_enabled(UNKNOWN_ID, true).await.unwrap_err();

    assert!(error.to_string().contains(" got no answer "), "{error}");
    assert!(error.outcome_unknown());
}

#[tokio::test]
async fn an_answer_without_end_is_read_up_to_its_bound() {
    let page = "HTTP/1.1 503 Service Unavailable\r\n\r\n<html><title>Maintenance</title>";
    let failed = list_error(&RawServer::answering_endlessly(page)).await;
    let server = RawServer::answering_endlessly("HTTP/1.1 200 OK\r\n\r\n");
    let webhooks = webhooks_at(config(&server.origin));

    let one = webhooks.get(UNKNOWN_ID).await.unwrap_err().to_string();
    let list = webhooks.list().await.unwrap_err().to_string();

    assert!(one.ends_with("it is larger than 1 MiB"), "{one}");
    assert!(list.ends_with("it is larger than 16 MiB"), "{list}");
    assert!(failed.status().unwrap().is_server_error());
    assert!(failed.to_string().contains("\"Maintenance\""), "{failed}");
}

#[tokio::test]
async fn server_that_repeats_the_token_does_not_get_it_shown() {
    let bodies = [
        format!(
            r#"{{"success": false, "error": {{"code": "{TOKEN}", "message": "bad token {TOKEN}"}}}}"#
        ),
        format!("<title>{TOKEN}</title>"),
        format!("Bearer {TOKEN}"),
    ];
    for body in bodies {
        for status in ["200 OK", "401 Unauthorized"] {
            let error = list_error(&RawServer::answering_json(status, &body)).await;

            let shown = format!("{} {error:?}", shown(&error));
            assert!(shown.contains("<redacted>"), "{shown}");
            assert!(!shown.contains(TOKEN), "{shown}");
        }
    }
}
