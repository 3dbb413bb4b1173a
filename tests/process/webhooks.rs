//! A configured provider process and the API that it manages webhooks of, in JSON.

use realtimekit::{
    mock_api::{MockApi, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID},
    proto::tfplugin6::{
        Diagnostic, ResourceIdentityData, ResourceIdentitySchema, apply_resource_change,
        configure_provider, generate_resource_config, get_resource_identity_schemas,
        import_resource_state, list_resource, plan_resource_change, read_resource,
    },
};
use serde_json::{Value as Json, json};

use crate::{
    support::{Core, Launch},
    terraform_checks::{Parts, Results, data, identity_problems},
    wire::{self, dynamic},
};

pub(crate) const WEBHOOK: &str = "realtimekit_webhook";
/// Those of the provider block.
pub(crate) const ACCOUNT: &str = SAMPLE_ACCOUNT_ID;
pub(crate) const APP: &str = SAMPLE_APP_ID;

/// A provider as Terraform has it since there are identities.
pub(crate) struct Webhooks {
    pub(crate) terraform: Core,
    pub(crate) api: MockApi,
    schema: ResourceIdentitySchema,
}

/// What Terraform stores of a resource.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Instance {
    pub(crate) state: Json,
    pub(crate) identity: Json,
}

/// A plan, with the paths left out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Planned {
    pub(crate) state: Json,
    pub(crate) identity: Json,
    pub(crate) replaces: bool,
}

impl Webhooks {
    pub(crate) async fn start() -> Self {
        Self::of(MockApi::start().unwrap()).await
    }

    /// A provider for an API, configured with its account and app.
    pub(crate) async fn of(api: MockApi) -> Self {
        let launch = Launch::new().env("TF_LOG", "TRACE");
        let mut terraform = launch.connect().await;
        let request = get_resource_identity_schemas::Request {};
        let answer = terraform.provider.get_resource_identity_schemas(request);
        let mut answer = answer.await.unwrap().into_inner();
        let schema = answer.identity_schemas.remove(WEBHOOK).unwrap();
        configure(&mut terraform, &api).await;
        Self {
            terraform,
            api,
            schema,
        }
    }

    /// Makes the next calls a run of their own.
    pub(crate) async fn restart(&mut self) {
        configure(&mut self.terraform, &self.api).await;
    }

    /// The value of an identity, which must be as Terraform demands.
    #[track_caller]
    fn identity(&self, message: Option<&ResourceIdentityData>, parts: Parts) -> Json {
        let identity = data(message).map_or(Json::Null, |data| wire::json(Some(data)));
        let problems = identity_problems(&self.schema, &identity, parts);
        assert_eq!(problems, [""; 0], "{identity}");
        identity
    }

    pub(crate) async fn plan(&mut self, prior: &Instance, config: &Json) -> Planned {
        let (planned, diagnostics) = self.try_plan(prior, config).await;
        assert_eq!(diagnostics, []);
        planned
    }

    pub(crate) async fn try_plan(
        &mut self,
        prior: &Instance,
        config: &Json,
    ) -> (Planned, Vec<Diagnostic>) {
        let request = plan_resource_change::Request {
            type_name: WEBHOOK.into(),
            prior_state: dynamic(&prior.state),
            proposed_new_state: dynamic(&proposed(&prior.state, config)),
            config: dynamic(config),
            prior_identity: sent(&prior.identity),
            ..Default::default()
        };
        let answer = self.terraform.provider.plan_resource_change(request);
        let answer = answer.await.unwrap().into_inner();
        let replaces = !answer.requires_replace.is_empty();
        let parts = match prior.state.is_null() || replaces {
            true => Parts::PerhapsUnknown,
            false => Parts::Known,
        };
        let planned = Planned {
            state: value(answer.planned_state.as_ref()),
            identity: self.identity(answer.planned_identity.as_ref(), parts),
            replaces,
        };
        (planned, answer.diagnostics)
    }

    pub(crate) async fn apply(
        &mut self,
        prior: &Instance,
        planned: &Planned,
        config: &Json,
    ) -> (Instance, Vec<Diagnostic>) {
        let request = apply_resource_change::Request {
            type_name: WEBHOOK.into(),
            prior_state: dynamic(&prior.state),
            planned_state: dynamic(&planned.state),
            config: dynamic(config),
            planned_identity: sent(&planned.identity),
            ..Default::default()
        };
        let answer = self.terraform.provider.apply_resource_change(request);
        let answer = answer.await.unwrap().into_inner();
        let instance = Instance {
            state: value(answer.new_state.as_ref()),
            identity: self.identity(answer.new_identity.as_ref(), Parts::Known),
        };
        (instance, answer.diagnostics)
    }

