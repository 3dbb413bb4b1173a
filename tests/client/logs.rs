//! What a call writes to the log.

use std::fmt;
use std::sync::{Arc, Mutex};

use http::StatusCode;
use realtimekit::api::{Client, Config};
use realtimekit::mock_api::{Fault, MockApi, Quirks};
use tokio::task::JoinSet;
use tracing::field::{Field, Visit};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

use crate::raw_server::RawServer;
use crate::retries::{persistent, start};
use crate::{ACCOUNT, APP, TOKEN, UNKNOWN_ID, config, door_bell, webhooks_at};

/// Keeps every event, of whatever level and crate, as one line of text.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let metadata = event.metadata();
        let level = metadata.level();
        let mut line = Line(format!("{level} {}", metadata.target()));
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
}

struct Line(String);

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0 += &format!(" {field}={value}");
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0 += &format!(" {field}={value:?}");
    }
}

impl Lines {
    /// What is logged in this thread as long as the guard lives.
    fn of_this_thread() -> (Self, DefaultGuard) {
        // Or what another test's thread comes to first would be switched off in every thread.
        let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
        let lines = Self::default();
        let subscriber = tracing_subscriber::registry().with(lines.clone());
        (lines, tracing::subscriber::set_default(subscriber))
    }

    fn of_the_client(&self) -> Vec<String> {
        let lines = self.0.lock().unwrap();
        let ours = lines
            .iter()
            .filter(|line| line.contains(" realtimekit::api"));
        ours.cloned().collect()
    }

    fn warnings(&self) -> Vec<String> {
        let mut lines = self.of_the_client();
        lines.retain(|line| line.starts_with("WARN "));
        lines
    }

    fn all(&self) -> String {
        self.0.lock().unwrap().join("\n")
    }
}

#[tokio::test]
async fn a_call_is_logged_when_it_is_sent_and_when_it_is_answered() {
    let (lines, _guard) = Lines::of_this_thread();
    let server = RawServer::answering_json("200 OK", r#"{"data": []}"#);

    webhooks_at(config(&server.origin)).list().await.unwrap();

    let [sent, answered] = &lines.of_the_client()[..] else {
        panic!("unexpected events:\n{}", lines.all());
    };
    for line in [sent, answered] {
        assert!(line.starts_with("DEBUG "), "{line}");
        assert!(line.contains(" method=GET path=/accounts/"), "{line}");
        assert!(line.contains(" attempt=1"), "{line}");
    }
    assert!(answered.contains(" status=200 "), "{answered}");
    assert!(answered.contains(" cf_ray=8c1f-FRA"), "{answered}");
}

#[tokio::test]
async fn a_call_without_an_answer_is_logged_with_its_cause() {
    let (lines, _guard) = Lines::of_this_thread();
    let server = RawServer::answering("");

    webhooks_at(config(&server.origin))
        .list()
        .await
        .unwrap_err();

    let [_sent, failed] = &lines.of_the_client()[..] else {
        panic!("unexpected events:\n{}", lines.all());
    };
    assert!(failed.contains(": connection closed before"), "{failed}");
}

#[tokio::test]
async fn neither_the_token_nor_a_body_is_ever_logged() {
    let (lines, _guard) = Lines::of_this_thread();
    let server = RawServer::answering_json("409 Conflict", r#"{"message": "in the answer"}"#);

    webhooks_at(config(&server.origin))
        .replace(UNKNOWN_ID, &door_bell())
        .await
        .unwrap_err();

    let all = lines.all();
    assert!(all.contains("PUT"), "{all}");
    for secret in [TOKEN, "door bell", "example.com", "in the answer"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

/// An API that refuses the next call so, and asks to wait.
fn refusing(status: StatusCode, retry_after: &str) -> MockApi {
    let api = start(Quirks::documented());
    let fault = Fault::status(status).header("retry-after", retry_after);
    api.fail_next(1, fault.unwrap());
    api
}

#[tokio::test]
async fn a_wait_for_the_rate_limit_is_told_once_however_many_calls_wait() {
    let (lines, _guard) = Lines::of_this_thread();
    let api = refusing(StatusCode::TOO_MANY_REQUESTS, "2");
    let client = Client::new(persistent(&api.base_url()));
    let mut calls = JoinSet::new();
    for _ in 0..100 {
        let webhooks = client.webhooks(ACCOUNT, APP);
        calls.spawn(async move { webhooks.list().await.unwrap() });
    }

    calls.join_all().await;

    let [warning] = &lines.warnings()[..] else {
        panic!("unexpected events:\n{}", lines.warnings().join("\n"));
    };
    let expected = "message=waiting 2 s for the API's rate limit";
    assert!(warning.contains(expected), "{warning}");
}

#[tokio::test]
async fn a_long_wait_before_another_attempt_is_told_with_its_reason() {
    let (lines, _guard) = Lines::of_this_thread();
    let api = refusing(StatusCode::SERVICE_UNAVAILABLE, "1");

    let webhooks = webhooks_at(persistent(&api.base_url()));
    webhooks.list().await.unwrap();

    let [warning] = &lines.warnings()[..] else {
        panic!("unexpected events:\n{}", lines.all());
    };
    let expected = "message=retrying in 1 s: GET /accounts/";
    assert!(warning.contains(expected), "{warning}");
    assert!(
        warning.contains(" failed with 503 Service Unavailable"),
        "{warning}"
    );
}

#[tokio::test]
async fn a_short_wait_is_not_worth_a_warning() {
    let (lines, _guard) = Lines::of_this_thread();
    let api = refusing(StatusCode::SERVICE_UNAVAILABLE, "0");

    let webhooks = webhooks_at(persistent(&api.base_url()));
    webhooks.list().await.unwrap();

    assert!(lines.warnings().is_empty(), "{}", lines.all());
    assert!(
        lines
            .all()
            .contains("DEBUG realtimekit::api::client message=retrying in 0.1 s")
    );
}

#[tokio::test]
async fn a_wait_that_is_interrupted_is_told() {
    for status in [
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::TOO_MANY_REQUESTS,
    ] {
        let (lines, _guard) = Lines::of_this_thread();
        let api = refusing(status, "50");
        let client = Client::new(Config {
            max_retries: 1,
            ..persistent(&api.base_url())
        });
        let webhooks = client.webhooks(ACCOUNT, APP);
        let call = tokio::spawn(async move { webhooks.list().await });
        while lines.warnings().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }

        client.stop();

        call.await.unwrap().unwrap_err();
        let [_wait, interrupted] = &lines.warnings()[..] else {
            panic!("unexpected events:\n{}", lines.all());
        };
        assert!(
            interrupted.contains(" message=interrupted while waiting "),
            "{interrupted}"
        );
    }
}
