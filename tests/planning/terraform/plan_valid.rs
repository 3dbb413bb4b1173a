//! `AssertPlanValid`: whether a provider may plan `planned` for `config`.
//!
//! A provider decides only what is computed and not configured. It may keep the prior value
//! of what is configured, to say that both mean the same.

use realtimekit::framework::{
    AttributePath, Object, Step, Value,
    schema::{Attribute, AttributeType, Nesting, Presence},
};

use super::values::{at_index, at_key, attribute};

/// What is wrong with a plan; nothing if it is valid.
pub(crate) fn assert_plan_valid(
    attributes: &[Attribute],
    prior: Option<&Object>,
    config: &Object,
    planned: &Object,
) -> Vec<String> {
    let prior = prior.cloned().map_or(Value::Null, Value::Object);
    let mut check = Check {
        problems: Vec::new(),
    };
    check.attributes(
        attributes,
        &prior,
        &Value::Object(config.clone()),
        &Value::Object(planned.clone()),
        &AttributePath::default(),
    );
    check.problems
}

struct Check {
    problems: Vec<String>,
}

impl Check {
    fn refuse(&mut self, path: &AttributePath, what: impl std::fmt::Display) {
        self.problems.push(format!("{path}: {what}"));
    }

    fn attributes(
        &mut self,
        attributes: &[Attribute],
        prior: &Value,
        config: &Value,
        planned: &Value,
        path: &AttributePath,
    ) {
        for schema in attributes {
            let name = &schema.name;
            self.attribute(
                schema,
                &attribute(prior, name),
                &attribute(config, name),
                &attribute(planned, name),
                &path.step(Step::Attribute(name.as_str().into())),
            );
        }
    }

    fn attribute(
        &mut self,
        schema: &Attribute,
        prior: &Value,
        config: &Value,
        planned: &Value,
        path: &AttributePath,
    ) {
        let as_configured = planned == config;
        let as_before = planned == prior && !prior.is_null() && !config.is_null();
        let decided_by_provider = schema.presence == Presence::Computed
            || (schema.presence.is_computed() && config.is_null());
        if as_configured || as_before || decided_by_provider {
            return;
        }
        if config.is_null() && !planned.is_null() {
            return self.refuse(path, format!("planned {planned}, but it is not computed"));
        }
        match &schema.kind {
            AttributeType::Nested(nesting, attributes) => {
                self.nested(*nesting, attributes, prior, config, planned, path);
            }
            AttributeType::Value(_) => self.refuse(
                path,
                format!("planned {planned} is neither configured {config} nor prior {prior}"),
            ),
        }
    }

    fn nested(
        &mut self,
        nesting: Nesting,
        attributes: &[Attribute],
        prior: &Value,
        config: &Value,
        planned: &Value,
        path: &AttributePath,
    ) {
        if planned.is_null() != config.is_null() {
            return self.refuse(path, "presence in plan and configuration differs");
        }
        if planned.is_unknown() {
            return self.refuse(path, "planned unknown for a configured value");
        }
        match (nesting, config, planned) {
            (Nesting::Single, _, _) => self.attributes(attributes, prior, config, planned, path),
            (Nesting::List, Value::List(configs), Value::List(plans))
                if configs.len() == plans.len() =>
            {
                for (index, (config, planned)) in configs.iter().zip(plans).enumerate() {
                    let path = path.step(Step::Index(index.try_into().unwrap()));
                    let prior = at_index(prior, index);
                    self.attributes(attributes, &prior, config, planned, &path);
                }
            }
            (Nesting::Map, Value::Map(configs), Value::Map(plans))
                if configs.keys().eq(plans.keys()) =>
            {
                for (key, planned) in plans.iter() {
                    let path = path.step(Step::Key(key.clone()));
                    let prior = at_key(prior, key);
                    self.attributes(attributes, &prior, &configs[key], planned, &path);
                }
            }
            _ => self.refuse(path, "the elements of plan and configuration differ"),
        }
    }
}

#[cfg(test)]
mod tests {
    use realtimekit::framework::{
        Type,
        schema::{computed, optional, required},
    };

    use super::*;

