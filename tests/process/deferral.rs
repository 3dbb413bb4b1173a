//! A provider block that is not known yet, and a Terraform that takes deferrals, or does not.

use realtimekit::{
    mock_api::{MockApi, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID},
    proto::tfplugin6::{
        ClientCapabilities, Deferred, Diagnostic, deferred::Reason, import_resource_state,
        plan_action, plan_resource_change, read_data_source, read_resource,
    },
};
use serde_json::{Value as Json, json};

use crate::{
    support::{
        Core,
        realtimekit::{configured, configured_by, object, told, webhook},
    },
    wire::{UNKNOWN, dynamic, json},
};

const ID: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";

/// What Terraform has against a deferral, in its words.
fn objection(
    deferred: Option<Deferred>,
    diagnostics: &[Diagnostic],
    allowed: bool,
) -> Option<&'static str> {
    let deferred = deferred?;
    if !allowed && diagnostics.is_empty() {
        return Some("Provider deferred changes when Terraform did not allow deferrals");
    }
    let reason = deferred.reason();
    (reason != Reason::ProviderConfigUnknown).then_some("Invalid deferred reason")
}

fn bell(known: &[(&str, Json)]) -> Json {
    let configured = [
        ("name", "bell".into()),
        ("url", "https://example.com/bell".into()),
        ("events", json!(["meeting.started"])),
    ];
    webhook(&[configured.as_slice(), known].concat())
}

fn stored() -> Json {
    bell(&[
        ("id", ID.into()),
        ("account_id", SAMPLE_ACCOUNT_ID.into()),
        ("app_id", SAMPLE_APP_ID.into()),
        ("enabled", true.into()),
        ("created_at", "2026-01-01T00:00:00.000Z".into()),
        ("updated_at", "2026-01-01T00:00:00.000Z".into()),
    ])
}

/// One Terraform, which allows deferrals or does not, and the answers to it.
struct Run {
    terraform: Core,
    allowed: bool,
}

/// Whether a call was deferred, what it said, and its object.
type Outcome = (bool, Vec<String>, Option<Json>);

impl Run {
    async fn new(api: &MockApi, block: &[(&str, Json)], allowed: bool) -> Self {
        let terraform = configured(api, block).await;
        Self { terraform, allowed }
    }

    fn capabilities(&self) -> Option<ClientCapabilities> {
        Some(ClientCapabilities {
            deferral_allowed: self.allowed,
            ..Default::default()
        })
    }

    #[track_caller]
    fn outcome(
        &self,
        deferred: Option<Deferred>,
        diagnostics: &[Diagnostic],
        object: Option<Json>,
    ) -> Outcome {
        assert_eq!(objection(deferred, diagnostics, self.allowed), None);
        let told = told(diagnostics).into_iter();
        (
            deferred.is_some(),
            told.map(|(_, summary)| summary.to_owned()).collect(),
            object,
        )
    }

    async fn read(&mut self) -> Outcome {
        let request = read_resource::Request {
            type_name: "realtimekit_webhook".into(),
            current_state: dynamic(&stored()),
            client_capabilities: self.capabilities(),
            ..Default::default()
        };
        let answer = self.terraform.provider.read_resource(request).await;
        let answer = answer.unwrap().into_inner();
        let object = answer.new_state.as_ref().map(|state| json(Some(state)));
        self.outcome(answer.deferred, &answer.diagnostics, object)
    }

    async fn plan_a_creation(&mut self) -> Outcome {
        let request = plan_resource_change::Request {
            type_name: "realtimekit_webhook".into(),
            prior_state: dynamic(&Json::Null),
            proposed_new_state: dynamic(&bell(&[])),
            config: dynamic(&bell(&[])),
            client_capabilities: self.capabilities(),
            ..Default::default()
        };
        let answer = self.terraform.provider.plan_resource_change(request).await;
        let answer = answer.unwrap().into_inner();
        let object = answer.planned_state.as_ref().map(|state| json(Some(state)));
        self.outcome(answer.deferred, &answer.diagnostics, object)
    }

    async fn import(&mut self) -> Outcome {
        let request = import_resource_state::Request {
            type_name: "realtimekit_webhook".into(),
            id: ID.into(),
            client_capabilities: self.capabilities(),
            ..Default::default()
        };
        let answer = self.terraform.provider.import_resource_state(request).await;
        let answer = answer.unwrap().into_inner();
        assert_eq!(answer.imported_resources, []);
        self.outcome(answer.deferred, &answer.diagnostics, None)
    }

