//! Whatever happens to an app and to the provider, some things hold: see [`invariants`].
//!
//! Each case is a sequence of operations from one seed; a failing one is made as short as it
//! goes. `MODEL_SEED` is the seed of the first case, and `MODEL_CASES` how many there are, so
//! that a failure can be repeated by the seed that it shows.

mod fault_schedule;
mod invariants;
mod operation;
mod service;

use std::{
    env, panic,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

use self::{invariants::Invariants, operation::Case};

/// They mostly wait, for faults that are late.
const THREADS: u64 = 8;
const CASES: u64 = 300;

#[test]
fn whatever_happens_nothing_is_lost_doubled_or_touched_that_is_not_ours() {
    let first = number("MODEL_SEED").unwrap_or(0);
    let end = first + number("MODEL_CASES").unwrap_or(CASES);
    let next = AtomicU64::new(first);

    let failures: Vec<String> = thread::scope(|scope| {
        let work = || {
            let seeds = std::iter::from_fn(|| {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                (seed < end).then_some(seed)
            });
            seeds.map(check).find_map(Result::err)
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .filter_map(|thread| thread.join().unwrap())
            .collect()
    });

    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

fn number(variable: &str) -> Option<u64> {
    let value = env::var(variable).ok()?;
    Some(
        value
            .parse()
            .unwrap_or_else(|_| panic!("{variable} is no number: {value}")),
    )
}

/// Runs the case of a seed; answers the shortest failure that it has.
fn check(seed: u64) -> Result<(), String> {
    let config = Config {
        cases: 1,
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let result = runner.run(&operation::cases(), |case| {
        run(&case);
        Ok(())
    });
    result.map_err(|error| match error {
        TestError::Fail(reason, case) => {
            format!("MODEL_SEED={seed} MODEL_CASES=1\n{reason}\nin {case:#?}")
        }
        TestError::Abort(reason) => format!("MODEL_SEED={seed}: {reason}"),
    })
}

fn run(case: &Case) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut invariants = Invariants::new(&case.service, case.retries);
        for operation in &case.operations {
            invariants.undergo(operation).await;
        }
    });
}
