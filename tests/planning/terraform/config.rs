//! Which configurations Terraform's language accepts for a schema.

use realtimekit::framework::{
    AttributePath, Object, Step, Value,
    schema::{Attribute, AttributeType, Presence},
};

/// Where a required attribute is absent or a read-only one is set, in order.
pub(crate) fn config_problems(attributes: &[Attribute], config: &Object) -> Vec<String> {
    let mut problems = Vec::new();
    check(attributes, config, &AttributePath::default(), &mut problems);
    problems
}

fn check(
    attributes: &[Attribute],
    config: &Object,
    path: &AttributePath,
    problems: &mut Vec<String>,
) {
    for schema in attributes {
        let path = path.step(Step::Attribute(schema.name.as_str().into()));
        let config = &config[&schema.name];
        match (schema.presence, config.is_null()) {
            (Presence::Required, true) | (Presence::Computed, false) => {
                problems.push(path.to_string());
                continue;
            }
            _ => {}
        }
        let AttributeType::Nested(_, attributes) = &schema.kind else {
            continue;
        };
        match config {
            Value::Object(object) => check(attributes, object, &path, problems),
            Value::List(list) => {
                for (index, element) in (0..).zip(list) {
                    check_element(
                        attributes,
                        element,
                        &path.step(Step::Index(index)),
                        problems,
                    );
                }
            }
            Value::Map(map) => {
                for (key, element) in map.iter() {
                    let path = path.step(Step::Key(key.clone()));
                    check_element(attributes, element, &path, problems);
                }
            }
            _ => {}
        }
    }
}

fn check_element(
    attributes: &[Attribute],
    element: &Value,
    path: &AttributePath,
    problems: &mut Vec<String>,
) {
    if let Value::Object(object) = element {
        check(attributes, object, path, problems);
    }
}

#[cfg(test)]
mod tests {
    use realtimekit::framework::{
        Type,
        schema::{Nesting, computed, optional, required},
    };

    use super::*;

    fn object<const N: usize>(attributes: [(&str, Value); N]) -> Object {
        let attributes = attributes.into_iter();
        attributes
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    #[test]
    fn what_is_required_must_be_set_and_what_is_read_only_must_not() {
        let attributes = [
            required("name", Type::String, ""),
            computed("id", Type::String, ""),
        ];
        let problems = |name: Value, id: Value| {
            config_problems(&attributes, &object([("name", name), ("id", id)]))
        };

        assert_eq!(problems(Value::Unknown, Value::Null), [""; 0]);
        assert_eq!(problems(Value::Null, Value::Null), ["name"]);
        assert_eq!(problems(Value::Unknown, Value::Unknown), ["id"]);
    }

    #[test]
    fn the_rules_hold_inside_of_nested_values() {
        let door = || vec![required("name", Type::String, "")];
        let attributes = [
            optional("one", AttributeType::Nested(Nesting::Single, door()), ""),
            optional("list", AttributeType::Nested(Nesting::List, door()), ""),
            optional("map", AttributeType::Nested(Nesting::Map, door()), ""),
        ];
        let nameless = || Value::Object(object([("name", Value::Null)]));
        let config = object([
            ("one", nameless()),
            (
                "list",
                Value::List(vec![Value::Null, Value::Unknown, nameless()]),
            ),
            ("map", Value::Map(object([("a", nameless())]))),
        ]);

        let problems = config_problems(&attributes, &config);

        assert_eq!(problems, ["one.name", "list[2].name", "map[\"a\"].name"]);
    }
}
