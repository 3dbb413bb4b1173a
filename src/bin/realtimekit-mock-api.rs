//! `realtimekit-mock-api`: the mock API as a server of its own.
//!
//! Standard output is for programs (lines that a shell can evaluate), standard error for
//! people (one line for each request).

use realtimekit::mock_api::{
    Call, DEFAULT_TOKEN, MockApi, Quirks, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, SetQuirkError,
};
use std::fmt;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

const HELP: &str = "\
Serves the RealtimeKit webhooks API on this machine, for tests and trials.
Keeps webhooks in memory only, and delivers no events.

Usage: realtimekit-mock-api [OPTIONS]

Options:
  --listen ADDRESS      IP address and port to listen on; port 0 is any free one
                        [default: 127.0.0.1:0]
  --allow-remote        accept an ADDRESS that other machines can reach
  --token TOKEN         token that clients must send
                        [default: one that is printed]
  --mode MODE           documented: the API as its documentation has it
                        live: the API as clients met it
                        [default: documented]
  --quirk NAME[=VALUE]  change one behaviour of the mode, to true if there is no
                        VALUE; may be repeated
  --quirks-list         print the behaviours and the values they take, and exit
  --version             print the version, and exit
  -h, --help            print this, and exit

Prints the settings for clients as lines that a shell can evaluate, then logs
requests on standard error until Ctrl-C.
";

/// What the arguments ask for.
#[derive(Debug, PartialEq)]
enum Command {
    Help,
    Version,
    ListQuirks,
    Serve(Options),
}

#[derive(PartialEq)]
struct Options {
    listen: SocketAddr,
    token: String,
    quirks: Quirks,
}

/// Without the token, which may be one that opens something elsewhere.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("listen", &self.listen)
            .field("quirks", &self.quirks)
            .finish_non_exhaustive()
    }
}