    async fn look_up(&mut self) -> Outcome {
        let names = [
            "id",
            "account_id",
            "app_id",
            "name",
            "url",
            "events",
            "enabled",
            "created_at",
            "updated_at",
        ];
        let request = read_data_source::Request {
            type_name: "realtimekit_webhook".into(),
            config: dynamic(&object(&names, &[("id", ID.into())])),
            client_capabilities: self.capabilities(),
            ..Default::default()
        };
        let answer = self.terraform.provider.read_data_source(request).await;
        let answer = answer.unwrap().into_inner();
        let object = answer.state.as_ref().map(|state| json(Some(state)));
        self.outcome(answer.deferred, &answer.diagnostics, object)
    }

    async fn plan_an_action(&mut self) -> Outcome {
        let names = ["account_id", "app_id", "webhook_id"];
        let request = plan_action::Request {
            action_type: "realtimekit_webhook_disable".into(),
            config: dynamic(&object(&names, &[("webhook_id", UNKNOWN.into())])),
            client_capabilities: self.capabilities(),
        };
        let answer = self.terraform.provider.plan_action(request).await;
        let answer = answer.unwrap().into_inner();
        self.outcome(answer.deferred, &answer.diagnostics, None)
    }
}

#[tokio::test]
async fn all_that_needs_a_provider_block_not_known_yet_is_deferred() {
    let api = MockApi::start().unwrap();
    for setting in [
        "api_token",
        "base_url",
        "max_retries",
        "requests_per_second",
    ] {
        let mut run = Run::new(&api, &[(setting, UNKNOWN.into())], true).await;

        let (read, plan) = (run.read().await, run.plan_a_creation().await);
        let (found, action) = (run.look_up().await, run.plan_an_action().await);
        let import = run.import().await;

        let nothing = Vec::new;
        assert_eq!(read, (true, nothing(), Some(stored())), "{setting}");
        assert_eq!((plan.0, plan.1), (true, nothing()), "{setting}");
        let planned = plan.2.unwrap();
        assert_eq!(
            (&planned["name"], &planned["id"]),
            (&json!("bell"), &json!(UNKNOWN))
        );
        assert_eq!((found.0, found.1), (true, nothing()), "{setting}");
        let found = found.2.unwrap();
        assert_eq!(
            (&found["id"], &found["enabled"]),
            (&json!(ID), &json!(UNKNOWN))
        );
        assert_eq!(action, (true, nothing(), None), "{setting}");
        assert_eq!(import, (true, nothing(), None), "{setting}");
    }
    assert!(api.calls().is_empty());
}

#[tokio::test]
async fn a_terraform_without_deferrals_gets_plans_and_otherwise_errors() {
    let api = MockApi::start().unwrap();
    let mut run = Run::new(&api, &[("api_token", UNKNOWN.into())], false).await;

    let (plan, action) = (run.plan_a_creation().await, run.plan_an_action().await);
    let (read, found, import) = (run.read().await, run.look_up().await, run.import().await);

    assert_eq!((plan.0, plan.1), (false, Vec::new()));
    assert_eq!((action.0, action.1), (false, Vec::new()));
    let error = (
        false,
        vec!["Provider Configuration Not Known Yet".to_owned()],
        None,
    );
    assert_eq!([read, found, import], [error.clone(), error.clone(), error]);
}

/// OpenTofu 1.11.0 to 1.11.3 allow deferrals by mistake.
#[tokio::test]
async fn version_that_cannot_defer_gets_an_error_whatever_it_allows() {
    let api = MockApi::start().unwrap();
    for (version, defers) in [("1.11.0", false), ("1.11.3", false), ("1.11.4", true)] {
        for setting in ["api_token", "app_id"] {
            let block = [(setting, UNKNOWN.into())];
            let terraform = configured_by(version, &api, &block).await;
            let mut run = Run {
                terraform,
                allowed: true,
            };

            let (deferred, errors, _) = run.look_up().await;

            assert_eq!(deferred, defers, "{version} {setting}");
            assert_eq!(errors.is_empty(), defers, "{version} {setting}");
        }
    }
}

/// Terraform allows deferrals wherever it applies, and takes none there.
#[tokio::test]
async fn nothing_is_deferred_when_the_provider_block_is_known() {
    let api = MockApi::start().unwrap();
    let mut run = Run::new(&api, &[], true).await;

    let (read, plan) = (run.read().await, run.plan_a_creation().await);
    let (found, action) = (run.look_up().await, run.plan_an_action().await);
    let import = run.import().await;

    let deferred = [read.0, plan.0, found.0, action.0, import.0];
    assert_eq!(deferred, [false; 5]);
}
