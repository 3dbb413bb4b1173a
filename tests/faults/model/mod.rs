//! Whatever happens to an app and to the provider, some things hold: see [`invariants`].
//!
//! Each case is a sequence of operations from one seed; a failing one is made as short as
//! possible. `MODEL_SEED` is the seed of the first case and `MODEL_CASES` their number, so that a
//! failure can be repeated with the seed that it shows.

mod invariants;
mod operation;
mod service;

use std::env;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use self::{invariants::Invariants, operation::Case};
use crate::api::on_paused_clock;

const CASES: u64 = 150;

#[test]
fn whatever_happens_no_webhook_is_lost_doubled_or_changed_that_is_not_ours() {
    let first = number("MODEL_SEED").unwrap_or(0);
    for seed in first..first + number("MODEL_CASES").unwrap_or(CASES) {
        let config = Config {
            cases: 1,
            failure_persistence: None,
            max_shrink_iters: 400,
            ..Config::default()
        };
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let result = TestRunner::new_with_rng(config, rng).run(&operation::cases(), |case| {
            on_paused_clock(run(&case));
            Ok(())
        });
        if let Err(error) = result {
            panic!("MODEL_SEED={seed} MODEL_CASES=1: {error}");
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    let value = env::var(variable).ok()?;
    Some(value.parse().expect("a number"))
}

async fn run((quirks, retries, operations): &Case) {
    let mut invariants = Invariants::new(quirks, *retries);
    for operation in operations {
        invariants.undergo(operation).await;
    }
}
