//! What must be true of every plan.

use proptest::prelude::*;
use realtimekit::framework::{
    Value,
    consistency::inconsistencies,
    plan::Plan,
    schema::{Attribute, DefaultValue, ProviderDefaults},
    validate::validate,
};

use crate::{
    arbitrary::{
        Case, any_attributes, any_case, completed, config_of, followed, known_object,
        non_null_value, resolved, sample, sloppy_config_of,
    },
    asking::{terraform_plans, terraform_plans_to_the_end},
    terraform::{Action, assert_object_compatible, config_problems},
};

/// What the provider block says once everything in it is known.
fn settled(case: &Case) -> ProviderDefaults {
    let known = followed(&case.attributes).into_iter().map(|(name, kind)| {
        let value = match &case.defaults[&name] {
            Value::Unknown => sample(case.seed, non_null_value(&kind)),
            known => known.clone(),
        };
        (name, value)
    });
    known.collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 750,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn terraform_accepts_every_plan(case in any_case()) {
        let Case { attributes, prior, config, defaults, .. } = &case;

        terraform_plans_to_the_end(attributes, defaults, prior.as_ref(), config);
    }

    #[test]
    fn a_plan_depends_on_its_arguments_alone(case in any_case()) {
        let Case { attributes, prior, config, defaults, .. } = &case;
        let twice = [(); 2].map(|()| terraform_plans(attributes, defaults, prior.as_ref(), config));

        prop_assert_eq!(&twice[0].plan, &twice[1].plan);
    }

    #[test]
    fn what_is_configured_as_unknown_is_planned_as_unknown(case in any_case()) {
        let Case { attributes, prior, config, defaults, .. } = &case;

        let planned = terraform_plans(attributes, defaults, prior.as_ref(), config);

        for (name, value) in config.iter() {
            if value.is_unknown() {
                prop_assert_eq!(&planned.plan.planned[name], value);
            }
        }
    }

    #[test]
    fn planning_again_while_applying_changes_nothing_known(case in any_case()) {
        let Case { attributes, prior, config, defaults, seed } = &case;
        let first = terraform_plans_to_the_end(attributes, defaults, prior.as_ref(), config);

        // A replacement is applied as a creation, after the old object is gone.
        let prior = prior.as_ref().filter(|_| first.action != Action::Replace);
        let config = sample(*seed, resolved(attributes, config));
        let second = terraform_plans(attributes, &settled(&case), prior, &config);

        let problems =
            assert_object_compatible(attributes, &first.plan.planned, &second.plan.planned);
        prop_assert_eq!(problems, [""; 0], "{:?} then {:?}", first.plan, second.plan);
        let expected: &[Action] = match first.action {
            Action::Create | Action::Replace => &[Action::Create],
            Action::Update => &[Action::Update, Action::NoOp],
            Action::NoOp => &[Action::NoOp],
        };
        prop_assert!(expected.contains(&second.action), "{:?} then {:?}", first.action, second.action);
    }

    #[test]
    fn after_an_apply_there_is_nothing_left_to_do(case in any_case()) {
        let Case { attributes, prior, config, seed, .. } = &case;
        let (config, defaults) = (sample(*seed, resolved(attributes, config)), settled(&case));
        let first = terraform_plans_to_the_end(attributes, &defaults, prior.as_ref(), &config);

        let state = sample(*seed, completed(attributes, &first.plan.planned));
        prop_assert_eq!(assert_object_compatible(attributes, &first.plan.planned, &state), [""; 0]);
        prop_assert!(inconsistencies(attributes, &first.plan.planned, &state).is_empty());
        let second = terraform_plans(attributes, &defaults, Some(&state), &config);

        prop_assert_eq!(second.action, Action::NoOp, "{:?}", second.plan);
        prop_assert_eq!(second.plan, Plan { planned: state, requires_replace: vec![] });
    }

    #[test]
    fn an_update_keeps_what_the_schema_says_stays(case in any_case()) {
        let Case { attributes, prior, config, defaults, .. } = &case;
        let Some(prior) = prior else { return Ok(()) };

        let planned = terraform_plans(attributes, defaults, Some(prior), config);

        let left_to_provider = attributes.iter().filter(|attribute| {
            attribute.presence.is_computed()
                && attribute.default.is_none()
                && config[&attribute.name].is_null()
        });
        for attribute in left_to_provider {
            let (before, after) = (&prior[&attribute.name], &planned.plan.planned[&attribute.name]);
            let stays = attribute.use_state_for_unknown && !before.is_null();
            if stays || planned.action == Action::NoOp {
                prop_assert_eq!(after, before);
            } else {
                prop_assert_eq!(after, &Value::Unknown);
            }
        }
    }

    #[test]
    fn what_is_not_configured_has_its_default(case in any_case()) {
        let Case { attributes, prior, config, defaults, .. } = &case;

        let planned = terraform_plans(attributes, defaults, prior.as_ref(), config);

        for Attribute { name, default, .. } in attributes {
            let expected = match default {
                Some(DefaultValue::Value(value)) => value,
                Some(DefaultValue::Provider(_)) => &defaults[name],
                None => continue,
            };
            if config[name].is_null() {
                prop_assert_eq!(&planned.plan.planned[name], expected);
            }
        }
    }

    #[test]
    fn a_configuration_is_refused_exactly_where_terraform_would(
        (attributes, config) in any_attributes().prop_flat_map(|attributes| {
            let config = sloppy_config_of(&attributes);
            (Just(attributes), config)
        })
    ) {
        let found = validate(&attributes, &config);

        // Terraform accepts null elements, which a provider has no use for.
        let judged = found.iter().filter(|found| found.summary != "Null Value in a Collection");
        let paths: Vec<_> = judged.map(|found| found.path.to_string()).collect();
        prop_assert_eq!(paths, config_problems(&attributes, &config));
    }

    #[test]
    fn a_result_is_reported_exactly_when_terraform_would_refuse_it(
        (attributes, planned, actual) in any_attributes().prop_flat_map(|attributes| {
            let planned = config_of(&attributes, None, true);
            (Just(attributes), planned)
        }).prop_flat_map(|(attributes, planned)| {
            let actual = prop_oneof![
                resolved(&attributes, &planned),
                config_of(&attributes, Some(&planned), false),
                known_object(&attributes),
            ];
            (Just(attributes), Just(planned), actual)
        })
    ) {
        let found = inconsistencies(&attributes, &planned, &actual);

        let problems = assert_object_compatible(&attributes, &planned, &actual);
        prop_assert_eq!(found.is_empty(), problems.is_empty(), "{:?}: {:?}", problems, actual);
    }
}
