//! Any schema, any prior state, any configuration that Terraform would accept, and what a
//! provider and other resources make of the unknowns in a plan.

use std::{fmt, vec};

use proptest::{collection, prelude::*};
use realtimekit::framework::{
    Object, Step, Type, Value,
    schema::{
        Attribute, AttributeType, DefaultValue, Nesting, Presence, computed, object_type, optional,
        required,
    },
};

use crate::{
    plans::Case,
    terraform::{attribute_of, object_of, part},
};

/// How deep nested attributes may be.
const DEPTH: usize = 2;

/// The keys of maps, and as many elements has a list at most.
const KEYS: [&str; 3] = ["x", "y", "z"];

/// What a configuration may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Known,
    /// With unknowns.
    Partial,
    /// With unknowns; may lack what is required, and set what is read-only.
    Sloppy,
}

/// Who decides what an unknown attribute becomes.
type Decide = fn(&mut Choices, &Attribute) -> Value;

/// Random numbers, from which the generators below draw their decisions.
///
/// Proptest shrinks them to fewer and smaller ones. A missing number is 0, for which a generator
/// makes what is simplest.
#[derive(Clone)]
pub(crate) struct Choices(vec::IntoIter<u8>);

impl fmt::Debug for Choices {
    /// Leaves out the numbers: of interest is what was made of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Choices")
    }
}

/// Whatever `generate` makes, and choices for what is decided later.
pub(crate) fn any_of<T: fmt::Debug>(
    generate: fn(&mut Choices) -> T,
) -> impl Strategy<Value = (T, Choices)> {
    collection::vec(any::<u8>(), 0..1_000).prop_map(move |numbers| {
        let mut choices = Choices(numbers.into_iter());
        (generate(&mut choices), choices)
    })
}

impl Choices {
    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::from(self.0.next().unwrap_or_default()) % count
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// A creation or an update, with unknowns in the configuration and the provider block.
    pub(crate) fn case(&mut self) -> Case {
        let attributes = self.attributes("");
        let prior = match self.one_in(4) {
            true => Value::Null,
            false => self.non_null_value(&object_type(&attributes), false),
        };
        Case {
            config: self.config(&attributes, &prior, Kind::Partial),
            defaults: self.config(&provider_block(&attributes), &prior, Kind::Partial),
            attributes,
            prior,
        }
    }

    /// The same case once everything in the configuration and the provider block is known.
    pub(crate) fn resolved_case(&mut self, case: &Case) -> Case {
        let followed = provider_block(&case.attributes);
        Case {
            config: self.resolved(&case.attributes, &case.config),
            defaults: self.resolved(&followed, &case.defaults),
            ..case.clone()
        }
    }

    /// Any attributes of a block, or of the nested attribute `parent`. Names are unique on all levels:
    /// an attribute that follows the provider block does so by its name.
    pub(crate) fn attributes(&mut self, parent: &str) -> Vec<Attribute> {
        let names = ["a", "b", "c"].map(|letter| format!("{parent}{letter}"));
        let names = names[..=self.below(3)].iter();
        names.map(|name| self.attribute(name)).collect()
    }

    /// An attribute with any behavior that a plan knows.
    fn attribute(&mut self, name: &str) -> Attribute {
        let is_nested = name.len() <= DEPTH && self.below(7) > 3;
        let kind = match is_nested {
            true => {
                let nesting = self.pick(&[Nesting::Single, Nesting::List, Nesting::Map]);
                AttributeType::Nested(nesting, self.attributes(name))
            }
            false => AttributeType::Value(self.value_type()),
        };
        let mut attribute = match self.below(6) {
            0 => optional(name, kind, ""),
            1 => required(name, kind, ""),
            2 => computed(name, kind, ""),
            3 => optional(name, kind, "").or_computed(),
            4 if !is_nested => optional(name, kind, "").default_from_provider("Set it."),
            _ => {
                let default = self.value(&kind.to_type(), false);
                optional(name, kind, "").default(default)
            }
        };
        attribute.requires_replace = self.one_in(3);
        attribute.use_state_for_unknown = self.one_in(2);
        attribute
    }

