//! Proxies that connect every request to one server, whatever host it asks for.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;

/// A listening proxy. Its thread lives until the test process ends.
pub(crate) struct TestProxy {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    requests: Receiver<String>,
}

impl TestProxy {
    /// An HTTP proxy that answers `CONNECT`; what it was asked for is the request's head.
    pub(crate) fn http(server: SocketAddr) -> Self {
        Self::start(server, |client| {
            let mut head = String::new();
            let mut reader = BufReader::new(&*client);
            while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head)? > 0 {}
            client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
            Ok(head)
        })
    }

    /// A SOCKS5 proxy (RFC 1928) that requires a user name and password (RFC 1929); what it was
    /// asked for is `user:password@host:port`, and fails for anything but a host name.
    pub(crate) fn socks5(server: SocketAddr) -> Self {
        Self::start(server, |client| {
            let [_version, methods] = read(client)?;
            read_text(client, methods)?;
            client.write_all(&[5, 2])?;
            let [_version, length] = read(client)?;
            let user = read_text(client, length)?;
            let [length] = read(client)?;
            let password = read_text(client, length)?;
            client.write_all(&[1, 0])?;
            let request: [u8; 5] = read(client)?;
            assert_eq!(request[..4], [5, 1, 0, 3], "CONNECT to a host name");
            let host = read_text(client, request[4])?;
            let port = u16::from_be_bytes(read(client)?);
            client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
            Ok(format!("{user}:{password}@{host}:{port}"))
        })
    }

    /// What the next connection asked for.
    #[track_caller]
    pub(crate) fn request(&self) -> String {
        self.requests.try_recv().expect("a request has arrived")
    }

    fn start(server: SocketAddr, accept: fn(&mut TcpStream) -> io::Result<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = mpsc::channel();
        thread::spawn(move || {
            for client in listener.incoming() {
                let sender = sender.clone();
                thread::spawn(move || -> io::Result<()> {
                    let mut client = client?;
                    let request = accept(&mut client)?;
                    sender.send(request).ok();
                    relay(client, TcpStream::connect(server)?)
                });
            }
        });
        Self { address, requests }
    }
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
