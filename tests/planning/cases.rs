//! Plans that are easily wrong.

use realtimekit::framework::{
    Type, Value,
    schema::{Attribute, AttributeType, Nesting, computed, optional, required},
};

use crate::plans::{Action, Case, Planned, terraform_plans};

/// A lock that cannot be changed.
fn lock() -> Vec<Attribute> {
    vec![required("cut", Type::String, "").requires_replace()]
}

fn a_lock(cut: &str) -> Value {
    object([("cut", cut.into())])
}

fn object<const N: usize>(values: [(&str, Value); N]) -> Value {
    Value::Object(values.into())
}

fn update(attributes: Vec<Attribute>, prior: Value, config: Value) -> Planned {
    terraform_plans(&Case {
        attributes,
        defaults: object([]),
        prior,
        config,
    })
}

#[test]
fn unknown_nested_value_that_may_require_replacement_is_planned_as_one() {
    let locks = |value: Value| object([("locks", value)]);
    let list = |locks: &[Value]| Value::List(locks.to_vec());
    let two_locks = list(&[a_lock("round"), a_lock("flat")]);
    let with_unknown_lock = list(&[a_lock("round"), Value::Unknown]);
    for (prior, config, replaced) in [
        (&two_locks, Value::Unknown, vec!["locks"]),
        (&two_locks, with_unknown_lock, vec!["locks[1]"]),
        (&list(&[]), list(&[Value::Unknown]), vec![]),
        (&list(&[]), Value::Unknown, vec![]),
    ] {
        let kind = AttributeType::Nested(Nesting::List, lock());
        let attributes = vec![optional("locks", kind, "")];

        let planned = update(attributes, locks(prior.clone()), locks(config));

        let paths = planned.requires_replace.iter().map(ToString::to_string);
        assert_eq!(paths.collect::<Vec<_>>(), replaced);
    }
}

#[test]
fn nested_value_that_stays_when_no_longer_configured_is_no_change() {
    let attributes = vec![
        optional("lock", AttributeType::Nested(Nesting::Single, lock()), "")
            .or_computed()
            .use_state_for_unknown(),
        computed("painted_at", Type::String, ""),
    ];
    let prior = object([("lock", a_lock("round")), ("painted_at", "noon".into())]);
    let config = object([("lock", Value::Null), ("painted_at", Value::Null)]);

    assert_eq!(update(attributes, prior, config).action, Action::NoOp);
}
