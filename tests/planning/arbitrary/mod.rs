//! Any schema, any prior state, any configuration that Terraform would accept, and what a
//! provider and other resources make of the unknowns in a plan.

mod config;
mod outcome;
mod schema;
mod value;

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use realtimekit::framework::{
    Object, Value,
    schema::{Attribute, ProviderDefaults},
};

pub(crate) use self::{
    config::{Kind, config_of},
    outcome::{completed, resolved},
    schema::{any_attributes, followed},
    value::{any_object, non_null_value},
};

/// What a plan is made from.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) prior: Option<Object>,
    pub(crate) config: Object,
    pub(crate) defaults: ProviderDefaults,
    /// For whatever is decided after the plan.
    pub(crate) seed: [u8; 32],
}

/// A creation or an update, with unknowns in the configuration and the provider block.
pub(crate) fn any_case() -> impl Strategy<Value = Case> {
    let prior = any_attributes().prop_flat_map(|attributes| {
        let prior = any_object(&attributes);
        (Just(attributes), prop::option::weighted(0.75, prior))
    });
    let whole = prior.prop_flat_map(|(attributes, prior)| {
        let config = config_of(&attributes, prior.as_ref(), Kind::Partial);
        let defaults = defaults_of(&attributes, prior.as_ref());
        let seed = any::<[u8; 32]>();
        (Just(attributes), Just(prior), config, defaults, seed)
    });
    whole.prop_map(|(attributes, prior, config, defaults, seed)| Case {
        attributes,
        prior,
        config,
        defaults,
        seed,
    })
}

/// What the provider block says: often what it said before, sometimes nothing known.
fn defaults_of(
    attributes: &[Attribute],
    prior: Option<&Object>,
) -> impl Strategy<Value = ProviderDefaults> + use<> {
    let entries = followed(attributes).into_iter().map(|(name, kind)| {
        let before = prior.and_then(|prior| prior.get(&name).cloned());
        let before = before.filter(|value| !value.is_null());
        let before = match before {
            Some(before) => Just(before).boxed(),
            None => non_null_value(&kind, false),
        };
        let anew = non_null_value(&kind, false);
        let value = prop_oneof![3 => before, 1 => Just(Value::Unknown), 1 => anew];
        value.prop_map(move |value| (name.clone(), value))
    });
    let entries: Vec<_> = entries.collect();
    entries.prop_map(|entries| entries.into_iter().collect())
}

/// One value of a strategy, decided by `seed` alone.
pub(crate) fn sample<T>(seed: [u8; 32], strategy: impl Strategy<Value = T>) -> T {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    strategy.new_tree(&mut runner).unwrap().current()
}
