//! [`IdentitySchema`]: what names a resource for all of its life, however often it changes.
//!
//! An identity is a part of the state: its attributes are those of the same names.

use super::value::{Name, Object, Type};

/// The attributes that together name one object.
#[derive(Debug, Clone, Default)]
pub struct IdentitySchema {
    /// The version of the stored identity; 0 until an attribute changes its meaning.
    pub version: i64,
    /// The attributes.
    pub attributes: Vec<IdentityAttribute>,
}

/// One attribute of an identity.
#[derive(Debug, Clone)]
pub struct IdentityAttribute {
    /// As in the state.
    pub name: Name,
    /// What it holds: something primitive, or a list of that.
    pub kind: Type,
    /// What it means.
    pub description: String,
    /// Whether an import must say it; otherwise it may.
    pub required_for_import: bool,
}

/// An attribute that an import must say.
pub fn required_for_import(name: &str, kind: Type, description: &str) -> IdentityAttribute {
    IdentityAttribute {
        name: name.into(),
        kind,
        description: description.to_owned(),
        required_for_import: true,
    }
}

/// An attribute that an import may leave out.
pub fn optional_for_import(name: &str, kind: Type, description: &str) -> IdentityAttribute {
    IdentityAttribute {
        required_for_import: false,
        ..required_for_import(name, kind, description)
    }
}

impl IdentitySchema {
    /// A schema of version 0.
    pub fn new(attributes: impl IntoIterator<Item = IdentityAttribute>) -> Self {
        Self {
            version: 0,
            attributes: attributes.into_iter().collect(),
        }
    }

    /// The type of the whole identity.
    pub fn object_type(&self) -> Type {
        let attributes = self.attributes.iter();
        Type::object(attributes.map(|it| (it.name.clone(), it.kind.clone())))
    }

    /// The identity of an object with this state; what is not known there is not known here.
    pub fn of(&self, state: &Object) -> Object {
        let names = self.attributes.iter().map(|attribute| &attribute.name);
        names
            .map(|name| (name.clone(), state[name].clone()))
            .collect()
    }

    /// The attributes that an import by `identity` had to say, and did not.
    pub fn missing_for_import<'i>(&'i self, identity: &Object) -> Vec<&'i str> {
        let required = self.attributes.iter().filter(|it| it.required_for_import);
        let names = required.map(|attribute| &*attribute.name);
        names.filter(|name| identity[name].is_null()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::value::Value;

    fn schema() -> IdentitySchema {
        IdentitySchema::new([
            optional_for_import("house", Type::String, ""),
            required_for_import("id", Type::String, ""),
        ])
    }

    fn object<const N: usize>(attributes: [(&str, Value); N]) -> Object {
        let attributes = attributes.into_iter();
        attributes
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    #[test]
    fn an_identity_is_a_part_of_the_state() {
        let state = object([
            ("house", "Elm".into()),
            ("id", Value::Unknown),
            ("name", "front".into()),
        ]);

        let identity = schema().of(&state);

        assert_eq!(
            identity,
            object([("house", "Elm".into()), ("id", Value::Unknown)])
        );
    }

    #[test]
    fn an_import_may_leave_out_what_is_optional() {
        let complete = object([("house", Value::Null), ("id", "1".into())]);
        let nothing = object([("house", Value::Null), ("id", Value::Null)]);

        assert_eq!(schema().missing_for_import(&complete), [""; 0]);
        assert_eq!(schema().missing_for_import(&nothing), ["id"]);
    }
}
