//! How fast and how small the provider is, beside what Terraform itself takes.
//!
//! - `cargo bench --bench performance` measures all and prints it; with `-- --write` it writes
//!   `docs/performance.md` and its plots, too.
//! - `… -- instructions` counts instructions instead, with valgrind.
//!
//! Nothing is judged by time here, where other programs run: what must hold is counted, by
//! `tests/scaling` and `tests/faults`.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "it prints what it measured, and fails by panicking"
)]

mod bare_provider;
mod instructions;
mod plot;
mod process;
mod report;
mod start;
mod table;
mod terraform;
#[path = "../../tests/support/calls/wire.rs"]
#[allow(
    dead_code,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a part of tests"
)]
mod wire;
#[path = "../../tests/scaling/work.rs"]
mod work;

use std::{env, process::Command};

type Error = Box<dyn std::error::Error>;

/// The provider, as [`build_provider`] builds it.
const PROVIDER: &str = concat!(
    env!("CARGO_TARGET_TMPDIR"),
    "/release/terraform-provider-realtimekit"
);

/// Builds the provider as it is released. The one that comes with a benchmark is larger: its
/// dependencies have what the tests need of them, too.
fn build_provider() -> Result<(), Error> {
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--release",
            "--locked",
            "--no-default-features",
            "--bin",
        ])
        .args(["terraform-provider-realtimekit", "--target-dir"])
        .arg(env!("CARGO_TARGET_TMPDIR"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()?;
    match status.success() {
        true => Ok(()),
        false => Err("the provider was not built".into()),
    }
}

fn main() -> Result<(), Error> {
    if bare_provider::is_this() {
        return bare_provider::serve();
    }
    let arguments: Vec<String> = env::args().skip(1).filter(|it| it != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] | ["--write"] => {
            build_provider()?;
            let report = report::measure()?;
            match arguments.is_empty() {
                true => println!("{}", report.text),
                false => report.write()?,
            }
        }
        ["instructions"] if !instructions::is_possible() => {
            println!("Instructions are not counted: valgrind is not on PATH.");
        }
        ["instructions"] => println!("{}", instructions::report()?),
        ["work", index, size, what] => {
            let (_, prepare) = work::ALL[index.parse::<usize>()?];
            let ready = prepare(size.parse()?);
            if what == "do" {
                ready();
            }
        }
        _ => return Err(format!("cannot make sense of {arguments:?}").into()),
    }
    Ok(())
}
