//! How fast and how small the provider is, beside what Terraform itself takes.
//!
//! - `cargo bench --bench performance` measures all and prints it; with `-- --write` it writes
//!   `docs/performance.md` and its plots, too.
//! - `… -- instructions` counts instructions instead, with valgrind.
//!
//! Nothing is judged by time here, where other programs run: what must hold is counted, by
//! `tests/linear` and `tests/resilience`.
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
#[path = "../../tests/server/wire.rs"]
#[allow(
    dead_code,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a part of tests"
)]
mod wire;
#[path = "../../tests/linear/work.rs"]
mod work;

use std::env;

type Error = Box<dyn std::error::Error>;

/// The provider, as this was built with it.
const PROVIDER: &str = env!("CARGO_BIN_EXE_terraform-provider-realtimekit");

fn main() -> Result<(), Error> {
    if bare_provider::is_this() {
        return bare_provider::serve();
    }
    let arguments: Vec<String> = env::args().skip(1).filter(|it| it != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => println!("{}", report::measure()?.text),
        ["--write"] => report::measure()?.write()?,
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
