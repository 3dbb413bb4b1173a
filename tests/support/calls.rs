//! The calls that Terraform makes about webhooks, with values in JSON.

use realtimekit::{
    mock_api::{MockApi, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID},
    proto::tfplugin6::{
        ClientCapabilities, Diagnostic, DynamicValue, ResourceIdentityData, apply_resource_change,
        configure_provider, diagnostic::Severity, generate_resource_config, import_resource_state,
        list_resource, plan_action, plan_resource_change, provider_client::ProviderClient,
        read_data_source, read_resource, upgrade_resource_state, validate_resource_config,
    },
};
use serde_json::{Map, Value as Json, json};
use tonic::transport::Channel;

use super::wire::{self, UNKNOWN, dynamic};

pub(crate) const WEBHOOK: &str = "realtimekit_webhook";
pub(crate) const ACCOUNT: &str = SAMPLE_ACCOUNT_ID;
pub(crate) const APP: &str = SAMPLE_APP_ID;

/// The summaries of an answer without diagnostics.
pub(crate) const TOLD_NOTHING: [&str; 0] = [];

/// What Terraform stores of a resource; nulls if there is none.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Instance {
    pub(crate) state: Json,
    pub(crate) identity: Json,
}

/// An answer of the provider.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) instance: Instance,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) deferred: bool,
    pub(crate) replaces: bool,
}

impl Answer {
    /// What was answered, without a word about it.
    #[track_caller]
    pub(crate) fn plainly(self) -> Instance {
        assert_eq!((self.summaries(), self.deferred), (vec![], false));
        self.instance
    }

    pub(crate) fn summaries(&self) -> Vec<&str> {
        let summaries = self.diagnostics.iter();
        summaries.map(|it| it.summary.as_str()).collect()
    }

    pub(crate) fn failed(&self) -> bool {
        let mut severities = self.diagnostics.iter().map(Diagnostic::severity);
        severities.any(|severity| severity == Severity::Error)
    }
}

/// Makes calls.
pub(crate) struct Calls {
    pub(crate) provider: ProviderClient<Channel>,
    /// Whether Terraform allows the provider to defer.
    pub(crate) allows_deferral: bool,
}

/// Makes a call that must be answered.
macro_rules! call {
    ($calls:ident.$rpc:ident { $($fields:tt)* }) => {
        $calls.provider.$rpc($rpc::Request { $($fields)* }).await.unwrap().into_inner()
    };
}

impl Calls {
    pub(crate) fn new(provider: ProviderClient<Channel>) -> Self {
        Self {
            provider,
            allows_deferral: false,
        }
    }

    pub(crate) async fn configure(&mut self, version: &str, block: &Json) {
        let answer = call!(self.configure_provider {
            terraform_version: version.into(),
            config: dynamic(block),
            ..Default::default()
        });
        assert_eq!(answer.diagnostics, []);
    }

    pub(crate) async fn validate(&mut self, config: &Json) -> Vec<Diagnostic> {
        let answer = call!(self.validate_resource_config {
            type_name: WEBHOOK.into(),
            config: dynamic(config),
            ..Default::default()
        });
        answer.diagnostics
    }

    pub(crate) async fn plan(&mut self, prior: &Instance, config: &Json) -> Answer {
        let answer = call!(self.plan_resource_change {
            type_name: WEBHOOK.into(),
            prior_state: dynamic(&prior.state),
            proposed_new_state: dynamic(&proposed(&prior.state, config)),
            config: dynamic(config),
            prior_identity: sent(&prior.identity),
            client_capabilities: self.capabilities(),
            ..Default::default()
        });
        let replaces = !answer.requires_replace.is_empty();
        let is_new = prior.state.is_null() || replaces;
        Answer {
            instance: instance(
                answer.planned_state.as_ref(),
                answer.planned_identity.as_ref(),
                is_new,
            ),
            diagnostics: answer.diagnostics,
            deferred: answer.deferred.is_some(),
            replaces,
        }
    }

