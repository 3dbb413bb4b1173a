//! The handshake line, read as Terraform reads it, and connections to what it names.

use std::{io, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, SupportedProtocolVersion,
    pki_types::{CertificateDer, ServerName},
    version::{TLS12, TLS13},
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tonic::transport::{Channel, Endpoint, Error, Uri};
use tower::service_fn;

use super::identity::{Identity, client_config};

/// What the provider listens with on this system.
#[cfg(unix)]
pub(crate) type Stream = tokio::net::UnixStream;
#[cfg(windows)]
pub(crate) type Stream = tokio::net::TcpStream;

const NETWORK: &str = if cfg!(unix) { "unix" } else { "tcp" };

/// The versions of TLS that a client offers.
pub(crate) type Versions = &'static [&'static SupportedProtocolVersion];

const BOTH_VERSIONS: Versions = &[&TLS12, &TLS13];

/// What a handshake line says.
#[derive(Debug, Clone)]
pub(crate) struct Handshake {
    pub(crate) core_version: u32,
    pub(crate) protocol_version: u32,
    /// A path, or a host and a port.
    pub(crate) address: String,
    /// In DER; `None` if the connection is not encrypted.
    pub(crate) certificate: Option<CertificateDer<'static>>,
    pub(crate) multiplexing: Option<bool>,
}

impl Handshake {
    #[track_caller]
    pub(crate) fn parse(line: &str) -> Self {
        let fields: Vec<_> = line.split('|').collect();
        let [
            core_version,
            protocol_version,
            NETWORK,
            address,
            "grpc",
            certificate,
            rest @ ..,
        ] = &fields[..]
        else {
            panic!("not the handshake line of a gRPC plugin: {line:?}");
        };
        let certificate = BASE64_STANDARD_NO_PAD.decode(certificate).unwrap();
        Self {
            core_version: core_version.parse().unwrap(),
            protocol_version: protocol_version.parse().unwrap(),
            address: (*address).into(),
            certificate: (!certificate.is_empty()).then(|| certificate.into()),
            multiplexing: rest.first().map(|field| field.parse().unwrap()),
        }
    }

    /// What there is to know about a server in debug mode, which writes no handshake line.
    pub(crate) fn plaintext(address: &str) -> Self {
        Self {
            core_version: 1,
            protocol_version: 6,
            address: address.into(),
            certificate: None,
            multiplexing: None,
        }
    }

    /// Connects without encryption.
    pub(crate) async fn dial(&self) -> io::Result<Stream> {
        Stream::connect(&self.address).await
    }

    /// Connects with encryption, showing the certificate of `client`, if any.
    pub(crate) async fn dial_tls(
        &self,
        client: Option<&Identity>,
        versions: Versions,
    ) -> io::Result<TlsStream<Stream>> {
        encrypt(self.dial().await?, self.tls_config(client, versions)).await
    }

    /// A channel for calls, encrypted if the handshake line holds a certificate.
    pub(crate) async fn channel(&self, client: Option<&Identity>) -> Result<Channel, Error> {
        self.channel_over(client, BOTH_VERSIONS).await
    }

    /// The same with certain versions of TLS.
    pub(crate) async fn channel_over(
        &self,
        client: Option<&Identity>,
        versions: Versions,
    ) -> Result<Channel, Error> {
        let address = self.address.clone();
        let encrypted = self.certificate.is_some();
        let tls = encrypted.then(|| self.tls_config(client, versions));
        let connector = service_fn(move |_: Uri| connect(address.clone(), tls.clone()));
        Endpoint::from_static("http://localhost")
            .connect_with_connector(connector)
            .await
    }

    fn tls_config(&self, client: Option<&Identity>, versions: Versions) -> Arc<ClientConfig> {
        let server = self.certificate.clone();
        let server = server.expect("the handshake line holds no certificate");
        Arc::new(client_config(server, client, versions))
    }
}

async fn connect(
    address: String,
    tls: Option<Arc<ClientConfig>>,
) -> io::Result<TokioIo<Box<dyn ReadWrite>>> {
    let stream = Stream::connect(address).await?;
    let stream: Box<dyn ReadWrite> = match tls {
        Some(config) => Box::new(encrypt(stream, config).await?),
        None => Box::new(stream),
    };
    Ok(TokioIo::new(stream))
}

async fn encrypt(stream: Stream, config: Arc<ClientConfig>) -> io::Result<TlsStream<Stream>> {
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(config).connect(name, stream).await
}

trait ReadWrite: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> ReadWrite for T {}
