//! What a practitioner must tell Terraform so that it uses a server which is already running.

use std::{
    io::{self, Write},
    process,
};

use serde_json::json;

use super::{handshake::PROTOCOL_VERSION, listener::Address};

/// Prints how to reach the server that listens on `address`.
pub(super) fn announce(provider: &str, address: &Address) -> io::Result<()> {
    let assignment = assignment(&reattach(provider, address, process::id()));
    let mut stdout = io::stdout().lock();
    writeln!(
        stdout,
        "The provider is running; Ctrl-C ends it. Terraform uses it where this is set:\n\n{assignment}\n"
    )?;
    stdout.flush()
}

/// The value of `TF_REATTACH_PROVIDERS`.
fn reattach(provider: &str, address: &Address, pid: u32) -> String {
    json!({
        provider: {
            "Protocol": "grpc",
            "ProtocolVersion": PROTOCOL_VERSION,
            "Pid": pid,
            "Test": true, // otherwise Terraform takes it for version 5, and panics
            "Addr": { "Network": address.network, "String": address.address },
        }
    })
    .to_string()
}

/// The assignment in the words of the shells that the system has.
fn assignment(value: &str) -> String {
    if cfg!(windows) {
        let quoted = value.replace('\'', "''");
        format!(
            "\tcmd:        set \"TF_REATTACH_PROVIDERS={value}\"\n\
             \tPowerShell: $env:TF_REATTACH_PROVIDERS='{quoted}'"
        )
    } else {
        let quoted = value.replace('\'', r#"'"'"'"#);
        format!("\tTF_REATTACH_PROVIDERS='{quoted}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terraform_is_told_everything_it_needs() {
        let address = Address {
            network: "unix",
            address: "/tmp/plugin/socket".into(),
        };

        let value = reattach("example.com/team/thing", &address, 42);

        let value: serde_json::Value = serde_json::from_str(&value).unwrap();
        assert_eq!(
            value,
            json!({
                "example.com/team/thing": {
                    "Protocol": "grpc",
                    "ProtocolVersion": 6,
                    "Pid": 42,
                    "Test": true,
                    "Addr": { "Network": "unix", "String": "/tmp/plugin/socket" },
                }
            })
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_quote_in_the_value_survives_the_shell() {
        let assignment = assignment("it's");

        assert_eq!(assignment, "\tTF_REATTACH_PROVIDERS='it'\"'\"'s'");
    }
}
