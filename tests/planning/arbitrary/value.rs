//! Any type that an attribute may have, and any value of it.

use proptest::{
    collection::{btree_map, vec},
    prelude::*,
};
use realtimekit::framework::{
    Name, Object, Type, Value,
    schema::{Attribute, Nesting},
};

/// Any type.
pub(super) fn any_type() -> impl Strategy<Value = Type> {
    let primitive = || prop_oneof![Just(Type::Bool), Just(Type::Number), Just(Type::String)];
    prop_oneof![
        4 => primitive(),
        1 => primitive().prop_map(Type::list),
        1 => primitive().prop_map(Type::set),
        1 => primitive().prop_map(Type::map),
        1 => btree_map("[xyz]", primitive(), 0..3).prop_map(Type::object),
    ]
}

/// A complete, known object with these attributes; any of them may be null.
pub(crate) fn any_object(attributes: &[Attribute]) -> BoxedStrategy<Object> {
    object_of(attributes.iter().map(|attribute| {
        let value = any_value(&attribute.kind.to_type(), false);
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

/// A nested value of such objects.
pub(super) fn nested(nesting: Nesting, object: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    match nesting {
        Nesting::Single => object,
        Nesting::List => vec(object, 0..3).prop_map(Value::List).boxed(),
        Nesting::Map => {
            let map = btree_map("[xyz]", object, 0..3);
            map.prop_map(|map| Value::Map(map.into_iter().collect()))
                .boxed()
        }
    }
}

/// A value of this type or null, or unknown at times, in whole or in part.
pub(super) fn any_value(kind: &Type, unknowns: bool) -> BoxedStrategy<Value> {
    let (null, value) = (Just(Value::Null), non_null_value(kind, unknowns));
    match unknowns {
        true => prop_oneof![1 => null, 2 => Just(Value::Unknown), 3 => value].boxed(),
        false => prop_oneof![1 => null, 4 => value].boxed(),
    }
}

/// A value of this type that is not null, but whose parts may be null, or unknown.
pub(crate) fn non_null_value(kind: &Type, unknowns: bool) -> BoxedStrategy<Value> {
    let elements = |kind| vec(any_value(kind, unknowns), 0..3);
    match kind {
        Type::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Type::Number | Type::Integer => (-3_i64..3).prop_map(Value::from).boxed(),
        Type::String => "[abc]?".prop_map(Value::from).boxed(),
        Type::List(kind) => elements(kind).prop_map(Value::List).boxed(),
        Type::Set(kind) => {
            let set = |elements: Vec<_>| Value::Set(elements.into_iter().collect());
            elements(kind).prop_map(set).boxed()
        }
        Type::Map(kind) => nested(Nesting::Map, any_value(kind, unknowns)),
        Type::Object(kinds) => {
            let values = kinds.iter();
            let values = values.map(|(name, kind)| (name.clone(), any_value(kind, unknowns)));
            object_of(values).prop_map(Value::Object).boxed()
        }
    }
}
