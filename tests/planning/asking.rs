//! Asks the framework for a plan, in Terraform's place.

use realtimekit::framework::{
    Object, Value,
    plan::{Plan, plan},
    schema::{Attribute, ProviderDefaults, object_type},
};

use crate::terraform::{
    Action, action, assert_plan_valid, conforms, proposed_new, required_replaces,
};

/// What Terraform makes of a plan: the framework's answer, and what it will do about it.
pub(crate) struct Planned {
    pub(crate) plan: Plan,
    pub(crate) action: Action,
}

/// Asks for a plan as Terraform does, and holds the answer against its rules.
#[track_caller]
pub(crate) fn terraform_plans(
    attributes: &[Attribute],
    defaults: &ProviderDefaults,
    prior: Option<&Object>,
    config: &Object,
) -> Planned {
    let proposed = proposed_new(attributes, prior, config);
    let plan = plan(attributes, defaults, prior, proposed, config).unwrap();

    let kind = object_type(attributes);
    assert!(
        conforms(&Value::Object(plan.planned.clone()), &kind),
        "{plan:?}"
    );
    let problems = assert_plan_valid(attributes, prior, config, &plan.planned);
    assert_eq!(problems, [""; 0], "{plan:?}");
    let replaces = required_replaces(prior, &plan.planned, &plan.requires_replace).unwrap();
    assert_eq!(
        replaces, plan.requires_replace,
        "a path that does not count"
    );
    let action = action(prior, &plan.planned, &replaces);
    Planned { plan, action }
}

/// A replacement is planned again, as a creation.
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
