//! What the server says of itself.

use realtimekit::proto::tfplugin6::{
    Schema, get_metadata, get_provider_schema, get_resource_identity_schemas,
    provider_server::Provider, schema,
};
use serde_json::Value as Json;
use tonic::Request;

use crate::terraform::Terraform;

async fn provider_schema() -> get_provider_schema::Response {
    let server = Terraform::start().server;
    let request = Request::new(get_provider_schema::Request {});
    server
        .get_provider_schema(request)
        .await
        .unwrap()
        .into_inner()
}

/// What Terraform demands of a schema, and does not check.
fn mistakes(schema: &Schema) -> Vec<String> {
    match &schema.block {
        Some(block) if block.block_types.is_empty() => {
            let mut mistakes = mistakes_in(&block.attributes, "");
            if block.description.is_empty() {
                mistakes.push("no description".into());
            }
            mistakes
        }
        _ => vec!["no block, or blocks, which this framework does not have".into()],
    }
}

fn mistakes_in(attributes: &[schema::Attribute], parent: &str) -> Vec<String> {
    let mut mistakes = Vec::new();
    let mut names = std::collections::BTreeSet::new();
    for attribute in attributes {
        let path = format!("{parent}{}", attribute.name);
        let mut mistake = |what: &str| mistakes.push(format!("{path}: {what}"));
        let characters = |character: char| matches!(character, 'a'..='z' | '0'..='9' | '_');
        if attribute.name.is_empty() || !attribute.name.chars().all(characters) {
            mistake("no name for an attribute");
        }
        if !names.insert(&attribute.name) {
            mistake("twice");
        }
        if attribute.description.is_empty() {
            mistake("no description");
        }
        match (attribute.required, attribute.optional, attribute.computed) {
            (true, false, false) | (false, true, _) | (false, false, true) => {}
            _ => mistake("neither required, optional nor computed, or too much of it"),
        }
        if attribute.write_only && attribute.computed {
            mistake("write-only and computed");
        }
        if attribute.deprecated == attribute.deprecation_message.is_empty() {
            mistake("deprecated without a message, or the other way round");
        }
        match (&attribute.nested_type, attribute.r#type.as_slice()) {
            (None, kind)
                if serde_json::from_slice::<Json>(kind).is_ok_and(|kind| is_type(&kind)) => {}
            (Some(nested), []) => {
                if !(1..=4).contains(&nested.nesting) {
                    mistake("no nesting");
                }
                mistakes.extend(mistakes_in(&nested.attributes, &format!("{path}.")));
            }
            _ => mistake("not exactly one of a type and a nested type"),
        }
    }
    mistakes
}

fn is_type(kind: &Json) -> bool {
    match kind {
        Json::String(name) => ["string", "number", "bool", "dynamic"].contains(&name.as_str()),
        Json::Array(parts) => match parts.as_slice() {
            [Json::String(collection), element]
                if ["list", "set", "map"].contains(&collection.as_str()) =>
            {
                is_type(element)
            }
            [Json::String(tuple), Json::Array(elements)] if tuple == "tuple" => {
                elements.iter().all(is_type)
            }
            [Json::String(object), Json::Object(attributes)] if object == "object" => {
                attributes.values().all(is_type)
            }
            _ => false,
        },
        _ => false,
    }
}

#[tokio::test]
async fn every_schema_is_one_that_terraform_can_use() {
    let answer = provider_schema().await;

    let resources = answer.resource_schemas.values();
    let schemas: Vec<&Schema> = answer
        .provider
        .iter()
        .chain(resources)
        .chain(answer.data_source_schemas.values())
        .chain(
            answer
                .action_schemas
                .values()
                .flat_map(|action| &action.schema),
        )
        .chain(answer.list_resource_schemas.values())
        .collect();
    assert_eq!(schemas.len(), 5);
    for schema in schemas {
        assert_eq!(mistakes(schema), [""; 0]);
    }
    assert_eq!(answer.diagnostics, []);
}

