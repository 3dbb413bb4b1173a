//! What Terraform does with a plan, and what it requires of one.
//!
//! Written from the behavior of Terraform 1.16 (package `plans/objchange`, and the planning of a
//! resource instance), for schemas without blocks and without nested sets, as this framework has
//! them. It shares nothing with the framework but the types of its arguments. An object is null
//! before its creation.

use realtimekit::framework::{
    AttributePath, Step, Type, Value,
    schema::{Attribute, AttributeType, Nesting, Presence},
};

/// `ProposedNew`: what Terraform proposes to plan. Configured values, and prior ones for what is
/// computed and not configured.
pub(crate) fn proposed_new(attributes: &[Attribute], prior: &Value, config: &Value) -> Value {
    object_of(attributes, |schema| {
        let (prior, config) = (attribute_of(prior, schema), attribute_of(config, schema));
        let is_open = schema.presence.is_computed() && config.is_null();
        // The practitioner has removed what can only come from a configuration.
        let was_configured = schema.presence == Presence::OptionalComputed
            && has_configured(schema.nested(), &prior);
        match is_open && !was_configured {
            true => prior,
            false => proposed_new_nested(schema.nested(), &prior, config),
        }
    })
}

/// The objects of a nested attribute; a value of a plain type is proposed as it is configured.
fn proposed_new_nested(inner: &[Attribute], prior: &Value, config: Value) -> Value {
    // An unknown element becomes an object of unknown attributes.
    let element = |prior: &Value, config: Value| match config {
        Value::Null => Value::Null,
        config => proposed_new(inner, prior, &config),
    };
    match config {
        config if inner.is_empty() => config,
        Value::Object(_) => proposed_new(inner, prior, &config),
        Value::List(list) => {
            let elements = (0..).zip(list).map(|(index, config)| {
                match child(prior, &Step::Index(index)) {
                    Some(prior) => element(&prior, config),
                    None => config, // a new element is taken as it is
                }
            });
            Value::List(elements.collect())
        }
        Value::Map(map) => {
            let elements = map.into_iter().map(|(key, config)| {
                let prior = part(prior, &Step::Key(key.clone()));
                (key, element(&prior, config))
            });
            Value::Map(elements.collect())
        }
        config => config,
    }
}

/// Whether a part of a nested value can only come from a configuration.
fn has_configured(attributes: &[Attribute], prior: &Value) -> bool {
    if prior.as_object().is_none() {
        let mut elements = steps(prior).into_iter().map(|step| part(prior, &step));
        return elements.any(|element| has_configured(attributes, &element));
    }
    attributes.iter().any(|schema| {
        let prior = attribute_of(prior, schema);
        let is_configured = !schema.presence.is_computed() && !prior.is_null();
        is_configured || has_configured(schema.nested(), &prior)
    })
}

/// `AssertPlanValid`: whether a provider may plan an object, given as its prior, configured and
/// planned value.
///
/// A provider decides only what is computed and not configured. It may keep the prior value of what
/// is configured, to say that both mean the same.
#[track_caller]
pub(crate) fn assert_plan_valid(attributes: &[Attribute], object: &[Value; 3]) {
    for schema in attributes {
        let values = object.each_ref().map(|value| attribute_of(value, schema));
        let [prior, config, planned] = &values;
        let is_as_before = planned == prior && !prior.is_null() && !config.is_null();
        let is_open = schema.presence.is_computed() && config.is_null();
        let is_computed = is_open || schema.presence == Presence::Computed;
        if planned == config || is_as_before || is_computed {
            continue;
        }
        let has_value = !config.is_null() && !planned.is_null() && !planned.is_unknown();
        let has_same_elements = !config.is_unknown() && steps(config) == steps(planned);
        match &schema.kind {
            AttributeType::Nested(nesting, inner)
                if has_value && (*nesting == Nesting::Single || has_same_elements) =>
            {
                for object in objects(*nesting, &values) {
                    assert_plan_valid(inner, &object);
                }
            }
            _ => panic!("{}: {planned} for {config}, before {prior}", schema.name),
        }
    }
}

