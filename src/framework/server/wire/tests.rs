//! Any type, and any value of a type, for the property tests of the codecs.

use proptest::{collection, prelude::*};

use crate::framework::{Number, Type, Value};

/// Any type, a few levels deep.
pub(super) fn any_type() -> BoxedStrategy<Type> {
    let leaf = prop_oneof![Just(Type::Bool), Just(Type::Number), Just(Type::String)];
    let deeper = |kind: BoxedStrategy<Type>| {
        prop_oneof![
            kind.clone().prop_map(Type::list),
            kind.clone().prop_map(Type::set),
            kind.clone().prop_map(Type::map),
            collection::btree_map("[a-z]{1,3}", kind, 0..4).prop_map(Type::object),
        ]
    };
    leaf.prop_recursive(3, 12, 4, move |kind| deeper(kind.boxed()))
        .boxed()
}

/// Any value of `kind`; null and unknown ones among them.
pub(super) fn value_of(kind: &Type) -> BoxedStrategy<Value> {
    prop_oneof![1 => Just(Value::Null), 1 => Just(Value::Unknown), 8 => inner(kind, value_of)]
        .boxed()
}

/// Any value of `kind` without an unknown in it.
pub(super) fn known_value_of(kind: &Type) -> BoxedStrategy<Value> {
    prop_oneof![1 => Just(Value::Null), 8 => inner(kind, known_value_of)].boxed()
}

fn inner(kind: &Type, of: fn(&Type) -> BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    match kind {
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Number | Type::Integer => number().prop_map(Value::Number).boxed(),
        Type::String => ".{0,40}".prop_map(Value::String).boxed(),
        Type::List(element) => collection::vec(of(element), 0..4)
            .prop_map(Value::List)
            .boxed(),
        Type::Set(element) => {
            let elements = collection::vec(of(element), 0..4);
            elements
                .prop_map(|elements| Value::Set(elements.into_iter().collect()))
                .boxed()
        }
        Type::Map(element) => collection::btree_map(".{0,3}", of(element), 0..4)
            .prop_map(|entries| Value::Map(entries.into_iter().collect()))
            .boxed(),
        Type::Object(kinds) => {
            let names: Vec<_> = kinds.keys().cloned().collect();
            let values: Vec<_> = kinds.values().map(of).collect();
            let object = values.prop_map(move |values| names.iter().cloned().zip(values).collect());
            object.prop_map(Value::Object).boxed()
        }
    }
}

fn number() -> BoxedStrategy<Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        any::<f64>().prop_filter_map("finite", |float| {
            float
                .is_finite()
                .then(|| Number::try_from(float).ok())
                .flatten()
        }),
        "-?[0-9]{1,40}(\\.[0-9]{1,40})?".prop_map(|text| text.parse().unwrap()),
    ]
    .boxed()
}
