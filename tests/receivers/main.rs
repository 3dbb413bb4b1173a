//! The receivers of `examples/receivers` take what RealtimeKit signed, and nothing else.
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

use realtimekit::mock_api::{MockApi, Outcome, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID};

use crate::deliveries::Delivery;
use crate::keys::{Key, KeyServer};
use crate::receiver::{Receiver, Runtime};

const EVENT: &str = r#"{ "event": "meeting.started",  "meeting": {"title": "Grüße"} }"#;

#[test]
fn what_is_signed_is_handled_however_it_is_sent() {
    for runtime in Runtime::ALL {
        let key = Key::new();
        let mut receiver = Receiver::start(runtime, &KeyServer::start(&key));

        let whole = receiver.take(&Delivery::signed(EVENT, &key).id("1"));
        let in_chunks = receiver.take(&Delivery::signed(EVENT, &key).id("2").in_chunks());

        assert_eq!((whole, in_chunks), (200, 200), "{runtime:?}");
        assert_eq!(receiver.handled(), ["meeting.started", "meeting.started"]);
    }
}

#[test]
fn what_is_not_signed_by_that_key_is_refused_and_not_delivered_again() {
    for runtime in Runtime::ALL {
        let (key, other) = (Key::new(), Key::new());
        let mut receiver = Receiver::start(runtime, &KeyServer::start(&key));
        let good = Delivery::signed(EVENT, &key);
        let refused = [
            good.clone().body(&EVENT.replace("started", "ended")),
            good.clone().body(&EVENT.replace("  ", " ")), // the same JSON
            good.clone().body(""),
            Delivery::signed(EVENT, &other),
            good.clone().signature(""),
            good.clone().signature("no base64!"),
            good.clone().signature("QUJD"),
            good.clone().unsigned(),
        ];

        for delivery in refused {
            assert_eq!(receiver.take(&delivery), 401, "{runtime:?}: {delivery:?}");
        }

        assert!(receiver.handled().is_empty(), "{runtime:?}");
    }
}

#[test]
fn a_delivery_that_comes_again_is_handled_once() {
    for runtime in Runtime::ALL {
        let key = Key::new();
        let mut receiver = Receiver::start(runtime, &KeyServer::start(&key));
        let delivery = Delivery::signed(EVENT, &key).id("0d1f069d");

        let answers = [(); 3].map(|()| receiver.take(&delivery));

        assert_eq!(answers, [200; 3], "{runtime:?}");
        assert_eq!(receiver.handled(), ["meeting.started"], "{runtime:?}");
    }
}

#[test]
fn a_large_body_is_refused_before_it_is_read() {
    for runtime in Runtime::ALL {
        let key = Key::new();
        let mut receiver = Receiver::start(runtime, &KeyServer::start(&key));
        let large = "x".repeat(256 * 1024 + 1);

        let told = receiver.take(&Delivery::signed(EVENT, &key).length(1 << 40));
        let in_chunks = receiver.take(&Delivery::signed(&large, &key).in_chunks());

        assert_eq!((told, in_chunks), (413, 413), "{runtime:?}");
        assert!(receiver.handled().is_empty());
    }
}

#[test]
fn what_is_signed_and_no_json_is_refused() {
    for runtime in Runtime::ALL {
        let key = Key::new();
        let mut receiver = Receiver::start(runtime, &KeyServer::start(&key));

        assert_eq!(
            receiver.take(&Delivery::signed("{", &key)),
            400,
            "{runtime:?}"
        );
    }
}

#[test]
fn an_event_that_cannot_be_handled_is_taken_when_it_comes_again() {
    for runtime in Runtime::ALL {
        let key = Key::new();
        let mut receiver = Receiver::start(runtime, &KeyServer::start(&key));
        let unexpected = Delivery::signed("null", &key).id("1");
        let expected = Delivery::signed(EVENT, &key).id("1");

        let answers = [&unexpected, &expected].map(|delivery| receiver.take(delivery));

        assert_eq!(answers, [500, 200], "{runtime:?}");
        assert_eq!(receiver.handled(), ["meeting.started"], "{runtime:?}");
    }
}

#[test]
fn without_the_public_key_a_delivery_is_asked_for_again() {
    for runtime in Runtime::ALL {
        let key = Key::new();
        let server = KeyServer::start(&key);
        let mut receiver = Receiver::start(runtime, &server);

        server.fail(true);
        let while_it_fails = receiver.take(&Delivery::signed(EVENT, &key));
        server.fail(false);
        let afterwards = receiver.take(&Delivery::signed(EVENT, &key));

        assert_eq!((while_it_fails, afterwards), (503, 200), "{runtime:?}");
    }
}

#[test]
fn the_key_is_fetched_once_and_again_when_it_may_have_changed() {
    let (old, new) = (Key::new(), Key::new());
    let servers = Runtime::ALL.map(|_| KeyServer::start(&old));
    let mut receivers = Runtime::ALL.map(|runtime| {
        let server = &servers[runtime as usize];
        Receiver::start(runtime, server)
    });
    for (receiver, server) in receivers.iter_mut().zip(&servers) {
        for _ in 0..3 {
            assert_eq!(receiver.take(&Delivery::signed(EVENT, &old)), 200);
            assert_eq!(receiver.take(&Delivery::signed(EVENT, &new)), 401);
        }
        assert_eq!(server.asked(), 1, "a wrong signature alone asks for no key");
        server.publish(&new);
    }

    thread::sleep(Duration::from_millis(10_500)); // as long as a key lasts at least

    for (receiver, server) in receivers.iter_mut().zip(&servers) {
        assert_eq!(receiver.take(&Delivery::signed(EVENT, &new)), 200);
        assert_eq!(receiver.take(&Delivery::signed(EVENT, &old)), 401);
        assert_eq!(server.asked(), 2);
    }
}

#[tokio::test]
async fn the_samples_of_the_mock_api_are_handled() {
    let api = MockApi::builder().app(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, "sample");
    let api = api.start().unwrap();
    for runtime in Runtime::ALL {
        let mut receiver = Receiver::start_with(runtime, KEY_URL_VARIABLE, &key_url(&api));
        let (url, event) = (receiver.url(), "meeting.participantJoined");
        let webhook = api.add_webhook(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, "bell", &url, &[event]);

        let delivery = api.deliver(&webhook.id, event).await.unwrap();

        match delivery.outcome {
            Outcome::Answered { status, .. } => assert_eq!(status, 200, "{runtime:?}"),
            Outcome::Failed(reason) => panic!("{runtime:?}: {reason}"),
        }
        assert_eq!(receiver.handled(), [event], "{runtime:?}");
    }
}

/// The variable of Cloudflare's sample Worker, which the guide uses too.
const KEY_URL_VARIABLE: &str = "REALTIMEKIT_WEBHOOK_PUBLIC_KEY_URL";

/// Where the key of a mock API is, as the guide has it: receiving-deliveries/key.sh.
fn key_url(api: &MockApi) -> String {
    let script = include_str!("../../examples/guides/receiving-deliveries/key.sh");
    let output = Command::new("sh")
        .args(["-c", &format!("{script}printenv {KEY_URL_VARIABLE}")])
        .env("CLOUDFLARE_BASE_URL", api.base_url())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
