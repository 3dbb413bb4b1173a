//! `AssertObjectCompatible`: whether `actual` is what `planned` promised.
//!
//! Terraform holds the result of a change against its plan, and the plan that it makes again
//! while it applies against the one that the practitioner saw.

use realtimekit::framework::{AttributePath, Object, Step, Type, Value, schema::Attribute};

/// Where `actual` breaks a promise; nothing if it keeps them all.
pub(crate) fn assert_object_compatible(
    attributes: &[Attribute],
    planned: &Object,
    actual: &Object,
) -> Vec<String> {
    let mut problems = Vec::new();
    for schema in attributes {
        let path = AttributePath::from(schema.name.as_str());
        let (planned, actual) = (&planned[&schema.name], &actual[&schema.name]);
        compare(
            &schema.kind.to_type(),
            planned,
            actual,
            &path,
            &mut problems,
        );
    }
    problems
}

fn compare(
    kind: &Type,
    planned: &Value,
    actual: &Value,
    path: &AttributePath,
    problems: &mut Vec<String>,
) {
    let mut broken = |what: String| problems.push(format!("{path}: {what}"));
    match (kind, planned, actual) {
        (_, Value::Unknown, _) | (_, Value::Null, Value::Null) => {}
        (_, _, Value::Unknown) => broken(format!("was {planned}, but now unknown")),
        (Type::List(kind), Value::List(planned), Value::List(actual)) => {
            if planned.len() != actual.len() {
                return broken("elements have appeared or vanished".into());
            }
            for (index, (planned, actual)) in (0..).zip(planned.iter().zip(actual)) {
                let path = path.step(Step::Index(index));
                compare(kind, planned, actual, &path, problems);
            }
        }
        (Type::Map(kind), Value::Map(planned), Value::Map(actual)) => {
            if !planned.keys().eq(actual.keys()) {
                return broken("elements have appeared or vanished".into());
            }
            for (key, planned) in planned.iter() {
                let path = path.step(Step::Key(key.clone()));
                compare(kind, planned, &actual[key], &path, problems);
            }
        }
        (Type::Object(kinds), Value::Object(planned), Value::Object(actual)) => {
            for (name, kind) in kinds {
                let path = path.step(Step::Attribute(name.clone()));
                compare(kind, &planned[name], &actual[name], &path, problems);
            }
        }
        (Type::Set(kind), Value::Set(planned), Value::Set(actual)) => {
            let fits = |planned, actual| {
                let mut problems = Vec::new();
                compare(kind, planned, actual, path, &mut problems);
                problems.is_empty()
            };
            let all_kept = planned
                .iter()
                .all(|one| actual.iter().any(|other| fits(one, other)));
            let all_planned = actual
                .iter()
                .all(|other| planned.iter().any(|one| fits(one, other)));
            if !all_kept || !all_planned || planned.len() < actual.len() {
                broken("the elements of the set do not correlate".into());
            }
        }
        (_, planned, actual) if planned == actual => {}
        (_, planned, actual) => broken(format!("was {planned}, but now {actual}")),
    }
}

#[cfg(test)]
mod tests {
    use realtimekit::framework::schema::optional;

    use super::*;

    fn keeps(kind: Type, planned: impl Into<Value>, actual: impl Into<Value>) -> bool {
        let attributes = [optional("it", kind, "")];
        let of = |value| Object::from([("it".to_owned(), value)]);
        assert_object_compatible(&attributes, &of(planned.into()), &of(actual.into())).is_empty()
    }

    fn list(values: &[&str]) -> Value {
        Value::List(values.iter().map(|&text| text.into()).collect())
    }

    fn set(values: Vec<Value>) -> Value {
        Value::Set(values.into_iter().collect())
    }

    #[test]
    fn a_known_value_stays() {
        assert!(keeps(Type::String, "a", "a"));
        assert!(!keeps(Type::String, "a", "b"));
        assert!(!keeps(Type::String, "a", Value::Null));
        assert!(!keeps(Type::String, Value::Null, "a"));
        assert!(!keeps(Type::String, "a", Value::Unknown));
        assert!(!keeps(Type::String, Value::Null, Value::Unknown));
    }

    #[test]
    fn an_unknown_value_becomes_anything() {
        assert!(keeps(Type::String, Value::Unknown, "a"));
        assert!(keeps(Type::String, Value::Unknown, Value::Null));
    }

    #[test]
    fn elements_of_lists_and_maps_neither_appear_nor_vanish() {
        let strings = || Type::list(Type::String);
        let map = |key: &str| Value::Map([(key.to_owned(), "x".into())].into());

        assert!(!keeps(strings(), list(&["a"]), list(&["a", "b"])));
        assert!(!keeps(strings(), list(&["a", "b"]), list(&["a"])));
        assert!(!keeps(strings(), list(&["a"]), list(&["b"])));
        assert!(!keeps(Type::map(Type::String), map("a"), map("b")));
    }

    #[test]
    fn elements_of_sets_find_their_match_and_do_not_grow_in_number() {
        let strings = || Type::set(Type::String);
        let planned = || set(vec!["a".into(), Value::Unknown]);

        assert!(keeps(
            strings(),
            planned(),
            set(vec!["a".into(), "b".into()])
        ));
        assert!(keeps(strings(), planned(), set(vec!["a".into()])));
        assert!(!keeps(strings(), planned(), set(vec!["b".into()])));
        assert!(!keeps(
            strings(),
            planned(),
            set(vec!["a".into(), "b".into(), "c".into()])
        ));
        assert!(!keeps(strings(), set(vec!["a".into()]), set(vec![])));
    }

    #[test]
    fn an_object_keeps_each_attribute() {
        let kind = Type::object([("a", Type::Bool)]);
        let object = |value: bool| Value::Object([("a".to_owned(), value.into())].into());

        assert!(keeps(kind.clone(), object(true), object(true)));
        assert!(!keeps(kind, object(true), object(false)));
    }
}
