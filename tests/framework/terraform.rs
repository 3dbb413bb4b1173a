//! Terraform's part: a house, and the calls about its doors.

use realtimekit::proto::tfplugin6::Diagnostic;
use serde_json::{Value as Json, json};

use crate::{
    calls::{
        Answer, Calls, call,
        wire::{UNKNOWN, dynamic},
    },
    fake_provider::{House, HouseProvider},
};

/// What the provider stores beside the state; Terraform gives it back on every call.
const PRIVATE: &[u8] = b"private";

pub(crate) const DOOR: &str = "house_door";

/// The provider was started, and that is all.
pub(crate) fn start() -> (Calls, House) {
    let house = House::default();
    let provider = HouseProvider {
        house: house.clone(),
        door_resources: 1,
    };
    let terraform = Calls {
        resource_type: DOOR,
        ..Calls::in_process(provider)
    };
    (terraform, house)
}

/// The provider was started and configured for the house "Elm".
pub(crate) async fn configured() -> (Calls, House) {
    with("Elm", "brass").await
}

/// The provider was started and configured.
pub(crate) async fn with(house: impl Into<Json>, key: impl Into<Json>) -> (Calls, House) {
    let (terraform, in_memory) = start();
    assert_eq!(configure(&terraform, house, key).await, []);
    (terraform, in_memory)
}

/// The provider was started and configured, and made a front door.
pub(crate) async fn with_door() -> (Calls, House, Answer) {
    let (terraform, house) = configured().await;
    let door = apply(&terraform, &Answer::default(), &new_door()).await;
    (terraform, house, door.plainly())
}

pub(crate) async fn configure(
    terraform: &Calls,
    house: impl Into<Json>,
    key: impl Into<Json>,
) -> Vec<Diagnostic> {
    let config = dynamic(&json!({ "house": house.into(), "floor": null, "key": key.into() }));
    call!(terraform.configure_provider { config }).diagnostics
}

/// Plans the creation of a door of which only the name is configured.
pub(crate) async fn plan_new(terraform: &Calls, name: &str) -> Answer {
    terraform.plan(&Answer::default(), &config(name)).await
}

/// Makes a planned change.
pub(crate) async fn apply(terraform: &Calls, prior: &Answer, planned: &Answer) -> Answer {
    let config = match planned.state {
        Json::Null => Json::Null,
        _ => config("front"),
    };
    terraform.apply(prior, planned, &config).await
}

/// Looks a door up by its name.
pub(crate) async fn look_up(terraform: &Calls, house: impl Into<Json>, name: &str) -> Answer {
    let query = found_door(house, name, Json::Null);
    terraform.look_up(DOOR, &query).await
}

/// The identity of a door in the house "Elm".
pub(crate) fn identity(id: &str) -> Json {
    json!({ "house": "Elm", "id": id })
}

/// The configuration of a door of which only the name is written.
pub(crate) fn config(name: &str) -> Json {
    config_with(name, &[])
}

/// The configuration of a door of which only the name and these attributes are written.
pub(crate) fn config_with(name: &str, attributes: &[(&str, Json)]) -> Json {
    let nulls = ["id", "house", "open", "floor", "coats"].map(|name| (name, Json::Null));
    let name = [("name", name.into())];
    door(&[&nulls[..], &name, attributes].concat())
}

/// An open door on the ground floor, with some attributes as given.
pub(crate) fn door(attributes: &[(&str, Json)]) -> Json {
    let mut door = json!({
        "id": "door-1", "house": "Elm", "name": "front", "open": true, "floor": 1,
        "labels": null, "locks": null, "coats": 1,
    });
    for (name, value) in attributes {
        door[*name] = value.clone();
    }
    door
}

/// Such a door as Terraform stores it, or plans it when it exists.
pub(crate) fn stored(attributes: &[(&str, Json)]) -> Answer {
    let state = door(attributes);
    Answer {
        identity: identity(state["id"].as_str().unwrap()),
        private: PRIVATE.into(),
        state,
        ..Answer::default()
    }
}

/// The same where Terraform has stored no private data yet.
pub(crate) fn without_private(answer: Answer) -> Answer {
    let private = Vec::new();
    Answer { private, ..answer }
}

/// A planned door with some attributes as given.
pub(crate) fn new_door_with(attributes: &[(&str, Json)]) -> Answer {
    let unknown = ["id", "floor", "coats"].map(|name| (name, UNKNOWN.into()));
    Answer {
        identity: Json::Null,
        ..stored(&[&unknown, attributes].concat())
    }
}

/// The planned front door.
pub(crate) fn new_door() -> Answer {
    new_door_with(&[])
}

/// The planned update of a door to another name.
pub(crate) fn renamed() -> Answer {
    stored(&[("name", "back".into()), ("coats", UNKNOWN.into())])
}

/// The planned deletion of a door.
pub(crate) fn gone() -> Answer {
    Answer {
        state: Json::Null,
        ..stored(&[])
    }
}

/// The configuration or the state of the data source.
pub(crate) fn found_door(house: impl Into<Json>, name: &str, id: impl Into<Json>) -> Json {
    json!({ "house": house.into(), "name": name, "id": id.into() })
}

#[track_caller]
pub(crate) fn assert_contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in: {text}");
    }
}
