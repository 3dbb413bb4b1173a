//! Starts the mock API with the options, and stops it on a signal.

use crate::environment;
use crate::options::{Listen, Options};
use crate::output::{print, print_error};
use crate::signals::stop_signal;
use realtimekit::mock_api::{Builder, Call, MockApi, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, Seed, Tls};
use std::fmt::Display;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// How many requests are remembered.
const KEEP_CALLS: usize = 1000;

pub(crate) async fn serve(options: Options) -> io::Result<()> {
    // Before anything is printed: a reader of the output may stop the server at once.
    let stop = stop_signal()?;
    let seed = seed(options.content.seed.as_deref())?;
    let first_app = seed.as_ref().and_then(Seed::first_app);
    let (account, app) = first_app.unwrap_or((SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID));
    let (account, app) = (account.to_owned(), app.to_owned());
    let tls = tls(&options.listen)?;
    let authority = tls.as_ref().and_then(Tls::authority_pem);
    let authority = authority
        .map(|pem| AuthorityFile::write(pem, options.listen.tls_ca.as_deref()))
        .transpose()?;
    let (address, token) = (options.listen.address, options.content.token.clone());
    let (output, print_env) = (options.output.format, options.output.print_env);
    // Other containers and machines connect by name.
    let host = options.listen.hosts.first().cloned();
    let host = host.filter(|_| !address.ip().is_loopback());
    let api = builder(options, seed, tls)?.start().map_err(|error| {
        io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
    })?;
    let url = |url: String| match &host {
        Some(host) => with_host(&url, host),
        None => url,
    };
    let mut variables = vec![
        ("CLOUDFLARE_BASE_URL", url(api.base_url())),
        ("CLOUDFLARE_API_TOKEN", token),
        ("CLOUDFLARE_ACCOUNT_ID", account),
        ("REALTIMEKIT_APP_ID", app),
    ];
    if let Some(file) = &authority {
        // SSL_CERT_FILE replaces the system's certificates, so only a shell that uses nothing but
        // the mock gets it.
        let name = match print_env {
            true => "SSL_CERT_FILE",
            false => "REALTIMEKIT_MOCK_CA_FILE",
        };
        variables.insert(0, (name, file.path.to_string_lossy().into_owned()));
    }
    if print_env {
        variables.push(("REALTIMEKIT_MOCK_API_PID", std::process::id().to_string()));
    } else {
        print(&format!(
            "# The mock API answers at {} until Ctrl-C.\n\
             # Its page is {}\n\
             # The public key of its deliveries is at {}\n",
            url(api.base_url()),
            url(api.page_url()),
            url(api.public_key_url()),
        ))?;
        if authority.is_some() {
            print(
                "# Clients must trust the certificates of this file, such as with\n\
                 # SSL_CERT_FILE=\"$REALTIMEKIT_MOCK_CA_FILE\" terraform apply\n",
            )?;
        }
    }
    print(&environment::lines(&variables, output))?;
    if print_env {
        close_stdout()?;
    }
    stop.await;
    Ok(())
}

fn with_host(url: &str, host: &str) -> String {
    let Ok(mut parsed) = reqwest::Url::parse(url) else {
        return url.to_owned();
    };
    match parsed.set_host(Some(host)) {
        Ok(()) => parsed.into(),
        Err(_) => url.to_owned(),
    }
}

/// Ends the output, for which a shell that evaluates it waits.
#[cfg(unix)]
fn close_stdout() -> io::Result<()> {
    let null = OpenOptions::new().write(true).open("/dev/null")?;
    Ok(rustix::stdio::dup2_stdout(null)?)
}

/// On Windows the output ends with the process: redirect it to a file and read that.
#[cfg(not(unix))]
fn close_stdout() -> io::Result<()> {
    Ok(())
}

fn builder(options: Options, seed: Option<Seed>, tls: Option<Tls>) -> io::Result<Builder> {
    let quirks = options.behavior.quirks().map_err(io::Error::other)?;
    let mut builder = MockApi::builder()
        .listen(options.listen.address)
        .token(options.content.token)
        .quirks(quirks)
        .keep_calls(KEEP_CALLS)
        .on_call(log);
    builder = match seed {
        Some(seed) => builder.seed(seed),
        None => builder.app(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, "sample"),
    };
    let hosts = options.listen.hosts.into_iter();
    builder = hosts.fold(builder, Builder::allow_host);
    let faults = options.behavior.faults.into_iter();
    builder = faults.fold(builder, Builder::fault);
    if options.behavior.allow_remote_deliveries {
        builder = builder.allow_remote_deliveries();
    }
    Ok(match tls {
        Some(tls) => builder.tls(tls),
        None => builder,
    })
}

fn log(call: &Call) {
    print_error(&call.to_string());
}

fn seed(file: Option<&Path>) -> io::Result<Option<Seed>> {
    let Some(file) = file else {
        return Ok(None);
    };
    let text = fs::read_to_string(file).map_err(|error| about(file, error))?;
    let seed = Seed::from_json(&text);
    seed.map(Some).map_err(|error| about(file, error))
}

fn tls(listen: &Listen) -> io::Result<Option<Tls>> {
    if listen.tls {
        let mut hosts = listen.hosts.clone();
        hosts.push(listen.address.ip().to_string());
        return Tls::self_signed(&hosts).map(Some).map_err(io::Error::other);
    }
    let (Some(certificate), Some(key)) = (&listen.tls_cert, &listen.tls_key) else {
        return Ok(None);
    };
    let read = |file| fs::read(file).map_err(|error| about(file, error));
    let (chain, key) = (read(certificate)?, read(key)?);
    let tls = Tls::from_pem(&chain, &key);
    tls.map(Some).map_err(|error| about(certificate, error))
}

fn about(file: &Path, error: impl Display) -> io::Error {
    io::Error::other(format!("{}: {error}", file.display()))
}

/// The file with the certificate that clients must trust.
struct AuthorityFile {
    path: PathBuf,
    temporary: bool,
}

impl AuthorityFile {
    /// Writes the file at `path`, or a temporary one that is removed when the server ends.
    fn write(pem: &str, path: Option<&Path>) -> io::Result<Self> {
        let Some(path) = path else {
            let name = format!("realtimekit-mock-api-{}.pem", Uuid::new_v4());
            let path = std::env::temp_dir().join(name);
            let created = OpenOptions::new().write(true).create_new(true).open(&path);
            created
                .and_then(|mut file| file.write_all(pem.as_bytes()))
                .map_err(|error| about(&path, error))?;
            let temporary = true;
            return Ok(Self { path, temporary });
        };
        // Renamed, so that a client that waits for the file never reads a part of it.
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        fs::write(&partial, pem)
            .and_then(|()| fs::rename(&partial, path))
            .map_err(|error| about(path, error))?;
        let (path, temporary) = (path.to_owned(), false);
        Ok(Self { path, temporary })
    }
}

impl Drop for AuthorityFile {
    fn drop(&mut self) {
        if self.temporary {
            // The file holds nothing secret if it cannot be removed.
            fs::remove_file(&self.path).ok();
        }
    }
}
