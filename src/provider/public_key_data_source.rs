//! `realtimekit_webhook_public_key`: the key that receivers check signatures of deliveries with.

use super::{
    diagnostics::{failed, failed_with},
    session::Session,
    validators,
};
use crate::api::{self, DEFAULT_PUBLIC_KEY_URL};
use crate::framework::{
    DataSource, Diagnostics, Type, WithWarnings, model,
    schema::{Schema, computed, optional},
};

pub(super) struct WebhookPublicKeyDataSource;

/// Where to look.
pub(super) struct PublicKeyQuery {
    url: String,
}
model!(PublicKeyQuery { url });

/// What was found.
pub(super) struct PublicKeyState {
    url: String,
    public_key: String,
}
model!(PublicKeyState { url, public_key });

impl DataSource for WebhookPublicKeyDataSource {
    type Client = Session;
    type Config = PublicKeyQuery;
    type State = PublicKeyState;

    fn type_name(&self) -> &'static str {
        "realtimekit_webhook_public_key"
    }

    fn schema(&self) -> Schema {
        let url = format!(
            "Where the key is: an `https` URL. Defaults to `\"{DEFAULT_PUBLIC_KEY_URL}\"`."
        );
        Schema::new(
            "Reads the public key that deliveries of webhooks are signed with. It is the same for \
             all apps.\n\nHand it to whatever receives the deliveries: each has the header \
             `rtk-signature`, an RSA signature with SHA-256 of the body as it was sent, byte for \
             byte.\n\nThe key is public, and no API token is sent to where it is. The provider has \
             to be configured with one all the same.",
            [
                optional("url", Type::String, &url)
                    .default(DEFAULT_PUBLIC_KEY_URL)
                    .validate(validators::public_key_url),
                computed(
                    "public_key",
                    Type::String,
                    "The key, as the service publishes it.",
                ),
            ],
        )
    }

    async fn read(
        &self,
        session: &Session,
        query: PublicKeyQuery,
    ) -> Result<WithWarnings<PublicKeyState>, Diagnostics> {
        let PublicKeyQuery { url } = query;
        let parsed = url.parse().map_err(Diagnostics::bug)?; // it was validated
        let key = session.api.public_key(&parsed).await;
        let public_key = key.map_err(|error| told(&error).at("url"))?;
        Ok(PublicKeyState { url, public_key }.into())
    }
}

fn told(error: &api::Error) -> Diagnostics {
    const ACTION: &str = "Read the Public Key";
    const ELSEWHERE: &str = "The key is not where the API is, but at the attribute url. Check that \
                             URL, the connection and a proxy (HTTPS_PROXY), then try again.";
    match error {
        api::Error::Setup { .. } | api::Error::NotSent { .. } => failed(ACTION, error),
        _ => failed_with(ACTION, error, Some(ELSEWHERE)),
    }
}
