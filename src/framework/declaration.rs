//! [`Declaration`]: what a resource, data source, list resource or action says of itself, and what
//! is wrong with that. Pure.
//!
//! A model is tried with values that its schema allows, so a test finds what would end in an error
//! for a user.

use super::{
    identity::{IdentityAttribute, IdentitySchema},
    model::Model,
    schema::{Attribute, AttributeType, DefaultValue, Nesting, Presence, Schema},
    value::{Object, Set, Type, Value},
    value_error::ValueError,
};

/// What an item of a provider says of itself.
pub struct Declaration {
    /// As in HCL.
    pub type_name: &'static str,
    /// The attributes.
    pub schema: Schema,
    /// What names an object for all of its life; without attributes if nothing does.
    pub identity: IdentitySchema,
    /// Reads and writes a model, to try it.
    models: Vec<(Role, RoundTrip)>,
}

type RoundTrip = fn(Object) -> Result<Object, ValueError>;

/// What a model is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A wholly known configuration.
    Config,
    /// The provider block: any attribute may be unknown.
    ProviderConfig,
    /// A planned state: a computed attribute without a default may be unknown.
    Plan,
    /// A state, whose attributes are the fields of the model.
    State,
    /// The same of the resource that a list resource has the type name of.
    ListedState,
}

impl Declaration {
    pub(super) fn new(type_name: &'static str, schema: Schema) -> Self {
        Self {
            type_name,
            schema,
            identity: IdentitySchema::default(),
            models: Vec::new(),
        }
    }

    pub(super) fn model<M: Model>(mut self, role: Role) -> Self {
        let round_trip: RoundTrip = |object| M::from_object(object).map(Model::into_object);
        self.models.push((role, round_trip));
        self
    }

    /// Panics if the schema and the models contradict each other. `listed` is the schema of the
    /// resource with the same type name, if it has an identity.
    pub(super) fn assert_sound(&self, kind: &str, listed: Option<&Schema>) {
        let problems = self.problems(listed).join("; ");
        assert_eq!(problems, "", "{kind} {} contradicts itself", self.type_name);
    }

    fn problems(&self, listed: Option<&Schema>) -> Vec<String> {
        let mut found = contradictory(&self.schema.attributes);
        for IdentityAttribute { name, kind, .. } in &self.identity.attributes {
            let mut attributes = self.schema.attributes.iter();
            if !attributes.any(|it| *it.name == **name && it.kind.to_type() == *kind) {
                let problem = "of the identity is no attribute of the state";
                found.push(format!("the attribute {name} {problem}"));
            }
        }
        for &(role, round_trip) in &self.models {
            let schema = match role {
                Role::ListedState => listed,
                _ => Some(&self.schema),
            };
            found.extend(match schema {
                Some(schema) => mismatches(role, &schema.attributes, round_trip),
                None => vec!["there is no resource of this name with an identity".to_owned()],
            });
        }
        found
    }
}

/// What does not fit between the fields of a model and the attributes of its schema.
fn mismatches(role: Role, attributes: &[Attribute], round_trip: RoundTrip) -> Vec<String> {
    let mut found = Vec::new();
    let sample = sample_object(attributes);
    match round_trip(sample.clone()) {
        Err(error) => found.push(error.to_string()),
        Ok(kept) => {
            let is_state = matches!(role, Role::State | Role::ListedState);
            let has_others = kept.keys().any(|name| sample.get(name).is_none());
            if has_others || (is_state && kept != sample) {
                let [kept, sample] = [kept, sample].map(Value::Object);
                found.push(format!("the fields {kept} are not the attributes {sample}"));
            }
            let fits = |object| round_trip(object).is_ok();
            try_each(role, "", attributes, &fits, &mut found);
        }
    }
    found
        .iter()
        .map(|problem| format!("{role:?}: {problem}"))
        .collect()
}

