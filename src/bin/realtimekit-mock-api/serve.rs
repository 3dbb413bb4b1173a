//! Starts the mock API with the options, prints the settings for clients, and stops it on a signal.

use crate::options::{Format, Options};
use realtimekit::mock_api::{Builder, Call, MockApi, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, Seed, Tls};
use std::fmt::Display;
use std::fs;
use std::io::{self, Write};
use std::path::{self, Path};

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
    let file = options.tls.as_deref();
    let tls = file.map(|_| Tls::self_signed(&hosts)).transpose();
    let tls = tls.map_err(io::Error::other)?;
    let api = builder(&options, seed, tls.clone()).start();
    let api = api.map_err(|error| {
        let address = options.listen;
        io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
    })?;
    if let (Some(file), Some(tls)) = (file, tls) {
        write_authority(file, tls.authority_pem())?;
    }
    print_settings(&options, &api, account, app)?;
    stop.await;
    Ok(())
}

fn print_settings(
    options: &Options,
    api: &MockApi,
    account: String,
    app: String,
) -> io::Result<()> {
    let mut variables = vec![
        ("CLOUDFLARE_BASE_URL", api.base_url()),
        ("CLOUDFLARE_API_TOKEN", api.token()),
        ("CLOUDFLARE_ACCOUNT_ID", account),
        ("REALTIMEKIT_APP_ID", app),
    ];
    let authority = options.tls.as_ref().map(path::absolute).transpose()?;
    let authority = authority.map(|file| file.to_string_lossy().into_owned());
    if options.print_env {
        // Replaces the system's certificates, so only a shell that uses nothing but the mock gets it.
        variables.extend(authority.map(|file| ("SSL_CERT_FILE", file)));
        variables.push(("REALTIMEKIT_MOCK_API_PID", std::process::id().to_string()));
        print(&lines(&variables, options.format))?;
        return close_stdout();
    }
    let mut text = format!(
        "# The mock API answers at {} until Ctrl-C.\n# Its page is {}\n\
         # The public key of its deliveries is at {}\n",
        api.base_url(),
        api.page_url(),
        api.public_key_url(),
    );
    if let Some(file) = authority {
        text += &format!(
            "# Clients must trust its certificate, such as with\n\
             # SSL_CERT_FILE={file:?} terraform apply\n"
        );
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

/// Writes the certificate to a file of another name, which is renamed, so that a client that waits
/// for it never reads a part of it.
fn write_authority(file: &Path, pem: &str) -> io::Result<()> {
    let mut partial = file.as_os_str().to_owned();
    partial.push(".partial");
    let written = fs::write(&partial, pem).and_then(|()| fs::rename(&partial, file));
    written.map_err(|error| about(file, error))
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