    pub(crate) async fn apply(
        &mut self,
        prior: &Instance,
        planned: &Instance,
        config: &Json,
    ) -> Answer {
        let answer = call!(self.apply_resource_change {
            type_name: WEBHOOK.into(),
            prior_state: dynamic(&prior.state),
            planned_state: dynamic(&planned.state),
            config: dynamic(config),
            planned_identity: sent(&planned.identity),
            ..Default::default()
        });
        Answer {
            instance: instance(
                answer.new_state.as_ref(),
                answer.new_identity.as_ref(),
                false,
            ),
            diagnostics: answer.diagnostics,
            ..Default::default()
        }
    }

    /// Plans a change and makes it.
    pub(crate) async fn change(&mut self, prior: &Instance, config: &Json) -> Answer {
        let planned = self.plan(prior, config).await;
        assert!(!planned.replaces);
        self.apply(prior, &planned.instance, config).await
    }

    pub(crate) async fn upgrade(&mut self, stored: &Json) -> Json {
        let answer = call!(self.upgrade_resource_state {
            type_name: WEBHOOK.into(),
            version: 0,
            raw_state: Some(realtimekit::proto::tfplugin6::RawState {
                json: stored.to_string().into_bytes(),
                ..Default::default()
            }),
        });
        assert_eq!(answer.diagnostics, []);
        value(answer.upgraded_state.as_ref())
    }

    pub(crate) async fn read(&mut self, stored: &Instance) -> Answer {
        let answer = call!(self.read_resource {
            type_name: WEBHOOK.into(),
            current_state: dynamic(&stored.state),
            current_identity: sent(&stored.identity),
            client_capabilities: self.capabilities(),
            ..Default::default()
        });
        Answer {
            instance: instance(
                answer.new_state.as_ref(),
                answer.new_identity.as_ref(),
                false,
            ),
            diagnostics: answer.diagnostics,
            deferred: answer.deferred.is_some(),
            ..Default::default()
        }
    }

    /// Imports by an ID, or by an identity if that is an object.
    pub(crate) async fn import(&mut self, target: &Json) -> Answer {
        let identity = Some(target).filter(|target| target.is_object());
        let answer = call!(self.import_resource_state {
            type_name: WEBHOOK.into(),
            id: target.as_str().unwrap_or_default().into(),
            identity: identity.and_then(sent),
            client_capabilities: self.capabilities(),
        });
        let imported = answer.imported_resources.first();
        Answer {
            instance: imported.map_or_else(Instance::default, |imported| {
                assert_eq!(imported.type_name, WEBHOOK);
                instance(imported.state.as_ref(), imported.identity.as_ref(), false)
            }),
            diagnostics: answer.diagnostics,
            deferred: answer.deferred.is_some(),
            ..Default::default()
        }
    }

    /// Reads the data source of one webhook, or of all.
    pub(crate) async fn look_up(&mut self, type_name: &str, query: &Json) -> Answer {
        let answer = call!(self.read_data_source {
            type_name: type_name.into(),
            config: dynamic(query),
            client_capabilities: self.capabilities(),
            ..Default::default()
        });
        Answer {
            instance: instance(answer.state.as_ref(), None, false),
            diagnostics: answer.diagnostics,
            deferred: answer.deferred.is_some(),
            ..Default::default()
        }
    }

    /// As `terraform query` does it: the name of each webhook with what is known of it, and the
    /// summaries of what was said. An error ends it.
    pub(crate) async fn list(
        &mut self,
        query: &Json,
        limit: i64,
        whole: bool,
    ) -> (Vec<(String, Instance)>, Vec<String>) {
        let mut events = call!(self.list_resource {
            type_name: WEBHOOK.into(),
            config: dynamic(query),
            include_resource_object: whole,
            limit,
        });
        let (mut found, mut told) = (Vec::new(), Vec::new());
        while found.len() < usize::try_from(limit).unwrap() {
            let Some(event) = events.message().await.unwrap() else {
                break;
            };
            let failed = event
                .diagnostic
                .iter()
                .any(|it| it.severity() == Severity::Error);
            told.extend(event.diagnostic.into_iter().map(|it| it.summary));
            if failed {
                break;
            }
            let (object, identity) = (event.resource_object.as_ref(), event.identity.as_ref());
            if identity.is_some() || told.is_empty() {
                found.push((event.display_name, instance(object, identity, false)));
                let (_, Instance { identity, .. }) = found.last().unwrap();
                assert!(!identity.is_null(), "Terraform: missing identity data");
            }
        }
        (found, told)
    }

