//! What the arguments ask for.

use realtimekit::mock_api::{DEFAULT_TOKEN, FaultRule, FaultRuleError, Quirks, SetQuirkError};
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// One thing to do.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Help,
    Version,
    ListQuirks,
    SeedExample,
    Serve(Box<Options>),
}

/// How to serve.
#[derive(PartialEq)]
pub(crate) struct Options {
    pub(crate) listen: SocketAddr,
    pub(crate) hosts: Vec<String>,
    pub(crate) tls: Option<TlsSource>,
    pub(crate) seed: Option<PathBuf>,
    pub(crate) token: String,
    pub(crate) quirks: Quirks,
    pub(crate) faults: Vec<FaultRule>,
    pub(crate) allow_remote_deliveries: bool,
}

/// Where the certificate is from.
#[derive(Debug, PartialEq)]
pub(crate) enum TlsSource {
    /// Made for this run.
    SelfSigned,
    Files {
        certificate: PathBuf,
        key: PathBuf,
    },
}

/// Without the token, which may be one that opens something elsewhere.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("listen", &self.listen)
            .field("tls", &self.tls)
            .field("seed", &self.seed)
            .field("quirks", &self.quirks)
            .finish_non_exhaustive()
    }
}

/// Why the arguments cannot be understood.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum UsageError {
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
    #[error("`--allow-host` takes a host's name without scheme and port, not `{0}`")]
    BadHost(String),
    #[error("`--tls-cert` and `--tls-key` go together, and not with `--tls`")]
    BadTls,
    #[error("`--token` takes visible ASCII characters without spaces")]
    BadToken,
    #[error("{0}; `--quirks` takes documented, live, list or a quirk of that list")]
    BadQuirk(#[from] SetQuirkError),
    #[error("`--fail`: {0}")]
    BadFault(#[from] FaultRuleError),
}

/// What has been read so far.
#[derive(Default)]
struct Draft {
    listen: Option<SocketAddr>,
    allow_remote: bool,
    hosts: Vec<String>,
    tls: bool,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    seed: Option<PathBuf>,
    token: Option<String>,
    quirks: Vec<String>,
    faults: Vec<FaultRule>,
    allow_remote_deliveries: bool,
}

pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let mut arguments = Arguments(arguments);
    let mut draft = Draft::default();
    while let Some((option, value)) = arguments.next() {
        let flag = |option| match value {
            None => Ok(true),
            Some(_) => Err(UsageError::UnwantedValue(option)),
        };
        match option.as_str() {
            "-h" | "--help" => return Ok(Command::Help),
            "--version" => return Ok(Command::Version),
            "--seed-example" => return Ok(Command::SeedExample),
            "--allow-remote" => draft.allow_remote = flag("--allow-remote")?,
            "--tls" => draft.tls = flag("--tls")?,
            "--allow-remote-deliveries" => {
                draft.allow_remote_deliveries = flag("--allow-remote-deliveries")?
            }
            "--listen" => draft.listen = Some(address(arguments.value("--listen", value)?)?),
            "--allow-host" => draft
                .hosts
                .push(host(arguments.value("--allow-host", value)?)?),
            "--tls-cert" => draft.tls_cert = Some(arguments.value("--tls-cert", value)?.into()),
            "--tls-key" => draft.tls_key = Some(arguments.value("--tls-key", value)?.into()),
            "--seed" => draft.seed = Some(arguments.value("--seed", value)?.into()),
            "--token" => draft.token = Some(token(arguments.value("--token", value)?)?),
            "--fail" => draft
                .faults
                .push(arguments.value("--fail", value)?.parse()?),
            "--quirks" => match arguments.value("--quirks", value)? {
                list if list == "list" => return Ok(Command::ListQuirks),
                what => draft.quirks.push(what),
            },
            _ => return Err(UsageError::UnknownOption(option)),
        }
    }
    draft.finish().map(Box::new).map(Command::Serve)
}

impl Draft {
    fn finish(self) -> Result<Options, UsageError> {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listen = self.listen.unwrap_or(any_port);
        if !listen.ip().is_loopback() && !self.allow_remote {
            return Err(UsageError::Remote(listen));
        }
        let tls = match (self.tls, self.tls_cert, self.tls_key) {
            (false, None, None) => None,
            (true, None, None) => Some(TlsSource::SelfSigned),
            (false, Some(certificate), Some(key)) => Some(TlsSource::Files { certificate, key }),
            _ => return Err(UsageError::BadTls),
        };
        Ok(Options {
            listen,
            hosts: self.hosts,
            tls,
            seed: self.seed,
            token: self.token.unwrap_or_else(|| DEFAULT_TOKEN.to_owned()),
            quirks: quirks(&self.quirks)?,
            faults: self.faults,
            allow_remote_deliveries: self.allow_remote_deliveries,
        })
    }
}

