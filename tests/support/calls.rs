//! The calls that Terraform makes about webhooks, with values in JSON.

use realtimekit::{
    mock_api::{MockApi, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID},
    proto::tfplugin6::{
        ClientCapabilities, Deferred, Diagnostic, DynamicValue, RawState, ResourceIdentityData,
        apply_resource_change, configure_provider, diagnostic::Severity, generate_resource_config,
        import_resource_state, list_resource, plan_action, plan_resource_change,
        provider_client::ProviderClient, read_data_source, read_resource, upgrade_resource_state,
        validate_resource_config,
    },
};
use serde_json::{Map, Value as Json, json};
use tonic::transport::Channel;

use super::wire::{self, UNKNOWN, dynamic};

pub(crate) const WEBHOOK: &str = "realtimekit_webhook";
pub(crate) const ACCOUNT: &str = SAMPLE_ACCOUNT_ID;
pub(crate) const APP: &str = SAMPLE_APP_ID;

/// An answer of the provider, and what Terraform stores of it; values are null if there are none.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Answer {
    pub(crate) state: Json,
    pub(crate) identity: Json,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) deferred: bool,
}

impl Answer {
    /// A state and an identity, which must be as Terraform demands (package `terraform`:
    /// `validateIdentity`, `validateIdentityKnown`).
    #[track_caller]
    fn new(
        state: Option<DynamicValue>,
        identity: Option<ResourceIdentityData>,
        diagnostics: Vec<Diagnostic>,
        deferred: Option<Deferred>,
    ) -> Self {
        let identity = value(identity.and_then(|it| it.identity_data));
        if let Json::Object(parts) = &identity {
            let is_whole = parts.keys().eq(["account_id", "app_id", "id"]);
            let is_known = parts.values().all(|it| it.is_string() && it != UNKNOWN);
            assert!(is_whole && is_known, "Terraform: invalid {identity}");
        }
        Self {
            state: value(state),
            identity,
            diagnostics,
            deferred: deferred.is_some(),
        }
    }

    /// The answer, in which nothing may be said and nothing deferred.
    #[track_caller]
    pub(crate) fn plainly(self) -> Self {
        assert_eq!((self.summaries(), self.deferred), (vec![], false));
        self
    }

