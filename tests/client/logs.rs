//! What a call writes to the log.

use std::fmt;
use std::sync::{Arc, Mutex};

use tracing::field::Field;
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

use crate::raw_server::RawServer;
use crate::{
    ACCOUNT, TOKEN, UNKNOWN_ID, config, door_bell, listing, start_persistent, until, wait,
    webhooks_at,
};

/// Keeps every event, of whatever level and crate, as one line of text.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut line = format!("{} {}", metadata.level(), metadata.target());
        event.record(&mut |field: &Field, value: &dyn fmt::Debug| {
            line += &format!(" {field}={value:?}");
        });
        self.0.lock().unwrap().push(line);
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

    /// The client's own lines that begin so.
    fn of_the_client(&self, level: &str) -> Vec<String> {
        let mut lines = self.0.lock().unwrap().clone();
        lines.retain(|line| line.starts_with(level) && line.contains(" realtimekit::api"));
        lines
    }

    fn all(&self) -> String {
        self.0.lock().unwrap().join("\n")
    }
}

#[tokio::test]
async fn call_is_logged_with_its_outcome_and_never_with_the_token_or_a_body() {
    let (lines, _guard) = Lines::of_this_thread();
    let server = RawServer::answering_json("409 Conflict", r#"{"message": "in the answer"}"#);
    let none = RawServer::answering("");

    for origin in [&server.origin, &none.origin] {
        let webhooks = webhooks_at(config(origin));
        let replaced = webhooks.replace(UNKNOWN_ID, &door_bell()).await;
        replaced.unwrap_err();
    }

    let own = lines.of_the_client("");
    for line in &own[..4] {
        assert!(line.starts_with("DEBUG "), "{line}");
        assert!(line.contains(" method=PUT path=\"/accounts/"), "{line}");
        assert!(line.contains(" attempt=1"), "{line}");
    }
    assert!(own[1].contains(" status=409 "), "{own:?}");
    assert!(own[1].contains(" cf_ray=\"8c1f-FRA\""), "{own:?}");
    assert!(own[3].contains(": connection closed before"), "{own:?}");
    let all = lines.all();
    for secret in [TOKEN, "door bell", "example.com", "in the answer"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

#[tokio::test]
async fn wait_is_a_warning_once_if_it_is_long_and_so_is_its_interruption() {
    let interrupted = "interrupted while waiting to send GET /acc";
    for (code, seconds, apps, warnings) in [
        (503, 0, 1, &[][..]),
        (503, 1, 1, &["retrying in 1 s: GET /accounts/"]),
        (429, 2, 100, &["waiting 2 s for the API's rate limit"]),
        (503, 50, 1, &["retrying in 50 s: ", interrupted]),
        (429, 50, 1, &["waiting 50 s for ", interrupted]),
    ] {
        let (lines, _guard) = Lines::of_this_thread();
        let (api, client, _) = start_persistent();
        api.fail_next(1, wait(code, seconds));
        let app = |number| client.webhooks(ACCOUNT, &format!("app-{number}"));
        let calls: Vec<_> = (0..apps).map(|number| listing(&app(number))).collect();
        let is_interrupted = warnings.contains(&interrupted);
        if is_interrupted {
            until(|| lines.all().contains("WARN ")).await;
            client.stop();
        }

        for call in calls {
            assert_eq!(call.await.unwrap().is_err(), is_interrupted);
        }

        let found = lines.of_the_client("WARN ");
        assert_eq!(found.len(), warnings.len(), "{found:?}");
        for (found, expected) in found.iter().zip(warnings) {
            assert!(found.contains(&format!(" message={expected}")), "{found}");
        }
        let has_reason = lines.all().contains(" failed with 503 Service ");
        assert_eq!(has_reason, code == 503, "{found:?}");
    }
}
