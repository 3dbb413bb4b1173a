//! One run of the provider: its calls, in JSON.

use std::time::Duration;

use realtimekit::{
    api::Timing,
    framework::server::ProviderServer,
    proto::tfplugin6::{
        Diagnostic, DynamicValue, apply_resource_change, attribute_path::step::Selector,
        configure_provider, diagnostic::Severity, import_resource_state, plan_resource_change,
        provider_server::Provider as _, read_data_source, read_resource, stop_provider,
        validate_resource_config,
    },
    provider::RealtimeKit,
};
use serde_json::{Value as Json, json};
use tonic::Request;

use crate::{
    api::{ACCOUNT, APP, TOKEN},
    wire::{dynamic, json},
};

/// How long a provider in a hurry waits for one answer; what is late comes later.
pub(crate) const HURRY: Duration = Duration::from_millis(500);
/// How long the provider waits for one answer otherwise, however busy this machine is.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// As the provider waits, but shorter.
pub(crate) fn timing(request_timeout: Duration) -> Timing {
    let milliseconds = Duration::from_millis;
    Timing {
        request_timeout,
        first_backoff: milliseconds(2),
        longest_backoff: milliseconds(10),
        window_margin: milliseconds(2),
        shutdown_grace: milliseconds(200),
        visibility_backoff: milliseconds(2),
        batch_window: milliseconds(10),
        operation_timeout: Duration::from_secs(10),
        url_wait: milliseconds(300),
    }
}

const WEBHOOK: &str = "realtimekit_webhook";

/// A provider that was started and configured.
pub(crate) struct Provider(ProviderServer<RealtimeKit>);

/// A value, and what was said about it.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Null also if there is none.
    pub(crate) value: Json,
    pub(crate) private: Vec<u8>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Answer {
    fn new(state: Option<DynamicValue>, private: Vec<u8>, told: Vec<Diagnostic>) -> Self {
        Self {
            value: state.map_or(Json::Null, |state| json(Some(&state))),
            private,
            diagnostics: checked(told),
        }
    }

    pub(crate) fn failed(&self) -> bool {
        has_error(&self.diagnostics)
    }
}

/// A planned value, and the attributes whose change needs a new object.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) answer: Answer,
    pub(crate) requires_replace: Vec<String>,
}

impl Provider {
    /// A run of the provider, for the API at this base URL.
    pub(crate) async fn start(base_url: &str) -> Self {
        Self::start_with(base_url, None, timing(PATIENCE)).await
    }

    pub(crate) async fn start_with(
        base_url: &str,
        max_retries: Option<u32>,
        timing: Timing,
    ) -> Self {
        let block = json!({
            "api_token": TOKEN, "base_url": base_url, "account_id": ACCOUNT, "app_id": APP,
            "max_retries": max_retries, "requests_per_second": null,
        });
        let provider = Self(ProviderServer::new(RealtimeKit { timing }));
        let request = configure_provider::Request {
            terraform_version: "1.11.4".into(),
            config: dynamic(&block),
            ..Default::default()
        };
        let answer = provider.0.configure_provider(Request::new(request)).await;
        assert_eq!(answer.unwrap().into_inner().diagnostics, []);
        provider
    }

    pub(crate) async fn stop(&self) {
        let request = Request::new(stop_provider::Request::default());
        let answer = self.0.stop_provider(request).await.unwrap().into_inner();
        assert_eq!(answer.error, "");
    }

    pub(crate) async fn validate(&self, config: &Json) -> Vec<Diagnostic> {
        let request = validate_resource_config::Request {
            type_name: WEBHOOK.into(),
            config: dynamic(config),
            ..Default::default()
        };
        let answer = self.0.validate_resource_config(Request::new(request)).await;
        answer.unwrap().into_inner().diagnostics
    }

    pub(crate) async fn plan(
        &self,
        prior: &Json,
        proposed: &Json,
        config: &Json,
        private: &[u8],
    ) -> Planned {
        let request = plan_resource_change::Request {
            type_name: WEBHOOK.into(),
            prior_state: dynamic(prior),
            proposed_new_state: dynamic(proposed),
            config: dynamic(config),
            prior_private: private.into(),
            ..Default::default()
        };
        let answer = self.0.plan_resource_change(Request::new(request)).await;
        let answer = answer.unwrap().into_inner();
        let attribute = |path: &realtimekit::proto::tfplugin6::AttributePath| match path
            .steps
            .first()
            .and_then(|step| step.selector.clone())
        {
            Some(Selector::AttributeName(name)) => name,
            other => panic!("{other:?} is no attribute"),
        };
        Planned {
            requires_replace: answer.requires_replace.iter().map(attribute).collect(),
            answer: Answer {
                value: answer
                    .planned_state
                    .as_ref()
                    .map_or(Json::Null, |state| json(Some(state))),
                private: answer.planned_private,
                diagnostics: checked(answer.diagnostics),
            },
        }
    }

