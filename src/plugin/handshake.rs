//! The one line on stdout that tells Terraform where the server listens, and what precedes it.
//!
//! Fields, separated by `|`: version of go-plugin's protocol, version of Terraform's, network,
//! address, `grpc`, the server's certificate; a seventh only for a client that asks for it, since
//! older ones would read it as part of the sixth.

use std::{
    env, fmt,
    io::{self, Write},
};

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use tracing::warn;

use super::listener::Address;

/// Major version of Terraform's plugin protocol that this server speaks.
pub const PROTOCOL_VERSION: u32 = 6;

/// Version of go-plugin's own protocol: the handshake line and the helper services.
const CORE_PROTOCOL_VERSION: u32 = 1;

/// Says whether the process was started by something that knows how to talk to a Terraform plugin.
///
/// The cookie is no secret; it only keeps people from running a plugin by mistake.
pub(super) fn has_magic_cookie() -> bool {
    const NAME: &str = "TF_PLUGIN_MAGIC_COOKIE";
    const VALUE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
    env::var_os(NAME).is_some_and(|value| value == VALUE)
}

/// What the handshake line says.
pub(super) struct Handshake<'a> {
    address: &'a Address,
    certificate: Option<&'a [u8]>,
    multiplexing_asked: bool,
}

impl<'a> Handshake<'a> {
    /// `certificate` is the server's, in DER; `None` when the connection is not encrypted.
    pub(super) fn from_env(address: &'a Address, certificate: Option<&'a [u8]>) -> Self {
        Self {
            address,
            certificate,
            multiplexing_asked: env::var_os("PLUGIN_MULTIPLEX_GRPC")
                .is_some_and(|value| !value.is_empty()),
        }
    }

    /// Writes the line, after which stdout is not used again.
    ///
    /// The announced version is the same whatever Terraform offers: if it does not know ours, it
    /// explains that to the practitioner better than this process could.
    pub(super) fn announce(&self) -> io::Result<()> {
        let offered = env::var("PLUGIN_PROTOCOL_VERSIONS").unwrap_or_default();
        if !offers(&offered, PROTOCOL_VERSION) {
            warn!(
                offered,
                "Terraform does not offer protocol version {PROTOCOL_VERSION}"
            );
        }
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{self}")?;
        stdout.flush()
    }
}

impl fmt::Display for Handshake<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Address { network, address } = self.address;
        // the client does not decode padded base64
        let certificate = BASE64_STANDARD_NO_PAD.encode(self.certificate.unwrap_or_default());
        write!(
            f,
            "{CORE_PROTOCOL_VERSION}|{PROTOCOL_VERSION}|{network}|{address}|grpc|{certificate}"
        )?;
        if self.multiplexing_asked {
            write!(f, "|false")?;
        }
        Ok(())
    }
}

/// Says whether `version` is in the comma-separated list `offered`, whose order means nothing.
fn offers(offered: &str, version: u32) -> bool {
    offered
        .split(',')
        .any(|item| item.trim().parse() == Ok(version))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket() -> Address {
        Address {
            network: "unix",
            address: "/tmp/plugin/socket".into(),
        }
    }

    #[test]
    fn without_a_certificate_the_sixth_field_is_empty() {
        let address = socket();
        let handshake = Handshake {
            address: &address,
            certificate: None,
            multiplexing_asked: false,
        };

        let line = handshake.to_string();

        assert_eq!(line, "1|6|unix|/tmp/plugin/socket|grpc|");
    }

    #[test]
    fn the_certificate_is_base64_without_padding() {
        let address = socket();
        let certificate = Some(&[0xfb, 0xff, 0xfe, 0x01][..]);
        let handshake = Handshake {
            address: &address,
            certificate,
            multiplexing_asked: false,
        };

        let line = handshake.to_string();

        assert_eq!(line, "1|6|unix|/tmp/plugin/socket|grpc|+//+AQ");
    }

    #[test]
    fn a_client_that_asks_for_multiplexing_is_told_that_there_is_none() {
        let address = socket();
        let handshake = Handshake {
            address: &address,
            certificate: None,
            multiplexing_asked: true,
        };

        let line = handshake.to_string();

        assert_eq!(line, "1|6|unix|/tmp/plugin/socket|grpc||false");
    }

    #[test]
    fn an_offer_is_found_in_any_order() {
        for offered in ["6", "5,6", "6,5", "5, 6 ,7"] {
            assert!(offers(offered, 6), "{offered:?}");
        }
    }

    #[test]
    fn what_is_no_number_offers_nothing() {
        for offered in ["", "5", "5,,", "six", "66", "-6", "6.0", ",x,5"] {
            assert!(!offers(offered, 6), "{offered:?}");
        }
    }
}
