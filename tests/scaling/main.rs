//! Nothing takes more than in proportion to its size: counted, not timed.
//!
//! What is counted is memory: how often it is asked for, how much of it, and how much at once.
//! Instructions are counted by `.ci/instructions`, of the same work.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "../support/calls/wire.rs"]
#[allow(dead_code, reason = "answers are not read here")]
mod wire;
mod work;

use allocation_counter::{AllocationInfo, measure};

const SIZE: usize = 1_000;

#[test]
fn ten_times_the_size_takes_eleven_times_the_memory_at_most() {
    for (name, prepare) in work::ALL {
        let [small, large] = [SIZE, 10 * SIZE].map(|size| measure(prepare(size)));

        let figures = |info: AllocationInfo| {
            [
                ("allocations", info.count_total),
                ("bytes", info.bytes_total),
                ("bytes at once", info.bytes_max),
            ]
        };
        for ((what, small), (_, large)) in figures(small).into_iter().zip(figures(large)) {
            assert!(small > 0, "{name}: {what} were not counted");
            assert!(large <= 11 * small, "{name}: {what}: {small}, then {large}");
        }
    }
}