    pub(crate) async fn apply(
        &self,
        prior: &Json,
        planned: &Json,
        config: &Json,
        private: &[u8],
    ) -> Answer {
        let request = apply_resource_change::Request {
            type_name: WEBHOOK.into(),
            prior_state: dynamic(prior),
            planned_state: dynamic(planned),
            config: dynamic(config),
            planned_private: private.into(),
            ..Default::default()
        };
        let answer = self.0.apply_resource_change(Request::new(request)).await;
        let answer = answer.unwrap().into_inner();
        Answer::new(answer.new_state, answer.private, answer.diagnostics)
    }

    pub(crate) async fn read(&self, state: &Json, private: &[u8]) -> Answer {
        let request = read_resource::Request {
            type_name: WEBHOOK.into(),
            current_state: dynamic(state),
            private: private.into(),
            ..Default::default()
        };
        let answer = self.0.read_resource(Request::new(request)).await;
        let answer = answer.unwrap().into_inner();
        Answer::new(answer.new_state, answer.private, answer.diagnostics)
    }

    pub(crate) async fn import(&self, id: &str) -> Answer {
        let request = import_resource_state::Request {
            type_name: WEBHOOK.into(),
            id: id.into(),
            ..Default::default()
        };
        let answer = self.0.import_resource_state(Request::new(request)).await;
        let answer = answer.unwrap().into_inner();
        let imported = answer.imported_resources.first();
        Answer {
            value: imported.map_or(Json::Null, |imported| json(imported.state.as_ref())),
            private: imported
                .map(|imported| imported.private.clone())
                .unwrap_or_default(),
            diagnostics: checked(answer.diagnostics),
        }
    }

    /// Looks up the webhook of the provider's app that has this attribute.
    pub(crate) async fn look_up_webhook(&self, attribute: &str, value: &str) -> Answer {
        let mut query = json!({
            "id": null, "account_id": null, "app_id": null, "name": null, "url": null,
            "events": null, "enabled": null, "created_at": null, "updated_at": null,
        });
        query[attribute] = value.into();
        self.look_up("realtimekit_webhook", &query).await
    }

    /// Looks up all webhooks of the provider's app.
    pub(crate) async fn look_up_webhooks(&self) -> Answer {
        let query = json!({ "account_id": null, "app_id": null, "webhooks": null });
        self.look_up("realtimekit_webhooks", &query).await
    }

    async fn look_up(&self, type_name: &str, config: &Json) -> Answer {
        let request = read_data_source::Request {
            type_name: type_name.into(),
            config: dynamic(config),
            ..Default::default()
        };
        let answer = self.0.read_data_source(Request::new(request)).await;
        let answer = answer.unwrap().into_inner();
        let state = answer.state.as_ref();
        Answer {
            value: state.map_or(Json::Null, |state| json(Some(state))),
            private: Vec::new(),
            diagnostics: checked(answer.diagnostics),
        }
    }
}

/// What must hold of every message: it shows no token, and no bug.
#[track_caller]
fn checked(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    for diagnostic in &diagnostics {
        let text = text(std::slice::from_ref(diagnostic));
        assert!(!text.contains(TOKEN), "the token is shown: {text}");
        assert!(!text.contains("panicked"), "{text}");
        assert!(!text.contains("bug in the provider"), "{text}");
        assert!(
            !diagnostic.summary.is_empty() && !diagnostic.detail.is_empty(),
            "{diagnostic:?}"
        );
    }
    diagnostics
}

pub(crate) fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity() == Severity::Error)
}

/// Everything that was said.
pub(crate) fn text(diagnostics: &[Diagnostic]) -> String {
    let lines = diagnostics.iter().map(|diagnostic| {
        let severity = diagnostic.severity();
        format!(
            "{severity:?}: {}\n{}",
            diagnostic.summary, diagnostic.detail
        )
    });
    lines.collect::<Vec<_>>().join("\n\n")
}