/// Why the arguments cannot be understood.
#[derive(Debug, PartialEq, thiserror::Error)]
enum UsageError {
    #[error("`{0}` is not an option")]
    UnknownOption(String),
    #[error("`{0}` needs a value")]
    MissingValue(&'static str),
    #[error("`{0}` takes no value")]
    UnwantedValue(&'static str),
    #[error("`--listen` takes an IP address and a port such as 127.0.0.1:8080, not `{0}`")]
    BadAddress(String),
    #[error(
        "{0} can be reached from other machines, and whoever can reach this server may use it; \
         add `--allow-remote` if that is what you want"
    )]
    Remote(SocketAddr),
    #[error("`--token` takes visible ASCII characters without spaces")]
    BadToken,
    #[error("`--mode` takes documented or live, not `{0}`")]
    BadMode(String),
    #[error("{0}; see `--quirks-list`")]
    BadQuirk(#[from] SetQuirkError),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    let arguments = arguments.map(|argument| argument.to_string_lossy().into_owned());
    let done = match parse(arguments) {
        Ok(Command::Help) => print(HELP),
        Ok(Command::Version) => print(concat!(
            "realtimekit-mock-api ",
            env!("CARGO_PKG_VERSION"),
            "\n"
        )),
        Ok(Command::ListQuirks) => print(&quirks_list()),
        Ok(Command::Serve(options)) => serve(options).await,
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

async fn serve(options: Options) -> io::Result<()> {
    // Before anything is printed: who reads it may ask to stop at once.
    let stop = StopSignals::new()?;
    let listen = options.listen;
    let api = MockApi::builder()
        .listen(listen)
        .token(&options.token)
        .quirks(options.quirks)
        .app(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, "sample")
        .on_call(log)
        .start()
        .map_err(|error| {
            io::Error::new(error.kind(), format!("cannot listen on {listen}: {error}"))
        })?;
    print(&settings(&api, &options.token))?;
    stop.received().await;
    Ok(())
}

/// What a client needs to know, for `eval`.
fn settings(api: &MockApi, token: &str) -> String {
    let (base_url, public_key_url) = (api.base_url(), api.public_key_url());
    format!(
        "# The mock API answers at {base_url} until Ctrl-C.\n\
         # The public key of its deliveries is at {public_key_url}\n\
         export CLOUDFLARE_BASE_URL={}\n\
         export CLOUDFLARE_API_TOKEN={}\n\
         export CLOUDFLARE_ACCOUNT_ID={SAMPLE_ACCOUNT_ID}\n\
         export REALTIMEKIT_APP_ID={SAMPLE_APP_ID}\n",
        quoted(&base_url),
        quoted(token),
    )
}

/// A word of a POSIX shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
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

fn log(call: &Call) {
    complain(&call.to_string());
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

fn parse(arguments: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let mut arguments = Arguments(arguments);
    let mut listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut allow_remote = false;
    let mut token = DEFAULT_TOKEN.to_owned();
    let mut quirks = Quirks::documented();
    let mut changes = Vec::new();
    while let Some((option, value)) = arguments.next() {
        match option.as_str() {
            "-h" | "--help" => return Ok(Command::Help),
            "--version" => return Ok(Command::Version),
            "--quirks-list" => return Ok(Command::ListQuirks),
            "--listen" => listen = address(arguments.value("--listen", value)?)?,
            "--allow-remote" => allow_remote = flag("--allow-remote", value)?,
            "--token" => token = checked_token(arguments.value("--token", value)?)?,
            "--mode" => quirks = mode(arguments.value("--mode", value)?)?,
            "--quirk" => changes.push(arguments.value("--quirk", value)?),
            _ => return Err(UsageError::UnknownOption(option)),
        }
    }
    // After the mode, wherever it stands.
    for change in changes {
        let (name, value) = change.split_once('=').unwrap_or((&change, "true"));
        quirks.set(name, value)?;
    }
    if !listen.ip().is_loopback() && !allow_remote {
        return Err(UsageError::Remote(listen));
    }
    Ok(Command::Serve(Options {
        listen,
        token,
        quirks,
    }))
}

/// The arguments; an option's value may be a part of it (`--mode=live`) or follow it.
struct Arguments<I>(I);

impl<I: Iterator<Item = String>> Arguments<I> {
    fn next(&mut self) -> Option<(String, Option<String>)> {
        let argument = self.0.next()?;
        Some(match argument.split_once('=') {
            Some((option, value)) => (option.to_owned(), Some(value.to_owned())),
            None => (argument, None),
        })
    }

    fn value(&mut self, option: &'static str, own: Option<String>) -> Result<String, UsageError> {
        own.or_else(|| self.0.next())
            .ok_or(UsageError::MissingValue(option))
    }
}

fn flag(option: &'static str, value: Option<String>) -> Result<bool, UsageError> {
    match value {
        None => Ok(true),
        Some(_) => Err(UsageError::UnwantedValue(option)),
    }
}

fn address(text: String) -> Result<SocketAddr, UsageError> {
    text.parse().map_err(|_| UsageError::BadAddress(text))
}

/// Only what a header can hold as it is can ever match.
fn checked_token(token: String) -> Result<String, UsageError> {
    match !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(token),
        false => Err(UsageError::BadToken),
    }
}

fn mode(name: String) -> Result<Quirks, UsageError> {
    match name.as_str() {
        "documented" => Ok(Quirks::documented()),
        "live" => Ok(Quirks::live()),
        _ => Err(UsageError::BadMode(name)),
    }
}

/// The signals that ask a server to stop.
#[cfg(unix)]
struct StopSignals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl StopSignals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn received(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => (),
            _ = self.terminate.recv() => (),
        }
    }
}

/// The signals that ask a server to stop.
#[cfg(windows)]
struct StopSignals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl StopSignals {
    fn new() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn received(mut self) {
        self.0.recv().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_words(words: &str) -> Result<Command, UsageError> {
        parse(words.split_whitespace().map(str::to_owned))
    }

    #[track_caller]
    fn options(words: &str) -> Options {
        match parse_words(words) {
            Ok(Command::Serve(options)) => options,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn without_arguments_it_serves_the_documented_api_on_a_free_loopback_port() {
        let options = options("");

        assert_eq!(options.listen.to_string(), "127.0.0.1:0");
        assert_eq!(options.token, DEFAULT_TOKEN);
        assert_eq!(options.quirks, Quirks::documented());
    }

    #[test]
    fn values_follow_their_option_or_are_a_part_of_it() {
        let apart = options("--listen [::1]:8080 --token abc --mode live");
        let joined = options("--listen=[::1]:8080 --token=abc --mode=live");

        assert_eq!(apart, joined);
        assert_eq!(apart.listen.to_string(), "[::1]:8080");
    }

    #[test]
    fn a_token_may_contain_an_equals_sign() {
        assert_eq!(options("--token=a=b").token, "a=b");
        assert_eq!(options("--token a=b").token, "a=b");
    }

    #[test]
    fn quirks_change_the_mode_wherever_it_stands() {
        let mut expected = Quirks::live();
        expected.unique_url = false;
        expected.create_200 = true;

        let options = options("--quirk unique-url=false --quirk create-200 --mode live");

        assert_eq!(options.quirks, expected);
    }

    #[test]
    fn an_address_that_others_can_reach_needs_a_word_more() {
        let refused = parse_words("--listen 0.0.0.0:80");

        assert!(matches!(refused, Err(UsageError::Remote(_))));
        options("--listen 0.0.0.0:80 --allow-remote");
    }

    #[test]
    fn a_wrong_argument_is_told_by_name() {
        let cases = [
            ("--lisen 127.0.0.1:0", "`--lisen` is not an option"),
            ("serve", "`serve` is not an option"),
            ("--mode", "`--mode` needs a value"),
            ("--allow-remote=yes", "`--allow-remote` takes no value"),
            ("--listen localhost", "not `localhost`"),
            ("--mode lively", "not `lively`"),
            ("--token=", "visible ASCII"),
            ("--quirk tidy", "there is no quirk `tidy`"),
            ("--quirk unique-url=maybe", "takes true|false, not `maybe`"),
        ];

        for (words, expected) in cases {
            let error = parse_words(words).unwrap_err().to_string();

            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn help_and_lists_win_over_what_follows() {
        assert_eq!(parse_words("--help --nonsense"), Ok(Command::Help));
        assert_eq!(parse_words("-h"), Ok(Command::Help));
        assert_eq!(parse_words("--version"), Ok(Command::Version));
        assert_eq!(parse_words("--quirks-list"), Ok(Command::ListQuirks));
    }

    #[test]
    fn the_list_of_quirks_has_every_quirk() {
        let list = quirks_list();

        for quirk in Quirks::switches() {
            assert!(list.contains(&format!("{}\n", quirk.name())));
        }
    }

    #[test]
    fn settings_survive_the_shell() {
        let api = MockApi::start().unwrap();

        let settings = settings(&api, "it's");

        assert!(settings.contains(&format!("is at {}\n", api.public_key_url())));
        assert!(settings.contains(r"CLOUDFLARE_API_TOKEN='it'\''s'"));
    }
}
