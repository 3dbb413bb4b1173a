//! TCP on the loopback interface, within the ports that Terraform asks for.

use std::{
    env, io,
    net::{Ipv4Addr, SocketAddr, TcpListener as StdListener},
    ops::RangeInclusive,
};

use tokio::net::TcpListener;

use super::listener::{Address, Connection, Listener};

/// Binds the first free port of the range that Terraform asks for.
#[cfg_attr(unix, expect(dead_code, reason = "only Windows listens on TCP"))]
pub(super) fn bind() -> io::Result<TcpPort> {
    let minimum = env::var("PLUGIN_MIN_PORT").unwrap_or_default();
    let maximum = env::var("PLUGIN_MAX_PORT").unwrap_or_default();
    TcpPort::bind(ports(&minimum, &maximum)?)
}

/// A bound port.
pub(super) struct TcpPort {
    socket: TcpListener,
    address: Address,
}

impl TcpPort {
    pub(super) fn bind(ports: RangeInclusive<u16>) -> io::Result<Self> {
        let addresses: Vec<_> = ports
            .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
            .collect();
        let socket = StdListener::bind(&*addresses)?; // takes the first that is free
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?.to_string();
        Ok(Self {
            socket: TcpListener::from_std(socket)?,
            address: Address {
                network: "tcp",
                address,
            },
        })
    }
}

impl Listener for TcpPort {
    fn address(&self) -> &Address {
        &self.address
    }

    async fn accept(&self) -> io::Result<Connection> {
        let (stream, _) = self.socket.accept().await?;
        stream.set_nodelay(true)?; // calls are small, and each waits for its answer
        Ok(Connection::new(stream))
    }
}

/// Reads a range of ports, in which a missing end is 0: any port.
fn ports(minimum: &str, maximum: &str) -> io::Result<RangeInclusive<u16>> {
    let invalid = |message| io::Error::new(io::ErrorKind::InvalidInput, message);
    let port = |value: &str| match value {
        "" => Ok(0),
        _ => value
            .parse()
            .map_err(|_| invalid(format!("{value:?} is no port number"))),
    };
    let (minimum, maximum) = (port(minimum)?, port(maximum)?);
    if minimum > maximum {
        return Err(invalid(format!("no port from {minimum} to {maximum}")));
    }
    Ok(minimum..=maximum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_in_the_range() {
        assert_eq!(ports("10000", "25000").unwrap(), 10000..=25000);
    }

    #[test]
    fn without_a_range_any_port_will_do() {
        assert_eq!(ports("", "").unwrap(), 0..=0);
    }

    #[test]
    fn an_impossible_range_is_refused() {
        for (minimum, maximum) in [
            ("2", "1"),
            ("1", ""),
            ("x", "1"),
            ("1", "70000"),
            ("-1", "1"),
        ] {
            assert!(ports(minimum, maximum).is_err(), "{minimum:?}, {maximum:?}");
        }
    }

    #[tokio::test]
    async fn a_port_in_use_is_passed_over() {
        let taken = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();

        assert!(TcpPort::bind(port..=port).is_err());
        let next = TcpPort::bind(port..=port.saturating_add(100)).unwrap();

        assert!(next.address().address.starts_with("127.0.0.1:"));
        assert_ne!(
            next.address().address,
            taken.local_addr().unwrap().to_string()
        );
    }
}
