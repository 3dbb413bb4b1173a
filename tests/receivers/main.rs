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
use crate::receiver::{Receiver, Runtime};

const EVENT: &str = r#"{ "event": "meeting.started",  "meeting": {"title": "Grüße"} }"#;

/// A receiver of each runtime, with the server that publishes the key.
fn receivers(key: &Key) -> impl Iterator<Item = (Receiver, KeyServer)> {
    Runtime::ALL.into_iter().map(|runtime| {
        let server = KeyServer::start(key);
        (Receiver::start(runtime, &server.url()), server)
    })
}

#[test]
fn signed_delivery_is_handled_once_however_it_is_sent() {
    let key = Key::new();
    let whole = Delivery::signed(EVENT, &key).with_id("1");
    let in_chunks = Delivery::signed(EVENT, &key).with_id("2").in_chunks();
    for (mut receiver, _server) in receivers(&key) {
        let answers = [&whole, &in_chunks, &whole, &whole].map(|delivery| receiver.take(delivery));

        assert_eq!(answers, [200; 4], "{:?}", receiver.runtime);
        assert_eq!(receiver.handled(), ["meeting.started", "meeting.started"]);
    }
}

#[test]
fn invalid_delivery_is_refused_and_not_handled() {
    let (key, other) = (Key::new(), Key::new());
    let good = Delivery::signed(EVENT, &key);
    let with_body = |body: String| Delivery {
        body,
        ..good.clone()
    };
    let with_signature = |signature: Option<&str>| Delivery {
        signature: signature.map(str::to_owned),
        ..good.clone()
    };
    let long = Delivery {
        length: Some(1 << 40),
        ..good.clone()
    };
    let large = "x".repeat(256 * 1024 + 1);
    let refused = [
        (with_body(EVENT.replace("started", "ended")), 401),
        (with_body(EVENT.replace("  ", " ")), 401), // the same JSON
        (with_body(String::new()), 401),
        (Delivery::signed(EVENT, &other), 401),
        (with_signature(Some("")), 401),
        (with_signature(Some("no base64!")), 401),
        (with_signature(Some("QUJD")), 401),
        (with_signature(None), 401),
        (Delivery::signed("{", &key), 400),
        (long, 413),
        (Delivery::signed(&large, &key).in_chunks(), 413),
    ];
    for (mut receiver, _server) in receivers(&key) {
        for (delivery, expected) in &refused {
            let body = delivery.body.get(..80);
            assert_eq!(
                receiver.take(delivery),
                *expected,
                "{:?}: {body:?}",
                receiver.runtime
            );
        }

        assert!(receiver.handled().is_empty(), "{:?}", receiver.runtime);
    }
}

#[test]
fn delivery_that_failed_is_handled_when_it_is_repeated() {
    let key = Key::new();
    let unexpected = Delivery::signed("null", &key).with_id("1");
    let expected = Delivery::signed(EVENT, &key).with_id("1");
    for (mut receiver, server) in receivers(&key) {
        server.publish(None);
        let without_key = receiver.take(&expected);
        server.publish(Some(&key));
        let answers = [&unexpected, &expected].map(|delivery| receiver.take(delivery));

        assert_eq!(without_key, 503, "{:?}", receiver.runtime);
        assert_eq!(answers, [500, 200], "{:?}", receiver.runtime);
        assert_eq!(
            receiver.handled(),
            ["meeting.started"],
            "{:?}",
            receiver.runtime
        );
    }
}

#[test]
fn key_is_fetched_once_and_again_when_it_may_have_changed() {
    let (old, new) = (Key::new(), Key::new());
    let mut receivers: Vec<_> = receivers(&old).collect();
    for (receiver, server) in &mut receivers {
        for _ in 0..3 {
            assert_eq!(receiver.take(&Delivery::signed(EVENT, &old)), 200);
            assert_eq!(receiver.take(&Delivery::signed(EVENT, &new)), 401);
        }
        assert_eq!(server.asked(), 1, "a wrong signature alone fetches no key");
        server.publish(Some(&new));
    }

    thread::sleep(Duration::from_millis(10_500)); // the shortest lifetime of a key

    for (receiver, server) in &mut receivers {
        assert_eq!(receiver.take(&Delivery::signed(EVENT, &new)), 200);
        assert_eq!(receiver.take(&Delivery::signed(EVENT, &old)), 401);
        assert_eq!(server.asked(), 2);
    }
}

#[tokio::test]
async fn sample_of_the_mock_api_is_handled() {
    let api = MockApi::builder().app(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, "sample");
    let api = api.start().unwrap();
    for runtime in Runtime::ALL {
        let mut receiver = Receiver::start_with(runtime, KEY_URL_VARIABLE, &key_url(&api));
        let (url, event) = (receiver.url(), "meeting.participantJoined");
        let webhook = api.add_webhook(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, "bell", &url, &[event]);

        let delivery = api.deliver(&webhook.id, event).await.unwrap();

        assert_eq!(delivery.status, Some(200), "{runtime:?}: {delivery:?}");
        assert_eq!(receiver.handled(), [event], "{runtime:?}");
    }
}

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
