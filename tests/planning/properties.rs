//! What must be true whatever the schema, the configuration and the state.

use proptest::prelude::*;
use realtimekit::framework::{
    AttributePath, Value, consistency::inconsistencies, validate::validate,
};

use crate::{
    arbitrary::{Choices, Kind, any_of},
    plans::{Action, Case, object, terraform_plans},
    terraform::{attribute_of, config_problems, is_compatible, object_of},
};

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_500,
        failure_persistence: None,
        max_shrink_iters: 5_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn plan_made_again_while_applying_changes_nothing_known(
        (case, mut choices) in any_of(Choices::case)
    ) {
        let first = terraform_plans(&case);

        // A replacement is applied as a creation, after the old object is gone.
        let prior = match first.action {
            Action::Replace => Value::Null,
            _ => case.prior.clone(),
        };
        let second = terraform_plans(&Case { prior, ..choices.resolved_case(&case) });

        prop_assert!(is_compatible(&first.state, &second.state), "{:?} then {:?}", first, second);
        let is_as_planned = match first.action {
            Action::Create | Action::Replace => second.action == Action::Create,
            Action::Update => [Action::Update, Action::NoOp].contains(&second.action),
            Action::NoOp => second.action == Action::NoOp,
        };
        prop_assert!(is_as_planned, "{:?} then {:?}", first, second);
    }

    #[test]
    fn plan_after_an_apply_changes_nothing((case, mut choices) in any_of(Choices::case)) {
        let case = choices.resolved_case(&case);
        let planned = terraform_plans(&case).state;

        let state = choices.completed(&case.attributes, &planned);
        prop_assert!(is_compatible(&planned, &state), "{} then {}", planned, state);
        let found = inconsistencies(&case.attributes, object(&planned), object(&state));
        prop_assert!(found.is_empty(), "{:?}", found);
        let second = terraform_plans(&Case { prior: state.clone(), ..case });

        prop_assert_eq!(second.action, Action::NoOp);
        prop_assert_eq!(second.state, state);
        prop_assert_eq!(second.requires_replace, []);
    }

    #[test]
    fn configuration_is_refused_exactly_where_terraform_refuses_it(
        ((attributes, config), _) in any_of(|choices| {
            let attributes = choices.attributes("");
            let config = choices.config(&attributes, &Value::Null, Kind::Sloppy);
            (attributes, config)
        })
    ) {
        let found = validate(&attributes, object(&config));

        // Terraform accepts null elements, which a provider has no use for.
        let judged = found.iter().filter(|found| found.summary != "Null Value in a Collection");
        let paths: Vec<_> = judged.map(|found| found.path.to_string()).collect();
        let problems = config_problems(&attributes, &config, &AttributePath::default());
        prop_assert_eq!(paths, problems);
    }

    #[test]
    fn result_is_reported_exactly_when_terraform_refuses_it(
        ((attributes, planned, actual), _) in any_of(|choices| {
            let attributes = choices.attributes("");
            let planned = choices.config(&attributes, &Value::Null, Kind::Partial);
            let resolved = choices.resolved(&attributes, &planned);
            let actual = object_of(&attributes, |it| match choices.below(4) {
                2 => choices.configured(it, &attribute_of(&planned, it), Kind::Known),
                3 => choices.value(&it.kind.to_type(), false),
                _ => attribute_of(&resolved, it),
            });
            (attributes, planned, actual)
        })
    ) {
        let found = inconsistencies(&attributes, object(&planned), object(&actual));

        prop_assert_eq!(found.is_empty(), is_compatible(&planned, &actual));
    }
}
