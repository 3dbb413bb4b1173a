//! Plans that are easily wrong.

use realtimekit::framework::{
    Object, Type, Value,
    schema::{Attribute, AttributeType, Nesting, ProviderDefaults, computed, optional, required},
};

use crate::{
    plans::{Planned, terraform_plans},
    terraform::Action,
};

fn object<const N: usize>(attributes: [(&str, Value); N]) -> Object {
    let attributes = attributes.into_iter();
    attributes
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// A lock that cannot be changed, with a label that can.
fn lock() -> Vec<Attribute> {
    vec![
        required("cut", Type::String, "").requires_replace(),
        optional("label", Type::String, ""),
    ]
}

fn a_lock(cut: &str) -> Value {
    Value::Object(object([("cut", cut.into()), ("label", Value::Null)]))
}

fn update(attribute: Attribute, prior: Value, config: Value) -> Planned {
    let name = attribute.name.clone();
    let attributes = [attribute];
    let (prior, config) = (object([(&name, prior)]), object([(&name, config)]));
    terraform_plans(&attributes, &ProviderDefaults::new(), Some(&prior), &config)
}

#[test]
fn unknown_nested_value_that_may_require_replacement_is_planned_as_one() {
    let locks = || optional("locks", AttributeType::Nested(Nesting::List, lock()), "");
    let list = |locks: &[Value]| Value::List(locks.to_vec());
    let prior = || list(&[a_lock("round"), a_lock("flat")]);

    let whole = update(locks(), prior(), Value::Unknown);
    let element = update(locks(), prior(), list(&[a_lock("round"), Value::Unknown]));
    let new_element = update(locks(), list(&[]), list(&[Value::Unknown]));
    let first_ones = update(locks(), list(&[]), Value::Unknown);

    assert_eq!(whole.action, Action::Replace);
    assert_eq!(whole.plan.requires_replace[0].to_string(), "locks");
    assert_eq!(element.action, Action::Replace);
    assert_eq!(element.plan.requires_replace[0].to_string(), "locks[1]");
    assert_eq!(new_element.action, Action::Update);
    assert_eq!(first_ones.action, Action::Update);
}

#[test]
fn unknown_element_is_planned_as_unknown_since_it_may_become_null() {
    let labels = vec![optional("label", Type::String, "")];
    let locks = optional("locks", AttributeType::Nested(Nesting::Map, labels), "");
    let locks_of = |lock: Value| Value::Map(object([("front", lock)]));
    let prior = locks_of(Value::Object(object([("label", "mine".into())])));

    let planned = update(locks, prior, locks_of(Value::Unknown));

    assert_eq!(planned.plan.planned["locks"], locks_of(Value::Unknown));
}

#[test]
fn nested_value_that_stays_when_no_longer_configured_is_no_change() {
    let attributes = [
        optional("lock", AttributeType::Nested(Nesting::Single, lock()), "")
            .or_computed()
            .use_state_for_unknown(),
        computed("painted_at", Type::String, ""),
    ];
    let prior = object([("lock", a_lock("round")), ("painted_at", "noon".into())]);
    let config = object([("lock", Value::Null), ("painted_at", Value::Null)]);

    let planned = terraform_plans(&attributes, &ProviderDefaults::new(), Some(&prior), &config);

    assert_eq!(planned.action, Action::NoOp);
}
