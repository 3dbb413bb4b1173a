//! Terraform, connected to a provider.

use std::time::{Duration, Instant};

use realtimekit::proto::{
    health::health_client::HealthClient,
    plugin::{
        Empty, grpc_broker_client::GrpcBrokerClient, grpc_controller_client::GrpcControllerClient,
        grpc_stdio_client::GrpcStdioClient,
    },
    tfplugin6::provider_client::ProviderClient,
};
use tonic::transport::Channel;

use super::{Handshake, Launch, Plugin, plugin::Exit};

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

    /// Ends the provider as Terraform does, and says how long that took.
    pub(crate) async fn stop(mut self) -> (Exit, Duration, Plugin) {
        let start = Instant::now();
        let _ = self.controller.shutdown(Empty {}).await; // Terraform does not look at it either
        let Self {
            provider,
            controller,
            stdio,
            broker,
            health,
            mut plugin,
            ..
        } = self;
        drop((provider, controller, stdio, broker, health)); // and with them the connection
        let exit = plugin.exit().await;
        (exit, start.elapsed(), plugin)
    }
}

/// A client without limits on the size of messages, as Terraform's is.
pub(crate) fn provider_client(channel: Channel) -> ProviderClient<Channel> {
    ProviderClient::new(channel)
        .max_decoding_message_size(usize::MAX)
        .max_encoding_message_size(usize::MAX)
}
