//! The command line.

use clap::{Parser, ValueEnum};
use realtimekit::mock_api::{DEFAULT_TOKEN, FaultRule, Quirks};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Serves the RealtimeKit webhooks API on this machine, for tests and trials.
///
/// Keeps webhooks in memory only, and delivers events only on request. Prints the settings for
/// clients as lines that a shell can evaluate, then logs requests on standard error until Ctrl-C.
/// The page at / shows apps, webhooks and requests, edits webhooks and sends signed samples of
/// events to them.
// Has no `Debug`: it holds the token.
#[derive(Parser)]
#[command(name = "realtimekit-mock-api", version, max_term_width = 100)]
pub(crate) struct Options {
    /// IP address and port to listen on; port 0 is any free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    #[arg(help_heading = "Listening")]
    pub(crate) listen: SocketAddr,
    /// Accept an ADDRESS that other machines can reach
    #[arg(long, help_heading = "Listening")]
    pub(crate) allow_remote: bool,
    /// Host name, besides localhost, for clients, the page and the control endpoint; may be
    /// repeated, and the printed settings use the first
    #[arg(long = "allow-host", value_name = "NAME", value_parser = host, help_heading = "Listening")]
    pub(crate) hosts: Vec<String>,
    /// Serve HTTPS, and write the certificate that clients must trust, which is made for this run,
    /// to this file
    #[arg(long, value_name = "CA_FILE", help_heading = "Listening")]
    pub(crate) tls: Option<PathBuf>,

    /// Start with the accounts, apps and webhooks of a JSON file
    /// [default: one app without webhooks]
    #[arg(long, value_name = "FILE", help_heading = "Content")]
    pub(crate) seed: Option<PathBuf>,
    /// Token that clients must send [default: one that is printed]
    #[arg(long, default_value = DEFAULT_TOKEN, hide_default_value = true, value_parser = token)]
    #[arg(help_heading = "Content")]
    pub(crate) token: String,

    /// The API as documented, or as clients observed it
    #[arg(long, default_value = "documented", value_parser = ["documented", "live"])]
    #[arg(help_heading = "Behavior")]
    mode: String,
    /// Change one behavior of the mode; may be repeated
    #[arg(long = "quirk", value_name = "KEY=VALUE", value_parser = quirk, help_heading = "Behavior")]
    quirks: Vec<(String, String)>,
    /// Let the next requests meet a fault; may be repeated
    ///
    /// FAULT is a status such as 429, drop, delay=SECONDS (a late answer), late=SECONDS (acted
    /// upon late), truncate=BYTES, html=STATUS, empty=STATUS or huge=BYTES. TIMES is a number or
    /// `always` [default: 1]. May continue with ,method=METHOD ,path-suffix=PATH ,after-storing
    /// ,retry-after=SECONDS ,code=CODE ,message=TEXT
    #[arg(long = "fault", value_name = "FAULT[:TIMES]")]
    #[arg(help_heading = "Behavior")]
    pub(crate) faults: Vec<FaultRule>,
    /// Send sample deliveries to other machines, too
    #[arg(long, help_heading = "Behavior")]
    pub(crate) allow_remote_deliveries: bool,

    /// Print the settings only, and close standard output, so that a shell can evaluate them
    /// while the server runs in the background
    #[arg(long, help_heading = "Output")]
    pub(crate) print_env: bool,
    /// Shell for which settings are printed
    #[arg(long, value_name = "SHELL", default_value = "sh")]
    #[arg(help_heading = "Output")]
    pub(crate) format: Format,
    /// Print the quirks with their values, and exit
    #[arg(long, exclusive = true, help_heading = "Output")]
    pub(crate) list_quirks: bool,
    /// Print an example for --seed, and exit
    #[arg(long, exclusive = true, help_heading = "Output")]
    pub(crate) seed_example: bool,
    /// Print completions for a shell, and exit
    #[arg(long, value_name = "SHELL", exclusive = true, help_heading = "Output")]
    pub(crate) completions: Option<clap_complete::Shell>,
}

/// The syntax of printed settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Sh,
    Fish,
    Powershell,
}

