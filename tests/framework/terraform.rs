//! Terraform's part: requests as it makes them.

use realtimekit::{
    framework::server::ProviderServer,
    proto::tfplugin6::{
        self as proto, ClientCapabilities, RawState, ResourceIdentityData, apply_resource_change,
        attribute_path::step::Selector, configure_provider, import_resource_state,
        plan_resource_change, read_data_source, read_resource,
    },
};
use serde_json::{Value as Json, json};

use crate::{
    fake_provider::{House, HouseProvider},
    wire::{UNKNOWN, dynamic},
};

/// What the provider stores beside the state; Terraform gives it back on every call.
pub(crate) const PRIVATE: &[u8] = b"private";

pub(crate) const DOOR: &str = "house_door";

/// Makes a call that is answered by one message.
macro_rules! call {
    ($server:expr, $rpc:ident, $request:expr) => {{
        use realtimekit::proto::tfplugin6::provider_server::Provider as _;
        let answer = match &$server {
            server => server.$rpc(tonic::Request::new($request)).await,
        };
        answer.expect("an answer, not a status").into_inner()
    }};
}
pub(crate) use call;

/// Terraform, with a provider that runs.
pub(crate) struct Terraform {
    pub(crate) server: ProviderServer<HouseProvider>,
    pub(crate) house: House,
    pub(crate) capabilities: Option<ClientCapabilities>,
}

/// The server of a provider that has the resource so often.
pub(crate) fn server(house: &House, door_resources: usize) -> ProviderServer<HouseProvider> {
    let house = house.clone();
    ProviderServer::new(HouseProvider {
        house,
        door_resources,
    })
}

impl Terraform {
    /// The provider was started, and that is all.
    pub(crate) fn start() -> Self {
        let house = House::default();
        Self {
            server: server(&house, 1),
            house,
            capabilities: None,
        }
    }

    /// The provider was started and configured for the house "Elm".
    pub(crate) async fn configured() -> Self {
        Self::with("Elm", "brass").await
    }

    /// The provider was started and configured.
    pub(crate) async fn with(house: impl Into<Json>, key: impl Into<Json>) -> Self {
        let terraform = Self::start();
        assert_eq!(terraform.configure(house, key).await, Default::default());
        terraform
    }

    pub(crate) async fn configure(
        &self,
        house: impl Into<Json>,
        key: impl Into<Json>,
    ) -> configure_provider::Response {
        let request = configure_provider::Request {
            terraform_version: "1.11.4".into(),
            config: dynamic(&json!({ "house": house.into(), "key": key.into() })),
            ..Default::default()
        };
        call!(self.server, configure_provider, request)
    }

    pub(crate) async fn plan(
        &self,
        request: plan_resource_change::Request,
    ) -> plan_resource_change::Response {
        let request = plan_resource_change::Request {
            client_capabilities: self.capabilities,
            ..request
        };
        call!(self.server, plan_resource_change, request)
    }

    /// Plans the creation of a door of which only the name is configured.
    pub(crate) async fn plan_new(&self, name: &str) -> plan_resource_change::Response {
        self.plan(planning(Json::Null, config(name), config(name)))
            .await
    }

    pub(crate) async fn apply(
        &self,
        request: apply_resource_change::Request,
    ) -> apply_resource_change::Response {
        call!(self.server, apply_resource_change, request)
    }

    pub(crate) async fn read(
        &self,
        state: Json,
        current_identity: Option<ResourceIdentityData>,
    ) -> read_resource::Response {
        let request = read_resource::Request {
            type_name: DOOR.into(),
            current_state: dynamic(&state),
            private: PRIVATE.into(),
            client_capabilities: self.capabilities,
            current_identity,
            ..Default::default()
        };
        call!(self.server, read_resource, request)
    }

    pub(crate) async fn import(
        &self,
        id: &str,
        identity: Option<ResourceIdentityData>,
    ) -> import_resource_state::Response {
        let request = import_resource_state::Request {
            type_name: DOOR.into(),
            id: id.into(),
            client_capabilities: self.capabilities,
            identity,
        };
        call!(self.server, import_resource_state, request)
    }