    pub(crate) async fn generate(&mut self, state: &Json) -> Json {
        let answer = call!(self.generate_resource_config {
            type_name: WEBHOOK.into(),
            state: dynamic(state),
        });
        assert_eq!(answer.diagnostics, []);
        value(answer.config.as_ref())
    }

    pub(crate) async fn plan_action(&mut self, action: &str, config: &Json) -> Answer {
        let answer = call!(self.plan_action {
            action_type: action.into(),
            config: dynamic(config),
            client_capabilities: self.capabilities(),
        });
        Answer {
            diagnostics: answer.diagnostics,
            deferred: answer.deferred.is_some(),
            ..Default::default()
        }
    }

    fn capabilities(&self) -> Option<ClientCapabilities> {
        self.allows_deferral.then_some(ClientCapabilities {
            deferral_allowed: true,
            ..Default::default()
        })
    }
}

/// An object of all these attributes: null, unless they are among the `known`.
pub(crate) fn object(names: &[&str], known: &[(&str, Json)]) -> Json {
    let nulls = names.iter().map(|name| ((*name).to_owned(), Json::Null));
    let mut object: Map<String, Json> = nulls.collect();
    for (name, value) in known {
        let replaced = object.insert((*name).to_owned(), value.clone());
        assert!(replaced.is_some(), "{name} is no attribute");
    }
    object.into()
}

/// The configuration or state of a webhook.
pub(crate) fn webhook(known: &[(&str, Json)]) -> Json {
    let names = "id account_id app_id name url events enabled created_at updated_at timeouts";
    object(&names.split(' ').collect::<Vec<_>>(), known)
}

/// The configuration of a webhook by its name, with a URL and an event.
pub(crate) fn bell(name: &str) -> Json {
    webhook(&[
        ("name", name.into()),
        ("url", "https://example.com/bell".into()),
        ("events", json!(["meeting.started"])),
    ])
}

/// A provider block for an API, with its account and app.
pub(crate) fn provider_block(api: &MockApi, known: &[(&str, Json)]) -> Json {
    let mut block = json!({
        "api_token": api.token(), "base_url": api.base_url(), "account_id": ACCOUNT,
        "app_id": APP, "max_retries": null, "requests_per_second": null,
    });
    for (name, value) in known {
        block[name] = value.clone();
    }
    block
}

/// Terraform's own merge: what is not configured and computed stays as it was.
fn proposed(prior: &Json, config: &Json) -> Json {
    let mut proposed = config.clone();
    if let (Json::Object(proposed), Json::Object(prior)) = (&mut proposed, prior) {
        for (name, value) in proposed {
            if value.is_null() && name != "timeouts" {
                *value = prior[name].clone();
            }
        }
    }
    proposed
}

fn sent(identity: &Json) -> Option<ResourceIdentityData> {
    let identity_data = dynamic(identity);
    (!identity.is_null()).then_some(ResourceIdentityData { identity_data })
}

fn value(message: Option<&DynamicValue>) -> Json {
    message.map_or(Json::Null, |value| wire::json(Some(value)))
}

/// A state and an identity, which must be as Terraform demands (package `terraform`:
/// `validateIdentity`, `validateIdentityKnown`).
#[track_caller]
fn instance(
    state: Option<&DynamicValue>,
    identity: Option<&ResourceIdentityData>,
    is_new: bool,
) -> Instance {
    let identity = value(identity.and_then(|it| it.identity_data.as_ref()));
    if let Json::Object(parts) = &identity {
        assert!(
            parts.keys().eq(["account_id", "app_id", "id"]),
            "Terraform: an identity that does not match the schema: {identity}"
        );
        let is_known = |part: &Json| part.is_string() && part != UNKNOWN;
        assert!(
            is_new || parts.values().all(is_known),
            "Terraform: invalid identity: {identity}"
        );
    } else {
        assert!(identity.is_null(), "{identity}");
    }
    Instance {
        state: value(state),
        identity,
    }
}
