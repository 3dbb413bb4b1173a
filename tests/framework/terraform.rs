//! Terraform's part: requests as it makes them.

use realtimekit::{
    framework::server::ProviderServer,
    proto::tfplugin6::{
        self as proto, apply_resource_change, attribute_path::step::Selector, configure_provider,
        import_resource_state, plan_resource_change, provider_server::Provider, read_data_source,
        read_resource, upgrade_resource_state,
    },
};
use serde_json::{Value as Json, json};
use tonic::Request;

use crate::{
    fake_provider::{House, HouseProvider},
    wire::{UNKNOWN, dynamic},
};

/// What the provider stores beside the state; Terraform gives it back on every call.
pub(crate) const PRIVATE: &[u8] = b"private";

/// Terraform, with a provider that runs.
pub(crate) struct Terraform {
    pub(crate) server: ProviderServer<HouseProvider>,
    pub(crate) house: House,
}

impl Terraform {
    /// The provider was started, and that is all.
    pub(crate) fn start() -> Self {
        let house = House::default();
        Self {
            server: ProviderServer::new(HouseProvider(house.clone())),
            house,
        }
    }

    /// The provider was started and configured for the house "Elm".
    pub(crate) async fn configured() -> Self {
        let terraform = Self::start();
        let answer = terraform
            .configure(json!({ "house": "Elm", "key": "brass" }))
            .await;
        assert_eq!(answer, configure_provider::Response::default());
        terraform
    }

    pub(crate) async fn configure(&self, config: Json) -> configure_provider::Response {
        let request = configure_provider::Request {
            terraform_version: "1.11.4".into(),
            config: dynamic(&config),
            ..Default::default()
        };
        self.server
            .configure_provider(Request::new(request))
            .await
            .unwrap()
            .into_inner()
    }

    pub(crate) async fn plan(
        &self,
        request: plan_resource_change::Request,
    ) -> plan_resource_change::Response {
        self.server
            .plan_resource_change(Request::new(request))
            .await
            .unwrap()
            .into_inner()
    }

    pub(crate) async fn apply(
        &self,
        request: apply_resource_change::Request,
    ) -> apply_resource_change::Response {
        self.server
            .apply_resource_change(Request::new(request))
            .await
            .unwrap()
            .into_inner()
    }

    pub(crate) async fn read(&self, state: Json) -> read_resource::Response {
        let request = read_resource::Request {
            type_name: "house_door".into(),
            current_state: dynamic(&state),
            private: PRIVATE.into(),
            ..Default::default()
        };
        self.server
            .read_resource(Request::new(request))
            .await
            .unwrap()
            .into_inner()
    }

    pub(crate) async fn import(&self, id: &str) -> import_resource_state::Response {
        let request = import_resource_state::Request {
            type_name: "house_door".into(),
            id: id.into(),
            ..Default::default()
        };
        self.server
            .import_resource_state(Request::new(request))
            .await
            .unwrap()
            .into_inner()
    }

    pub(crate) async fn upgrade(&self, state: &Json) -> upgrade_resource_state::Response {
        let request = upgrade_resource_state::Request {
            type_name: "house_door".into(),
            version: 0,
            raw_state: Some(proto::RawState {
                json: state.to_string().into_bytes(),
                ..Default::default()
            }),
        };
        self.server
            .upgrade_resource_state(Request::new(request))
            .await
            .unwrap()
            .into_inner()
    }

    pub(crate) async fn look_up(&self, config: Json) -> read_data_source::Response {
        let request = read_data_source::Request {
            type_name: "house_door".into(),
            config: dynamic(&config),
            ..Default::default()
        };
        self.server
            .read_data_source(Request::new(request))
            .await
            .unwrap()
            .into_inner()
    }

    /// A front door in the house, as Terraform stored it.
    pub(crate) async fn with_door(&self) -> Json {
        let planned = door(&[("id", UNKNOWN.into()), ("coats", UNKNOWN.into())]);
        let created = self.apply(change(Json::Null, planned)).await;
        assert_eq!(created.diagnostics, []);
        crate::wire::json(created.new_state.as_ref())
    }
}

/// The identity of a door in the house "Elm".
pub(crate) fn identity(id: &str) -> Option<proto::ResourceIdentityData> {
    identity_of(&json!({ "house": "Elm", "id": id }))
}

pub(crate) fn identity_of(identity: &Json) -> Option<proto::ResourceIdentityData> {
    let identity_data = dynamic(identity);
    Some(proto::ResourceIdentityData { identity_data })
}

/// A request to plan, with the private data of the prior state, if there is one.
pub(crate) fn planning(prior: Json, proposed: Json, config: Json) -> plan_resource_change::Request {
    plan_resource_change::Request {
        type_name: "house_door".into(),
        prior_private: if prior.is_null() {
            Vec::new()
        } else {
            PRIVATE.into()
        },
        prior_state: dynamic(&prior),
        proposed_new_state: dynamic(&proposed),
        config: dynamic(&config),
        ..Default::default()
    }
}

/// A request to make a planned change.
pub(crate) fn change(prior: Json, planned: Json) -> apply_resource_change::Request {
    apply_resource_change::Request {
        type_name: "house_door".into(),
        config: if planned.is_null() {
            dynamic(&Json::Null)
        } else {
            dynamic(&config("front"))
        },
        prior_state: dynamic(&prior),
        planned_state: dynamic(&planned),
        planned_private: PRIVATE.into(),
        ..Default::default()
    }
}

/// The configuration of a door of which only the name is written.
pub(crate) fn config(name: &str) -> Json {
    let nulls = ["id", "house", "open", "coats", "locks"].map(|name| (name, Json::Null));
    door(&[nulls.as_slice(), &[("name", name.into())]].concat())
}

/// An open door, with some attributes as given.
pub(crate) fn door(attributes: &[(&str, Json)]) -> Json {
    let mut door = json!({
        "id": "door-1", "house": "Elm", "name": "front", "open": true, "coats": 1, "locks": null,
    });
    for (name, value) in attributes {
        door[*name] = value.clone();
    }
    door
}

/// Severity, path and summary of each message.
pub(crate) fn told(diagnostics: &[proto::Diagnostic]) -> Vec<String> {
    let told = diagnostics.iter().map(|diagnostic| {
        let severity = format!("{:?}", diagnostic.severity()).to_lowercase();
        assert!(!diagnostic.detail.is_empty(), "{diagnostic:?}");
        match &diagnostic.attribute {
            Some(path) => format!("{severity} at {}: {}", written(path), diagnostic.summary),
            None => format!("{severity}: {}", diagnostic.summary),
        }
    });
    told.collect()
}

/// A path as in HCL.
pub(crate) fn written(path: &proto::AttributePath) -> String {
    let mut written = String::new();
    for step in &path.steps {
        written += &match step.selector.as_ref().expect("a selector") {
            Selector::AttributeName(name) if written.is_empty() => name.clone(),
            Selector::AttributeName(name) => format!(".{name}"),
            Selector::ElementKeyString(key) => format!("[{key:?}]"),
            Selector::ElementKeyInt(index) => format!("[{index}]"),
        };
    }
    written
}