#[tokio::test]
async fn a_mistake_in_a_schema_would_be_noticed() {
    let door = provider_schema()
        .await
        .resource_schemas
        .remove("house_door")
        .unwrap();
    let broken = |change: fn(&mut schema::Attribute)| {
        let mut door = door.clone();
        // The last attribute is the nested one.
        change(door.block.as_mut().unwrap().attributes.last_mut().unwrap());
        mistakes(&door)
    };

    assert_eq!(broken(|locks| locks.name = "Locks".into()).len(), 1);
    assert_eq!(broken(|locks| locks.name = "id".into()).len(), 1);
    assert_eq!(broken(|locks| locks.optional = false).len(), 1);
    assert_eq!(broken(|locks| locks.required = true).len(), 1);
    assert_eq!(broken(|locks| locks.description.clear()).len(), 1);
    assert_eq!(broken(|locks| locks.deprecated = true).len(), 1);
    assert_eq!(broken(|locks| locks.r#type = b"\"string\"".into()).len(), 1);
    assert_eq!(broken(|locks| locks.nested_type = None).len(), 1);
    assert_eq!(
        broken(|locks| locks.nested_type.as_mut().unwrap().nesting = 0).len(),
        1
    );
    assert_eq!(
        broken(|locks| locks.nested_type.as_mut().unwrap().attributes[0]
            .r#type
            .clear())
        .len(),
        1
    );
}

#[tokio::test]
async fn an_attribute_is_described_as_the_provider_says() {
    let schema = provider_schema().await;

    let block = schema.provider.unwrap().block.unwrap();
    let key = block
        .attributes
        .iter()
        .find(|attribute| attribute.name == "key")
        .unwrap();
    let expected = schema::Attribute {
        name: "key".into(),
        r#type: b"\"string\"".into(),
        description: "Its key.".into(),
        description_kind: 1,
        optional: true,
        sensitive: true,
        ..Default::default()
    };
    assert_eq!(key, &expected);
}

#[tokio::test]
async fn the_metadata_say_the_same_as_the_schema() {
    let schema = provider_schema().await;

    let request = Request::new(get_metadata::Request {});
    let metadata = Terraform::start()
        .server
        .get_metadata(request)
        .await
        .unwrap()
        .into_inner();

    let resources: Vec<_> = metadata
        .resources
        .iter()
        .map(|one| &one.type_name)
        .collect();
    assert_eq!(
        resources,
        schema.resource_schemas.keys().collect::<Vec<_>>()
    );
    let data_sources: Vec<_> = metadata
        .data_sources
        .iter()
        .map(|one| &one.type_name)
        .collect();
    assert_eq!(
        data_sources,
        schema.data_source_schemas.keys().collect::<Vec<_>>()
    );
    let list_resources: Vec<_> = metadata
        .list_resources
        .iter()
        .map(|one| &one.type_name)
        .collect();
    assert_eq!(
        list_resources,
        schema.list_resource_schemas.keys().collect::<Vec<_>>()
    );
    assert_eq!(metadata.server_capabilities, schema.server_capabilities);
    let capabilities = schema.server_capabilities.unwrap();
    assert!(capabilities.plan_destroy && capabilities.get_provider_schema_optional);
    assert!(capabilities.move_resource_state);
}

#[tokio::test]
async fn what_can_be_listed_is_a_resource_with_an_identity() {
    let schema = provider_schema().await;
    let request = Request::new(get_resource_identity_schemas::Request {});
    let server = Terraform::start().server;

    let answer = server.get_resource_identity_schemas(request).await;

    let identities = answer.unwrap().into_inner().identity_schemas;
    for name in schema.list_resource_schemas.keys() {
        assert!(schema.resource_schemas.contains_key(name), "{name}");
        assert!(identities.contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn nothing_is_announced_that_is_not_there() {
    let schema = provider_schema().await;

    assert!(schema.ephemeral_resource_schemas.is_empty());
    assert!(schema.state_store_schemas.is_empty());
    assert!(schema.provider_meta.is_none());
}
