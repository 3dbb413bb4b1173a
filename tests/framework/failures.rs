//! What goes wrong in the house: what is said of it, and what the state is afterwards.

use realtimekit::proto::tfplugin6::{validate_data_resource_config, validate_resource_config};
use serde_json::Value as Json;

use crate::{
    fake_provider::Fault,
    terraform::{
        DOOR, PRIVATE, Terraform, assert_contains, call, change, config, door, found_door,
        new_door, only, renamed, told,
    },
    wire::{dynamic, json},
};

#[tokio::test]
async fn a_change_that_fails_leaves_what_there_is() {
    let half_new = door(&[
        ("id", "door-2".into()),
        ("open", false.into()),
        ("coats", 2.into()),
    ]);
    let half = door(&[
        ("name", "back".into()),
        ("open", false.into()),
        ("coats", 2.into()),
    ]);
    let misspelt = [
        ("id", "door-2".into()),
        ("name", "front?".into()),
        ("coats", 2.into()),
    ];
    let (refused, jammed) = ("error: Refused", "error at open: Jammed");
    let another = "error at name: The API Stored Another Value";
    let cases = [
        (Fault::Refused, Json::Null, new_door(), refused, Json::Null),
        (Fault::Jammed, Json::Null, new_door(), jammed, half_new),
        (
            Fault::Misspelt,
            Json::Null,
            new_door(),
            another,
            door(&misspelt),
        ),
        (Fault::Refused, door(&[]), renamed(), refused, door(&[])),
        (Fault::Jammed, door(&[]), renamed(), jammed, half),
        (Fault::Refused, door(&[]), Json::Null, refused, door(&[])),
    ];
    for (fault, prior, planned, expected, state) in cases {
        let terraform = Terraform::configured().await;
        terraform.with_door().await;
        terraform.house.next(fault);

        let changed = terraform.apply(change(prior.clone(), planned)).await;

        let detail = only(&changed.diagnostics, expected);
        if fault == Fault::Misspelt {
            assert_contains(detail, &["Sent: \"front\"\nReceived: \"front?\""]);
        }
        assert_eq!(json(changed.new_state.as_ref()), state, "{fault:?} {prior}");
        assert_eq!(changed.private, PRIVATE);
        let made = usize::from(fault != Fault::Refused && prior.is_null());
        assert_eq!(terraform.house.doors(), 1 + made);
    }
}

/// What cannot be read is not gone.
#[tokio::test]
async fn what_cannot_be_found_or_read_says_so() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;

    terraform.house.next(Fault::Refused);
    only(
        &terraform.read(state, None).await.diagnostics,
        "error: Refused",
    );

    let imported = terraform.import("door-7", None).await;
    let found = terraform.look_up(Json::Null, "back").await;

    only(&imported.diagnostics, "error: No Such Door");
    assert_eq!(imported.imported_resources, []);
    only(&found.diagnostics, "error at name: No Such Door");
    assert_eq!(found.state, None);
}

#[tokio::test]
async fn a_configuration_is_refused_with_the_path_of_each_mistake() {
    let server = Terraform::start().server;
    let mut config = config("");
    config["id"] = "door-1".into();
    let resource = validate_resource_config::Request {
        type_name: DOOR.into(),
        config: dynamic(&config),
        ..Default::default()
    };
    let data_source = validate_data_resource_config::Request {
        type_name: DOOR.into(),
        config: dynamic(&found_door("Elm", "Elm", Json::Null)),
    };

    let resource = call!(server, validate_resource_config, resource);
    let data_source = call!(server, validate_data_resource_config, data_source);

    let expected = [
        "error at id: Invalid Configuration for Read-Only Attribute",
        "error at name: Blank",
    ];
    assert_eq!(told(&resource.diagnostics), expected);
    only(&data_source.diagnostics, "error at name: Ambiguous");
}
