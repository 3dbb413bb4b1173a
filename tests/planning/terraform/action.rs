//! What Terraform will do about a plan: create, update, replace or nothing.

use realtimekit::framework::{AttributePath, Object, Step, Value};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Create,
    Update,
    Replace,
    NoOp,
}

/// The action of a plan, once `required_replaces` has said what makes it a replacement.
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

/// Those of `paths` that count: where the plan differs, or may differ, from the prior state.
///
/// # Errors
/// A path that leads nowhere, neither in the prior state nor in the plan.
pub(crate) fn required_replaces(
    prior: Option<&Object>,
    planned: &Object,
    paths: &[AttributePath],
) -> Result<Vec<AttributePath>, String> {
    let Some(prior) = prior else {
        return Ok(Vec::new());
    };
    let (prior, planned) = (Value::Object(prior.clone()), Value::Object(planned.clone()));
    let mut effective = Vec::new();
    for path in paths {
        let (before, after) = match (follow(&prior, path), follow(&planned, path)) {
            (None, None) => return Err(format!("{path} does not exist")),
            (before, after) => (before.unwrap_or(Value::Null), after.unwrap_or(Value::Null)),
        };
        if before != after || !before.is_wholly_known() {
            effective.push(path.clone());
        }
    }
    Ok(effective)
}

fn follow(value: &Value, path: &AttributePath) -> Option<Value> {
    path.0
        .iter()
        .try_fold(value.clone(), |value, step| match (value, step) {
            (Value::Unknown, _) => Some(Value::Unknown),
            (Value::Object(object), Step::Attribute(name)) => object.get(name).cloned(),
            (Value::Map(map), Step::Key(key)) => map.get(key).cloned(),
            (Value::List(list), Step::Index(index)) => {
                list.get(usize::try_from(*index).ok()?).cloned()
            }
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(name: impl Into<Value>) -> Object {
        Object::from([("name".to_owned(), name.into())])
    }

    #[test]
    fn a_path_counts_where_prior_and_plan_may_differ() {
        let name = [AttributePath::from("name")];
        let count = |planned: Value| {
            required_replaces(Some(&door("a")), &door(planned), &name)
                .unwrap()
                .len()
        };

        assert_eq!(count("a".into()), 0);
        assert_eq!(count("b".into()), 1);
        assert_eq!(count(Value::Unknown), 1);
        assert_eq!(required_replaces(None, &door("b"), &name), Ok(vec![]));
    }

    #[test]
    fn a_path_that_leads_nowhere_is_refused() {
        let absent = AttributePath::from("absent");
        let index = AttributePath::from("name").step(Step::Index(0));

        assert!(required_replaces(Some(&door("a")), &door("b"), &[absent]).is_err());
        assert!(required_replaces(Some(&door("a")), &door("b"), &[index]).is_err());
    }

    #[test]
    fn the_action_follows_from_prior_plan_and_replaces() {
        let name = [AttributePath::from("name")];

        assert_eq!(action(None, &door("a"), &[]), Action::Create);
        assert_eq!(action(Some(&door("a")), &door("a"), &[]), Action::NoOp);
        assert_eq!(action(Some(&door("a")), &door("b"), &[]), Action::Update);
        assert_eq!(action(Some(&door("a")), &door("b"), &name), Action::Replace);
    }
}
