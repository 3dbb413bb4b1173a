//! Any type that an attribute may have, and any known value of it.

use proptest::{collection, prelude::*};
use realtimekit::framework::{Name, Object, Type, Value, schema::Attribute};

/// Any type.
pub(super) fn any_type() -> impl Strategy<Value = Type> {
    prop_oneof![
        4 => primitive(),
        3 => collection_type(),
        1 => collection::btree_map("[xyz]", primitive(), 0..3).prop_map(Type::object),
    ]
}

fn primitive() -> impl Strategy<Value = Type> {
    prop_oneof![Just(Type::Bool), Just(Type::Number), Just(Type::String)]
}

fn collection_type() -> impl Strategy<Value = Type> {
    prop_oneof![
        primitive().prop_map(Type::list),
        primitive().prop_map(Type::set),
        primitive().prop_map(Type::map),
    ]
}

/// A complete, known object with these attributes; any of them may be null.
pub(crate) fn known_object(attributes: &[Attribute]) -> BoxedStrategy<Object> {
    object_of(attributes.iter().map(|attribute| {
        let value = known_value(&attribute.kind.to_type());
        (attribute.name.clone(), value)
    }))
}

/// An object whose attributes are drawn one by one.
pub(super) fn object_of<N: Into<Name>>(
    attributes: impl Iterator<Item = (N, BoxedStrategy<Value>)>,
) -> BoxedStrategy<Object> {
    let attributes = attributes.map(|(name, value)| (name.into(), value));
    let (names, values): (Vec<Name>, Vec<_>) = attributes.unzip();
    values
        .prop_map(move |values| names.iter().cloned().zip(values).collect())
        .boxed()
}

/// A known value of this type, or null.
pub(crate) fn known_value(kind: &Type) -> BoxedStrategy<Value> {
    prop_oneof![1 => Just(Value::Null), 4 => non_null_value(kind)].boxed()
}

/// A known value of this type that is no null.
pub(crate) fn non_null_value(kind: &Type) -> BoxedStrategy<Value> {
    match kind {
        Type::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Type::Number | Type::Integer => (-3_i64..3).prop_map(Value::from).boxed(),
        Type::String => "[abc]?".prop_map(Value::from).boxed(),
        Type::List(kind) => collection::vec(known_value(kind), 0..3)
            .prop_map(Value::List)
            .boxed(),
        Type::Set(kind) => collection::vec(known_value(kind), 0..3)
            .prop_map(|elements| Value::Set(elements.into_iter().collect()))
            .boxed(),
        Type::Map(kind) => collection::btree_map("[xyz]", known_value(kind), 0..3)
            .prop_map(|entries| Value::Map(entries.into_iter().collect()))
            .boxed(),
        Type::Object(kinds) => {
            let values = kinds
                .iter()
                .map(|(name, kind)| (name.clone(), known_value(kind)));
            object_of(values).prop_map(Value::Object).boxed()
        }
    }
}
