//! Framework types → messages.

use super::{msgpack, type_constraint};
use crate::framework::{
    AttributePath, Diagnostics, FunctionError, IdentitySchema, Parameter, Severity, Signature,
    Step, Type, Value, ValueError,
    schema::{Attribute, AttributeType, Nesting, Presence, Schema},
};
use crate::proto::tfplugin6::{
    self as proto, StringKind,
    attribute_path::step::Selector,
    resource_identity_schema::IdentityAttribute,
    schema::{Block, object::NestingMode},
};

pub(crate) fn schema(schema: &Schema) -> proto::Schema {
    proto::Schema {
        version: schema.version,
        block: Some(Block {
            attributes: attributes(&schema.attributes),
            description: schema.description.clone(),
            description_kind: StringKind::Markdown.into(),
            ..Block::default()
        }),
    }
}

fn attributes(attributes: &[Attribute]) -> Vec<proto::schema::Attribute> {
    attributes.iter().map(attribute).collect()
}

fn attribute(attribute: &Attribute) -> proto::schema::Attribute {
    let (kind, nested_type) = match &attribute.kind {
        AttributeType::Value(kind) => (type_constraint::to_json(kind), None),
        AttributeType::Nested(nesting, inner) => (Vec::new(), Some(nested(*nesting, inner))),
    };
    let presence = attribute.presence;
    proto::schema::Attribute {
        name: attribute.name.clone(),
        r#type: kind,
        nested_type,
        description: attribute.description.clone(),
        description_kind: StringKind::Markdown.into(),
        required: presence == Presence::Required,
        optional: matches!(presence, Presence::Optional | Presence::OptionalComputed),
        computed: presence.is_computed(),
        sensitive: attribute.sensitive,
        deprecated: attribute.deprecation.is_some(),
        deprecation_message: attribute.deprecation.clone().unwrap_or_default(),
        write_only: false,
    }
}

fn nested(nesting: Nesting, inner: &[Attribute]) -> proto::schema::Object {
    let nesting = match nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Map => NestingMode::Map,
    };
    proto::schema::Object {
        attributes: attributes(inner),
        nesting: nesting.into(),
        ..Default::default()
    }
}

pub(crate) fn identity_schema(schema: &IdentitySchema) -> proto::ResourceIdentitySchema {
    let attributes = schema.attributes.iter().map(|attribute| IdentityAttribute {
        name: attribute.name.as_ref().to_owned(),
        r#type: type_constraint::to_json(&attribute.kind),
        required_for_import: attribute.required_for_import,
        optional_for_import: !attribute.required_for_import,
        description: attribute.description.clone(),
    });
    proto::ResourceIdentitySchema {
        version: schema.version,
        identity_attributes: attributes.collect(),
    }
}

/// A value of any type.
pub(crate) fn value(value: &Value, kind: &Type) -> Result<proto::DynamicValue, ValueError> {
    Ok(proto::DynamicValue {
        msgpack: msgpack::encode(value, kind)?,
        json: Vec::new(),
    })
}

pub(crate) fn function(signature: &Signature) -> proto::Function {
    proto::Function {
        parameters: signature.parameters.iter().map(parameter).collect(),
        variadic_parameter: signature.variadic.as_ref().map(parameter),
        r#return: Some(proto::function::Return {
            r#type: type_constraint::to_json(&signature.returns),
        }),
        summary: signature.summary.clone(),
        description: signature.description.clone(),
        description_kind: StringKind::Markdown.into(),
        ..proto::Function::default()
    }
}

fn parameter(parameter: &Parameter) -> proto::function::Parameter {
    proto::function::Parameter {
        name: parameter.name.clone(),
        r#type: type_constraint::to_json(&parameter.kind),
        description: parameter.description.clone(),
        description_kind: StringKind::Markdown.into(),
        ..proto::function::Parameter::default()
    }
}

pub(crate) fn function_error(error: FunctionError) -> proto::FunctionError {
    let argument = error.argument.map(i64::try_from).and_then(Result::ok);
    proto::FunctionError {
        text: error.text,
        function_argument: argument,
    }
}

pub(crate) fn diagnostics(diagnostics: Diagnostics) -> Vec<proto::Diagnostic> {
    let messages = diagnostics.into_iter().map(|diagnostic| proto::Diagnostic {
        severity: severity(diagnostic.severity),
        summary: diagnostic.summary,
        detail: diagnostic.detail,
        attribute: (!diagnostic.path.0.is_empty()).then(|| attribute_path(diagnostic.path)),
    });
    messages.collect()
}

pub(crate) fn severity(severity: Severity) -> i32 {
    match severity {
        Severity::Error => proto::diagnostic::Severity::Error.into(),
        Severity::Warning => proto::diagnostic::Severity::Warning.into(),
    }
}

pub(crate) fn attribute_path(path: AttributePath) -> proto::AttributePath {
    let steps = path.0.into_iter().map(|step| proto::attribute_path::Step {
        selector: Some(match step {
            Step::Attribute(name) => Selector::AttributeName(name.as_ref().to_owned()),
            Step::Key(key) => Selector::ElementKeyString(key.as_ref().to_owned()),
            Step::Index(index) => Selector::ElementKeyInt(index),
        }),
    });
    proto::AttributePath {
        steps: steps.collect(),
    }
}
