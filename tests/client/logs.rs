//! What a call writes to the log.

use std::fmt;
use std::sync::{Arc, Mutex};

use realtimekit::api::{Client, Config};
use realtimekit::mock_api::{MockApi, Quirks};
use tokio::task::JoinSet;
use tracing::field::{Field, Visit};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

use crate::raw_server::RawServer;
use crate::{
    ACCOUNT, APP, TOKEN, UNKNOWN_ID, config, door_bell, mock, persistent, status, until,
    webhooks_at,
};

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
async fn call_is_logged_when_it_is_sent_and_when_it_is_answered_or_not() {
    let (lines, _guard) = Lines::of_this_thread();
    let server = RawServer::answering_json("200 OK", r#"{"data": []}"#);
    let none = RawServer::answering("");

    webhooks_at(config(&server.origin)).list().await.unwrap();
    webhooks_at(config(&none.origin)).list().await.unwrap_err();

    let [sent, answered, sent_again, failed] = &lines.of_the_client()[..] else {
        panic!("unexpected events:\n{}", lines.all());
    };
    for line in [sent, answered, sent_again, failed] {
        assert!(line.starts_with("DEBUG "), "{line}");
        assert!(line.contains(" method=GET path=/accounts/"), "{line}");
        assert!(line.contains(" attempt=1"), "{line}");
    }
    assert!(answered.contains(" status=200 "), "{answered}");
    assert!(answered.contains(" cf_ray=8c1f-FRA"), "{answered}");
    assert!(failed.contains(": connection closed before"), "{failed}");
}

#[tokio::test]
async fn neither_the_token_nor_a_body_is_ever_logged() {
    let (lines, _guard) = Lines::of_this_thread();
    let server = RawServer::answering_json("409 Conflict", r#"{"message": "in the answer"}"#);

    let webhooks = webhooks_at(config(&server.origin));
    webhooks
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
fn refusing(code: u16, retry_after: &str) -> MockApi {
    let api = mock(Quirks::documented());
    let fault = status(code).header("retry-after", retry_after);
    api.fail_next(1, fault.unwrap());
    api
}

#[tokio::test]
async fn a_wait_for_the_rate_limit_is_told_once_however_many_calls_wait() {
    let (lines, _guard) = Lines::of_this_thread();
    let api = refusing(429, "2");
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
async fn long_wait_before_another_attempt_is_told_with_its_reason_and_a_short_one_is_no_warning() {
    let (lines, _guard) = Lines::of_this_thread();
    for retry_after in ["0", "1"] {
        let api = refusing(503, retry_after);
        let webhooks = webhooks_at(persistent(&api.base_url()));
        webhooks.list().await.unwrap();
    }

    let [warning] = &lines.warnings()[..] else {
        panic!("unexpected events:\n{}", lines.all());
    };
    let expected = "message=retrying in 1 s: GET /accounts/";
    assert!(warning.contains(expected), "{warning}");
    let reason = " failed with 503 Service Unavailable";
    assert!(warning.contains(reason), "{warning}");
    let short = "DEBUG realtimekit::api::client message=retrying in 0.1 s";
    assert!(lines.all().contains(short));
}

#[tokio::test]
async fn wait_that_is_interrupted_is_told() {
    for code in [503, 429] {
        let (lines, _guard) = Lines::of_this_thread();
        let api = refusing(code, "50");
        let client = Client::new(Config {
            max_retries: 1,
            ..persistent(&api.base_url())
        });
        let webhooks = client.webhooks(ACCOUNT, APP);
        let call = tokio::spawn(async move { webhooks.list().await });
        until(|| !lines.warnings().is_empty()).await;

        client.stop();

        call.await.unwrap().unwrap_err();
        let [_wait, interrupted] = &lines.warnings()[..] else {
            panic!("unexpected events:\n{}", lines.all());
        };
        let expected = " message=interrupted while waiting ";
        assert!(interrupted.contains(expected), "{interrupted}");
    }
}
