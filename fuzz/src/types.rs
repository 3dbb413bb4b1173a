//! Types from Terraform's JSON for type constraints (go-cty: cty/json.go).

use realtimekit::framework::Type;
use serde_json::Value as Json;

/// Reads a type constraint, if it is one of those that a schema of this framework can have.
pub fn read_type(bytes: &[u8]) -> Option<Type> {
    type_of(&serde_json::from_slice(bytes).ok()?)
}

fn type_of(json: &Json) -> Option<Type> {
    match json {
        Json::String(primitive) => match primitive.as_str() {
            "bool" => Some(Type::Bool),
            "number" => Some(Type::Number),
            "string" => Some(Type::String),
            _ => None,
        },
        Json::Array(parts) => match (parts.first()?.as_str()?, parts.get(1)?) {
            ("list", of) => type_of(of).map(Type::list),
            ("set", of) => type_of(of).map(Type::set),
            ("map", of) => type_of(of).map(Type::map),
            ("object", Json::Object(attributes)) => {
                let attributes = attributes.iter();
                let attributes = attributes.map(|(name, of)| Some((name.as_str(), type_of(of)?)));
                attributes.collect::<Option<Vec<_>>>().map(Type::object)
            }
            _ => None,
        },
        _ => None,
    }
}
