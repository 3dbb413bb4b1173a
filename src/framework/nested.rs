//! Attributes within attributes: the objects of a nested one, and a walk over a whole plan.

use super::{
    diagnostics::{AttributePath, Step},
    schema::Attribute,
    value::{Object, Value},
};

/// The objects of a nested attribute or the elements of a collection, each with the step that
/// leads to it, if it has an address.
pub(super) fn elements(value: &Value) -> Vec<(Option<Step>, &Value)> {
    match value {
        Value::Object(_) => vec![(None, value)],
        Value::Set(set) => set.iter().map(|element| (None, element)).collect(),
        Value::List(list) => (0..).map(Step::Index).map(Some).zip(list).collect(),
        Value::Map(map) => {
            let key = |key: &_| Some(Step::Key(Clone::clone(key)));
            map.iter().map(|(name, value)| (key(name), value)).collect()
        }
        _ => Vec::new(),
    }
}

/// The objects of a nested attribute, to be changed.
pub(super) fn elements_mut(value: &mut Value) -> Vec<(Option<Step>, &mut Value)> {
    match value {
        Value::Object(_) => vec![(None, value)],
        Value::List(list) => (0..).map(Step::Index).map(Some).zip(list).collect(),
        Value::Map(map) => {
            let entries = map.iter_mut();
            entries
                .map(|(key, value)| (Some(Step::Key(key.clone())), value))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The element at `step`, if there is one.
pub(super) fn element<'v>(value: &'v Value, step: Option<&Step>) -> Option<&'v Value> {
    match (value, step) {
        (value, None) => Some(value),
        (Value::List(list), Some(Step::Index(index))) => list.get(usize::try_from(*index).ok()?),
        (Value::Map(map), Some(Step::Key(key))) => map.get(key),
        _ => None,
    }
}

/// What a plan knows of an attribute, at any depth.
pub(super) struct Place<'p> {
    /// The place of the nested attribute, and the step to the object in it that has this one.
    parent: Option<(&'p Place<'p>, Option<&'p Step>)>,
    pub(super) attribute: &'p Attribute,
    /// The prior value; `None` if there was no such object.
    pub(super) prior: Option<&'p Value>,
    pub(super) config: &'p Value,
}

impl Place<'_> {
    pub(super) fn path(&self) -> AttributePath {
        let mut steps = match self.parent {
            Some((parent, step)) => parent.path().0.into_iter().chain(step.cloned()).collect(),
            None => Vec::new(),
        };
        steps.push(Step::Attribute(self.attribute.name.as_str().into()));
        AttributePath(steps)
    }
}

/// Calls `visit` with each attribute and its planned value: those of the block, and those of the
/// nested objects that are configured, for only there an attribute has a behavior of its own.
///
/// Terraform proposes some unknown elements as objects of unknown attributes. They may turn
/// out to be null, so they are planned as configured.
pub(super) fn walk(
    attributes: &[Attribute],
    parent: Option<(&Place<'_>, Option<&Step>)>,
    prior: Option<&Object>,
    config: &Object,
    planned: &mut Object,
    visit: &mut dyn FnMut(&Place<'_>, &mut Value),
) {
    for attribute in attributes {
        let name = attribute.name.as_str();
        let place = Place {
            parent,
            attribute,
            prior: prior.map(|prior| &prior[name]),
            config: &config[name],
        };
        let planned = planned.slot(name);
        visit(&place, planned);
        let inner = attribute.nested();
        if inner.is_empty() {
            continue;
        }
        for (step, planned) in elements_mut(planned) {
            let step = step.as_ref();
            match (element(place.config, step), planned) {
                (Some(Value::Object(config)), Value::Object(planned)) => {
                    let prior = place
                        .prior
                        .and_then(|prior| element(prior, step)?.as_object());
                    walk(inner, Some((&place, step)), prior, config, planned, visit);
                }
                (Some(Value::Unknown), planned) => *planned = Value::Unknown,
                _ => {}
            }
        }
    }
}
