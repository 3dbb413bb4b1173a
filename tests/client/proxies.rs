//! Proxies that connect every request to one server, whatever host it asks for.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;

use crate::raw_server::{RawServer, read_request};

/// An HTTP proxy that answers `CONNECT`; what it was asked for is the request's head.
pub(crate) fn http_proxy(server: SocketAddr) -> RawServer {
    RawServer::start(move |mut client, requests| {
        requests.send(read_request(&client)?).ok();
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
        relay(client, TcpStream::connect(server)?)
    })
}

/// A SOCKS5 proxy (RFC 1928) that requires a user name and password (RFC 1929); what it was asked
/// for is `user:password@host:port`, and fails for anything but a host name.
pub(crate) fn socks5_proxy(server: SocketAddr) -> RawServer {
    RawServer::start(move |mut client, requests| {
        let [_version, methods] = read(&mut client)?;
        read_text(&mut client, methods)?;
        client.write_all(&[5, 2])?;
        let [_version, length] = read(&mut client)?;
        let user = read_text(&mut client, length)?;
        let [length] = read(&mut client)?;
        let password = read_text(&mut client, length)?;
        client.write_all(&[1, 0])?;
        let [version, command, _reserved, kind, length] = read(&mut client)?;
        assert_eq!(
            [version, command, kind],
            [5, 1, 3],
            "CONNECT to a host name"
        );
        let host = read_text(&mut client, length)?;
        let port = u16::from_be_bytes(read(&mut client)?);
        client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
        requests
            .send(format!("{user}:{password}@{host}:{port}"))
            .ok();
        relay(client, TcpStream::connect(server)?)
    })
}

fn relay(client: TcpStream, server: TcpStream) -> io::Result<()> {
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || -> io::Result<()> {
        io::copy(&mut from_client, &mut to_server)?;
        to_server.shutdown(Shutdown::Write)
    });
    let (mut from_server, mut to_client) = (server, client);
    io::copy(&mut from_server, &mut to_client)?;
    to_client.shutdown(Shutdown::Write)
}

fn read<const N: usize>(client: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    client.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn read_text(client: &mut TcpStream, length: u8) -> io::Result<String> {
    let mut bytes = vec![0; length.into()];
    client.read_exact(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