/// Tries a model with each attribute null or unknown where it may be.
fn try_each(
    role: Role,
    path: &str,
    attributes: &[Attribute],
    fits: &dyn Fn(Object) -> bool,
    found: &mut Vec<String>,
) {
    let sample = sample_object(attributes);
    for attribute in attributes {
        let fits_with = |value: Value| {
            let mut object = sample.clone();
            *object.slot(&attribute.name) = value;
            fits(object)
        };
        let path = format!("{path}{}", attribute.name);
        let is_set = attribute.default.is_some();
        let (may_be_unknown, may_be_null) = match role {
            Role::ProviderConfig => (true, !is_set),
            Role::Plan => (attribute.presence.is_computed() && !is_set, !is_set),
            Role::Config => (false, !is_set),
            Role::State | Role::ListedState => (false, false),
        };
        if may_be_unknown && !fits_with(Value::Unknown) {
            found.push(format!("{path} may be unknown: use MaybeUnknown"));
        } else if may_be_null && attribute.presence != Presence::Required && !fits_with(Value::Null)
        {
            found.push(format!("{path} may be null: use Option"));
        }
        if let AttributeType::Nested(nesting, inner) = &attribute.kind {
            let fits = |object| fits_with(nested(*nesting, Value::Object(object)));
            try_each(role, &format!("{path}."), inner, &fits, found);
        }
    }
}

fn sample_object(attributes: &[Attribute]) -> Object {
    let attributes = attributes.iter();
    let values = attributes.map(|it| (it.name.as_str(), sample(&it.kind.to_type())));
    values.collect()
}

fn nested(nesting: Nesting, object: Value) -> Value {
    match nesting {
        Nesting::Single => object,
        Nesting::List => Value::List(vec![object]),
        Nesting::Map => Value::Map([("key", object)].into()),
    }
}

fn sample(kind: &Type) -> Value {
    match kind {
        Type::Bool => true.into(),
        Type::Number => "0.5".parse().map_or(Value::Null, Value::Number), // is a number
        Type::Integer => 1.into(),
        Type::String => "text".into(),
        Type::List(kind) => Value::List(vec![sample(kind)]),
        Type::Set(kind) => Value::Set(Set::from_iter([sample(kind)])),
        Type::Map(kind) => Value::Map([("key", sample(kind))].into()),
        Type::Object(kinds) => {
            let values = kinds
                .iter()
                .map(|(name, kind)| (name.clone(), sample(kind)));
            Value::Object(values.collect())
        }
    }
}

