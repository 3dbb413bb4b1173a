//! What the server says of itself.

use realtimekit::proto::tfplugin6::{
    ServerCapabilities, get_metadata, get_provider_schema,
    schema::{Attribute, Object},
};

use crate::terraform::{DOOR, Terraform, call};

#[tokio::test]
async fn an_attribute_is_described_as_the_provider_says() {
    let request = get_provider_schema::Request {};

    let schema = call!(Terraform::start().server, get_provider_schema, request);

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
    let door = schema.resource_schemas[DOOR].block.as_ref().unwrap();
    let cut = Attribute {
        required: true,
        ..text("cut", "How its key is cut.")
    };
    let serial = Attribute {
        computed: true,
        ..text("serial", "Its number.")
    };
    let locks = Attribute {
        r#type: Vec::new(),
        nested_type: Some(Object {
            attributes: vec![cut, serial],
            nesting: 2,
            ..Default::default()
        }),
        optional: true,
        ..text("locks", "Its locks.")
    };
    assert_eq!(door.attributes.last(), Some(&locks));
    assert_eq!(schema.diagnostics, []);
}

#[tokio::test]
async fn the_metadata_say_the_same_as_the_schema() {
    let server = Terraform::start().server;

    let schema = call!(server, get_provider_schema, get_provider_schema::Request {});
    let metadata = call!(server, get_metadata, get_metadata::Request {});

    let resources = metadata.resources.iter().map(|one| &one.type_name);
    assert!(resources.eq(schema.resource_schemas.keys()));
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

#[tokio::test]
async fn nothing_is_announced_that_is_not_there() {
    let request = get_provider_schema::Request {};

    let schema = call!(Terraform::start().server, get_provider_schema, request);

    assert!(schema.ephemeral_resource_schemas.is_empty());
    assert!(schema.state_store_schemas.is_empty());
    assert!(schema.provider_meta.is_none());
}
