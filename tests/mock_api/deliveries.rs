//! Sample deliveries: what a receiver gets, the recorded outcome, and refused URLs.

use crate::receiver::Receiver;
use realtimekit::mock_api::{
    DeliverError, Delivery, MockApi, Outcome, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, Webhook,
};
use serde_json::json;
use std::net::TcpListener;

const EVENT: &str = "meeting.ended";

fn webhook(api: &MockApi, url: &str) -> Webhook {
    api.add_webhook(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, "bell", url, &[EVENT])
}

async fn deliver_to(api: &MockApi, url: &str) -> Result<Delivery, DeliverError> {
    api.deliver(&webhook(api, url).id, EVENT).await
}

#[track_caller]
#[expect(clippy::panic, reason = "it fails the test")]
fn answered(delivery: &Delivery) -> (u16, &str, bool) {
    match &delivery.outcome {
        Outcome::Answered { status, body, cut } => (status.as_u16(), body, *cut),
        Outcome::Failed(reason) => panic!("{reason}"),
    }
}

#[tokio::test]
async fn delivery_is_a_signed_post_with_the_documented_headers() {
    let builder = MockApi::builder().app(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, "Town hall");
    let api = builder.start().unwrap();
    let receiver = Receiver::accepting();
    let webhook = webhook(&api, &receiver.url());

    let delivery = api.deliver(&webhook.id, EVENT).await.unwrap();

    let received = receiver.next();
    assert_eq!(received.request_line, "POST /hook?from=mock HTTP/1.1");
    assert_eq!(received.headers["content-type"], "application/json");
    assert_eq!(received.headers["rtk-webhook-id"], webhook.id);
    assert_eq!(received.headers["rtk-uuid"], delivery.id);
    assert!(received.is_signed_by(&api).await);
    let body = received.json();
    assert_eq!(body["event"], EVENT);
    assert_eq!(
        body["meeting"]["organizedBy"],
        json!({"id": SAMPLE_APP_ID, "name": "Town hall"})
    );
}

#[tokio::test]
async fn signature_does_not_match_a_changed_body() {
    let api = MockApi::start().unwrap();
    let receiver = Receiver::accepting();
    deliver_to(&api, &receiver.url()).await.unwrap();

    let mut received = receiver.next();
    received.body.push(b' ');

    assert!(!received.is_signed_by(&api).await);
}

#[tokio::test]
async fn outcome_is_returned_and_remembered() {
    let api = MockApi::start().unwrap();
    let receiver = Receiver::accepting();

    let delivery = deliver_to(&api, &receiver.url()).await.unwrap();

    assert_eq!(answered(&delivery), (202, "thank U!", false));
    assert_eq!(delivery.url, receiver.url());
    assert_eq!(api.deliveries().len(), 1);
    assert_eq!(api.deliveries()[0].id, delivery.id);
}

#[tokio::test]
async fn redirect_is_not_followed() {
    let api = MockApi::start().unwrap();
    let target = Receiver::accepting();
    let answer = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
        target.url()
    );
    let receiver = Receiver::answering(answer);

    let delivery = deliver_to(&api, &receiver.url()).await.unwrap();

    assert_eq!(answered(&delivery).0, 307);
    assert!(target.rest().is_empty());
}

#[tokio::test]
async fn long_answer_is_cut() {
    let api = MockApi::start().unwrap();
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n".to_vec();
    answer.resize(answer.len() + 1_000_000, b'x');
    let receiver = Receiver::answering(answer);

    let delivery = deliver_to(&api, &receiver.url()).await.unwrap();

    let (status, body, cut) = answered(&delivery);
    assert_eq!((status, body.len(), cut), (200, 4096, true));
}

#[tokio::test]
async fn missing_receiver_is_a_failed_outcome() {
    let api = MockApi::start().unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);

    let delivery = deliver_to(&api, &url).await.unwrap();

    let Outcome::Failed(reason) = &delivery.outcome else {
        panic!("{delivery:?}")
    };
    assert!(reason.contains("refused"), "{reason}");
}

#[tokio::test]
async fn delivery_to_another_machine_is_refused() {
    let api = MockApi::start().unwrap();
    for url in [
        "https://192.0.2.7/hook",
        "http://[2001:db8::7]/",
        "http://0.0.0.0/",
        "http://169.254.169.254/latest",
        "http://[::ffff:192.0.2.7]/",
        "http://3221225991/", // 192.0.2.7 as one number
    ] {
        let refused = deliver_to(&api, url).await;

        let refused = refused.unwrap_err();
        assert!(
            matches!(refused, DeliverError::NotLoopback { .. }),
            "{url}: {refused}"
        );
        assert!(refused.to_string().contains("--allow-remote-deliveries"));
    }
    assert!(api.deliveries().is_empty());
}

#[tokio::test]
async fn loopback_address_is_accepted_in_every_notation() {
    let api = MockApi::start().unwrap();
    let receiver = Receiver::accepting();
    let port = receiver.address.port();

    let mut hosts = vec!["localhost", "127.0.0.1", "2130706433"];
    if !cfg!(windows) {
        hosts.push("[::ffff:127.0.0.1]"); // an IPv6 socket of Windows cannot reach IPv4
    }
    for host in hosts {
        let delivery = deliver_to(&api, &format!("http://{host}:{port}/")).await;

        assert_eq!(answered(&delivery.unwrap()).0, 202, "{host}");
    }
}

#[tokio::test]
async fn url_without_http_is_refused() {
    let api = MockApi::start().unwrap();
    for url in ["mailto:a@example.com", "ftp://127.0.0.1/"] {
        let refused = deliver_to(&api, url).await.unwrap_err();

        assert_eq!(refused, DeliverError::BadUrl(url.to_owned()));
    }
}

#[tokio::test]
async fn disabled_or_unsubscribed_webhook_gets_no_delivery() {
    let api = MockApi::start().unwrap();
    let receiver = Receiver::accepting();
    let webhook = webhook(&api, &receiver.url());

    let other_event = api.deliver(&webhook.id, "meeting.started").await;
    let disabled = api.edit_webhook(&webhook.id, |webhook| webhook.enabled = false);
    let while_disabled = api.deliver(&disabled.unwrap().id, EVENT).await;
    let unknown = api.deliver("no-such-id", EVENT).await;

    assert_eq!(
        other_event.unwrap_err().to_string(),
        "the webhook is not subscribed to `meeting.started`, so that event is not delivered to it"
    );
    assert_eq!(while_disabled.unwrap_err(), DeliverError::Disabled);
    assert_eq!(
        unknown.unwrap_err(),
        DeliverError::NoWebhook("no-such-id".to_owned())
    );
    assert!(receiver.rest().is_empty());
}
