//! Terraform, connected to a provider.

use realtimekit::{
    mock_api::{MockApi, Quirks},
    proto::{
        plugin::{Empty, grpc_controller_client::GrpcControllerClient},
        tfplugin6::{get_provider_schema, provider_client::ProviderClient},
    },
};
use serde_json::Value as Json;
use tokio::time::timeout;
use tonic::transport::{Channel, Error};

use super::{Calls, Handshake, Launch, PATIENCE, Plugin, plugin::Exit, provider_block};

/// A provider process and one connection to it.
pub(crate) struct Core {
    pub(crate) channel: Channel,
    pub(crate) handshake: Handshake,
    pub(crate) plugin: Plugin,
}

impl Core {
    /// Starts the provider as Terraform does.
    pub(crate) async fn start() -> Self {
        Launch::new().connect().await
    }

    /// The calls of this Terraform, with values in JSON.
    pub(crate) fn calls(&self) -> Calls {
        Calls::new(self.channel.clone())
    }

    /// Fails unless a call is answered.
    pub(crate) async fn expect_served(&self) {
        let served = timeout(PATIENCE, is_served(Ok(self.channel.clone())));
        assert!(served.await.expect("no answer"));
    }

    /// Ends the provider as Terraform does.
    pub(crate) async fn stop(self) -> Exit {
        let mut controller = GrpcControllerClient::new(self.channel.clone());
        let _ = controller.shutdown(Empty {}).await; // Terraform does not look at it either
        self.disconnect().exit().await
    }

    /// Closes the connection and does nothing else, as a Terraform that was killed on Windows.
    pub(crate) fn disconnect(self) -> Plugin {
        self.plugin // the channel is dropped, and with it the connection
    }
}

/// Whether a server answers a client that has just connected.
pub(crate) async fn is_served(channel: Result<Channel, Error>) -> bool {
    let Ok(channel) = channel else { return false };
    // without limits on the size of messages, as Terraform's
    let mut client = ProviderClient::new(channel).max_decoding_message_size(usize::MAX);
    let request = get_provider_schema::Request {};
    client.get_provider_schema(request).await.is_ok()
}

/// A provider that is configured for an API with these arguments of the provider block, beside
/// those that the API needs.
pub(crate) async fn configured(quirks: Quirks, block: &[(&str, Json)]) -> (Core, Calls, MockApi) {
    let api = MockApi::builder().quirks(quirks).start().unwrap();
    let terraform = Launch::new().env("TF_LOG", "DEBUG").connect().await;
    let calls = terraform.calls();
    let block = provider_block(&api, block);
    calls.configure("1.16.2", &block).await;
    (terraform, calls, api)
}
