//! Starts the mock API as the options say, and stops it when it is asked to.

use crate::environment::Environment;
use crate::options::{Listen, Options};
use crate::signals::StopSignals;
use crate::{print, print_error};
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
    let stop = StopSignals::new()?;
    let seed = seed(options.content.seed.as_deref())?;
    let first_app = seed.as_ref().and_then(Seed::first_app);
    let (account, app) = first_app.unwrap_or((SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID));
    let (account, app) = (account.to_owned(), app.to_owned());
    let tls = tls(&options.listen)?;
    let authority = tls.as_ref().and_then(Tls::authority_pem);
    let authority = authority
        .map(|pem| AuthorityFile::write(pem, options.listen.tls_ca.as_deref()))
        .transpose()?;
    let address = options.listen.address;
    let (token, output) = (options.content.token.0.clone(), options.output.format);
    let (print_env, host) = (
        options.output.print_env,
        options.listen.hosts.first().cloned(),
    );
    let builder = builder(options, seed, tls)?;
    let api = builder.start().map_err(|error| {
        io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
    })?;
    // Another container or machine reaches an address that is open to it by name.
    let host = host.filter(|_| !address.ip().is_loopback());
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
        // SSL_CERT_FILE replaces the system's certificates, so only a shell that is set up for
        // the mock alone gets it.
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
    print(&Environment(variables).lines(output))?;
    if print_env {
        close_stdout()?;
    }
    stop.received().await;
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

/// Lets a shell that evaluates the output go on: it waits for the end of it.
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
        .token(options.content.token.0)
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
    /// Writes the file that was asked for, or a temporary one that is removed with the server.
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
        // Renamed into place, so that a client that waits for the file reads all of it.
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
            // A file that is left behind holds nothing secret, and no key exists for it.
            fs::remove_file(&self.path).ok();
        }
    }
}
