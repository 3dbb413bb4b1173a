//! `realtimekit-mock-api`: the mock API as a server.
//!
//! Standard output has lines that a shell can evaluate, standard error one line for each request.
//! Exits with 0 on a stop signal, with 1 if it cannot serve, with 2 if the arguments are wrong.

mod options;
mod serve;

use clap::{CommandFactory, Parser, error::ErrorKind};
use options::Options;
use realtimekit::mock_api::{Quirks, Seed, Switch};
use serve::{print, print_error};
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
    if let Some(shell) = options.completions {
        let mut script = Vec::new();
        let command = &mut Options::command();
        clap_complete::generate(shell, command, "realtimekit-mock-api", &mut script);
        return print(&String::from_utf8_lossy(&script));
    }
    match options {
        options if options.list_quirks => print(&quirks_list()),
        options if options.seed_example => print(Seed::EXAMPLE),
        options => serve::serve(options).await,
    }
}

fn quirks_list() -> String {
    let (documented, live) = (Quirks::documented(), Quirks::live());
    let line = |quirk: &Switch| {
        let (name, about, takes) = (quirk.name(), quirk.about, quirk.takes);
        let (documented, live) = (quirk.value(&documented), quirk.value(&live));
        format!("{name}\n    {about}\n    takes {takes}; documented: {documented}, live: {live}\n")
    };
    Quirks::switches().iter().map(line).collect()
}
