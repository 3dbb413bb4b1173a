//! What travels, to whom, and what becomes of a call when the connection fails.

use std::net::TcpListener;
use std::time::Duration;

use realtimekit::api::{Config, Error, Timing};

use crate::raw_server::RawServer;
use crate::{ACCOUNT, APP, TOKEN, UNKNOWN_ID, config, door_bell, shown, webhooks_at};

async fn list_error(server: &RawServer) -> Error {
    let webhooks = webhooks_at(config(&server.origin));
    webhooks.list().await.unwrap_err()
}

#[tokio::test]
async fn a_request_says_who_asks_for_what() {
    let server = RawServer::answering_json("200 OK", r#"{"data": []}"#);

    webhooks_at(config(&server.origin)).list().await.unwrap();

    let request = server.request();
    let path = format!("/accounts/{ACCOUNT}/realtime/kit/{APP}/webhooks");
    assert!(
        request.starts_with(&format!("get {path} http/1.1\r\n")),
        "{request}"
    );
    for header in [
        "user-agent: the-tests/1.0",
        "accept: application/json",
        &format!("authorization: bearer {TOKEN}"),
    ] {
        assert!(
            request.contains(&format!("\r\n{header}\r\n")),
            "{header} in {request}"
        );
    }
}

#[tokio::test]
async fn a_write_sends_json() {
    let server = RawServer::answering_json("409 Conflict", "{}");

    webhooks_at(config(&server.origin))
        .replace(UNKNOWN_ID, &door_bell())
        .await
        .unwrap_err();

    let request = server.request();
    assert!(
        request.contains("\r\ncontent-type: application/json\r\n"),
        "{request}"
    );
    let (_head, body) = request.split_once("\r\n\r\n").unwrap();
    let expected = r#"{"enabled":true,"events":["meeting.ended","meeting.started"],"name":"door bell","url":"https://example.com/door-bell"}"#;
    assert_eq!(body, expected);
}

#[tokio::test]
async fn the_path_of_the_base_url_is_kept_and_identifiers_are_encoded() {
    let server = RawServer::answering_json("200 OK", r#"{"data": []}"#);
    let client = realtimekit::api::Client::new(config(&format!("{}/client/v4/", server.origin)));

    client.webhooks("an:account", "..+b").list().await.unwrap();

    let request = server.request();
    let path = "/client/v4/accounts/an%3aaccount/realtime/kit/..%2bb/webhooks";
    assert!(
        request.starts_with(&format!("get {path} http/1.1\r\n")),
        "{request}"
    );
}

#[tokio::test]
async fn an_identifier_that_would_lead_elsewhere_is_never_sent() {
    let server = RawServer::answering_json("200 OK", r#"{"data": []}"#);
    let client = realtimekit::api::Client::new(config(&server.origin));

    for (account, app, name) in [("", APP, "account ID"), (ACCOUNT, "..", "app ID")] {
        let error = client.webhooks(account, app).list().await.unwrap_err();

        assert!(
            error
                .to_string()
                .starts_with(&format!("the {name} must not ")),
            "{error}"
        );
    }
    for id in ["all", "", "../x"] {
        let error = client.webhooks(ACCOUNT, APP).delete(id).await.unwrap_err();

        assert_eq!(error.to_string(), "the webhook ID must be a UUID");
    }
    assert!(server.is_untouched());
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_token_stays_here() {
    let elsewhere = RawServer::answering_json("200 OK", r#"{"data": []}"#);
    for status in [301, 302, 303, 307, 308] {
        let target = elsewhere.origin.replace("://", "://user:password@");
        let server = RawServer::answering(format!(
            "HTTP/1.1 {status}\r\nLocation: {target}/log-in?next=secret#x\r\n\
             Content-Length: 0\r\nConnection: close\r\n\r\n"
        ));

        let error = list_error(&server).await;

        let target = target.replace("user:password", "***");
        let message = format!("it points to {target}/log-in?next=***#***");
        assert!(error.to_string().contains(&message), "{error}");
        assert!(!error.is_gone());
    }
    assert!(elsewhere.is_untouched());
}

#[tokio::test]
async fn a_refused_connection_says_so_and_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);

    let error = webhooks_at(config(&origin))
        .create(&door_bell())
        .await
        .unwrap_err();

    let shown = shown(&error).to_lowercase();
    assert!(
        shown.contains("got no answer from http://127.0.0.1:"),
        "{shown}"
    );
    assert!(shown.contains("connection refused"), "{shown}");
    assert!(!error.outcome_unknown());
}

#[tokio::test]
async fn a_time_out_says_so_and_leaves_the_outcome_of_a_write_unknown() {
    let server = RawServer::silent();
    let impatient = Config {
        timing: Timing {
            request_timeout: Duration::from_millis(200),
            ..Timing::default()
        },
        ..config(&server.origin)
    };

    let error = webhooks_at(impatient)
        .replace(UNKNOWN_ID, &door_bell())
        .await
        .unwrap_err();

    assert!(
        shown(&error).ends_with(": operation timed out"),
        "{}",
        shown(&error)
    );
    assert!(error.outcome_unknown());
}

#[tokio::test]
async fn a_connection_closed_without_an_answer_leaves_the_outcome_of_a_write_unknown() {
    let server = RawServer::answering("");

    let error = webhooks_at(config(&server.origin))
        .delete(UNKNOWN_ID)
        .await
        .unwrap_err();

    let shown = shown(&error);
    assert!(
        shown.contains("connection closed before message completed"),
        "{shown}"
    );
    assert!(error.outcome_unknown());
}

#[tokio::test]
async fn what_is_not_http_is_no_answer() {
    let server = RawServer::answering("SSH-2.0-OpenSSH_9.6\r\n\r\n");

    let error = list_error(&server).await;

    assert!(error.to_string().contains(" got no answer "), "{error}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_unreadable_even_if_what_there_is_parses() {
    let body = r#"{"data": []}"#;
    let server = RawServer::answering(format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
        body.len() + 1
    ));

    let error = list_error(&server).await;

    assert!(
        error
            .to_string()
            .contains("cannot be used: it breaks off: "),
        "{error}"
    );
}

#[tokio::test]
async fn an_answer_without_end_is_read_up_to_its_bound() {
    let page = "HTTP/1.1 503 Service Unavailable\r\n\r\n<html><title>Maintenance</title>";
    let failed = list_error(&RawServer::answering_endlessly(page)).await;
    let server = RawServer::answering_endlessly("HTTP/1.1 200 OK\r\n\r\n");
    let webhooks = webhooks_at(config(&server.origin));

    let one = webhooks.get(UNKNOWN_ID).await.unwrap_err();
    let list = webhooks.list().await.unwrap_err();

    assert!(
        one.to_string().ends_with("it is larger than 1 MiB"),
        "{one}"
    );
    assert!(
        list.to_string().ends_with("it is larger than 16 MiB"),
        "{list}"
    );
    assert!(failed.status().unwrap().is_server_error());
    assert!(failed.to_string().contains("\"Maintenance\""), "{failed}");
}

#[tokio::test]
async fn a_server_that_repeats_the_token_does_not_get_it_shown() {
    let bodies = [
        format!(
            r#"{{"success": false, "error": {{"code": "{TOKEN}", "message": "bad token {TOKEN}"}}}}"#
        ),
        format!("<title>{TOKEN}</title>"),
        format!("Bearer {TOKEN}"),
    ];

    for body in bodies {
        for status in ["200 OK", "401 Unauthorized"] {
            let server = RawServer::answering_json(status, &body);

            let error = list_error(&server).await;

            let shown = format!("{} {error:?}", shown(&error));
            assert!(shown.contains("<redacted>"), "{shown}");
            assert!(!shown.contains(TOKEN), "{shown}");
        }
    }
}

#[tokio::test]
async fn a_user_agent_that_cannot_be_a_header_is_an_error_before_anything_is_sent() {
    let server = RawServer::answering_json("200 OK", r#"{"data": []}"#);
    let config = Config {
        user_agent: "two\nlines".to_owned(),
        ..config(&server.origin)
    };

    let error = webhooks_at(config).list().await.unwrap_err();

    assert!(matches!(error, Error::Setup(_)), "{error}");
    assert!(server.is_untouched());
}
