//! The objects of a nested attribute: one, a list or a map.

use super::{
    diagnostics::Step,
    schema::Nesting,
    value::{Object, Value},
};

/// The elements, each with the step that leads to it.
pub(super) fn elements(nesting: Nesting, value: &Value) -> Vec<(Option<Step>, &Value)> {
    match (nesting, value) {
        (Nesting::Single, Value::Object(_)) => vec![(None, value)],
        (Nesting::List, Value::List(list)) => (0..)
            .zip(list)
            .map(|(index, value)| (Some(Step::Index(index)), value))
            .collect(),
        (Nesting::Map, Value::Map(map)) => map
            .iter()
            .map(|(key, value)| (Some(Step::Key(key.clone())), value))
            .collect(),
        _ => Vec::new(),
    }
}

/// The elements, to be changed.
pub(super) fn elements_mut(nesting: Nesting, value: &mut Value) -> Vec<(Option<Step>, &mut Value)> {
    match (nesting, value) {
        (Nesting::Single, value @ Value::Object(_)) => vec![(None, value)],
        (Nesting::List, Value::List(list)) => (0..)
            .zip(list)
            .map(|(index, value)| (Some(Step::Index(index)), value))
            .collect(),
        (Nesting::Map, Value::Map(map)) => map
            .iter_mut()
            .map(|(key, value)| (Some(Step::Key(key.clone())), value))
            .collect(),
        _ => Vec::new(),
    }
}

/// The element at `step`, if there is one.
pub(super) fn element<'v>(value: &'v Value, step: Option<&Step>) -> Option<&'v Value> {
    match (value, step) {
        (value, None) => Some(value),
        (Value::List(list), Some(Step::Index(index))) => list.get(usize::try_from(*index).ok()?),
        (Value::Map(map), Some(Step::Key(key))) => map.get(key),
        _ => None,
    }
}

/// The object at `step`, if there is one.
pub(super) fn object<'v>(value: &'v Value, step: Option<&Step>) -> Option<&'v Object> {
    match element(value, step) {
        Some(Value::Object(object)) => Some(object),
        _ => None,
    }
}
