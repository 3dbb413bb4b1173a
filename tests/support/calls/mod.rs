//! The calls that Terraform makes, with values in JSON: on the program over gRPC, or on a provider
//! in this process.

mod answer;
pub(crate) mod wire;

use std::time::Duration;

use http::{Request, Response};
use realtimekit::{
    framework::{Provider, server::ProviderServer},
    proto::tfplugin6::{
        ClientCapabilities, Deferred, Diagnostic, DynamicValue, RawState, ResourceIdentityData,
        invoke_action::{Event, event::Type},
        provider_client::ProviderClient,
        provider_server,
    },
};
use serde_json::Value as Json;
use tokio::time::timeout;
use tonic::{Status, Streaming, body::Body, codegen::StdError};
use tower::{Service, ServiceExt, util::BoxCloneSyncService};

pub(crate) use self::answer::{Answer, failed, only, path, text, told};
use self::wire::dynamic;

/// How long a test waits for what is bound to happen, be the machine as busy as it may.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const WEBHOOK: &str = "realtimekit_webhook";

/// Makes calls.
#[derive(Clone)]
pub(crate) struct Calls {
    pub(crate) provider: ProviderClient<Transport>,
    /// The resource that they are about.
    pub(crate) resource_type: &'static str,
    /// Whether Terraform allows the provider to defer.
    pub(crate) allows_deferral: bool,
    /// Words that no message may show.
    pub(crate) never_shown: &'static [&'static str],
}

/// A connection, or a service in this process.
type Transport = BoxCloneSyncService<Request<Body>, Response<Body>, Status>;

/// Makes a call that must be answered.
macro_rules! call {
    ($calls:ident.$rpc:ident { $($field:ident $(: $value:expr)?),* $(,)? }) => {{
        #[allow(clippy::needless_update, reason = "some requests have no other field")]
        let request = realtimekit::proto::tfplugin6::$rpc::Request {
            $($field $(: $value)?,)*
            ..Default::default()
        };
        let answer = $calls.provider.clone().$rpc(request).await;
        answer.expect("an answer, not a status").into_inner()
    }};
}
pub(crate) use call;

