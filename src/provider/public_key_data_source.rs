//! `realtimekit_webhook_public_key`: the key with which receivers verify deliveries.

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

model! {
    /// The URL of the key.
    pub(super) struct PublicKeyQuery {
        url: String,
    }
}

model! {
    /// The URL and the key.
    pub(super) struct PublicKeyState {
        url: String,
        public_key: String,
    }
}

impl DataSource for WebhookPublicKeyDataSource {
    type Client = Session;
    type Config = PublicKeyQuery;
    type State = PublicKeyState;

    fn type_name(&self) -> &'static str {
        "realtimekit_webhook_public_key"
    }

    fn schema(&self) -> Schema {
        let url = format!(
            "URL of the key. Defaults to `\"{DEFAULT_PUBLIC_KEY_URL}\"`. Must be an `https` URL."
        );
        Schema::new(
            "Reads the public key with which receivers verify deliveries of webhooks. It is the \
             same for all apps.\n\nEach delivery has the header `rtk-signature`, an RSA signature \
             with SHA-256 of the unchanged request body.\n\nThe key is public, and the request for \
             it does not contain the API token. The provider must nevertheless be configured with a \
             token.",
            [
                optional("url", Type::String, &url)
                    .default(DEFAULT_PUBLIC_KEY_URL)
                    .validate(validators::public_key_url),
                computed("public_key", Type::String, "Public key, as published."),
            ],
        )
    }

    async fn read(
        &self,
        session: &Session,
        PublicKeyQuery { url }: PublicKeyQuery,
    ) -> Result<WithWarnings<PublicKeyState>, Diagnostics> {
        let parsed = url.parse().map_err(Diagnostics::bug)?; // it was validated
        let key = session.api.public_key(&parsed).await;
        let public_key = key.map_err(|error| read_failed(&error).at("url"))?;
        Ok(PublicKeyState { url, public_key }.into())
    }
}

fn read_failed(error: &api::Error) -> Diagnostics {
    const ACTION: &str = "Read the Public Key";
    const HINT: &str = "The request goes to the URL of the attribute url, not to the API. Check that \
                        URL, the connection and a proxy (HTTPS_PROXY), then try again.";
    match error {
        api::Error::Setup(_) | api::Error::NotSent(..) => failed(ACTION, error),
        _ => failed_with(ACTION, error, Some(HINT)),
    }
}