impl Options {
    /// Checks what the parser cannot; an error is for the person who gave the options.
    pub(crate) fn check(&self) -> Result<(), String> {
        match self.listen.ip().is_loopback() || self.allow_remote {
            true => Ok(()),
            false => Err(format!(
                "other machines can reach {}, and any of them may use this server; add \
                 --allow-remote if that is intended",
                self.listen
            )),
        }
    }

    /// The mode with the changes to it.
    pub(crate) fn quirks(&self) -> Quirks {
        // The parser takes only modes.
        let mut quirks = Quirks::of_mode(&self.mode).unwrap_or_default();
        for (name, text) in &self.quirks {
            // The parser has tried it, and what a quirk takes does not depend on others.
            quirks.set(name, text).ok();
        }
        quirks
    }
}

fn quirk(quirk: &str) -> Result<(String, String), String> {
    let (name, text) = quirk.split_once('=').unwrap_or((quirk, "true"));
    let tried = Quirks::documented().set(name, text);
    tried.map_err(|error| format!("{error}; --list-quirks shows them all"))?;
    Ok((name.to_owned(), text.to_owned()))
}

fn host(name: &str) -> Result<String, String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    match !name.is_empty() && name.bytes().all(allowed) {
        true => Ok(name.to_owned()),
        false => Err("must be a host name without scheme and port".to_owned()),
    }
}

/// A token must be a valid part of a header.
fn token(token: &str) -> Result<String, String> {
    match !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(token.to_owned()),
        false => Err("must be visible ASCII characters without spaces".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(words: &str) -> Result<Options, String> {
        let words = words.split_whitespace();
        let options = Options::try_parse_from([""].into_iter().chain(words));
        let options = options.map_err(|error| error.to_string())?;
        options.check().map(|()| options)
    }

    #[track_caller]
    fn options(words: &str) -> Options {
        parse(words).unwrap()
    }

    #[test]
    fn command_line_definition_is_consistent() {
        Options::command().debug_assert();
    }

    #[test]
    fn no_arguments_serve_the_documented_api_on_a_free_loopback_port() {
        let options = options("");

        assert_eq!(options.listen.to_string(), "127.0.0.1:0");
        assert_eq!(options.token, DEFAULT_TOKEN);
        assert_eq!(options.quirks(), Quirks::documented());
        assert!(options.faults.is_empty() && options.tls.is_none());
    }

    #[test]
    fn quirks_change_the_mode_wherever_it_stands() {
        let mut expected = Quirks::live();
        expected.unique_url = false;
        expected.create_200 = true;

        let options = options("--quirk unique-url=false --quirk create-200 --mode live");

        assert_eq!(options.quirks(), expected);
    }

    #[test]
    fn faults_keep_their_order() {
        let options = options("--fault 429:3 --fault=delay=2,method=POST");

        let expected: Vec<FaultRule> = ["429:3", "delay=2,method=POST"]
            .map(|words| words.parse().unwrap())
            .into();
        assert_eq!(options.faults, expected);
    }

    #[test]
    fn remote_address_needs_allow_remote() {
        let refused = parse("--listen 0.0.0.0:80").err().unwrap();
        assert!(refused.contains("--allow-remote"));
        options("--listen 0.0.0.0:80 --allow-remote");
    }

    #[test]
    fn wrong_argument_is_named_in_the_error() {
        let cases = [
            ("--lisen 127.0.0.1:0", "unexpected argument '--lisen'"),
            ("serve", "unexpected argument 'serve'"),
            ("--quirk", "a value is required for '--quirk <KEY=VALUE>'"),
            (
                "--allow-remote=yes",
                "unexpected value 'yes' for '--allow-remote'",
            ),
            (
                "--listen localhost",
                "invalid value 'localhost' for '--listen",
            ),
            ("--allow-host http://a", "a host name without scheme"),
            ("--token=", "visible ASCII"),
            ("--quirk lively", "there is no quirk `lively`"),
            ("--quirk unique-url=maybe", "takes true|false, not `maybe`"),
            ("--fault 42", "or huge=BYTES, not `42`"),
            ("--tls", "a value is required for '--tls <CA_FILE>'"),
        ];

        for (words, expected) in cases {
            let error = parse(words).err().unwrap();

            assert!(error.contains(expected), "{words}: {error}");
        }
    }

    #[test]
    fn help_fits_a_terminal() {
        let mut command = Options::command().term_width(100);
        for line in command.render_long_help().to_string().lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}
