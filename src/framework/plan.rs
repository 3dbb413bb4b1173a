//! Turns a proposed new state into a planned state. Pure: no I/O, no protocol message.
//!
//! What Terraform's merge of configuration and prior state leaves open is decided here:
//!
//! 1. a default replaces a null that the configuration did not set;
//! 2. what is `use_state_for_unknown` and not configured stays as it was;
//! 3. if anything changed that is not stored by Terraform alone, the other computed attributes
//!    without a value become unknown;
//! 4. a change of a `requires_replace` attribute is reported.
//!
//! Step 3 must see the results of 1 and 2, or every plan would differ from its state, and
//! step 4 those of all, or it would report a change that the plan does not make.
//! Nothing here depends on anything but its arguments: Terraform plans again when it
//! applies, and both plans must agree.

use super::{
    diagnostics::{AttributePath, Diagnostics},
    nested::{Place, element, elements, walk},
    schema::{Attribute, DefaultValue, ProviderDefaults},
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

/// Plans a creation (`prior` is `None`) or an update. An error means that an attribute that follows
/// the provider block has no value there either.
pub fn plan(
    attributes: &[Attribute],
    provider: &ProviderDefaults,
    prior: Option<&Object>,
    proposed: Object,
    config: &Object,
) -> Result<Plan, Diagnostics> {
    let mut planned = proposed;
    set_defaults(attributes, provider, config, &mut planned).into_result()?;
    let visit = |planned: &mut Object, visit: &mut dyn FnMut(&Place<'_>, &mut Value)| {
        walk(attributes, None, prior, config, planned, visit);
    };
    visit(&mut planned, &mut keep_prior_value);
    let differs = |prior: &Object| {
        let mut changing = attributes.iter().filter(|attribute| !attribute.local);
        changing.any(|attribute| prior[&attribute.name] != planned[&attribute.name])
    };
    if prior.is_none_or(differs) {
        visit(&mut planned, &mut mark_unknown);
    }
    let mut requires_replace = Vec::new();
    if prior.is_some() {
        visit(&mut planned, &mut |place, planned| {
            requires_replace.extend(paths_to_replace(place, planned));
        });
    }
    Ok(Plan {
        planned,
        requires_replace,
    })
}

/// The configuration of what has no state, with its defaults; an error as in [`plan`].
pub fn apply_defaults(
    attributes: &[Attribute],
    provider: &ProviderDefaults,
    config: Object,
) -> Result<Object, Diagnostics> {
    let mut settled = config.clone();
    set_defaults(attributes, provider, &config, &mut settled).into_result()?;
    Ok(settled)
}

/// The configuration of a data source or action, with its defaults; an error as in [`plan`], or if
/// a value is not known yet.
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

fn set_defaults(
    attributes: &[Attribute],
    provider: &ProviderDefaults,
    config: &Object,
    planned: &mut Object,
) -> Diagnostics {
    let mut found = Diagnostics::new();
    let mut set_default = |place: &Place<'_>, planned: &mut Value| {
        let name = place.attribute.name.as_str();
        match &place.attribute.default {
            _ if !place.config.is_null() => {}
            Some(DefaultValue::Value(value)) => *planned = value.clone(),
            Some(DefaultValue::Provider(otherwise)) => {
                *planned = provider[name].clone();
                if planned.is_null() {
                    found.extend(nowhere_set(name, otherwise).at(place.path()));
                }
            }
            None => {}
        }
    };
    walk(attributes, None, None, config, planned, &mut set_default);
    found
}

fn nowhere_set(name: &str, otherwise: &str) -> Diagnostics {
    Diagnostics::error(
        format!("Missing {name}"),
        format!("{name:?} is set neither here nor for the provider. {otherwise}"),
    )
}

/// Plans the prior value of a `use_state_for_unknown` attribute that is not configured.
fn keep_prior_value(place: &Place<'_>, planned: &mut Value) {
    if let Some(kept) = kept(place).filter(|_| is_open(place)) {
        *planned = kept.clone();
    }
}

/// Marks any other computed attribute that is not configured as unknown: the provider decides.
fn mark_unknown(place: &Place<'_>, planned: &mut Value) {
    if is_open(place) && kept(place).is_none() {
        *planned = Value::Unknown;
    }
}

/// Whether the provider decides the value: it has neither a configured one nor a default.
fn is_open(
    Place {
        attribute, config, ..
    }: &Place<'_>,
) -> bool {
    config.is_null() && attribute.presence.is_computed() && attribute.default.is_none()
}

/// The prior value, if an update keeps it.
fn kept<'p>(place: &Place<'p>) -> Option<&'p Value> {
    let attribute = place.attribute;
    // What was null may have a value after the change, so null cannot be promised.
    let keeps = |prior: &&Value| attribute.use_state_for_unknown && !prior.is_null();
    place.prior.filter(keeps)
}

/// The paths at one attribute that change, or may change, where that means another object:
/// Terraform does not let an update become a replacement once it is applied.
fn paths_to_replace(place: &Place<'_>, planned: &Value) -> Vec<AttributePath> {
    let (attribute, config) = (place.attribute, place.config);
    let Some(prior) = place.prior else {
        return Vec::new();
    };
    // Objects that are not known yet may hold a change that requires replacement.
    let objects = match any_requires_replace(attribute.nested()) {
        true => elements(prior),
        false => Vec::new(),
    };
    let may_hold_one = config.is_unknown() && !objects.is_empty();
    let mut paths = Vec::new();
    if planned != prior && (attribute.requires_replace || may_hold_one) {
        paths.push(place.path());
    }
    paths.extend(objects.into_iter().filter_map(|(step, object)| {
        let is_unknown = element(config, step.as_ref())?.is_unknown();
        let step = step.filter(|_| is_unknown && object.as_object().is_some())?;
        Some(place.path().step(step))
    }));
    paths
}

fn any_requires_replace(attributes: &[Attribute]) -> bool {
    let mut attributes = attributes.iter();
    attributes.any(|it| it.requires_replace || any_requires_replace(it.nested()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::{
        schema::{AttributeType, Nesting, computed, optional, required},
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
