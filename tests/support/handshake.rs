//! The handshake line, read as Terraform reads it, and connections to what it names.

use std::{io, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use hyper_util::rt::TokioIo;
use rustls::{
    SupportedProtocolVersion,
    pki_types::{CertificateDer, ServerName},
    version::{TLS12, TLS13},
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_util::either::Either;
use tonic::transport::{Channel, Endpoint, Error, Uri};
use tower::service_fn;

use super::identity::{Identity, client_config};

/// What the provider listens with on this system.
#[cfg(unix)]
pub(crate) type Stream = tokio::net::UnixStream;
#[cfg(windows)]
pub(crate) type Stream = tokio::net::TcpStream;

pub(crate) const NETWORK: &str = if cfg!(unix) { "unix" } else { "tcp" };

/// The versions of TLS that a client offers.
pub(crate) type Versions = &'static [&'static SupportedProtocolVersion];

/// What a handshake line says.
#[derive(Debug, Clone)]
pub(crate) struct Handshake {
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
        let ["1", "6", NETWORK, address, "grpc", certificate, rest @ ..] = &fields[..] else {
            panic!("not the handshake line of a gRPC plugin with protocol version 6: {line:?}");
        };
        let certificate = BASE64_STANDARD_NO_PAD.decode(certificate).unwrap();
        Self {
            address: (*address).into(),
            certificate: (!certificate.is_empty()).then(|| certificate.into()),
            multiplexing: rest.first().map(|field| field.parse().unwrap()),
        }
    }

    /// What there is to know about a server in debug mode, which writes no handshake line.
    pub(crate) fn plaintext(address: &str) -> Self {
        Self::parse(&format!("1|6|{NETWORK}|{address}|grpc|"))
    }

    /// Connects without encryption.
    pub(crate) async fn dial(&self) -> io::Result<Stream> {
        Stream::connect(&self.address).await
    }

    /// A channel for calls, encrypted if the handshake line holds a certificate.
    pub(crate) async fn channel(&self, client: Option<&Identity>) -> Result<Channel, Error> {
        const BOTH: Versions = &[&TLS12, &TLS13];
        self.channel_over(client, BOTH).await
    }

    /// The same with certain versions of TLS.
    pub(crate) async fn channel_over(
        &self,
        client: Option<&Identity>,
        versions: Versions,
    ) -> Result<Channel, Error> {
        let server = self.certificate.clone();
        let tls = server.map(|server| Arc::new(client_config(server, client, versions)));
        let tls = tls.map(TlsConnector::from);
        let address = self.address.clone();
        let connector = service_fn(move |_: Uri| connect(address.clone(), tls.clone()));
        let endpoint = Endpoint::from_static("http://localhost");
        endpoint.connect_with_connector(connector).await
    }
}

/// Terraform wants HTTP/2 to be agreed upon where there is TLS.
async fn connect(
    address: String,
    tls: Option<TlsConnector>,
) -> io::Result<TokioIo<Either<Stream, TlsStream<Stream>>>> {
    let stream = Stream::connect(address).await?;
    let Some(tls) = tls else {
        return Ok(TokioIo::new(Either::Left(stream)));
    };
    let name = ServerName::try_from("localhost").unwrap();
    let stream = tls.connect(name, stream).await?;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    Ok(TokioIo::new(Either::Right(stream)))
}
