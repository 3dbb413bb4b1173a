//! Turns a proposed new state into a planned state. Pure: no I/O, no protocol message.
//!
//! What Terraform's merge of configuration and prior state leaves open is decided here:
//!
//! 1. a default replaces a null that the configuration did not set;
//! 2. what is `use_state_for_unknown` and not configured stays as it was;
//! 3. if anything changed that is not stored by Terraform alone, the other computed attributes without a value become unknown;
//! 4. a change of a `requires_replace` attribute is reported.
//!
//! Step 3 must see the results of 1 and 2, or every plan would differ from its state, and
//! step 4 those of all, or it would report a change that the plan does not make.
//! Nothing here depends on anything but its arguments: Terraform plans again when it
//! applies, and both plans must agree.

use super::{
    diagnostics::{AttributePath, Diagnostics, Step},
    nested,
    requires_replace::paths_to_replace,
    schema::{Attribute, AttributeType, DefaultValue, ProviderDefaults},
    value::{Object, Value},
};

/// What a change will come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The state after the change, as far as it is known.
    pub planned: Object,
    /// Attributes whose change means another object.
    pub requires_replace: Vec<AttributePath>,
}

/// Plans a creation (`prior` is `None`) or an update.
///
/// # Errors
/// An attribute that follows the provider block has no value there either.
pub fn plan(
    attributes: &[Attribute],
    provider: &ProviderDefaults,
    prior: Option<&Object>,
    proposed: Object,
    config: &Object,
) -> Result<Plan, Diagnostics> {
    let mut planned = proposed;
    set_defaults(attributes, provider, config, &mut planned).into_result()?;
    keep_prior_values(attributes, prior, config, &mut planned);
    let differs = |prior: &Object| {
        let mut changing = attributes.iter().filter(|attribute| !attribute.local);
        changing.any(|attribute| prior[&attribute.name] != planned[&attribute.name])
    };
    if prior.is_none_or(differs) {
        mark_unknown(attributes, prior, config, &mut planned);
    }
    let requires_replace = prior.map_or_else(Vec::new, |prior| {
        paths_to_replace(attributes, prior, config, &planned)
    });
    Ok(Plan {
        planned,
        requires_replace,
    })
}

/// The configuration of what has no state, with its defaults.
///
/// # Errors
/// An attribute that follows the provider block has no value there either.
pub fn apply_defaults(
    attributes: &[Attribute],
    provider: &ProviderDefaults,
    config: Object,
) -> Result<Object, Diagnostics> {
    let mut settled = config.clone();
    set_defaults(attributes, provider, &config, &mut settled).into_result()?;
    Ok(settled)
}

/// The configuration of a data source or action, with its defaults.
///
/// # Errors
/// An attribute that follows the provider block has no value there either, or one that is not
/// known yet.
pub fn resolve_config(
    attributes: &[Attribute],
    provider: &ProviderDefaults,
    config: Object,
) -> Result<Object, Diagnostics> {
    let settled = apply_defaults(attributes, provider, config)?;
    let mut found = Diagnostics::new();
    for attribute in attributes {
        if !settled[&attribute.name].is_wholly_known() {
            found.extend(provider_config_unknown(&attribute.name).at(attribute.name.as_str()));
        }
    }
    found.into_result()?;
    Ok(settled)
}

/// An attribute that follows a setting of the provider block which is not known yet.
pub fn provider_config_unknown(attribute: &str) -> Diagnostics {
    Diagnostics::error(
        "Provider Configuration Not Known Yet",
        format!(
            "The value of {attribute:?} in the provider block depends on something that is known \
             only after it was applied, and this operation needs it now. Apply what it depends on \
             first (terraform apply -target=…), or write the value itself into the provider block."
        ),
    )
}

