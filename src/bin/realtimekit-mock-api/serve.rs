//! Starts the mock API as the options say, and stops it when it is asked to.

use crate::options::{Options, TlsSource};
use crate::signals::StopSignals;
use crate::{complain, print};
use realtimekit::mock_api::{Builder, Call, MockApi, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, Seed, Tls};
use std::fmt::Display;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// How many requests are remembered.
const KEEP_CALLS: usize = 1000;

pub(crate) async fn serve(options: Options) -> io::Result<()> {
    // Before anything is printed: who reads it may ask to stop at once.
    let stop = StopSignals::new()?;
    let seed = seed(options.seed.as_deref())?;
    let first_app = seed.as_ref().and_then(Seed::first_app);
    let (account, app) = first_app.unwrap_or((SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID));
    let (account, app) = (account.to_owned(), app.to_owned());
    let tls = tls(&options)?;
    let authority = tls.as_ref().and_then(Tls::authority_pem);
    let authority = authority.map(AuthorityFile::write).transpose()?;
    let listen = options.listen;
    let token = options.token.clone();
    let api = builder(options, seed, tls).start().map_err(|error| {
        io::Error::new(error.kind(), format!("cannot listen on {listen}: {error}"))
    })?;
    let settings = Settings {
        base_url: &api.base_url(),
        page_url: &api.page_url(),
        public_key_url: &api.public_key_url(),
        token: &token,
        account: &account,
        app: &app,
        authority: authority.as_ref().map(|file| file.0.as_path()),
    };
    print(&settings.lines())?;
    stop.received().await;
    Ok(())
}

fn builder(options: Options, seed: Option<Seed>, tls: Option<Tls>) -> Builder {
    let mut builder = MockApi::builder()
        .listen(options.listen)
        .token(&options.token)
        .quirks(options.quirks)
        .keep_calls(KEEP_CALLS)
        .on_call(log);
    builder = match seed {
        Some(seed) => builder.seed(seed),
        None => builder.app(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, "sample"),
    };
    builder = options.hosts.into_iter().fold(builder, Builder::allow_host);
    builder = options.faults.into_iter().fold(builder, Builder::fault);
    if options.allow_remote_deliveries {
        builder = builder.allow_remote_deliveries();
    }
    match tls {
        Some(tls) => builder.tls(tls),
        None => builder,
    }
}

fn log(call: &Call) {
    complain(&call.to_string());
}

fn seed(file: Option<&Path>) -> io::Result<Option<Seed>> {
    let Some(file) = file else {
        return Ok(None);
    };
    let text = fs::read_to_string(file).map_err(|error| about(file, error))?;
    let seed = Seed::from_json(&text);
    seed.map(Some).map_err(|error| about(file, error))
}

fn tls(options: &Options) -> io::Result<Option<Tls>> {
    let tls = match &options.tls {
        None => return Ok(None),
        Some(TlsSource::SelfSigned) => {
            let mut hosts = options.hosts.clone();
            hosts.push(options.listen.ip().to_string());
            Tls::self_signed(&hosts).map_err(io::Error::other)?
        }
        Some(TlsSource::Files { certificate, key }) => {
            let read = |file| fs::read(file).map_err(|error| about(file, error));
            let (chain, key) = (read(certificate)?, read(key)?);
            Tls::from_pem(&chain, &key).map_err(|error| about(certificate, error))?
        }
    };
    Ok(Some(tls))
}

fn about(file: &Path, error: impl Display) -> io::Error {
    io::Error::other(format!("{}: {error}", file.display()))
}

/// A file with the certificate that clients must trust, for as long as the server runs.
struct AuthorityFile(PathBuf);

impl AuthorityFile {
    fn write(pem: &str) -> io::Result<Self> {
        let name = format!("realtimekit-mock-api-{}.pem", Uuid::new_v4());
        let path = std::env::temp_dir().join(name);
        let created = OpenOptions::new().write(true).create_new(true).open(&path);
        created
            .and_then(|mut file| file.write_all(pem.as_bytes()))
            .map_err(|error| about(&path, error))?;
        Ok(Self(path))
    }
}

impl Drop for AuthorityFile {
    fn drop(&mut self) {
        // What is left behind tells nothing and is trusted by nobody.
        fs::remove_file(&self.0).ok();
    }
}

/// What a client needs to know.
struct Settings<'a> {
    base_url: &'a str,
    page_url: &'a str,
    public_key_url: &'a str,
    token: &'a str,
    account: &'a str,
    app: &'a str,
    authority: Option<&'a Path>,
}

impl Settings<'_> {
    /// Lines for a shell's `eval`.
    fn lines(&self) -> String {
        let trust = match self.authority {
            None => String::new(),
            Some(file) => format!(
                "# Clients must trust the certificates of this file, such as with\n\
                 # SSL_CERT_FILE=\"$REALTIMEKIT_MOCK_CA_FILE\" terraform apply\n\
                 export REALTIMEKIT_MOCK_CA_FILE={}\n",
                quoted(&file.to_string_lossy())
            ),
        };
        format!(
            "# The mock API answers at {} until Ctrl-C.\n\
             # See what it holds at {}\n\
             # The public key of its deliveries is at {}\n\
             {trust}\
             export CLOUDFLARE_BASE_URL={}\n\
             export CLOUDFLARE_API_TOKEN={}\n\
             export CLOUDFLARE_ACCOUNT_ID={}\n\
             export REALTIMEKIT_APP_ID={}\n",
            self.base_url,
            self.page_url,
            self.public_key_url,
            quoted(self.base_url),
            quoted(self.token),
            quoted(self.account),
            quoted(self.app),
        )
    }
}

/// A word of a POSIX shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_the_shell() {
        let settings = Settings {
            base_url: "http://127.0.0.1:1/client/v4",
            page_url: "http://127.0.0.1:1/",
            public_key_url: "http://127.0.0.1:1/key",
            token: "it's",
            account: "$(account)",
            app: "app",
            authority: Some(Path::new("/a b/ca.pem")),
        };

        let lines = settings.lines();

        assert!(lines.contains("REALTIMEKIT_MOCK_CA_FILE='/a b/ca.pem'\n"));
        assert!(lines.contains(r"CLOUDFLARE_API_TOKEN='it'\''s'"));
        assert!(lines.contains("CLOUDFLARE_ACCOUNT_ID='$(account)'\n"));
    }
}