    pub(crate) fn summaries(&self) -> Vec<&str> {
        let told = self.diagnostics.iter();
        told.map(|it| it.summary.as_str()).collect()
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
pub(crate) use call;

impl Calls {
    pub(crate) fn new(channel: Channel) -> Self {
        Self {
            provider: ProviderClient::new(channel),
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

    pub(crate) async fn plan(&mut self, prior: &Answer, config: &Json) -> Answer {
        let planned = call!(self.plan_resource_change {
            type_name: WEBHOOK.into(),
            prior_state: dynamic(&prior.state),
            proposed_new_state: dynamic(&proposed(&prior.state, config)),
            config: dynamic(config),
            prior_identity: sent(&prior.identity),
            client_capabilities: self.capabilities(),
            ..Default::default()
        });
        let (state, identity) = (planned.planned_state, planned.planned_identity);
        Answer::new(state, identity, planned.diagnostics, planned.deferred)
    }

    pub(crate) async fn apply(
        &mut self,
        prior: &Answer,
        planned: &Answer,
        config: &Json,
    ) -> Answer {
        let applied = call!(self.apply_resource_change {
            type_name: WEBHOOK.into(),
            prior_state: dynamic(&prior.state),
            planned_state: dynamic(&planned.state),
            config: dynamic(config),
            planned_identity: sent(&planned.identity),
            ..Default::default()
        });
        let (state, identity) = (applied.new_state, applied.new_identity);
        Answer::new(state, identity, applied.diagnostics, None)
    }

    /// Plans a change and makes it.
    pub(crate) async fn change(&mut self, prior: &Answer, config: &Json) -> Answer {
        let planned = self.plan(prior, config).await;
        self.apply(prior, &planned, config).await
    }

    pub(crate) async fn upgrade(&mut self, stored: &Json) -> Answer {
        let upgraded = call!(self.upgrade_resource_state {
            type_name: WEBHOOK.into(),
            version: 0,
            raw_state: raw(stored),
        });
        Answer::new(upgraded.upgraded_state, None, upgraded.diagnostics, None)
    }

    pub(crate) async fn read(&mut self, stored: &Answer) -> Answer {
        let read = call!(self.read_resource {
            type_name: WEBHOOK.into(),
            current_state: dynamic(&stored.state),
            current_identity: sent(&stored.identity),
            client_capabilities: self.capabilities(),
            ..Default::default()
        });
        let (state, identity) = (read.new_state, read.new_identity);
        Answer::new(state, identity, read.diagnostics, read.deferred)
    }

    /// Imports by an ID, or by an identity if that is an object.
    pub(crate) async fn import(&mut self, target: &Json) -> Answer {
        let imported = call!(self.import_resource_state {
            type_name: WEBHOOK.into(),
            id: target.as_str().unwrap_or_default().into(),
            identity: Some(target).filter(|it| it.is_object()).and_then(sent),
            client_capabilities: self.capabilities(),
        });
        let mut resources = imported.imported_resources.into_iter();
        let (state, identity) = resources.next().map_or((None, None), |resource| {
            assert_eq!(resource.type_name, WEBHOOK);
            (resource.state, resource.identity)
        });
        Answer::new(state, identity, imported.diagnostics, imported.deferred)
    }

    /// Reads a data source.
    pub(crate) async fn look_up(&mut self, type_name: &str, query: &Json) -> Answer {
        let found = call!(self.read_data_source {
            type_name: type_name.into(),
            config: dynamic(query),
            client_capabilities: self.capabilities(),
            ..Default::default()
        });
        Answer::new(found.state, None, found.diagnostics, found.deferred)
    }

    /// As `terraform query` does it: the name of each webhook with what is known of it, and the
    /// summaries of what was said. An error ends it.
    pub(crate) async fn list(
        &mut self,
        query: &Json,
        limit: i64,
    ) -> (Vec<(String, Answer)>, Vec<String>) {
        let mut events = call!(self.list_resource {
            type_name: WEBHOOK.into(),
            config: dynamic(query),
            include_resource_object: true,
            limit,
        });
        let (mut found, mut told) = (Vec::new(), Vec::new());
        while found.len() < usize::try_from(limit).unwrap() {
            let Some(event) = events.message().await.unwrap() else {
                break;
            };
            let said = Vec::from_iter(event.diagnostic);
            let answer = Answer::new(event.resource_object, event.identity, said, None);
            told.extend(answer.summaries().into_iter().map(str::to_owned));
            match answer.identity.is_null() {
                true if answer.failed() => break,
                true => assert_ne!(answer.diagnostics, [], "Terraform: missing identity data"),
                false => found.push((event.display_name, answer)),
            }
        }
        (found, told)
    }

    pub(crate) async fn generate(&mut self, state: &Json) -> Json {
        let generated = call!(self.generate_resource_config {
            type_name: WEBHOOK.into(),
            state: dynamic(state),
        });
        assert_eq!(generated.diagnostics, []);
        value(generated.config)
    }

    pub(crate) async fn plan_action(&mut self, action: &str, config: &Json) -> Answer {
        let planned = call!(self.plan_action {
            action_type: action.into(),
            config: dynamic(config),
            client_capabilities: self.capabilities(),
        });
        Answer::new(None, None, planned.diagnostics, planned.deferred)
    }

    fn capabilities(&self) -> Option<ClientCapabilities> {
        self.allows_deferral.then_some(ClientCapabilities {
            deferral_allowed: true,
            ..Default::default()
        })
    }
}

/// An object of all these attributes, separated by spaces: null, unless they are among the `known`.
pub(crate) fn object(names: &str, known: &[(&str, Json)]) -> Json {
    let nulls = names.split(' ').map(|name| (name.to_owned(), Json::Null));
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
    object(names, known)
}

/// The configuration of a webhook by its name, with a URL and an event.
pub(crate) fn bell(name: &str) -> Json {
    webhook(&[
        ("name", name.into()),
        ("url", "https://example.com/bell".into()),
        ("events", json!(["meeting.started"])),
    ])
}

/// The configuration of the data source of one webhook.
pub(crate) fn look_up(name: &str, value: &str) -> Json {
    let names = "id account_id app_id name url events enabled created_at updated_at";
    object(names, &[(name, value.into())])
}

/// The configuration of a query for webhooks.
pub(crate) fn query(known: &[(&str, Json)]) -> Json {
    object("account_id app_id enabled event name_prefix", known)
}

/// The identity of a webhook in the provider's app.
pub(crate) fn identity_of(id: &str) -> Json {
    json!({ "account_id": ACCOUNT, "app_id": APP, "id": id })
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

/// A value as it is stored in a state file.
pub(crate) fn raw(value: &Json) -> Option<RawState> {
    Some(RawState {
        json: value.to_string().into_bytes(),
        ..Default::default()
    })
}

fn sent(identity: &Json) -> Option<ResourceIdentityData> {
    let identity_data = dynamic(identity);
    (!identity.is_null()).then_some(ResourceIdentityData { identity_data })
}

fn value(message: Option<DynamicValue>) -> Json {
    message.map_or(Json::Null, |value| wire::json(Some(&value)))
}