    /// Plans and makes a change that must succeed.
    pub(crate) async fn change(&mut self, prior: &Instance, config: &Json) -> Instance {
        let planned = self.plan(prior, config).await;
        assert!(!planned.replaces);
        let (instance, diagnostics) = self.apply(prior, &planned, config).await;
        assert_eq!(diagnostics, []);
        instance
    }

    pub(crate) async fn read(&mut self, instance: &Instance) -> (Instance, Vec<Diagnostic>) {
        let request = read_resource::Request {
            type_name: WEBHOOK.into(),
            current_state: dynamic(&instance.state),
            current_identity: sent(&instance.identity),
            ..Default::default()
        };
        let answer = self.terraform.provider.read_resource(request).await;
        let answer = answer.unwrap().into_inner();
        let instance = Instance {
            state: value(answer.new_state.as_ref()),
            identity: self.identity(answer.new_identity.as_ref(), Parts::Known),
        };
        (instance, answer.diagnostics)
    }

    /// Imports by an id, or by an identity if that is an object.
    pub(crate) async fn import(&mut self, target: &Json) -> Result<Instance, Vec<Diagnostic>> {
        let request = import_resource_state::Request {
            type_name: WEBHOOK.into(),
            id: target.as_str().unwrap_or_default().into(),
            identity: Some(target)
                .filter(|target| target.is_object())
                .and_then(sent),
            ..Default::default()
        };
        let answer = self.terraform.provider.import_resource_state(request);
        let answer = answer.await.unwrap().into_inner();
        if !answer.diagnostics.is_empty() {
            assert_eq!(answer.imported_resources, []);
            return Err(answer.diagnostics);
        }
        let [imported] = answer.imported_resources.try_into().unwrap();
        assert_eq!(imported.type_name, WEBHOOK);
        let identity = self.identity(imported.identity.as_ref(), Parts::Known);
        let complete = |identity: &Json| identity.as_object().is_some_and(no_null);
        assert!(complete(&identity), "{identity}");
        Ok(Instance {
            state: value(imported.state.as_ref()),
            identity,
        })
    }

    /// As `terraform query` does it; an error is what ends it.
    pub(crate) async fn list(
        &mut self,
        config: &Json,
        limit: i64,
        whole: bool,
    ) -> Result<Results, String> {
        let request = list_resource::Request {
            type_name: WEBHOOK.into(),
            config: dynamic(config),
            include_resource_object: whole,
            limit,
        };
        let answer = self.terraform.provider.list_resource(request).await;
        let mut events = answer.unwrap().into_inner();
        let mut results = Results::default();
        while results.found.len() < usize::try_from(limit).unwrap() {
            match events.message().await.unwrap() {
                Some(event) => results.take(&self.schema, &event)?,
                None => break,
            }
        }
        Ok(results)
    }

    pub(crate) async fn generate(&mut self, state: &Json) -> Json {
        let request = generate_resource_config::Request {
            type_name: WEBHOOK.into(),
            state: dynamic(state),
        };
        let answer = self.terraform.provider.generate_resource_config(request);
        let answer = answer.await.unwrap().into_inner();
        assert_eq!(answer.diagnostics, []);
        value(answer.config.as_ref())
    }
}

/// Configures a provider for the account and app of [`ACCOUNT`] and [`APP`].
pub(crate) async fn configure(terraform: &mut Core, api: &MockApi) {
    let block = json!({
        "api_token": api.token(), "base_url": api.base_url(), "account_id": ACCOUNT,
        "app_id": APP, "max_retries": null, "requests_per_second": null,
    });
    let request = configure_provider::Request {
        terraform_version: "1.15.5".into(),
        config: dynamic(&block),
        ..Default::default()
    };
    let answer = terraform.provider.configure_provider(request).await;
    assert_eq!(answer.unwrap().into_inner().diagnostics, []);
}

/// Nothing is stored.
pub(crate) fn nothing() -> Instance {
    Instance {
        state: Json::Null,
        identity: Json::Null,
    }
}

/// A configuration of which only this is written.
pub(crate) fn config(name: &str, url: &str, events: &[&str]) -> Json {
    json!({
        "id": null, "account_id": null, "app_id": null, "name": name, "url": url,
        "events": events, "enabled": null, "created_at": null, "updated_at": null,
        "timeouts": null,
    })
}

/// The identity of a webhook in the provider's app.
pub(crate) fn identity_of(id: &str) -> Json {
    json!({ "account_id": ACCOUNT, "app_id": APP, "id": id })
}

/// Terraform's own merge: what is not configured and computed stays as it was.
pub(crate) fn proposed(prior: &Json, config: &Json) -> Json {
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

fn value(message: Option<&realtimekit::proto::tfplugin6::DynamicValue>) -> Json {
    message.map_or(Json::Null, |value| wire::json(Some(value)))
}

fn no_null(object: &serde_json::Map<String, Json>) -> bool {
    !object.values().any(Json::is_null)
}