    fn value_type(&mut self) -> Type {
        match self.below(8) {
            7 => Type::list(self.primitive_type()),
            6 => Type::set(self.primitive_type()),
            5 => Type::map(self.primitive_type()),
            4 => {
                let names = KEYS[..self.below(3)].iter();
                Type::object(names.map(|&name| (name, self.primitive_type())))
            }
            _ => self.primitive_type(),
        }
    }

    fn primitive_type(&mut self) -> Type {
        self.pick(&[Type::Bool, Type::Number, Type::String])
    }

    /// A value of this type or null, or unknown at times, in whole or in part.
    pub(crate) fn value(&mut self, kind: &Type, unknowns: bool) -> Value {
        match self.below(6) {
            0 => Value::Null,
            1 | 2 if unknowns => Value::Unknown,
            _ => self.non_null_value(kind, unknowns),
        }
    }

    /// A value of this type that is not null, but whose parts may be null, or unknown.
    fn non_null_value(&mut self, kind: &Type, unknowns: bool) -> Value {
        let elements = |choices: &mut Self, kind| choices.elements(|it| it.value(kind, unknowns));
        match kind {
            Type::Bool => self.one_in(2).into(),
            Type::Number | Type::Integer => self.pick(&[0, 1, 2, -1]).into(),
            Type::String => self.pick(&["", "a", "b", "c"]).into(),
            Type::List(kind) => collected(Nesting::List, elements(self, kind)),
            Type::Set(kind) => Value::Set(elements(self, kind).values().cloned().collect()),
            Type::Map(kind) => collected(Nesting::Map, elements(self, kind)),
            Type::Object(kinds) => {
                let values = kinds.iter();
                let values = values.map(|(name, kind)| (name.clone(), self.value(kind, unknowns)));
                Value::Object(values.collect())
            }
        }
    }

    /// Elements of a collection by their keys, which a list does not need.
    fn elements(&mut self, element: impl Fn(&mut Self) -> Value) -> Object {
        let mut elements = Object::new();
        for key in KEYS {
            if self.one_in(2) {
                *elements.slot(key) = element(self);
            }
        }
        elements
    }

    /// A configuration: often what it was, sometimes something else, sometimes not known yet.
    /// Terraform accepts it unless it is sloppy.
    pub(crate) fn config(&mut self, attributes: &[Attribute], prior: &Value, kind: Kind) -> Value {
        object_of(attributes, |attribute| {
            self.configured(attribute, &attribute_of(prior, attribute), kind)
        })
    }

    pub(crate) fn configured(&mut self, attribute: &Attribute, prior: &Value, kind: Kind) -> Value {
        let is_null = match (attribute.presence, kind) {
            (Presence::Required, Kind::Sloppy) => self.one_in(9),
            (Presence::Computed, Kind::Sloppy) => !self.one_in(9),
            (Presence::Required, _) => false,
            (Presence::Computed, _) => true,
            _ => self.below(3) == 0,
        };
        let unknowns = kind != Kind::Known;
        match &attribute.kind {
            _ if is_null => Value::Null,
            _ if unknowns && self.one_in(8) => Value::Unknown,
            AttributeType::Nested(nesting, inner) => {
                self.configured_objects(*nesting, inner, prior, kind)
            }
            AttributeType::Value(_)
                if !prior.is_null() && prior.is_wholly_known() && !self.one_in(3) =>
            {
                prior.clone()
            }
            AttributeType::Value(kind) => self.non_null_value(kind, unknowns),
        }
    }

    fn configured_objects(
        &mut self,
        nesting: Nesting,
        inner: &[Attribute],
        prior: &Value,
        kind: Kind,
    ) -> Value {
        if nesting == Nesting::Single {
            return self.config(inner, prior, kind);
        }
        let mut elements = Object::new();
        for (index, key) in (0..).zip(KEYS) {
            let step = match nesting {
                Nesting::Map => Step::Key(key.into()),
                _ => Step::Index(index),
            };
            let prior = part(prior, &step);
            let is_left_out = self.one_in(if prior.is_null() { 2 } else { 5 });
            if !is_left_out {
                *elements.slot(key) = match self.below(12) {
                    11 => Value::Null,
                    10 if kind != Kind::Known => Value::Unknown,
                    _ => self.config(inner, &prior, kind),
                };
            }
        }
        collected(nesting, elements)
    }