    fn object<const N: usize>(attributes: [(&str, Value); N]) -> Object {
        let attributes = attributes.into_iter();
        attributes
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    #[track_caller]
    fn judge(
        attribute: &Attribute,
        prior: impl Into<Value>,
        config: impl Into<Value>,
        planned: impl Into<Value>,
    ) -> Vec<String> {
        let of = |value| object([(attribute.name.as_str(), value)]);
        let prior = of(prior.into());
        assert_plan_valid(
            std::slice::from_ref(attribute),
            Some(&prior),
            &of(config.into()),
            &of(planned.into()),
        )
    }

    #[track_caller]
    fn accepts(problems: Vec<String>) {
        assert_eq!(problems, [""; 0]);
    }

    #[track_caller]
    fn refuses(problems: Vec<String>, path: &str) {
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(
            problems[0].starts_with(&format!("{path}: ")),
            "{problems:?}"
        );
    }

    fn key() -> Vec<Attribute> {
        vec![
            required("cut", Type::String, ""),
            computed("serial", Type::String, ""),
        ]
    }

    fn a_key(cut: impl Into<Value>, serial: impl Into<Value>) -> Value {
        Value::Object(object([("cut", cut.into()), ("serial", serial.into())]))
    }

    #[test]
    fn what_is_configured_is_planned_as_configured_or_stays_as_it_was() {
        let name = required("name", Type::String, "");

        accepts(judge(&name, "old", "new", "new"));
        accepts(judge(&name, "old", "new", "old"));
        refuses(judge(&name, "old", "new", "other"), "name");
        refuses(judge(&name, "old", "new", Value::Unknown), "name");
        refuses(judge(&name, "old", "new", Value::Null), "name");
        refuses(judge(&name, Value::Null, "new", Value::Null), "name");
    }

    #[test]
    fn what_is_optional_and_not_configured_is_null() {
        let name = optional("name", Type::String, "");

        accepts(judge(&name, "old", Value::Null, Value::Null));
        refuses(judge(&name, "old", Value::Null, "old"), "name");
        refuses(judge(&name, "old", Value::Null, Value::Unknown), "name");
    }

    #[test]
    fn what_is_computed_may_be_anything_unless_it_is_configured() {
        let name = optional("name", Type::String, "").or_computed();

        accepts(judge(&name, "old", Value::Null, "any"));
        accepts(judge(&name, "old", Value::Null, Value::Unknown));
        refuses(judge(&name, "old", "new", "any"), "name");
        accepts(judge(
            &computed("id", Type::String, ""),
            "old",
            Value::Null,
            "any",
        ));
    }

    #[test]
    fn what_is_configured_as_unknown_is_planned_as_unknown_or_stays_as_it_was() {
        let name = optional("name", Type::String, "").or_computed();

        accepts(judge(&name, "old", Value::Unknown, Value::Unknown));
        accepts(judge(&name, "old", Value::Unknown, "old"));
        refuses(judge(&name, "old", Value::Unknown, "new"), "name");
        refuses(judge(&name, "old", Value::Unknown, Value::Null), "name");
    }

    #[test]
    fn a_configured_nested_value_is_neither_unknown_nor_absent() {
        let key = optional("key", AttributeType::Nested(Nesting::Single, key()), "").or_computed();

        refuses(
            judge(
                &key,
                Value::Null,
                a_key("flat", Value::Null),
                Value::Unknown,
            ),
            "key",
        );
        refuses(
            judge(&key, Value::Null, a_key("flat", Value::Null), Value::Null),
            "key",
        );
    }

    #[test]
    fn the_rules_hold_inside_of_a_nested_value() {
        let key = optional("key", AttributeType::Nested(Nesting::Single, key()), "");
        let config = || a_key("flat", Value::Null);

        accepts(judge(
            &key,
            Value::Null,
            config(),
            a_key("flat", Value::Unknown),
        ));
        refuses(
            judge(&key, Value::Null, config(), a_key("round", Value::Null)),
            "key.cut",
        );
    }

    #[test]
    fn a_nested_list_has_as_many_elements_as_configured() {
        let keys = optional("keys", AttributeType::Nested(Nesting::List, key()), "");
        let list =
            |cuts: &[&str]| Value::List(cuts.iter().map(|&cut| a_key(cut, Value::Null)).collect());

        accepts(judge(&keys, Value::Null, list(&["flat"]), list(&["flat"])));
        refuses(
            judge(&keys, Value::Null, list(&["flat"]), list(&["flat", "flat"])),
            "keys",
        );
        refuses(
            judge(&keys, Value::Null, list(&["flat"]), list(&[])),
            "keys",
        );
        refuses(
            judge(&keys, list(&[]), list(&["flat", "a"]), list(&["flat", "b"])),
            "keys[1].cut",
        );
    }

    #[test]
    fn a_nested_map_has_the_configured_keys() {
        let keys = optional("keys", AttributeType::Nested(Nesting::Map, key()), "");
        let map = |key: &str, cut: &str| Value::Map(object([(key, a_key(cut, Value::Null))]));

        accepts(judge(
            &keys,
            Value::Null,
            map("mine", "flat"),
            map("mine", "flat"),
        ));
        refuses(
            judge(
                &keys,
                Value::Null,
                map("mine", "flat"),
                map("yours", "flat"),
            ),
            "keys",
        );
        refuses(
            judge(&keys, Value::Null, map("mine", "a"), map("mine", "b")),
            "keys[\"mine\"].cut",
        );
    }
}
