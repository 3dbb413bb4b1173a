//! Why the plugin could not be served.

use std::io;

/// Why the plugin could not be served.
///
/// Each level says its own part only; the cause is in `source()`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The magic cookie is not in the environment: somebody ran the program by hand.
    #[error(
        "This program is a Terraform plugin: Terraform starts it by itself when a configuration \
         requires the provider.\nName the provider in `required_providers`, then run `terraform \
         init` and `terraform plan`; `--help` says what else this program can do."
    )]
    NotStartedByTerraform,
    /// `PLUGIN_CLIENT_CERT` holds something else than one certificate.
    ///
    /// go-plugin goes on and refuses every connection, which the practitioner sees as an obscure
    /// TLS failure. Ending before the handshake line fails at once, with this text in the log.
    #[error("PLUGIN_CLIENT_CERT does not hold a PEM certificate")]
    ClientCertificate(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The certificate of this process could not be made or used.
    #[error("cannot create a TLS certificate")]
    ServerCertificate(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No socket could be bound.
    #[error("cannot listen for Terraform")]
    Listen(#[source] io::Error),
    /// The operating system refused something else that the server needs.
    #[error("cannot start the server")]
    Start(#[source] io::Error),
}
