//! `realtimekit-mock-api`: the mock API as a server.
//!
//! Standard output has lines that a shell can evaluate, standard error one line for each request.
//! Exits with 0 on a stop signal, with 1 if it cannot serve, with 2 if the arguments are wrong.

mod environment;
mod options;
mod output;
mod serve;
mod signals;

use clap::{CommandFactory, Parser, error::ErrorKind};
use options::Options;
use output::{print, print_error};
use realtimekit::mock_api::{Quirks, Seed, endpoints};
use std::io;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = Options::parse();
    if let Err(message) = options.check() {
        Options::command()
            .error(ErrorKind::ValueValidation, message)
            .exit();
    }
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> io::Result<()> {
    let output = &options.output;
    if let Some(shell) = output.completions {
        let mut script = Vec::new();
        let command = &mut Options::command();
        clap_complete::generate(shell, command, "realtimekit-mock-api", &mut script);
        return print(&String::from_utf8_lossy(&script));
    }
    match output {
        output if output.list_quirks => print(&quirks_list()),
        output if output.seed_example => print(Seed::EXAMPLE),
        output if output.list_endpoints => print(&endpoints_list()),
        _ => serve::serve(options).await,
    }
}

fn endpoints_list() -> String {
    endpoints()
        .map(|(endpoint, about)| format!("{endpoint:<28}{about}\n"))
        .collect()
}

fn quirks_list() -> String {
    let (documented, live) = (Quirks::documented(), Quirks::live());
    Quirks::switches()
        .iter()
        .map(|quirk| {
            format!(
                "{}\n    {}\n    takes {}; documented: {}, live: {}\n",
                quirk.name(),
                quirk.about(),
                quirk.values(),
                quirk.value(&documented),
                quirk.value(&live),
            )
        })
        .collect()
}
