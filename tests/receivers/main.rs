//! The receivers of `examples/receivers` accept only deliveries that RealtimeKit signed.
//!
//! Needs `node`; a Python with `cryptography`, named by `PYTHON`; and the runtime of Cloudflare
//! Workers, named by `WORKERD`. `.ci/receivers` sets them up.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed helper fails its test"
)]

mod deliveries;
mod keys;
mod receiver;

use std::{process::Command, thread, time::Duration};

use realtimekit::mock_api::{MockApi, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID};

use crate::deliveries::Delivery;
use crate::keys::{Key, KeyServer};
use crate::receiver::{Receiver, commands};

const EVENT: &str = r#"{ "event": "meeting.started",  "meeting": {"title": "Grüße"} }"#;

/// Each receiver, with the server that publishes the key.
async fn receivers(key: &Key) -> Vec<(Receiver, KeyServer)> {
    let mut receivers = Vec::new();
    for command in commands() {
        let server = KeyServer::start(key).await;
        receivers.push((Receiver::start(command, KEY_URL, &server.url), server));
    }
    receivers
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_delivery_is_handled_once_however_it_is_sent() {
    let key = Key::new();
    let [whole, other] = ["1", "2"].map(|id| Delivery::signed(EVENT, &key).header("rtk-uuid", id));
    let in_chunks = other.in_chunks();
    for (mut receiver, _server) in receivers(&key).await {
        let answers = [&whole, &in_chunks, &whole, &whole].map(|delivery| receiver.take(delivery));

        assert_eq!(answers, [200; 4], "{}", receiver.command);
        assert_eq!(receiver.handled(), ["meeting.started", "meeting.started"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_delivery_is_refused_and_not_handled() {
    let key = Key::new();
    let valid = key.sign(EVENT);
    let with =
        |signature: &str, body: &str| Delivery::unsigned(body).header("rtk-signature", signature);
    let too_long = Delivery {
        framing: format!("content-length: {}", 1_u64 << 40),
        ..Delivery::signed(EVENT, &key)
    };
    let large = Delivery::signed(&"x".repeat(256 * 1024 + 1), &key);
    let refused = [
        (with(&valid, &EVENT.replace("started", "ended")), 401),
        (with(&valid, &EVENT.replace("  ", " ")), 401), // the same JSON
        (with(&valid, ""), 401),
        (Delivery::signed(EVENT, &Key::new()), 401),
        (with("", EVENT), 401),
        (with("no base64!", EVENT), 401),
        (with("QUJD", EVENT), 401),
        (Delivery::unsigned(EVENT), 401),
        (Delivery::signed("{", &key), 400),
        (too_long, 413),
        (large.in_chunks(), 413),
    ];
    for (mut receiver, _server) in receivers(&key).await {
        for (number, (delivery, expected)) in refused.iter().enumerate() {
            let status = receiver.take(delivery);
            assert_eq!(status, *expected, "{}: {number}", receiver.command);
        }

        assert!(receiver.handled().is_empty(), "{}", receiver.command);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn delivery_that_failed_is_handled_when_it_is_repeated() {
    let key = Key::new();
    let [unexpected, expected] =
        ["null", EVENT].map(|body| Delivery::signed(body, &key).header("rtk-uuid", "1"));
    for (mut receiver, server) in receivers(&key).await {
        server.publish(None);
        let without_key = receiver.take(&expected);
        server.publish(Some(&key));
        let answers = [&unexpected, &expected].map(|delivery| receiver.take(delivery));

        let statuses = (without_key, answers);
        assert_eq!(statuses, (503, [500, 200]), "{}", receiver.command);
        assert_eq!(receiver.handled(), ["meeting.started"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn key_is_fetched_once_and_again_when_it_may_have_changed() {
    let (old, new) = (Key::new(), Key::new());
    let [by_old, by_new] = [&old, &new].map(|key| Delivery::signed(EVENT, key));
    let mut receivers = receivers(&old).await;
    for (receiver, server) in &mut receivers {
        for _ in 0..3 {
            assert_eq!((receiver.take(&by_old), receiver.take(&by_new)), (200, 401));
        }
        assert_eq!(server.asked(), 1, "a wrong signature alone fetches no key");
        server.publish(Some(&new));
    }

    thread::sleep(Duration::from_millis(10_500)); // the shortest lifetime of a key

    for (receiver, server) in &mut receivers {
        assert_eq!((receiver.take(&by_new), receiver.take(&by_old)), (200, 401));
        assert_eq!(server.asked(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sample_of_the_mock_api_is_handled() {
    let api = MockApi::builder().app(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, "sample");
    let api = api.start().unwrap();
    for command in commands() {
        let mut receiver = Receiver::start(command, KEY_URL_VARIABLE, &key_url(&api));
        let (url, event) = (receiver.url(), "meeting.participantJoined");
        let webhook = api.add_webhook(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, "bell", &url, &[event]);

        let delivery = api.deliver(&webhook.id, event).await.unwrap();

        assert_eq!(
            delivery.status,
            Some(200),
            "{}: {delivery:?}",
            receiver.command
        );
        assert_eq!(receiver.handled(), [event]);
    }
}

const KEY_URL: &str = "REALTIMEKIT_WEBHOOK_KEY_URL";

/// The variable of Cloudflare's sample Worker, which the guide uses too.
const KEY_URL_VARIABLE: &str = "REALTIMEKIT_WEBHOOK_PUBLIC_KEY_URL";

/// The URL of a mock API's key, as receiving-deliveries/key.sh of the guide sets it.
fn key_url(api: &MockApi) -> String {
    let script = include_str!("../../examples/guides/receiving-deliveries/key.sh");
    let output = Command::new("sh")
        .args(["-c", &format!("{script}printenv {KEY_URL_VARIABLE}")])
        .env("CLOUDFLARE_BASE_URL", api.base_url())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