/// What is wrong with the attributes of a schema by themselves.
fn contradictory(attributes: &[Attribute]) -> Vec<String> {
    let mut found = Vec::new();
    for (position, attribute) in attributes.iter().enumerate() {
        let name = &attribute.name;
        if attributes[..position]
            .iter()
            .any(|other| other.name == *name)
        {
            found.push(format!("the attribute {name} is declared twice"));
        }
        if attribute.default == Some(DefaultValue::Value(Value::Null)) {
            found.push(format!("the default of {name} is null"));
        }
        let inner = contradictory(attribute.nested()).into_iter();
        found.extend(inner.map(|problem| format!("{name}: {problem}")));
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::framework::{
        identity::required_for_import,
        model::{MaybeUnknown, Nested},
        schema::{computed, optional, required},
    };

    crate::model! {
        struct Door {
            id: MaybeUnknown<String>,
            name: String,
            tags: Option<BTreeSet<String>>,
            keys: Option<BTreeMap<String, Nested<Key>>>,
        }
    }

    crate::model! {
        struct Key {
            copies: i64,
            serial: MaybeUnknown<bool>,
        }
    }

    fn attributes() -> Vec<Attribute> {
        let key = vec![
            optional("copies", Type::Integer, "").default(1),
            computed("serial", Type::Bool, ""),
        ];
        vec![
            computed("id", Type::String, ""),
            required("name", Type::String, ""),
            optional("tags", Type::set(Type::String), ""),
            optional("keys", AttributeType::Nested(Nesting::Map, key), ""),
        ]
    }

    type Change = fn(&mut Vec<Attribute>);

    /// What is found wrong between the door and its attributes, changed at one place.
    #[track_caller]
    fn found(role: Role, change: Change) -> String {
        let mut attributes = attributes();
        change(&mut attributes);
        let declared = Declaration::new("door", Schema::new("", attributes)).model::<Door>(role);
        let listed = (role == Role::ListedState).then_some(&declared.schema);
        declared.problems(listed).join("; ")
    }

    fn key(attributes: &mut [Attribute]) -> &mut Vec<Attribute> {
        match &mut attributes[3].kind {
            AttributeType::Nested(_, key) => key,
            AttributeType::Value(_) => panic!("keys are nested"),
        }
    }

    #[test]
    fn model_that_fits_its_schema_has_no_problem() {
        for role in [Role::Plan, Role::State, Role::ListedState] {
            assert_eq!(found(role, |_| {}), "");
        }
    }

    #[test]
    fn model_that_cannot_hold_what_its_schema_allows_is_a_problem() {
        let cases: [(&str, Change); 8] = [
            ("Plan: expected a string, at name", |door| {
                door[1].kind = Type::Bool.into();
            }),
            (
                "Plan: expected a whole number of 64 bits, at keys.copies",
                |door| {
                    key(door)[0].kind = Type::Number.into();
                },
            ),
            ("Plan: name may be null: use Option", |door| {
                door[1].presence = Presence::Optional;
            }),
            ("Plan: name may be unknown: use MaybeUnknown", |door| {
                door[1].presence = Presence::Computed;
            }),
            ("Plan: keys.copies may be null: use Option", |door| {
                key(door)[0].presence = Presence::Optional;
                key(door)[0].default = None;
            }),
            ("the attribute name is declared twice", |door| {
                door.push(door[1].clone());
            }),
            ("keys: the default of copies is null", |door| {
                key(door)[0].default = Some(DefaultValue::Value(Value::Null));
            }),
            ("Plan: the fields", |door| drop(door.remove(2))),
        ];
        for (expected, change) in cases {
            let found = found(Role::Plan, change);
            assert!(found.starts_with(expected), "{found} instead of {expected}");
        }
    }

    #[test]
    fn state_needs_a_field_for_each_attribute_at_any_depth() {
        let cases: [Change; 2] = [
            |door| door.push(computed("note", Type::String, "")),
            |door| key(door).push(computed("note", Type::String, "")),
        ];
        for change in cases {
            assert_eq!(found(Role::Plan, change), "");
            for role in [Role::State, Role::ListedState] {
                let found = found(role, change);
                assert!(
                    found.starts_with(&format!("{role:?}: the fields {{ id")),
                    "{found}"
                );
            }
        }
    }

    #[test]
    fn provider_block_may_be_unknown_at_any_depth() {
        let found = found(Role::ProviderConfig, |_| {});

        let expected = ["name", "tags", "keys", "keys.copies"]
            .map(|path| format!("ProviderConfig: {path} may be unknown: use MaybeUnknown"));
        assert_eq!(found, expected.join("; "));
    }

    #[test]
    fn identity_is_made_of_attributes_of_the_state() {
        let mut declared = Declaration::new("door", Schema::new("", attributes()));
        let identity = [
            ("id", Type::String),
            ("name", Type::Bool),
            ("key", Type::String),
        ];
        let identity = identity.map(|(name, kind)| required_for_import(name, kind, ""));
        declared.identity = IdentitySchema::new(identity);

        let expected = ["name", "key"].map(|name| {
            format!("the attribute {name} of the identity is no attribute of the state")
        });
        assert_eq!(declared.problems(None), expected);
    }

    #[test]
    fn list_resource_needs_a_resource_with_an_identity() {
        let declared = Declaration::new("door", Schema::new("", attributes()));
        let declared = declared.model::<Door>(Role::ListedState);

        let found = declared.problems(None);

        assert_eq!(
            found,
            ["there is no resource of this name with an identity"]
        );
    }

    #[test]
    #[should_panic(expected = "serial is computed, but nothing is stored")]
    fn nothing_is_computed_where_nothing_is_stored() {
        let mut door = attributes();
        door.remove(0);
        let _ = Schema::new("", door).never_stored();
    }
}