/// Calls `visit` with the configured and the planned object of each nested one that is
/// configured: an attribute inside has a behavior of its own only there.
///
/// Terraform proposes some unknown elements as objects of unknown attributes. They may turn
/// out to be null, so they are planned as configured.
fn in_nested(
    attribute: &Attribute,
    config: &Value,
    planned: &mut Value,
    mut visit: impl FnMut(&[Attribute], Option<&Step>, &Object, &mut Object),
) {
    let AttributeType::Nested(nesting, attributes) = &attribute.kind else {
        return;
    };
    for (step, planned) in nested::elements_mut(*nesting, planned) {
        match (nested::element(config, step.as_ref()), planned) {
            (Some(Value::Object(config)), Value::Object(planned)) => {
                visit(attributes, step.as_ref(), config, planned);
            }
            (Some(Value::Unknown), planned) => *planned = Value::Unknown,
            _ => {}
        }
    }
}

fn set_defaults(
    attributes: &[Attribute],
    provider: &ProviderDefaults,
    config: &Object,
    planned: &mut Object,
) -> Diagnostics {
    let mut found = Diagnostics::new();
    for attribute in attributes {
        let name = attribute.name.as_str();
        let (config, planned) = (&config[name], planned.slot(name));
        match &attribute.default {
            Some(DefaultValue::Value(value)) if config.is_null() => *planned = value.clone(),
            Some(DefaultValue::Provider(otherwise)) if config.is_null() => {
                *planned = provider[name].clone();
                if planned.is_null() {
                    found.extend(nowhere_set(name, otherwise).at(name));
                }
            }
            _ => in_nested(
                attribute,
                config,
                planned,
                |attributes, step, config, planned| {
                    let path = AttributePath::from(name);
                    let path = step.map_or(path.clone(), |step| path.step(step.clone()));
                    found.extend(set_defaults(attributes, provider, config, planned).at(path));
                },
            ),
        }
    }
    found
}

fn nowhere_set(name: &str, otherwise: &str) -> Diagnostics {
    Diagnostics::error(
        format!("Missing {name}"),
        format!("{name:?} is set neither here nor for the provider. {otherwise}"),
    )
}

/// Plans the prior value of each `use_state_for_unknown` attribute that is not configured.
fn keep_prior_values(
    attributes: &[Attribute],
    prior: Option<&Object>,
    config: &Object,
    planned: &mut Object,
) {
    for_each_open_attribute(attributes, prior, config, planned, &|kept, planned| {
        if let Some(kept) = kept {
            *planned = kept.clone();
        }
    });
}

/// Marks all other computed attributes that are not configured as unknown: the provider decides.
fn mark_unknown(
    attributes: &[Attribute],
    prior: Option<&Object>,
    config: &Object,
    planned: &mut Object,
) {
    for_each_open_attribute(attributes, prior, config, planned, &|kept, planned| {
        if kept.is_none() {
            *planned = Value::Unknown;
        }
    });
}

