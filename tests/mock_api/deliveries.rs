//! Sample deliveries: what a receiver gets, the recorded outcome, and refused URLs.

use crate::receiver::{Receiver, signs};
use crate::support::{add, columns};
use axum::response::Redirect;
use realtimekit::mock_api::{Delivery, MockApi, MockError, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID};
use serde_json::{Value, json};
use std::net::TcpListener;

const EVENT: &str = "meeting.ended";

async fn deliver_to(api: &MockApi, url: &str) -> Result<Delivery, MockError> {
    api.deliver(&add(api, url).id, EVENT).await
}

#[tokio::test]
async fn delivery_is_a_signed_post_with_the_documented_headers() {
    let builder = MockApi::builder().app(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, "Town hall");
    let api = builder.start().unwrap();
    let mut receiver = Receiver::accepting().await;
    let webhook = add(&api, &receiver.url());

    let delivery = api.deliver(&webhook.id, EVENT).await.unwrap();

    let received = receiver.next().await;
    assert_eq!(received.method(), "POST");
    assert_eq!(received.uri(), "/hook?from=mock");
    let headers = received.headers();
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["rtk-webhook-id"], webhook.id);
    assert_eq!(headers["rtk-uuid"], delivery.id);
    let body = received.body();
    assert!(signs(&received, body, &api).await);
    assert!(!signs(&received, &[body, &b" "[..]].concat(), &api).await);
    let body: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(body["event"], EVENT);
    let organizer = json!({"id": SAMPLE_APP_ID, "name": "Town hall"});
    assert_eq!(body["meeting"]["organizedBy"], organizer);
    assert_eq!(delivery.url, receiver.url());
    assert_eq!((delivery.status, delivery.delivered), (Some(202), true));
    assert_eq!(delivery.body, "thank U!");
}

#[tokio::test]
async fn missing_receiver_is_a_failed_outcome() {
    let api = MockApi::start().unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);

    let delivery = deliver_to(&api, &url).await.unwrap();

    assert_eq!((delivery.status, delivery.delivered), (None, false));
    let reason = delivery.error.unwrap();
    assert!(reason.contains("refused"), "{reason}");
}

#[tokio::test]
async fn loopback_address_is_accepted_in_every_notation() {
    let api = MockApi::start().unwrap();
    let receiver = Receiver::accepting().await;
    let port = receiver.address.port();

    let mut hosts = vec!["localhost", "127.0.0.1", "2130706433"];
    if !cfg!(windows) {
        hosts.push("[::ffff:127.0.0.1]"); // an IPv6 socket of Windows cannot reach IPv4
    }
    for host in hosts {
        let delivery = deliver_to(&api, &format!("http://{host}:{port}/")).await;

        assert_eq!(delivery.unwrap().status, Some(202), "{host}");
    }
}

#[tokio::test]
async fn redirect_is_not_followed_and_a_long_answer_is_cut() {
    let api = MockApi::start().unwrap();
    let target = Receiver::accepting().await;
    let url = target.url();
    let redirecting = Receiver::answering(move || Redirect::temporary(&url)).await;
    let verbose = Receiver::answering(|| "x".repeat(1_000_000)).await;

    let cut = "x".repeat(4096) + "…";
    for (receiver, status, body) in [(redirecting, 307, ""), (verbose, 200, &*cut)] {
        let delivery = deliver_to(&api, &receiver.url()).await.unwrap();
        assert_eq!((delivery.status, &*delivery.body), (Some(status), body));
        assert_eq!(delivery.delivered, status == 200);
    }
    assert!(target.is_empty());
}

/// A URL or a webhook, an event, the status of the refusal, and a part of its reason.
const REFUSED: &str = "
https://192.0.2.7/hook        | meeting.ended   | 403 | --allow-remote-deliveries
http://[2001:db8::7]/         | meeting.ended   | 403 | 2001:db8::7
http://0.0.0.0/               | meeting.ended   | 403 | not a loopback address
http://169.254.169.254/latest | meeting.ended   | 403 | 169.254.169.254
http://[::ffff:192.0.2.7]/    | meeting.ended   | 403 | 192.0.2.7
http://3221225991/            | meeting.ended   | 403 | 192.0.2.7
mailto:a@example.com          | meeting.ended   | 422 | `mailto:a@example.com` is no
ftp://127.0.0.1/              | meeting.ended   | 422 | is no http or https url
ENABLED                       | meeting.summary | 409 | not subscribed to `meeting.summary`
DISABLED                      | meeting.ended   | 409 | the webhook is disabled
no-such-id                    | meeting.ended   | 404 | there is no webhook no-such-id
";

#[tokio::test]
async fn delivery_elsewhere_or_to_a_webhook_that_does_not_want_it_is_refused() {
    let api = MockApi::start().unwrap();
    let receiver = Receiver::accepting().await;
    let [enabled, disabled] = [(); 2].map(|()| add(&api, &receiver.url()).id);
    let edited = api.edit_webhook(&disabled, |webhook| webhook.enabled = false);
    assert!(edited.is_some());

    for case in REFUSED.trim().lines() {
        let [to, event, status, reason] = columns(case);
        let id = match &*to {
            "ENABLED" => enabled.clone(),
            "DISABLED" => disabled.clone(),
            url if url.contains(':') => add(&api, url).id,
            _ => to,
        };
        let refused = api.deliver(&id, &event).await.unwrap_err();

        assert_eq!(refused.status().as_str(), status, "{case}: {refused}");
        assert!(refused.to_string().contains(&reason), "{case}: {refused}");
    }
    assert!(receiver.is_empty());
}