    /// Looks a door up by its name.
    pub(crate) async fn look_up(
        &self,
        house: impl Into<Json>,
        name: &str,
    ) -> read_data_source::Response {
        let request = read_data_source::Request {
            type_name: DOOR.into(),
            config: dynamic(&found_door(house, name, Json::Null)),
            client_capabilities: self.capabilities,
            ..Default::default()
        };
        call!(self.server, read_data_source, request)
    }

    /// A front door in the house, as Terraform stored it.
    pub(crate) async fn with_door(&self) -> Json {
        let created = self.apply(change(Json::Null, new_door())).await;
        assert_eq!(created.diagnostics, []);
        crate::wire::json(created.new_state.as_ref())
    }
}

/// The identity of a door in the house "Elm".
pub(crate) fn identity(id: &str) -> Option<ResourceIdentityData> {
    identity_of(&json!({ "house": "Elm", "id": id }))
}

pub(crate) fn identity_of(identity: &Json) -> Option<ResourceIdentityData> {
    let identity_data = dynamic(identity);
    Some(ResourceIdentityData { identity_data })
}

/// A request to plan, with the private data of the prior state, if there is one.
pub(crate) fn planning(prior: Json, proposed: Json, config: Json) -> plan_resource_change::Request {
    let private = if prior.is_null() { b"" } else { PRIVATE };
    plan_resource_change::Request {
        type_name: DOOR.into(),
        prior_private: private.into(),
        prior_state: dynamic(&prior),
        proposed_new_state: dynamic(&proposed),
        config: dynamic(&config),
        ..Default::default()
    }
}

/// A request to make a planned change.
pub(crate) fn change(prior: Json, planned: Json) -> apply_resource_change::Request {
    let config = if planned.is_null() {
        Json::Null
    } else {
        config("front")
    };
    apply_resource_change::Request {
        type_name: DOOR.into(),
        config: dynamic(&config),
        prior_state: dynamic(&prior),
        planned_state: dynamic(&planned),
        planned_private: PRIVATE.into(),
        ..Default::default()
    }
}

/// The configuration of a door of which only the name is written.
pub(crate) fn config(name: &str) -> Json {
    let nulls = ["id", "house", "open", "coats"].map(|name| (name, Json::Null));
    door(&[nulls.as_slice(), &[("name", name.into())]].concat())
}

/// An open door, with some attributes as given.
pub(crate) fn door(attributes: &[(&str, Json)]) -> Json {
    let mut door = json!({
        "id": "door-1", "house": "Elm", "name": "front", "open": true, "coats": 1,
    });
    for (name, value) in attributes {
        door[*name] = value.clone();
    }
    door
}

/// The planned front door.
pub(crate) fn new_door() -> Json {
    door(&[("id", UNKNOWN.into()), ("coats", UNKNOWN.into())])
}

/// The planned update of a door to another name.
pub(crate) fn renamed() -> Json {
    door(&[("name", "back".into()), ("coats", UNKNOWN.into())])
}

/// The configuration or the state of the data source.
pub(crate) fn found_door(house: impl Into<Json>, name: &str, id: impl Into<Json>) -> Json {
    json!({ "house": house.into(), "name": name, "id": id.into() })
}

/// What Terraform stored.
pub(crate) fn raw(json: impl Into<Vec<u8>>) -> Option<RawState> {
    Some(RawState {
        json: json.into(),
        ..Default::default()
    })
}

/// A state as Terraform before 0.12 stored it.
pub(crate) fn flatmap() -> Option<RawState> {
    Some(RawState {
        flatmap: [("id".to_owned(), "door-1".to_owned())].into(),
        ..Default::default()
    })
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

/// Fails unless the only message is this one; returns its detail.
#[track_caller]
pub(crate) fn only<'d>(diagnostics: &'d [proto::Diagnostic], expected: &str) -> &'d str {
    assert_eq!(told(diagnostics), [expected]);
    &diagnostics[0].detail
}

#[track_caller]
pub(crate) fn assert_contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in: {text}");
    }
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
