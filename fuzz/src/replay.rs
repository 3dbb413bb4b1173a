//! A part of the library's own tests: replays the seeds of the fuzz targets, each checked as the
//! fuzzer checks it. `requests` is not among them: it changes the environment of its process.
#![allow(unreachable_pub, reason = "the modules are those of another package")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, which Clippy does not see below cfg(all(test, …))"
)]

mod answers;
#[allow(dead_code, reason = "what writes seeds is not used here")]
mod input;
mod mock;
mod texts;
mod types;
mod values;

/// In place of the allocator of the fuzz targets: one that counts for each thread.
mod memory {
    #[track_caller]
    pub fn within<T>(most: usize, act: impl FnOnce() -> T) -> T {
        let mut result = None;
        let taken = allocation_counter::measure(|| result = Some(act())).bytes_max;
        assert!(taken <= most as u64, "took {taken} bytes, of {most}");
        result.expect("it was run")
    }
}

use std::{fs, panic, path::Path};

/// A target is named after its directory of seeds.
#[track_caller]
fn replay(target: &str, run: impl Fn(&[u8]) -> bool + panic::RefUnwindSafe) {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let mut replayed = 0;
    for seed in fs::read_dir(seeds.join(target)).unwrap() {
        let seed = seed.unwrap().path();
        let input = fs::read(&seed).unwrap();
        let outcome = panic::catch_unwind(|| run(&input));
        assert!(outcome.is_ok(), "{} fails; see above", seed.display());
        replayed += 1;
    }
    assert!(replayed > 0, "no seed of {target}");
}

#[test]
fn seeds_of_values_hold() {
    replay("values", values::run);
}

#[test]
fn seeds_of_texts_hold() {
    replay("texts", texts::run);
}

#[test]
fn seeds_of_answers_hold() {
    replay("answers", answers::run);
}

#[test]
fn seeds_of_the_mock_api_hold() {
    replay("mock", mock::run);
}
