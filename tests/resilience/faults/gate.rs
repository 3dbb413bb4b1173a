//! A gate in front of a server: closed, it refuses connections.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

pub(super) struct Gate {
    address: SocketAddr,
    server: SocketAddr,
    /// Lets connections through; ends them when it is aborted.
    keeper: Option<JoinHandle<()>>,
}

impl Gate {
    /// A gate that is open.
    pub(super) async fn new(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let keeper = tokio::spawn(keep(listener, server));
        Self {
            address,
            server,
            keeper: Some(keeper),
        }
    }

    pub(super) fn base_url(&self) -> String {
        format!("http://{}/client/v4", self.address)
    }

    /// Ends all connections; returns when none can be made any more.
    pub(super) async fn close(&mut self) {
        if let Some(keeper) = self.keeper.take() {
            keeper.abort();
            assert!(keeper.await.unwrap_err().is_cancelled());
        }
    }

    pub(super) async fn open(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.keeper = Some(tokio::spawn(keep(listener, self.server)));
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
