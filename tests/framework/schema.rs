//! What the server says of itself.

use std::collections::BTreeSet;

use realtimekit::{
    framework::{Type, schema::required, server::ProviderServer},
    proto::tfplugin6::{
        ServerCapabilities,
        schema::{Attribute, Object},
    },
};

use crate::{
    calls::call,
    fake_provider::{House, HouseProvider},
    terraform::{DOOR, start},
};

#[tokio::test]
async fn attribute_is_described_as_the_provider_says() {
    let (terraform, _) = start();

    let schema = call!(terraform.get_provider_schema {});

    let text = |name: &str, description: &str| Attribute {
        name: name.into(),
        r#type: b"\"string\"".into(),
        description: description.into(),
        description_kind: 1,
        ..Default::default()
    };
    let provider = schema.provider.unwrap().block.unwrap();
    let key = Attribute {
        optional: true,
        sensitive: true,
        deprecated: true,
        deprecation_message: "Use the bell.".into(),
        ..text("key", "Its key.")
    };
    assert_eq!(provider.attributes.last(), Some(&key));
    assert_eq!(provider.description, "A house.");
    let pins = Attribute {
        r#type: b"\"number\"".into(),
        required: true,
        ..text("pins", "How many pins it has.")
    };
    let serial = Attribute {
        computed: true,
        ..text("serial", "Its serial number.")
    };
    let locks = Attribute {
        r#type: Vec::new(),
        nested_type: Some(Object {
            attributes: vec![pins, serial],
            nesting: 2,
            ..Default::default()
        }),
        optional: true,
        ..text("locks", "Its locks.")
    };
    let door = schema.resource_schemas[DOOR].block.as_ref().unwrap();
    assert_eq!(door.attributes.last(), Some(&locks));
    assert_eq!(schema.diagnostics, []);
}

#[tokio::test]
async fn metadata_say_the_same_as_the_schema() {
    let (terraform, _) = start();

    let schema = call!(terraform.get_provider_schema {});
    let metadata = call!(terraform.get_metadata {});

    let actions = metadata.actions.iter().map(|one| &one.type_name);
    assert!(actions.eq(schema.action_schemas.keys()));
    let resources = metadata.resources.iter().map(|one| &one.type_name);
    let described = schema.resource_schemas.keys().collect();
    assert_eq!(BTreeSet::from_iter(resources), described);
    let data_sources = metadata.data_sources.iter().map(|one| &one.type_name);
    assert!(data_sources.eq(schema.data_source_schemas.keys()));
    let list_resources = metadata.list_resources.iter().map(|one| &one.type_name);
    assert!(list_resources.eq(schema.list_resource_schemas.keys()));
    let capabilities = ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: true,
        generate_resource_config: true,
    };
    assert_eq!(metadata.server_capabilities, Some(capabilities));
    assert_eq!(schema.server_capabilities, Some(capabilities));
}

/// In the provider block, a list and an action nothing is stored, so nothing is computed.
#[tokio::test]
async fn what_is_configured_only_has_no_computed_attribute() {
    let (terraform, _) = start();

    let schema = call!(terraform.get_provider_schema {});

    let action = schema.action_schemas["house_ring"].schema.clone();
    let list = schema.list_resource_schemas.get(DOOR).cloned();
    for schema in [schema.provider, list, action] {
        for attribute in schema.unwrap().block.unwrap().attributes {
            let nested = attribute
                .nested_type
                .into_iter()
                .flat_map(|it| it.attributes);
            assert!(!attribute.computed && !nested.into_iter().any(|it| it.computed));
        }
    }
}

#[test]
#[should_panic(expected = "only an optional attribute can have a default")]
fn required_attribute_with_a_default_is_refused() {
    let _ = required("name", Type::String, "Name.").default("x");
}

fn serve(door_resources: usize) -> ProviderServer<HouseProvider> {
    ProviderServer::new(HouseProvider {
        house: House::default(),
        door_resources,
    })
}

#[test]
fn models_that_fit_their_schemas_are_sound() {
    serve(1).assert_sound();
}

#[test]
#[should_panic(expected = "resource house_door: the name is used twice")]
fn type_name_that_is_used_twice_is_refused() {
    serve(2);
}

#[test]
#[should_panic(expected = "there is no resource of this name with an identity")]
fn list_resource_without_its_resource_is_refused() {
    serve(0).assert_sound();
}
