//! One run of the provider: its calls, with values in JSON.

use std::time::Duration;

use realtimekit::{
    api::Timing,
    framework::server::ProviderServer,
    proto::tfplugin6::{
        AttributePath, Diagnostic, DynamicValue, apply_resource_change,
        attribute_path::step::Selector, configure_provider, diagnostic::Severity,
        import_resource_state, plan_resource_change, provider_server::Provider as _,
        read_data_source, read_resource, stop_provider,
    },
    provider::RealtimeKit,
};
use serde_json::{Value as Json, json};
use tonic::Request;

use crate::{
    api::{ACCOUNT, APP, TOKEN},
    wire::{dynamic, json},
};

const WEBHOOK: &str = "realtimekit_webhook";

const fn milliseconds(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// The provider's waits, but shorter.
pub(crate) const TIMING: Timing = Timing {
    request_timeout: milliseconds(500),
    first_backoff: milliseconds(2),
    longest_backoff: milliseconds(1_000),
    window_margin: milliseconds(2),
    shutdown_grace: milliseconds(200),
    visibility_backoff: milliseconds(2),
    batch_window: milliseconds(10),
    operation_timeout: milliseconds(5_000),
    url_wait: milliseconds(300),
};

/// A provider that was started and configured.
pub(crate) struct Provider(ProviderServer<RealtimeKit>);

/// A value, and the messages about it.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Null also if the answer has no value.
    pub(crate) value: Json,
    pub(crate) private: Vec<u8>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Attributes whose change requires replacement.
    pub(crate) requires_replace: Vec<String>,
}

impl Answer {
    #[track_caller]
    fn new(value: Option<&DynamicValue>, private: Vec<u8>, diagnostics: Vec<Diagnostic>) -> Self {
        diagnostics.iter().for_each(check_message);
        Self {
            value: value.map_or(Json::Null, |value| json(Some(value))),
            private,
            diagnostics,
            requires_replace: Vec::new(),
        }
    }

    pub(crate) fn failed(&self) -> bool {
        has_error(&self.diagnostics)
    }
}

/// Makes a call that must be answered.
macro_rules! call {
    ($provider:ident.$rpc:ident { $($field:ident: $value:expr),* $(,)? }) => {{
        let request = $rpc::Request { $($field: $value,)* ..Default::default() };
        $provider.0.$rpc(Request::new(request)).await.unwrap().into_inner()
    }};
}

impl Provider {
    /// A run of the provider, for the API at this base URL.
    pub(crate) async fn start(base_url: &str, max_retries: Option<u32>) -> Self {
        let provider = Self(ProviderServer::new(RealtimeKit { timing: TIMING }));
        let answer = call!(provider.configure_provider {
            terraform_version: "1.11.4".into(),
            config: dynamic(&json!({
                "api_token": TOKEN, "base_url": base_url, "account_id": ACCOUNT, "app_id": APP,
                "max_retries": max_retries, "requests_per_second": null,
            })),
        });
        assert_eq!(answer.diagnostics, []);
        provider
    }

    pub(crate) async fn stop(&self) {
        let request = Request::new(stop_provider::Request::default());
        let answer = self.0.stop_provider(request).await.unwrap().into_inner();
        assert_eq!(answer.error, "");
    }

    pub(crate) async fn plan(
        &self,
        prior: &Json,
        proposed: &Json,
        config: &Json,
        private: &[u8],
    ) -> Answer {
        let answer = call!(self.plan_resource_change {
            type_name: WEBHOOK.into(),
            prior_state: dynamic(prior),
            proposed_new_state: dynamic(proposed),
            config: dynamic(config),
            prior_private: private.into(),
        });
        let attribute = |path: AttributePath| match path.steps[0].selector.clone() {
            Some(Selector::AttributeName(name)) => name,
            other => panic!("{other:?} is no attribute"),
        };
        let (planned, private) = (answer.planned_state.as_ref(), answer.planned_private);
        Answer {
            requires_replace: answer.requires_replace.into_iter().map(attribute).collect(),
            ..Answer::new(planned, private, answer.diagnostics)
        }
    }

    pub(crate) async fn apply(
        &self,
        prior: &Json,
        planned: &Json,
        config: &Json,
        private: &[u8],
    ) -> Answer {
        let answer = call!(self.apply_resource_change {
            type_name: WEBHOOK.into(),
            prior_state: dynamic(prior),
            planned_state: dynamic(planned),
            config: dynamic(config),
            planned_private: private.into(),
        });
        let state = answer.new_state.as_ref();
        Answer::new(state, answer.private, answer.diagnostics)
    }

    pub(crate) async fn read(&self, state: &Json, private: &[u8]) -> Answer {
        let answer = call!(self.read_resource {
            type_name: WEBHOOK.into(),
            current_state: dynamic(state),
            private: private.into(),
        });
        let state = answer.new_state.as_ref();
        Answer::new(state, answer.private, answer.diagnostics)
    }

    pub(crate) async fn import(&self, id: &str) -> Answer {
        let mut answer = call!(self.import_resource_state {
            type_name: WEBHOOK.into(),
            id: id.into(),
        });
        let imported = answer.imported_resources.pop().unwrap_or_default();
        let state = imported.state.as_ref();
        Answer::new(state, imported.private, answer.diagnostics)
    }

    /// Reads a data source: the webhook of the provider's app with a known attribute, or all.
    pub(crate) async fn look_up(&self, known: Option<(&str, &str)>) -> Answer {
        let mut query = json!({ "account_id": null, "app_id": null, "webhooks": null });
        if let Some((attribute, value)) = known {
            query = json!({
                "id": null, "account_id": null, "app_id": null, "name": null, "url": null,
                "events": null, "enabled": null, "created_at": null, "updated_at": null,
            });
            query[attribute] = value.into();
        }
        let type_name = known.map_or("realtimekit_webhooks", |_| WEBHOOK);
        let answer = call!(self.read_data_source {
            type_name: type_name.into(),
            config: dynamic(&query),
        });
        Answer::new(answer.state.as_ref(), Vec::new(), answer.diagnostics)
    }
}

/// What must hold of every message: it has a summary and a detail, and shows no token and no bug.
#[track_caller]
fn check_message(message: &Diagnostic) {
    let shown = text(std::slice::from_ref(message));
    for never in [TOKEN, "panicked", "bug in the provider"] {
        assert!(!shown.contains(never), "{shown}");
    }
    let is_complete = !message.summary.is_empty() && !message.detail.is_empty();
    assert!(is_complete, "{message:?}");
}

pub(crate) fn has_error(diagnostics: &[Diagnostic]) -> bool {
    let mut severities = diagnostics.iter().map(Diagnostic::severity);
    severities.any(|severity| severity == Severity::Error)
}

/// All messages in full.
pub(crate) fn text(diagnostics: &[Diagnostic]) -> String {
    let messages = diagnostics.iter().map(|message| {
        let severity = message.severity();
        format!("{severity:?}: {}\n{}", message.summary, message.detail)
    });
    messages.collect::<Vec<_>>().join("\n\n")
}