/// The arguments; an option's value may be a part of it (`--quirks=live`) or follow it.
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

/// First the last whole behaviour that is named, then the changes, wherever they stand.
fn quirks(named: &[String]) -> Result<Quirks, SetQuirkError> {
    let (bases, changes): (Vec<_>, Vec<_>) = named
        .iter()
        .map(String::as_str)
        .partition(|name| matches!(*name, "documented" | "live"));
    let mut quirks = match bases.last() {
        Some(&"live") => Quirks::live(),
        _ => Quirks::documented(),
    };
    for change in changes {
        let (name, value) = change.split_once('=').unwrap_or((change, "true"));
        quirks.set(name, value)?;
    }
    Ok(quirks)
}

fn address(text: String) -> Result<SocketAddr, UsageError> {
    text.parse().map_err(|_| UsageError::BadAddress(text))
}

fn host(name: String) -> Result<String, UsageError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    match !name.is_empty() && name.bytes().all(allowed) {
        true => Ok(name),
        false => Err(UsageError::BadHost(name)),
    }
}

/// Only what a header can hold as it is can ever match.
fn token(token: String) -> Result<String, UsageError> {
    match !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(token),
        false => Err(UsageError::BadToken),
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
            Ok(Command::Serve(options)) => *options,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn without_arguments_it_serves_the_documented_api_on_a_free_loopback_port() {
        let options = options("");

        assert_eq!(options.listen.to_string(), "127.0.0.1:0");
        assert_eq!(options.token, DEFAULT_TOKEN);
        assert_eq!(options.quirks, Quirks::documented());
        assert_eq!((options.tls, options.seed), (None, None));
        assert!(options.faults.is_empty() && !options.allow_remote_deliveries);
    }

    #[test]
    fn values_follow_their_option_or_are_a_part_of_it() {
        let apart = options("--listen [::1]:8080 --token abc --quirks live --seed a.json");
        let joined = options("--listen=[::1]:8080 --token=abc --quirks=live --seed=a.json");

        assert_eq!(apart, joined);
        assert_eq!(apart.listen.to_string(), "[::1]:8080");
        assert_eq!(apart.seed, Some("a.json".into()));
    }

    #[test]
    fn a_token_may_contain_an_equals_sign() {
        assert_eq!(options("--token=a=b").token, "a=b");
        assert_eq!(options("--token a=b").token, "a=b");
    }

    #[test]
    fn single_quirks_change_the_whole_wherever_it_stands() {
        let mut expected = Quirks::live();
        expected.unique_url = false;
        expected.create_200 = true;

        let options = options("--quirks unique-url=false --quirks create-200 --quirks live");

        assert_eq!(options.quirks, expected);
    }

    #[test]
    fn faults_come_in_the_order_in_which_they_are_named() {
        let options = options("--fail 429:3 --fail=delay=2,method=POST");

        let expected: Vec<FaultRule> = ["429:3", "delay=2,method=POST"]
            .map(|words| words.parse().unwrap())
            .into();
        assert_eq!(options.faults, expected);
    }

    #[test]
    fn a_certificate_is_made_or_read_from_two_files() {
        let files = TlsSource::Files {
            certificate: "c.pem".into(),
            key: "k.pem".into(),
        };

        assert_eq!(options("--tls").tls, Some(TlsSource::SelfSigned));
        assert_eq!(options("--tls-cert c.pem --tls-key k.pem").tls, Some(files));
        assert_eq!(parse_words("--tls-cert c.pem"), Err(UsageError::BadTls));
        assert_eq!(
            parse_words("--tls --tls-key k.pem"),
            Err(UsageError::BadTls)
        );
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
            ("--quirks", "`--quirks` needs a value"),
            ("--allow-remote=yes", "`--allow-remote` takes no value"),
            ("--listen localhost", "not `localhost`"),
            ("--allow-host http://a", "not `http://a`"),
            ("--token=", "visible ASCII"),
            (
                "--quirks lively",
                "there is no quirk `lively`; `--quirks` takes",
            ),
            ("--quirks unique-url=maybe", "takes true|false, not `maybe`"),
            ("--fail 42", "`--fail`: `42` is no fault"),
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
        assert_eq!(parse_words("--quirks list"), Ok(Command::ListQuirks));
        assert_eq!(parse_words("--seed-example"), Ok(Command::SeedExample));
    }

    #[test]
    fn the_token_is_not_shown() {
        assert!(!format!("{:?}", options("--token sesame")).contains("sesame"));
    }
}
