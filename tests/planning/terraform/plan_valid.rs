//! `AssertPlanValid`: whether a provider may plan `planned` for `config`.
//!
//! A provider decides only what is computed and not configured. It may keep the prior value of what
//! is configured, to say that both mean the same.

use realtimekit::framework::{
    AttributePath, Object, Step, Value,
    schema::{Attribute, AttributeType, Nesting, Presence},
};

use super::{part, steps};

/// What is wrong with a plan.
pub(crate) fn assert_plan_valid(
    attributes: &[Attribute],
    prior: Option<&Object>,
    config: &Object,
    planned: &Object,
) -> Vec<String> {
    let prior = prior.cloned().map_or(Value::Null, Value::Object);
    let [config, planned] = [config, planned].map(|object| Value::Object(object.clone()));
    let mut problems = Vec::new();
    let path = AttributePath::default();
    check(
        attributes,
        [&prior, &config, &planned],
        &path,
        &mut problems,
    );
    problems
}

/// Checks the attributes of an object: its prior, configured and planned value.
fn check(
    attributes: &[Attribute],
    object: [&Value; 3],
    path: &AttributePath,
    problems: &mut Vec<String>,
) {
    for schema in attributes {
        let step = Step::Attribute(schema.name.as_str().into());
        let values = object.map(|value| part(value, &step));
        let [prior, config, planned] = &values;
        let path = path.step(step);
        let is_as_before = planned == prior && !prior.is_null() && !config.is_null();
        let is_computed = match schema.presence {
            Presence::Computed => true,
            presence => presence.is_computed() && config.is_null(),
        };
        if planned == config || is_as_before || is_computed {
            continue;
        }
        let has_value = !config.is_null() && !planned.is_null() && !planned.is_unknown();
        match &schema.kind {
            AttributeType::Nested(Nesting::Single, inner) if has_value => {
                check(inner, values.each_ref(), &path, problems);
            }
            AttributeType::Nested(_, inner)
                if has_value && !config.is_unknown() && steps(config) == steps(planned) =>
            {
                for step in steps(config) {
                    let elements = values.each_ref().map(|value| part(value, &step));
                    check(inner, elements.each_ref(), &path.step(step), problems);
                }
            }
            _ => problems.push(format!("{path}: {planned} for {config}, before {prior}")),
        }
    }
}
