//! A proxy in front of a server: closed, it refuses connections.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpSocket, TcpStream},
    task::{JoinHandle, JoinSet},
};

pub(super) struct TcpProxy {
    address: SocketAddr,
    server: SocketAddr,
    state: State,
}

enum State {
    /// Lets connections through; ends them when it is aborted.
    Open(JoinHandle<()>),
    /// Keeps the port from others, and does not listen.
    Closed(Option<TcpSocket>),
}

impl TcpProxy {
    /// A proxy that is open.
    pub(super) async fn new(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = State::Open(tokio::spawn(keep(listener, server)));
        Self {
            address,
            server,
            state,
        }
    }

    pub(super) fn base_url(&self) -> String {
        format!("http://{}/client/v4", self.address)
    }

    /// Ends all connections; returns when none can be made any more.
    pub(super) async fn close(&mut self) {
        if let State::Open(keeper) = &mut self.state {
            keeper.abort();
            assert!(keeper.await.unwrap_err().is_cancelled());
            self.state = State::Closed(Some(bound(self.address).await));
        }
    }

    pub(super) fn open(&mut self) {
        if let State::Closed(socket) = &mut self.state {
            let listener = socket.take().unwrap().listen(128).unwrap();
            self.state = State::Open(tokio::spawn(keep(listener, self.server)));
        }
    }
}

/// A socket with this address, as soon as it is free: any connection may have got hold of it.
async fn bound(address: SocketAddr) -> TcpSocket {
    loop {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        match socket.bind(address) {
            Ok(()) => return socket,
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

async fn keep(listener: TcpListener, server: SocketAddr) {
    let mut connections = JoinSet::new();
    while let Ok((mut client, _)) = listener.accept().await {
        connections.spawn(async move {
            let mut server = TcpStream::connect(server).await?;
            copy_bidirectional(&mut client, &mut server).await
        });
    }
}
