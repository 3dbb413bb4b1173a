//! What Terraform does with a plan, and what it requires of one.
//!
//! Written from the behavior of Terraform 1.16 (package `plans/objchange`, and the planning of a
//! resource instance), for schemas without blocks and without nested sets, as this framework has
//! them. It shares nothing with the framework but the types of its arguments.

mod compatible;
mod plan_valid;
mod proposed_new;

use realtimekit::framework::{
    AttributePath, Object, Step, Type, Value,
    schema::{Attribute, AttributeType, Presence},
};

pub(crate) use self::{
    compatible::assert_object_compatible, plan_valid::assert_plan_valid, proposed_new::proposed_new,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Create,
    Update,
    Replace,
    NoOp,
}

/// The action of a plan, with the result of [`required_replaces`].
pub(crate) fn action(
    prior: Option<&Object>,
    planned: &Object,
    replaces: &[AttributePath],
) -> Action {
    match prior {
        None => Action::Create,
        Some(_) if !replaces.is_empty() => Action::Replace,
        Some(prior) if prior == planned => Action::NoOp,
        Some(_) => Action::Update,
    }
}

/// The paths that count: where the plan differs, or may differ, from the prior state.
///
/// # Errors
/// A path exists neither in the prior state nor in the plan.
pub(crate) fn required_replaces(
    prior: Option<&Object>,
    planned: &Object,
    paths: &[AttributePath],
) -> Result<Vec<AttributePath>, String> {
    let Some(prior) = prior else {
        return Ok(Vec::new());
    };
    let values = [prior, planned].map(|object| Value::Object(object.clone()));
    let mut effective = Vec::new();
    for path in paths {
        let found = values.each_ref().map(|value| {
            let mut steps = path.0.iter();
            steps.try_fold(value.clone(), |value, step| child(&value, step))
        });
        if found == [None, None] {
            return Err(format!("{path} does not exist"));
        }
        let [before, after] = found.map(|found| found.unwrap_or(Value::Null));
        if before != after || !before.is_wholly_known() {
            effective.push(path.clone());
        }
    }
    Ok(effective)
}

/// Where a required attribute is absent or a read-only one is set, in order: Terraform's language
/// does not accept such a configuration.
pub(crate) fn config_problems(attributes: &[Attribute], config: &Object) -> Vec<String> {
    let mut problems = Vec::new();
    let config = Value::Object(config.clone());
    check_config(
        attributes,
        &config,
        &AttributePath::default(),
        &mut problems,
    );
    problems
}

fn check_config(
    attributes: &[Attribute],
    config: &Value,
    path: &AttributePath,
    problems: &mut Vec<String>,
) {
    if !matches!(config, Value::Object(_)) {
        return;
    }
    for schema in attributes {
        let step = Step::Attribute(schema.name.as_str().into());
        let (config, path) = (part(config, &step), path.step(step));
        match (schema.presence, &schema.kind) {
            (Presence::Required, _) if config.is_null() => problems.push(path.to_string()),
            (Presence::Computed, _) if !config.is_null() => problems.push(path.to_string()),
            (_, AttributeType::Nested(_, inner)) if matches!(config, Value::Object(_)) => {
                check_config(inner, &config, &path, problems);
            }
            (_, AttributeType::Nested(_, inner)) => {
                for step in steps(&config) {
                    check_config(inner, &part(&config, &step), &path.step(step), problems);
                }
            }
            _ => {}
        }
    }
}

/// A part of a value; the attributes of an unknown object are unknown.
fn child(value: &Value, step: &Step) -> Option<Value> {
    match (value, step) {
        (Value::Unknown, Step::Attribute(_)) => Some(Value::Unknown),
        (Value::Object(object), Step::Attribute(name)) => object.get(name).cloned(),
        (Value::Map(map), Step::Key(key)) => map.get(key).cloned(),
        (Value::List(list), Step::Index(index)) => list.get(usize::try_from(*index).ok()?).cloned(),
        _ => None,
    }
}

/// A part of a value, null if there is none.
pub(crate) fn part(value: &Value, step: &Step) -> Value {
    child(value, step).unwrap_or(Value::Null)
}

/// The steps to the parts of a value.
pub(crate) fn steps(value: &Value) -> Vec<Step> {
    match value {
        Value::List(list) => (0..)
            .zip(list)
            .map(|(index, _)| Step::Index(index))
            .collect(),
        Value::Map(map) => map.keys().map(|key| Step::Key(key.clone())).collect(),
        Value::Object(object) => object
            .keys()
            .map(|name| Step::Attribute(name.clone()))
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether `value` is of type `kind`; objects must be complete.
pub(crate) fn conforms(value: &Value, kind: &Type) -> bool {
    match (value, kind) {
        (Value::Null | Value::Unknown, _)
        | (Value::Bool(_), Type::Bool)
        | (Value::Number(_), Type::Number | Type::Integer)
        | (Value::String(_), Type::String) => true,
        (Value::List(list), Type::List(kind)) => list.iter().all(|value| conforms(value, kind)),
        (Value::Set(set), Type::Set(kind)) => set.iter().all(|value| conforms(value, kind)),
        (Value::Map(map), Type::Map(kind)) => map.values().all(|value| conforms(value, kind)),
        (Value::Object(object), Type::Object(kinds)) => {
            let mut values = object.values().zip(kinds.values());
            object.keys().eq(kinds.keys()) && values.all(|(value, kind)| conforms(value, kind))
        }
        _ => false,
    }
}
