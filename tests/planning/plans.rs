//! Asks the framework for a plan, as Terraform does, and checks it.

use realtimekit::framework::{
    AttributePath, Object, Value,
    plan::plan,
    schema::{Attribute, AttributeType, DefaultValue, object_type},
};

use crate::terraform::{
    assert_plan_valid, attribute_of, conforms, objects, proposed_new, requires_replace,
};

/// What a plan is made from.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) attributes: Vec<Attribute>,
    /// What the provider block says for attributes that follow it.
    pub(crate) defaults: Value,
    /// Null before the creation.
    pub(crate) prior: Value,
    pub(crate) config: Value,
}

/// The framework's plan, and what Terraform will do about it.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) action: Action,
    /// The state after the change, which may be a replacement.
    pub(crate) state: Value,
    pub(crate) requires_replace: Vec<AttributePath>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Create,
    Update,
    Replace,
    NoOp,
}

/// Plans, and checks what must be true of every plan. A replacement is planned again, as a creation.
#[track_caller]
pub(crate) fn terraform_plans(case: &Case) -> Planned {
    let (attributes, prior, config) = (&case.attributes, &case.prior, &case.config);
    let plan_once = || {
        let proposed = object(&proposed_new(attributes, prior, config)).clone();
        let (defaults, prior) = (object(&case.defaults), prior.as_object());
        plan(attributes, defaults, prior, proposed, object(config)).unwrap()
    };
    let plan = plan_once();
    assert_eq!(plan, plan_once(), "a plan depends on its arguments alone");

    let (planned, paths) = (Value::Object(plan.planned), plan.requires_replace);
    assert!(conforms(&planned, &object_type(attributes)), "{planned}");
    let is_needed = |path| requires_replace(prior, &planned, path);
    assert!(
        paths.iter().all(is_needed),
        "a path does not change: {paths:?}"
    );
    for attribute in attributes.iter().filter(|it| it.requires_replace) {
        let is_unchanged = attribute_of(prior, attribute) == attribute_of(&planned, attribute);
        let name = attribute.name.as_str();
        let is_expected = prior.is_null() || is_unchanged || paths.contains(&name.into());
        assert!(is_expected, "the change of {name} must require replacement");
    }
    let values = [prior, config, &planned].map(Clone::clone);
    assert_plan_valid(attributes, &values);
    let action = match prior {
        Value::Null => Action::Create,
        _ if !paths.is_empty() => Action::Replace,
        prior if *prior == planned => Action::NoOp,
        _ => Action::Update,
    };
    check_values(case, attributes, action, &values);
    let state = match action {
        Action::Replace => {
            let mut creation = case.clone();
            creation.prior = Value::Null;
            terraform_plans(&creation).state
        }
        _ => planned,
    };
    Planned {
        action,
        state,
        requires_replace: paths,
    }
}

/// Checks the planned value of each attribute of an object, where the schema says which one that
/// is. The object is given as its prior, configured and planned value.
#[track_caller]
fn check_values(case: &Case, attributes: &[Attribute], action: Action, object: &[Value; 3]) {
    for attribute in attributes {
        let values = object
            .each_ref()
            .map(|value| attribute_of(value, attribute));
        let [prior, config, planned] = &values;
        let kept = match attribute.use_state_for_unknown || action == Action::NoOp {
            true => prior,
            false => &Value::Null,
        };
        let expected = match (&attribute.default, &attribute.kind) {
            _ if config.is_unknown() => Value::Unknown,
            (_, AttributeType::Nested(nesting, inner)) if !config.is_null() => {
                for object in objects(*nesting, &values) {
                    if !object[1].is_null() && !object[2].is_unknown() {
                        check_values(case, inner, action, &object);
                    }
                }
                continue;
            }
            _ if !config.is_null() => continue, // as configured: see `assert_plan_valid`
            (Some(DefaultValue::Value(value)), _) => value.clone(),
            (Some(DefaultValue::Provider(_)), _) => attribute_of(&case.defaults, attribute),
            _ if !attribute.presence.is_computed() => Value::Null,
            _ if kept.is_null() && action != Action::NoOp => Value::Unknown,
            _ => kept.clone(),
        };
        let name = &attribute.name;
        assert_eq!(
            *planned, expected,
            "{name} was {prior}, configured is {config}"
        );
    }
}

/// The attributes of a block, which is an object.
#[track_caller]
pub(crate) fn object(value: &Value) -> &Object {
    value.as_object().unwrap()
}
