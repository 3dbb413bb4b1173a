//! [`Type`] → Terraform's JSON for type constraints (go-cty: cty/json.go).

use serde_json::{Value as Json, json};

use crate::framework::value::Type;

/// The JSON of `kind`.
pub(super) fn to_json(kind: &Type) -> Vec<u8> {
    json_of(kind).to_string().into_bytes()
}

fn json_of(kind: &Type) -> Json {
    match kind {
        Type::Bool => json!("bool"),
        Type::Number | Type::Integer => json!("number"),
        Type::String => json!("string"),
        Type::List(element) => json!(["list", json_of(element)]),
        Type::Set(element) => json!(["set", json_of(element)]),
        Type::Map(element) => json!(["map", json_of(element)]),
        Type::Object(attributes) => {
            let kinds = attributes.iter();
            let kinds = kinds.map(|(name, kind)| (String::from(&**name), json_of(kind)));
            json!(["object", kinds.collect::<serde_json::Map<_, _>>()])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_written_as_terraform_writes_them() {
        let object = Type::object([("b", Type::list(Type::Bool)), ("a", Type::map(Type::Bool))]);

        assert_eq!(to_json(&Type::String), br#""string""#);
        assert_eq!(to_json(&Type::set(Type::Number)), br#"["set","number"]"#);
        let expected = br#"["object",{"a":["map","bool"],"b":["list","bool"]}]"#;
        assert_eq!(to_json(&object), expected);
    }
}
