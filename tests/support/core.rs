//! Terraform, connected to a provider.

use std::time::{Duration, Instant};

use realtimekit::proto::{
    health::health_client::HealthClient,
    plugin::{
        Empty, grpc_broker_client::GrpcBrokerClient, grpc_controller_client::GrpcControllerClient,
        grpc_stdio_client::GrpcStdioClient,
    },
    tfplugin6::{get_provider_schema, provider_client::ProviderClient},
};
use tokio::time::timeout;
use tonic::transport::Channel;

use super::{Calls, Handshake, Launch, PATIENCE, Plugin, plugin::Exit};

/// A provider process and one connection to it.
pub(crate) struct Core {
    pub(crate) provider: ProviderClient<Channel>,
    pub(crate) controller: GrpcControllerClient<Channel>,
    pub(crate) stdio: GrpcStdioClient<Channel>,
    pub(crate) broker: GrpcBrokerClient<Channel>,
    pub(crate) health: HealthClient<Channel>,
    pub(crate) handshake: Handshake,
    pub(crate) plugin: Plugin,
}

impl Core {
    /// Starts the provider as Terraform does.
    pub(crate) async fn start() -> Self {
        Launch::new().connect().await
    }

    /// Reads the handshake line of `plugin` and connects to it.
    pub(crate) async fn connect(mut plugin: Plugin) -> Self {
        let handshake = plugin.handshake().await;
        let channel = handshake.channel(plugin.identity.as_ref()).await.unwrap();
        Self {
            provider: provider_client(channel.clone()),
            controller: GrpcControllerClient::new(channel.clone()),
            stdio: GrpcStdioClient::new(channel.clone()),
            broker: GrpcBrokerClient::new(channel.clone()),
            health: HealthClient::new(channel),
            handshake,
            plugin,
        }
    }

    /// The calls of this Terraform, with values in JSON.
    pub(crate) fn calls(&self) -> Calls {
        Calls::new(self.provider.clone())
    }

    /// Whether a call is answered.
    pub(crate) async fn expect_served(&mut self) {
        let request = get_provider_schema::Request {};
        let call = self.provider.get_provider_schema(request);
        timeout(PATIENCE, call).await.expect("no answer").unwrap();
    }

    /// Ends the provider as Terraform does, and says how long that took.
    pub(crate) async fn stop(mut self) -> (Exit, Duration, Plugin) {
        let start = Instant::now();
        let _ = self.controller.shutdown(Empty {}).await; // Terraform does not look at it either
        let mut plugin = self.disconnect();
        let exit = plugin.exit().await;
        (exit, start.elapsed(), plugin)
    }

    /// Closes the connection and does nothing else, as a Terraform that was killed on Windows.
    pub(crate) fn disconnect(self) -> Plugin {
        self.plugin // the clients are dropped, and with them the connection
    }
}

/// Whether a server answers a client that has just connected.
pub(crate) async fn is_served(channel: Result<Channel, tonic::transport::Error>) -> bool {
    let request = get_provider_schema::Request {};
    match channel {
        Ok(channel) => provider_client(channel)
            .get_provider_schema(request)
            .await
            .is_ok(),
        Err(_) => false,
    }
}

/// A client without limits on the size of messages, as Terraform's is.
pub(crate) fn provider_client(channel: Channel) -> ProviderClient<Channel> {
    ProviderClient::new(channel)
        .max_decoding_message_size(usize::MAX)
        .max_encoding_message_size(usize::MAX)
}