    /// The same configuration once everything in it is known, and still acceptable: other
    /// resources, to which it refers, have decided.
    pub(crate) fn resolved(&mut self, attributes: &[Attribute], config: &Value) -> Value {
        self.decided(attributes, config, |choices, attribute| {
            choices.configured(attribute, &Value::Null, Kind::Known)
        })
    }

    /// The state after a change that went as planned: the provider has decided what was left to
    /// it, and nothing else.
    pub(crate) fn completed(&mut self, attributes: &[Attribute], planned: &Value) -> Value {
        self.decided(attributes, planned, Self::computed)
    }

    /// What the provider makes of an attribute of which nothing was planned.
    fn computed(&mut self, attribute: &Attribute) -> Value {
        match &attribute.kind {
            _ if !attribute.presence.is_computed() => Value::Null,
            AttributeType::Value(kind) => self.value(kind, false),
            AttributeType::Nested(..) if self.one_in(4) => Value::Null,
            AttributeType::Nested(nesting, inner) => {
                let object = |it: &mut Self| it.decided(inner, &Value::Unknown, Self::computed);
                collected(*nesting, self.elements(object))
            }
        }
    }

    /// An object in which `decide` has replaced what was unknown.
    fn decided(&mut self, attributes: &[Attribute], object: &Value, decide: Decide) -> Value {
        object_of(attributes, |attribute| {
            self.decided_value(attribute, &attribute_of(object, attribute), decide)
        })
    }

    fn decided_value(&mut self, attribute: &Attribute, value: &Value, decide: Decide) -> Value {
        let part = |name: &str, kind: AttributeType| optional(name, kind, "").or_computed();
        match (&attribute.kind, value) {
            (_, Value::Unknown) => decide(self, attribute),
            (AttributeType::Nested(_, inner), Value::Object(_)) => {
                self.decided(inner, value, decide)
            }
            (AttributeType::Nested(_, inner), value) => {
                let object = AttributeType::Nested(Nesting::Single, inner.clone());
                let element = part("", object);
                map_elements(value, |it| self.decided_value(&element, it, decide))
            }
            (AttributeType::Value(Type::Object(kinds)), Value::Object(_)) => {
                let parts = kinds
                    .iter()
                    .map(|(name, kind)| part(name, kind.clone().into()));
                self.decided(&parts.collect::<Vec<_>>(), value, decide)
            }
            (AttributeType::Value(Type::List(kind) | Type::Set(kind) | Type::Map(kind)), value) => {
                let element = part("", kind.as_ref().clone().into());
                map_elements(value, |it| self.decided_value(&element, it, decide))
            }
            (_, known) => known.clone(),
        }
    }
}

/// The attributes of the provider block that others follow. All of them are set.
fn provider_block(attributes: &[Attribute]) -> Vec<Attribute> {
    let followed = attributes.iter().flat_map(|attribute| {
        let is_followed = matches!(attribute.default, Some(DefaultValue::Provider(_)));
        let itself = is_followed.then(|| required(&attribute.name, attribute.kind.clone(), ""));
        itself.into_iter().chain(provider_block(attribute.nested()))
    });
    followed.collect()
}

/// Elements as a nested value.
fn collected(nesting: Nesting, elements: Object) -> Value {
    match nesting {
        Nesting::Single => elements.values().next().cloned().unwrap_or(Value::Null),
        Nesting::List => Value::List(elements.values().cloned().collect()),
        Nesting::Map => Value::Map(elements),
    }
}

fn map_elements(value: &Value, mut each: impl FnMut(&Value) -> Value) -> Value {
    match value {
        Value::List(list) => Value::List(list.iter().map(each).collect()),
        Value::Set(set) => Value::Set(set.iter().map(each).collect()),
        Value::Map(map) => {
            let entries = map.iter().map(|(key, value)| (key.clone(), each(value)));
            Value::Map(entries.collect())
        }
        other => other.clone(),
    }
}