/// Calls `visit` for each computed attribute with neither a configured value nor a default: with
/// the prior value that an update keeps, if there is one, and the planned value.
fn for_each_open_attribute(
    attributes: &[Attribute],
    prior: Option<&Object>,
    config: &Object,
    planned: &mut Object,
    visit: &impl Fn(Option<&Value>, &mut Value),
) {
    for attribute in attributes {
        let name = attribute.name.as_str();
        let prior = prior.map(|prior| &prior[name]);
        let (config, planned) = (&config[name], planned.slot(name));
        if !config.is_null() {
            in_nested(
                attribute,
                config,
                planned,
                |attributes, step, config, planned| {
                    // An object that is new in a collection has no prior values to keep.
                    let prior = prior.and_then(|prior| nested::object(prior, step));
                    for_each_open_attribute(attributes, prior, config, planned, visit);
                },
            );
        } else if attribute.presence.is_computed() && attribute.default.is_none() {
            // What was null may have a value after the change, so null cannot be promised.
            let keeps = |prior: &&Value| attribute.use_state_for_unknown && !prior.is_null();
            visit(prior.filter(keeps), planned);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::{
        schema::{Nesting, computed, optional, required},
        value::Type,
    };

    /// The attributes of a door, with every behavior that a plan knows.
    fn door() -> Vec<Attribute> {
        vec![
            computed("id", Type::String, "").use_state_for_unknown(),
            optional("house", Type::String, "")
                .default_from_provider("Set `house`.")
                .requires_replace(),
            required("name", Type::String, ""),
            optional("open", Type::Bool, "").default(true),
            computed("painted_at", Type::String, ""),
        ]
    }

    fn object<const N: usize>(attributes: [(&str, Value); N]) -> Object {
        attributes
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    fn config(name: &str) -> Object {
        object([
            ("id", Value::Null),
            ("house", Value::Null),
            ("name", name.into()),
            ("open", Value::Null),
            ("painted_at", Value::Null),
        ])
    }

    fn stored(name: &str, house: &str) -> Object {
        object([
            ("id", "1".into()),
            ("house", house.into()),
            ("name", name.into()),
            ("open", true.into()),
            ("painted_at", "noon".into()),
        ])
    }

    /// Terraform's own merge: configured values, and prior ones for what is computed.
    fn proposed(prior: &Object, config: &Object) -> Object {
        let mut proposed = prior.clone();
        *proposed.slot("name") = config["name"].clone();
        if !config["open"].is_null() {
            *proposed.slot("open") = config["open"].clone();
        }
        proposed
    }

    fn lives_at(house: impl Into<Value>) -> ProviderDefaults {
        ProviderDefaults::from([("house".to_owned(), house.into())])
    }

    #[test]
    fn a_creation_knows_all_but_what_the_provider_decides() {
        let config = config("front");

        let plan = plan(&door(), &lives_at("Elm"), None, config.clone(), &config).unwrap();

        let expected = object([
            ("id", Value::Unknown),
            ("house", "Elm".into()),
            ("name", "front".into()),
            ("open", true.into()),
            ("painted_at", Value::Unknown),
        ]);
        assert_eq!(
            plan,
            Plan {
                planned: expected,
                requires_replace: vec![]
            }
        );
    }

    #[test]
    fn without_a_change_the_plan_is_the_prior_state() {
        let prior = stored("front", "Elm");
        let config = config("front");

        let proposed = proposed(&prior, &config);
        let plan = plan(&door(), &lives_at("Elm"), Some(&prior), proposed, &config).unwrap();

        assert_eq!(
            plan,
            Plan {
                planned: prior,
                requires_replace: vec![]
            }
        );
    }

    #[test]
    fn an_update_keeps_the_id_and_leaves_the_rest_of_the_computed_open() {
        let prior = stored("front", "Elm");
        let config = config("back");

        let proposed = proposed(&prior, &config);
        let plan = plan(&door(), &lives_at("Elm"), Some(&prior), proposed, &config).unwrap();

        assert_eq!(plan.planned["id"], "1".into());
        assert_eq!(plan.planned["name"], "back".into());
        assert_eq!(plan.planned["painted_at"], Value::Unknown);
        assert_eq!(plan.requires_replace, []);
    }

    #[test]
    fn change_of_a_local_attribute_alone_keeps_computed_values() {
        let mut attributes = door();
        attributes.push(optional("note", Type::String, "").local());
        let mut prior = stored("front", "Elm");
        *prior.slot("note") = Value::Null;
        let mut config = config("front");
        *config.slot("note") = "new".into();
        let mut expected = prior.clone();
        *expected.slot("note") = "new".into();

        let proposed = expected.clone();
        let plan = plan(
            &attributes,
            &lives_at("Elm"),
            Some(&prior),
            proposed,
            &config,
        )
        .unwrap();

        assert_eq!(plan.planned, expected);
    }

    #[test]
    fn an_update_leaves_open_what_was_not_known_before() {
        let mut prior = stored("front", "Elm");
        *prior.slot("id") = Value::Null;
        for (name, id) in [("front", Value::Null), ("back", Value::Unknown)] {
            let config = config(name);

            let proposed = proposed(&prior, &config);
            let plan = plan(&door(), &lives_at("Elm"), Some(&prior), proposed, &config).unwrap();

            assert_eq!(plan.planned["id"], id, "{name}");
        }
    }

    #[test]
    fn an_attribute_removed_from_the_configuration_returns_to_its_default() {
        let mut prior = stored("front", "Elm");
        *prior.slot("open") = false.into();
        let config = config("front");

        let proposed = proposed(&prior, &config);
        let plan = plan(&door(), &lives_at("Elm"), Some(&prior), proposed, &config).unwrap();

        assert_eq!(plan.planned["open"], true.into());
    }

    #[test]
    fn a_change_of_the_provider_block_replaces_what_follows_it() {
        let prior = stored("front", "Elm");
        let config = config("front");

        let proposed = proposed(&prior, &config);
        let plan = plan(&door(), &lives_at("Oak"), Some(&prior), proposed, &config).unwrap();

        assert_eq!(plan.planned["house"], "Oak".into());
        assert_eq!(plan.requires_replace, ["house".into()]);
    }

    #[test]
    fn what_follows_an_unknown_setting_is_unknown() {
        let config = config("front");

        let plan = plan(
            &door(),
            &lives_at(Value::Unknown),
            None,
            config.clone(),
            &config,
        )
        .unwrap();

        assert_eq!(plan.planned["house"], Value::Unknown);
    }

    #[test]
    fn what_is_set_nowhere_is_an_error_that_says_where_to_set_it() {
        let config = config("front");

        let found = plan(
            &door(),
            &ProviderDefaults::new(),
            None,
            config.clone(),
            &config,
        );

        let found = found.unwrap_err().into_iter().next().unwrap();
        assert_eq!(found.path.to_string(), "house");
        assert!(found.detail.ends_with("Set `house`."), "{}", found.detail);
    }

    #[test]
    fn a_data_source_cannot_wait_for_an_unknown_setting() {
        let found =
            resolve_config(&door(), &lives_at(Value::Unknown), config("front")).unwrap_err();

        assert_eq!(found.iter().next().unwrap().path.to_string(), "house");
    }

    #[test]
    fn an_unknown_setting_within_a_nested_object_does_not_reach_a_data_source_either() {
        let nested = AttributeType::Nested(Nesting::Single, door());
        let config = object([("door", Value::Object(config("front")))]);

        let attributes = [optional("door", nested, "")];
        let found = resolve_config(&attributes, &lives_at(Value::Unknown), config).unwrap_err();

        assert_eq!(found.iter().next().unwrap().path.to_string(), "door");
    }

    #[test]
    fn nested_objects_get_their_own_defaults_and_unknowns() {
        let key = vec![
            required("cut", Type::String, ""),
            optional("copies", Type::Number, "").default(1),
            computed("serial", Type::String, "").use_state_for_unknown(),
        ];
        let attributes = [optional(
            "keys",
            AttributeType::Nested(Nesting::List, key),
            "",
        )];
        let key = |cut: &str, copies: Value, serial: Value| {
            Value::Object(object([
                ("cut", cut.into()),
                ("copies", copies),
                ("serial", serial),
            ]))
        };
        let keys = |keys: Vec<Value>| object([("keys", Value::List(keys))]);
        let prior = keys(vec![key("round", 1.into(), "A1".into())]);
        let config = keys(vec![
            key("square", Value::Null, Value::Null),
            key("flat", Value::Null, Value::Null),
        ]);
        let proposed = keys(vec![
            key("square", 1.into(), "A1".into()),
            key("flat", Value::Null, Value::Null),
        ]);

        let none = ProviderDefaults::new();
        let plan = plan(&attributes, &none, Some(&prior), proposed, &config).unwrap();

        let expected = keys(vec![
            key("square", 1.into(), "A1".into()),
            key("flat", 1.into(), Value::Unknown),
        ]);
        assert_eq!(plan.planned, expected);
    }
}
