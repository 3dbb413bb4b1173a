//! Asks the framework for a plan, as Terraform does, and checks it.

use realtimekit::framework::{
    Object, Value,
    plan::{Plan, plan},
    schema::{Attribute, DefaultValue, ProviderDefaults, object_type},
};

use crate::terraform::{
    Action, action, assert_plan_valid, conforms, proposed_new, required_replaces,
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
    for attribute in attributes {
        let prior = prior.map(|prior| &prior[&attribute.name]);
        let config = &config[&attribute.name];
        let expected = expected(attribute, defaults, action, prior, config);
        if let Some(expected) = expected {
            assert_eq!(plan.planned[&attribute.name], expected, "{plan:?}");
        }
    }
    Planned { plan, action }
}

/// The planned value of an attribute, where the schema says which one that is.
fn expected(
    attribute: &Attribute,
    defaults: &ProviderDefaults,
    action: Action,
    prior: Option<&Value>,
    config: &Value,
) -> Option<Value> {
    match (&attribute.default, prior) {
        _ if config.is_unknown() => Some(Value::Unknown),
        _ if !config.is_null() => None,
        (Some(DefaultValue::Value(value)), _) => Some(value.clone()),
        (Some(DefaultValue::Provider(_)), _) => Some(defaults[&attribute.name].clone()),
        (None, _) if !attribute.presence.is_computed() => Some(Value::Null),
        (None, Some(prior)) => {
            let stays = attribute.use_state_for_unknown && !prior.is_null();
            Some(match stays || action == Action::NoOp {
                true => prior.clone(),
                false => Value::Unknown,
            })
        }
        (None, None) => Some(Value::Unknown),
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
