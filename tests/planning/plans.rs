//! Asks the framework for a plan, as Terraform does, and checks it.

use realtimekit::framework::{
    Object, Step, Value,
    plan::{Plan, plan},
    schema::{Attribute, AttributeType, DefaultValue, Nesting, ProviderDefaults, object_type},
};

use crate::terraform::{
    Action, action, assert_plan_valid, conforms, part, proposed_new, required_replaces, steps,
};

/// The framework's plan, and what Terraform will do about it.
pub(crate) struct Planned {
    pub(crate) plan: Plan,
    pub(crate) action: Action,
}

/// Plans, and checks what must be true of every plan.
#[track_caller]
pub(crate) fn terraform_plans(
    attributes: &[Attribute],
    defaults: &ProviderDefaults,
    prior: Option<&Object>,
    config: &Object,
) -> Planned {
    let plan_once = || {
        let proposed = proposed_new(attributes, prior, config);
        plan(attributes, defaults, prior, proposed, config).unwrap()
    };
    let plan = plan_once();
    assert_eq!(plan, plan_once(), "a plan depends on its arguments alone");

    let planned = Value::Object(plan.planned.clone());
    assert!(conforms(&planned, &object_type(attributes)), "{plan:?}");
    let problems = assert_plan_valid(attributes, prior, config, &plan.planned);
    assert_eq!(problems, [""; 0], "{plan:?}");
    let replaces = required_replaces(prior, &plan.planned, &plan.requires_replace).unwrap();
    assert_eq!(replaces, plan.requires_replace, "a path without a change");
    let action = action(prior, &plan.planned, &replaces);
    let prior = prior.cloned().map_or(Value::Null, Value::Object);
    let config = Value::Object(config.clone());
    check_values(attributes, defaults, action, [&prior, &config, &planned]);
    Planned { plan, action }
}

/// Checks the planned value of each attribute of an object, where the schema says which one that
/// is. The object is given as its prior, configured and planned value.
#[track_caller]
fn check_values(
    attributes: &[Attribute],
    defaults: &ProviderDefaults,
    action: Action,
    object: [&Value; 3],
) {
    for attribute in attributes {
        let step = Step::Attribute(attribute.name.as_str().into());
        let values = object.map(|value| part(value, &step));
        let [prior, config, planned] = &values;
        let kept = match attribute.use_state_for_unknown || action == Action::NoOp {
            true => prior,
            false => &Value::Null,
        };
        let expected = match &attribute.default {
            _ if config.is_unknown() => &Value::Unknown,
            _ if !config.is_null() => {
                if let AttributeType::Nested(nesting, inner) = &attribute.kind {
                    for step in element_steps(*nesting, config) {
                        let element = step.map_or(values.clone(), |step| {
                            values.each_ref().map(|value| part(value, &step))
                        });
                        if !element[1].is_null() && !element[2].is_unknown() {
                            check_values(inner, defaults, action, element.each_ref());
                        }
                    }
                }
                continue;
            }
            Some(DefaultValue::Value(value)) => value,
            Some(DefaultValue::Provider(_)) => &defaults[&attribute.name],
            None if !attribute.presence.is_computed() => &Value::Null,
            None if kept.is_null() && action != Action::NoOp => &Value::Unknown,
            None => kept,
        };
        assert_eq!(planned, expected, "{}: {object:?}", attribute.name);
    }
}

/// The steps to the objects of a nested value.
fn element_steps(nesting: Nesting, value: &Value) -> Vec<Option<Step>> {
    match nesting {
        Nesting::Single => vec![None],
        _ => steps(value).into_iter().map(Some).collect(),
    }
}

/// Plans a replacement again, as a creation.
#[track_caller]
pub(crate) fn terraform_plans_to_the_end(
    attributes: &[Attribute],
    defaults: &ProviderDefaults,
    prior: Option<&Object>,
    config: &Object,
) -> Planned {
    let planned = terraform_plans(attributes, defaults, prior, config);
    if planned.action != Action::Replace {
        return planned;
    }
    let creation = terraform_plans(attributes, defaults, None, config);
    Planned {
        plan: creation.plan,
        action: Action::Replace,
    }
}
