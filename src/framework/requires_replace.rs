//! Which changes of a plan mean another object, instead of an update of the one there is. Pure.

use super::{
    diagnostics::{AttributePath, Step},
    nested,
    schema::{Attribute, AttributeType},
    value::{Object, Value},
};

/// The paths of all `requires_replace` attributes that change, or may change: Terraform does
/// not let an update become a replacement once it is applied.
pub(super) fn paths_to_replace(
    attributes: &[Attribute],
    prior: &Object,
    config: &Object,
    planned: &Object,
) -> Vec<AttributePath> {
    let mut paths = Vec::new();
    collect(
        attributes,
        &AttributePath::default(),
        prior,
        config,
        planned,
        &mut paths,
    );
    paths
}

fn collect(
    attributes: &[Attribute],
    here: &AttributePath,
    prior: &Object,
    config: &Object,
    planned: &Object,
    paths: &mut Vec<AttributePath>,
) {
    for attribute in attributes {
        let name = attribute.name.as_str();
        let path = || here.step(Step::Attribute(name.into()));
        let (prior, config, planned) = (&prior[name], &config[name], &planned[name]);
        if planned != prior && replaces(attribute, prior, config) {
            paths.push(path());
        }
        let AttributeType::Nested(nesting, attributes) = &attribute.kind else {
            continue;
        };
        for (step, prior) in nested::elements(*nesting, prior) {
            let path = step
                .iter()
                .fold(path(), |path, step| path.step(step.clone()));
            let planned = nested::object(planned, step.as_ref());
            match (prior, nested::element(config, step.as_ref()), planned) {
                (Value::Object(prior), Some(Value::Object(config)), Some(planned)) => {
                    collect(attributes, &path, prior, config, planned, paths);
                }
                (Value::Object(_), Some(Value::Unknown), _)
                    if step.is_some() && any_replaces(attributes) =>
                {
                    paths.push(path);
                }
                _ => {}
            }
        }
    }
}

/// Whether a change of `attribute` means another object. A nested one that is not known yet
/// may hold a change that does.
fn replaces(attribute: &Attribute, prior: &Value, config: &Value) -> bool {
    let may_hold_one = || match &attribute.kind {
        AttributeType::Nested(nesting, attributes) => {
            any_replaces(attributes) && !nested::elements(*nesting, prior).is_empty()
        }
        AttributeType::Value(_) => false,
    };
    attribute.requires_replace || (config.is_unknown() && may_hold_one())
}

fn any_replaces(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.requires_replace
            || matches!(&attribute.kind, AttributeType::Nested(_, inner) if any_replaces(inner))
    })
}
