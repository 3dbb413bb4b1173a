//! `AssertObjectCompatible`: whether `actual` is what `planned` promised.
//!
//! Terraform compares the result of a change with its plan, and the plan that it makes again while
//! it applies with the one that the practitioner saw.

use realtimekit::framework::{AttributePath, Object, Value};

use super::{part, steps};

/// Where `actual` breaks a promise.
pub(crate) fn assert_object_compatible(planned: &Object, actual: &Object) -> Vec<String> {
    let mut problems = Vec::new();
    let [planned, actual] = [planned, actual].map(|object| Value::Object(object.clone()));
    compare(&planned, &actual, &AttributePath::default(), &mut problems);
    problems
}

fn compare(planned: &Value, actual: &Value, path: &AttributePath, problems: &mut Vec<String>) {
    let is_compatible = match (planned, actual) {
        (Value::Unknown, _) => true,
        (Value::Set(planned), Value::Set(actual)) => {
            let fits = |(one, other): (&Value, &Value)| {
                let mut problems = Vec::new();
                compare(one, other, path, &mut problems);
                problems.is_empty()
            };
            let mut planned_elements = planned.iter();
            let mut actual_elements = actual.iter();
            planned_elements.all(|one| actual.iter().any(|other| fits((one, other))))
                && actual_elements.all(|other| planned.iter().any(|one| fits((one, other))))
                && planned.len() >= actual.len()
        }
        (Value::List(_), Value::List(_))
        | (Value::Map(_), Value::Map(_))
        | (Value::Object(_), Value::Object(_))
            if steps(planned) == steps(actual) =>
        {
            for step in steps(planned) {
                let (planned, actual) = (part(planned, &step), part(actual, &step));
                compare(&planned, &actual, &path.step(step), problems);
            }
            true
        }
        _ => planned == actual,
    };
    if !is_compatible {
        problems.push(format!("{path}: was {planned}, but now {actual}"));
    }
}
