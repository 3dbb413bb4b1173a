//! `realtimekit-mock-api`: the mock API as a server of its own.
//!
//! Standard output is for programs (lines that a shell can evaluate), standard error for
//! people (one line for each request). Ends with 0 when it is asked to stop, with 1 if it cannot
//! serve, with 2 if the arguments are wrong.

mod options;
mod serve;
mod signals;

use options::Command;
use realtimekit::mock_api::{ENDPOINTS, Quirks, Seed};
use std::io::{self, Write};
use std::process::ExitCode;

const HELP: &str = include_str!("help.txt");

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    let arguments = arguments.map(|argument| argument.to_string_lossy().into_owned());
    let done = match options::parse(arguments) {
        Ok(Command::Help) => print(&help()),
        Ok(Command::Version) => print(concat!(
            "realtimekit-mock-api ",
            env!("CARGO_PKG_VERSION"),
            "\n"
        )),
        Ok(Command::ListQuirks) => print(&quirks_list()),
        Ok(Command::SeedExample) => print(Seed::EXAMPLE),
        Ok(Command::Serve(options)) => serve::serve(*options).await,
        Err(error) => {
            complain(&format!("error: {error}\nTry `--help`."));
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn help() -> String {
    let lines = ENDPOINTS.map(|(endpoint, about)| format!("  {endpoint:<26}{about}\n"));
    HELP.to_owned() + &lines.concat()
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

fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// A closed standard error is nobody who listens, and no reason to stop.
fn complain(line: &str) {
    writeln!(io::stderr().lock(), "{line}").ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_quirks_has_every_quirk() {
        let list = quirks_list();

        for quirk in Quirks::switches() {
            assert!(list.contains(&format!("{}\n", quirk.name())));
        }
    }

    #[test]
    fn the_help_fits_a_terminal() {
        for line in help().lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}
