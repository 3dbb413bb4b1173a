//! Starts the mock API with the options, prints the settings for clients, and stops it on a signal.

use crate::options::{Format, Options};
use realtimekit::mock_api::{Builder, Call, MockApi, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, Seed, Tls};
use std::fmt::Display;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// How many requests are remembered.
const KEEP_CALLS: usize = 1000;

pub(crate) async fn serve(options: Options) -> io::Result<()> {
    // Before anything is printed: a reader of the output may stop the server at once.
    let stop = stop_signal()?;
    let seed = options.seed.as_deref().map(seed).transpose()?;
    let first_app = seed.as_ref().and_then(Seed::first_app);
    let (account, app) = first_app.unwrap_or((SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID));
    let (account, app) = (account.to_owned(), app.to_owned());
    let mut hosts = options.hosts.clone();
    hosts.push(options.listen.ip().to_string());
    let tls = options.tls.then(|| Tls::self_signed(&hosts)).transpose();
    let tls = tls.map_err(io::Error::other)?;
    let api = builder(&options, seed, tls.clone()).start();
    let api = api.map_err(|error| {
        let address = options.listen;
        io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
    })?;
    let write = |tls: Tls| write_authority(tls.authority_pem(), options.tls_ca.as_deref());
    let file = tls.map(write).transpose()?;
    print_settings(&options, &api, account, app, file.as_deref())?;
    stop.await;
    if let (Some(file), None) = (file, &options.tls_ca) {
        // The file holds nothing secret if it cannot be removed.
        fs::remove_file(file).ok();
    }
    Ok(())
}

fn print_settings(
    options: &Options,
    api: &MockApi,
    account: String,
    app: String,
    authority: Option<&Path>,
) -> io::Result<()> {
    // Other containers and machines connect by name.
    let host = options.hosts.first();
    let host = host.filter(|_| !options.listen.ip().is_loopback());
    let url = |url: String| match (host, url.split_once("://"), url.rsplit_once(':')) {
        (Some(host), Some((scheme, _)), Some((_, port))) => format!("{scheme}://{host}:{port}"),
        _ => url,
    };
    let mut variables = vec![
        ("CLOUDFLARE_BASE_URL", url(api.base_url())),
        ("CLOUDFLARE_API_TOKEN", api.token()),
        ("CLOUDFLARE_ACCOUNT_ID", account),
        ("REALTIMEKIT_APP_ID", app),
    ];
    if let Some(file) = authority {
        // SSL_CERT_FILE replaces the system's certificates, so only a shell that uses nothing but
        // the mock gets it.
        let name = match options.print_env {
            true => "SSL_CERT_FILE",
            false => "REALTIMEKIT_MOCK_CA_FILE",
        };
        variables.insert(0, (name, file.to_string_lossy().into_owned()));
    }
    if options.print_env {
        variables.push(("REALTIMEKIT_MOCK_API_PID", std::process::id().to_string()));
        print(&lines(&variables, options.format))?;
        return close_stdout();
    }
    let mut text = format!(
        "# The mock API answers at {} until Ctrl-C.\n# Its page is {}\n\
         # The public key of its deliveries is at {}\n",
        url(api.base_url()),
        url(api.page_url()),
        url(api.public_key_url()),
    );
    if authority.is_some() {
        text += "# Clients must trust the certificates of this file, such as with\n\
                 # SSL_CERT_FILE=\"$REALTIMEKIT_MOCK_CA_FILE\" terraform apply\n";
    }
    print(&(text + &lines(&variables, options.format)))
}

/// One line for each variable, in the syntax of a shell.
fn lines(variables: &[(&str, String)], format: Format) -> String {
    let line = |(name, value): &(&str, String)| match format {
        Format::Sh => format!("export {name}='{}'\n", value.replace('\'', r"'\''")),
        Format::Fish => {
            let value = value.replace('\\', r"\\").replace('\'', r"\'");
            format!("set -gx {name} '{value}'\n")
        }
        Format::Powershell => format!("$env:{name} = '{}'\n", value.replace('\'', "''")),
    };
    variables.iter().map(line).collect()
}

pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// A closed standard error is no reason to stop.
pub(crate) fn print_error(line: &str) {
    writeln!(io::stderr().lock(), "{line}").ok();
}

/// Closes standard output, because a shell that evaluates it waits for its end. On Windows it ends with the
/// process: redirect it to a file and read that.
fn close_stdout() -> io::Result<()> {
    #[cfg(unix)]
    rustix::stdio::dup2_stdout(fs::OpenOptions::new().write(true).open("/dev/null")?)?;
    Ok(())
}

fn builder(options: &Options, seed: Option<Seed>, tls: Option<Tls>) -> Builder {
    let mut builder = MockApi::builder()
        .listen(options.listen)
        .token(&options.token)
        .quirks(options.quirks())
        .allow_remote_deliveries(options.allow_remote_deliveries)
        .keep_calls(KEEP_CALLS)
        .on_call(|call: &Call| print_error(&call.to_string()));
    builder = match seed {
        Some(seed) => builder.seed(seed),
        None => builder.app(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, "sample"),
    };
    builder = options.hosts.iter().fold(builder, Builder::allow_host);
    let faults = options.faults.iter().cloned();
    faults.fold(builder, Builder::fault).tls(tls)
}

fn seed(file: &Path) -> io::Result<Seed> {
    let text = fs::read_to_string(file).map_err(|error| about(file, error))?;
    Seed::from_json(&text).map_err(|error| about(file, error))
}

fn about(file: &Path, error: impl Display) -> io::Error {
    io::Error::other(format!("{}: {error}", file.display()))
}

/// Writes the certificate that clients must trust to the file, or to a temporary one. The file is
/// renamed, so that a client that waits for it never reads a part of it.
fn write_authority(pem: &str, file: Option<&Path>) -> io::Result<PathBuf> {
    let temporary = format!("realtimekit-mock-api-{}.pem", Uuid::new_v4());
    let temporary = std::env::temp_dir().join(temporary);
    let file = file.map_or(temporary, Path::to_owned);
    let mut partial = file.clone().into_os_string();
    partial.push(".partial");
    fs::write(&partial, pem)
        .and_then(|()| fs::rename(&partial, &file))
        .map_err(|error| about(&file, error))?;
    Ok(file)
}

/// Registers the signals at once; the future ends when one arrives.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    #[cfg(windows)]
    use tokio::signal::windows::{ctrl_break as terminate, ctrl_c as interrupt};
    #[cfg(unix)]
    let [interrupt, terminate] = {
        use tokio::signal::unix::{SignalKind, signal};
        [SignalKind::interrupt(), SignalKind::terminate()].map(|kind| move || signal(kind))
    };
    let (mut interrupt, mut terminate) = (interrupt()?, terminate()?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => (),
            _ = terminate.recv() => (),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_quoted_for_each_shell() {
        let variables = [("TOKEN", r"$(it's)\".to_owned())];
        let cases = [
            (Format::Sh, "export TOKEN='$(it'\\''s)\\'\n"),
            (Format::Fish, "set -gx TOKEN '$(it\\'s)\\\\'\n"),
            (Format::Powershell, "$env:TOKEN = '$(it''s)\\'\n"),
        ];

        for (format, expected) in cases {
            assert_eq!(lines(&variables, format), expected);
        }
    }
}