impl Calls {
    pub(crate) fn new<S>(transport: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error: Into<StdError>, Future: Send>,
        S: Clone + Send + Sync + 'static,
    {
        let transport = transport.map_err(|error| Status::from_error(error.into()));
        Self {
            // without limits on the size of messages, as Terraform's
            provider: ProviderClient::new(BoxCloneSyncService::new(transport))
                .max_decoding_message_size(usize::MAX),
            resource_type: WEBHOOK,
            allows_deferral: false,
            never_shown: &[],
        }
    }

    /// Calls on a provider in this process.
    pub(crate) fn in_process(provider: impl Provider) -> Self {
        let service = ProviderServer::new(provider);
        Self::new(provider_server::ProviderServer::new(service))
    }

    pub(crate) async fn configure(&self, version: &str, block: &Json) {
        let answer = call!(self.configure_provider {
            terraform_version: version.into(),
            config: dynamic(block),
        });
        assert_eq!(answer.diagnostics, []);
    }

    pub(crate) async fn validate(&self, config: &Json) -> Vec<Diagnostic> {
        let answer = call!(self.validate_resource_config {
            type_name: self.resource_type.into(),
            config: dynamic(config),
        });
        answer.diagnostics
    }

    pub(crate) async fn plan(&self, prior: &Answer, config: &Json) -> Answer {
        let planned = call!(self.plan_resource_change {
            type_name: self.resource_type.into(),
            prior_state: dynamic(&prior.state),
            proposed_new_state: dynamic(&proposed(&prior.state, config)),
            config: dynamic(config),
            prior_private: prior.private.clone(),
            prior_identity: sent(&prior.identity),
            client_capabilities: self.capabilities(),
        });
        let (state, identity) = (planned.planned_state, planned.planned_identity);
        Answer {
            private: planned.planned_private,
            requires_replace: planned.requires_replace.iter().map(path).collect(),
            ..self.answer(state, identity, planned.diagnostics, planned.deferred)
        }
    }

    pub(crate) async fn apply(&self, prior: &Answer, planned: &Answer, config: &Json) -> Answer {
        let applied = call!(self.apply_resource_change {
            type_name: self.resource_type.into(),
            prior_state: dynamic(&prior.state),
            planned_state: dynamic(&planned.state),
            config: dynamic(config),
            planned_private: planned.private.clone(),
            planned_identity: sent(&planned.identity),
        });
        let (state, identity) = (applied.new_state, applied.new_identity);
        Answer {
            private: applied.private,
            ..self.answer(state, identity, applied.diagnostics, None)
        }
    }

    /// Plans a change and makes it.
    pub(crate) async fn change(&self, prior: &Answer, config: &Json) -> Answer {
        let planned = self.plan(prior, config).await;
        self.apply(prior, &planned, config).await
    }

    pub(crate) async fn upgrade(&self, stored: &Json) -> Answer {
        let upgraded = call!(self.upgrade_resource_state {
            type_name: self.resource_type.into(),
            raw_state: raw(stored.to_string()),
        });
        self.answer(upgraded.upgraded_state, None, upgraded.diagnostics, None)
    }

    pub(crate) async fn read(&self, stored: &Answer) -> Answer {
        let read = call!(self.read_resource {
            type_name: self.resource_type.into(),
            current_state: dynamic(&stored.state),
            private: stored.private.clone(),
            current_identity: sent(&stored.identity),
            client_capabilities: self.capabilities(),
        });
        let (state, identity) = (read.new_state, read.new_identity);
        Answer {
            private: read.private,
            ..self.answer(state, identity, read.diagnostics, read.deferred)
        }
    }

    /// Imports by an ID, or by an identity if that is an object.
    pub(crate) async fn import(&self, target: &Json) -> Answer {
        let answer = call!(self.import_resource_state {
            type_name: self.resource_type.into(),
            id: target.as_str().unwrap_or_default().into(),
            identity: Some(target).filter(|it| it.is_object()).and_then(sent),
            client_capabilities: self.capabilities(),
        });
        let imported = answer.imported_resources.into_iter().next();
        if let Some(imported) = &imported {
            assert_eq!(imported.type_name, self.resource_type);
        }
        let imported = imported.unwrap_or_default();
        let (state, identity) = (imported.state, imported.identity);
        Answer {
            private: imported.private,
            ..self.answer(state, identity, answer.diagnostics, answer.deferred)
        }
    }

    /// Reads a data source.
    pub(crate) async fn look_up(&self, type_name: &str, query: &Json) -> Answer {
        let found = call!(self.read_data_source {
            type_name: type_name.into(),
            config: dynamic(query),
            client_capabilities: self.capabilities(),
        });
        self.answer(found.state, None, found.diagnostics, found.deferred)
    }

    /// As `terraform query` does it: the name of each object with what is known of it, and what was
    /// said. An error ends it.
    pub(crate) async fn list(
        &self,
        query: &Json,
        limit: i64,
    ) -> (Vec<(String, Answer)>, Vec<String>) {
        let mut events = call!(self.list_resource {
            type_name: self.resource_type.into(),
            config: dynamic(query),
            include_resource_object: true,
            limit,
        });
        let (mut found, mut said) = (Vec::new(), Vec::new());
        while found.len() < usize::try_from(limit).unwrap() {
            let Some(event) = events.message().await.unwrap() else {
                break;
            };
            let diagnostics = Vec::from_iter(event.diagnostic);
            let answer = self.answer(event.resource_object, event.identity, diagnostics, None);
            said.extend(told(&answer.diagnostics));
            match answer.identity.is_null() {
                true if answer.failed() => break,
                true => assert_ne!(answer.diagnostics, [], "Terraform: missing identity data"),
                false => found.push((event.display_name, answer)),
            }
        }
        (found, said)
    }

    pub(crate) async fn generate(&self, state: &Json) -> Json {
        let generated = call!(self.generate_resource_config {
            type_name: self.resource_type.into(),
            state: dynamic(state),
        });
        assert_eq!(generated.diagnostics, []);
        wire::json(generated.config)
    }

    pub(crate) async fn plan_action(&self, action: &str, config: &Json) -> Answer {
        let planned = call!(self.plan_action {
            action_type: action.into(),
            config: dynamic(config),
            client_capabilities: self.capabilities(),
        });
        self.answer(None, None, planned.diagnostics, planned.deferred)
    }

    /// The events of an invocation.
    pub(crate) async fn invoke(&self, action: &str, config: &Json) -> Streaming<Event> {
        call!(self.invoke_action {
            action_type: action.into(),
            config: dynamic(config),
        })
    }

    pub(crate) async fn stop(&self) {
        assert_eq!(call!(self.stop_provider {}).error, "");
    }

    #[track_caller]
    fn answer(
        &self,
        state: Option<DynamicValue>,
        identity: Option<ResourceIdentityData>,
        diagnostics: Vec<Diagnostic>,
        deferred: Option<Deferred>,
    ) -> Answer {
        for message in &diagnostics {
            answer::check_message(message, self.never_shown);
        }
        Answer {
            state: wire::json(state),
            identity: answer::identity(identity),
            diagnostics,
            deferred: answer::is_deferred(deferred),
            ..Answer::default()
        }
    }

    fn capabilities(&self) -> Option<ClientCapabilities> {
        self.allows_deferral.then_some(ClientCapabilities {
            deferral_allowed: true,
            ..Default::default()
        })
    }
}

/// What Terraform makes of the events of an invocation, messages and diagnostics: it panics at an
/// empty event, takes a status for a failure of the plugin, and the end of the stream for a success.
pub(crate) async fn outcome(mut events: Streaming<Event>) -> (Vec<String>, Vec<Diagnostic>) {
    let (mut messages, mut completed) = (Vec::new(), None);
    while let Some(event) = timeout(PATIENCE, events.message()).await.unwrap().unwrap() {
        assert_eq!(completed, None, "nothing comes after the completion");
        match event.r#type.expect("Terraform: unexpected event type") {
            Type::Progress(progress) => messages.push(progress.message),
            Type::Completed(end) => completed = Some(end.diagnostics),
        }
    }
    (messages, completed.expect("the invocation is completed"))
}

/// Terraform's own merge: what is not configured and computed stays as it was.
fn proposed(prior: &Json, config: &Json) -> Json {
    let mut merged = config.clone();
    match (&mut merged, prior) {
        (Json::Object(values), prior @ Json::Object(_)) => {
            for (name, value) in values.iter_mut().filter(|(name, _)| *name != "timeouts") {
                *value = match value.is_null() {
                    true => prior[name].clone(),
                    false => proposed(&prior[name], value),
                };
            }
        }
        (Json::Array(elements), Json::Array(prior)) => {
            for (element, prior) in elements.iter_mut().zip(prior) {
                *element = proposed(prior, element);
            }
        }
        _ => {}
    }
    merged
}

/// A value as it is stored in a state file.
pub(crate) fn raw(json: impl Into<Vec<u8>>) -> Option<RawState> {
    Some(RawState {
        json: json.into(),
        ..Default::default()
    })
}

/// An identity as Terraform sends it, if it has one.
pub(crate) fn sent(identity: &Json) -> Option<ResourceIdentityData> {
    let identity_data = dynamic(identity);
    (!identity.is_null()).then_some(ResourceIdentityData { identity_data })
}