/// `AssertObjectCompatible`: whether `actual` is what `planned` promised.
///
/// Terraform compares the result of a change with its plan, and the plan that it makes again while
/// it applies with the one that the practitioner saw.
pub(crate) fn is_compatible(planned: &Value, actual: &Value) -> bool {
    match (planned, actual) {
        (Value::Unknown, _) => true,
        (Value::Set(planned), Value::Set(actual)) => {
            let is_kept = |one: &Value| actual.iter().any(|other| is_compatible(one, other));
            let is_planned = |other: &Value| planned.iter().any(|one| is_compatible(one, other));
            let are_kept = planned.iter().all(is_kept) && actual.iter().all(is_planned);
            are_kept && planned.len() >= actual.len()
        }
        (Value::List(_), Value::List(_))
        | (Value::Map(_), Value::Map(_))
        | (Value::Object(_), Value::Object(_)) => {
            let steps_of = steps(planned);
            let mut parts = steps_of
                .iter()
                .map(|step| [part(planned, step), part(actual, step)]);
            steps_of == steps(actual)
                && parts.all(|[planned, actual]| is_compatible(&planned, &actual))
        }
        _ => planned == actual,
    }
}

/// Whether a path that the provider names requires replacement: the plan differs, or may differ,
/// from the prior state there. Fails if the path exists in neither of them.
#[track_caller]
pub(crate) fn requires_replace(prior: &Value, planned: &Value, path: &AttributePath) -> bool {
    let found = [prior, planned].map(|value| {
        let mut steps = path.0.iter();
        steps.try_fold(value.clone(), |value, step| child(&value, step))
    });
    assert_ne!(found, [None, None], "{path} does not exist");
    let [before, after] = found.map(|value| value.unwrap_or(Value::Null));
    !prior.is_null() && (before != after || !before.is_wholly_known())
}

/// The paths below `path` where a required attribute is absent or a read-only one is set, in order:
/// Terraform's language does not accept such a configuration.
pub(crate) fn config_problems(
    attributes: &[Attribute],
    config: &Value,
    path: &AttributePath,
) -> Vec<String> {
    if config.as_object().is_none() {
        let elements = steps(config).into_iter();
        let problems = elements
            .flat_map(|step| config_problems(attributes, &part(config, &step), &path.step(step)));
        return problems.collect();
    }
    let problems = attributes.iter().flat_map(|schema| {
        let config = attribute_of(config, schema);
        let path = path.step(Step::Attribute(schema.name.as_str().into()));
        match schema.presence {
            Presence::Required if config.is_null() => vec![path.to_string()],
            Presence::Computed if !config.is_null() => vec![path.to_string()],
            _ => config_problems(schema.nested(), &config, &path),
        }
    });
    problems.collect()
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

/// The objects of a nested attribute that is configured, given as its prior, configured and planned
/// value.
pub(crate) fn objects(nesting: Nesting, values: &[Value; 3]) -> Vec<[Value; 3]> {
    if nesting == Nesting::Single {
        return vec![values.clone()];
    }
    let elements = steps(&values[1]).into_iter();
    elements
        .map(|step| values.each_ref().map(|value| part(value, &step)))
        .collect()
}

/// An object with a value for each of its attributes.
pub(crate) fn object_of(
    attributes: &[Attribute],
    mut value: impl FnMut(&Attribute) -> Value,
) -> Value {
    let values = attributes.iter().map(|it| (it.name.as_str(), value(it)));
    Value::Object(values.collect())
}

/// The value of an attribute in an object, null if there is none.
pub(crate) fn attribute_of(object: &Value, schema: &Attribute) -> Value {
    part(object, &Step::Attribute(schema.name.as_str().into()))
}

/// A part of a value, null if there is none.
pub(crate) fn part(value: &Value, step: &Step) -> Value {
    child(value, step).unwrap_or(Value::Null)
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

/// The steps to the parts of a value.
fn steps(value: &Value) -> Vec<Step> {
    match value {
        Value::List(list) => (0..).map(Step::Index).take(list.len()).collect(),
        Value::Map(map) => map.keys().cloned().map(Step::Key).collect(),
        Value::Object(object) => object.keys().cloned().map(Step::Attribute).collect(),
        _ => Vec::new(),
    }
}
