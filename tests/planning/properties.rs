//! What must be true whatever the schema, the configuration and the state.

use proptest::prelude::*;
use realtimekit::framework::{
    Value, consistency::inconsistencies, plan::Plan, schema::ProviderDefaults, validate::validate,
};

use crate::{
    arbitrary::{
        Case, Kind, any_attributes, any_case, any_object, completed, config_of, followed,
        non_null_value, resolved, sample,
    },
    plans::{terraform_plans, terraform_plans_to_the_end},
    terraform::{Action, assert_object_compatible, config_problems},
};

/// What the provider block says once everything in it is known.
fn settled(case: &Case) -> ProviderDefaults {
    let known = followed(&case.attributes).into_iter().map(|(name, kind)| {
        let value = match &case.defaults[&name] {
            Value::Unknown => sample(case.seed, non_null_value(&kind, false)),
            known => known.clone(),
        };
        (name, value)
    });
    known.collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_500,
        failure_persistence: None,
        max_shrink_iters: 300,
        ..ProptestConfig::default()
    })]

    #[test]
    fn plan_made_again_while_applying_changes_nothing_known(case in any_case()) {
        let Case { attributes, prior, config, defaults, seed } = &case;
        let first = terraform_plans_to_the_end(attributes, defaults, prior.as_ref(), config);

        // A replacement is applied as a creation, after the old object is gone.
        let prior = prior.as_ref().filter(|_| first.action != Action::Replace);
        let config = sample(*seed, resolved(attributes, config));
        let second = terraform_plans(attributes, &settled(&case), prior, &config);

        let problems = assert_object_compatible(&first.plan.planned, &second.plan.planned);
        prop_assert_eq!(problems, [""; 0], "{:?} then {:?}", first.plan, second.plan);
        let expected: &[Action] = match first.action {
            Action::Create | Action::Replace => &[Action::Create],
            Action::Update => &[Action::Update, Action::NoOp],
            Action::NoOp => &[Action::NoOp],
        };
        prop_assert!(expected.contains(&second.action), "{:?} then {:?}", first.action, second.action);
    }

    #[test]
    fn plan_after_an_apply_changes_nothing(case in any_case()) {
        let Case { attributes, prior, config, seed, .. } = &case;
        let (config, defaults) = (sample(*seed, resolved(attributes, config)), settled(&case));
        let first = terraform_plans_to_the_end(attributes, &defaults, prior.as_ref(), &config);

        let state = sample(*seed, completed(attributes, &first.plan.planned));
        prop_assert_eq!(assert_object_compatible(&first.plan.planned, &state), [""; 0]);
        prop_assert!(inconsistencies(attributes, &first.plan.planned, &state).is_empty());
        let second = terraform_plans(attributes, &defaults, Some(&state), &config);

        prop_assert_eq!(second.action, Action::NoOp, "{:?}", second.plan);
        prop_assert_eq!(second.plan, Plan { planned: state, requires_replace: vec![] });
    }

    #[test]
    fn configuration_is_refused_exactly_where_terraform_refuses_it(
        (attributes, config) in any_attributes().prop_flat_map(|attributes| {
            let config = config_of(&attributes, None, Kind::Sloppy);
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
    fn result_is_reported_exactly_when_terraform_refuses_it(
        (attributes, planned, actual) in any_attributes().prop_flat_map(|attributes| {
            let planned = config_of(&attributes, None, Kind::Partial);
            (Just(attributes), planned)
        }).prop_flat_map(|(attributes, planned)| {
            let actual = prop_oneof![
                resolved(&attributes, &planned),
                config_of(&attributes, Some(&planned), Kind::Known),
                any_object(&attributes),
            ];
            (Just(attributes), Just(planned), actual)
        })
    ) {
        let found = inconsistencies(&attributes, &planned, &actual);

        let problems = assert_object_compatible(&planned, &actual);
        prop_assert_eq!(found.is_empty(), problems.is_empty(), "{:?}: {:?}", problems, actual);
    }
}
