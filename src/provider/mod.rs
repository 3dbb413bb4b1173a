//! The provider `realtimekit`: its block, resources, data sources, actions and functions.

mod apps_data_source;
mod diagnostics;
mod events;
mod events_data_source;
mod functions;
mod nfc;
mod public_key_data_source;
mod session;
mod settings;
mod validators;
mod webhook;

use self::session::Session;
use self::settings::{ACCOUNT_ID, API_TOKEN, APP_ID, BASE_URL, ProviderBlock, known};
use crate::api::{self, DEFAULT_BASE_URL, Timing};
use crate::framework::{
    Configured, Diagnostics, DynAction, DynDataSource, DynListResource, DynResource, Field,
    Function, Provider, Type,
    schema::{ProviderDefaults, Schema, optional},
};

/// Version of the provider.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The provider `realtimekit`.
#[derive(Debug, Default)]
pub struct RealtimeKit {
    /// Durations of waits; tests use shorter ones.
    pub timing: Timing,
}

impl Provider for RealtimeKit {
    type Client = Session;
    type Config = ProviderBlock;

    fn schema(&self) -> Schema {
        let text = |name: &str, description: &str, variable: &str| {
            let variable = format!("Can also be set with the environment variable `{variable}`.");
            optional(name, Type::String, &format!("{description} {variable}"))
        };
        let permission = "with the permission *Realtime* or *Realtime Admin*";
        let base_url = format!("Base URL of the Cloudflare API. Defaults to `{DEFAULT_BASE_URL}`.");
        Schema::new(
            "Manages the webhooks of [Cloudflare \
             RealtimeKit](https://developers.cloudflare.com/realtime/realtimekit/) apps.",
            [
                text("api_token", &format!("Cloudflare API token {permission}."), API_TOKEN)
                    .sensitive()
                    .validate(validators::api_token),
                text("account_id", "Default account ID for webhooks.", ACCOUNT_ID)
                    .validate(validators::optional_path_segment),
                text("app_id", "Default RealtimeKit app ID for webhooks.", APP_ID)
                    .validate(validators::optional_path_segment),
                text("base_url", &base_url, BASE_URL).validate(validators::base_url),
                optional(
                    "max_retries",
                    Type::Number,
                    "Maximum number of retries of a request after a transient failure. Defaults to \
                     `4`. Must be from `0` to `100`. Waiting for a rate limit does not count.",
                )
                .validate(validators::retries),
                optional(
                    "requests_per_second",
                    Type::Number,
                    "Maximum number of requests per second. By default, only the rate limit that the \
                     API reports applies. Set it to leave room for other users of the same token.",
                )
                .validate(validators::rate),
            ],
        )
    }

    fn configure(
        &self,
        block: ProviderBlock,
        terraform_version: &str,
    ) -> Result<Configured<Session>, Diagnostics> {
        let block = block.complete(|name| std::env::var(name).ok())?;
        let defaults = ProviderDefaults::from([
            (
                "account_id".to_owned(),
                block.account_id.clone().into_value(),
            ),
            ("app_id".to_owned(), block.app_id.clone().into_value()),
        ]);
        let appended = std::env::var(APPEND_USER_AGENT).unwrap_or_default();
        let user_agent = user_agent(terraform_version, &appended)?;
        let client = self.session(block, user_agent);
        Ok(Configured { client, defaults })
    }

    fn stop(&self, session: &Session) {
        session.api.stop();
    }

    fn resources(&self) -> Vec<Box<dyn DynResource<Session>>> {
        vec![Box::new(webhook::WebhookResource)]
    }

    fn data_sources(&self) -> Vec<Box<dyn DynDataSource<Session>>> {
        vec![
            Box::new(webhook::WebhookDataSource),
            Box::new(webhook::WebhooksDataSource),
            Box::new(events_data_source::WebhookEventsDataSource),
            Box::new(apps_data_source::AppsDataSource),
            Box::new(public_key_data_source::WebhookPublicKeyDataSource),
        ]
    }

    fn functions(&self) -> Vec<Box<dyn Function>> {
        vec![
            Box::new(functions::WebhookEventsFunction),
            Box::new(functions::WebhookImportIdFunction),
            Box::new(functions::ParseWebhookImportIdFunction),
        ]
    }

    fn actions(&self) -> Vec<Box<dyn DynAction<Session>>> {
        vec![
            Box::new(webhook::SetEnabled::ENABLE),
            Box::new(webhook::SetEnabled::DISABLE),
        ]
    }

    fn list_resources(&self) -> Vec<Box<dyn DynListResource<Session>>> {
        vec![Box::new(webhook::WebhookListResource)]
    }
}

impl RealtimeKit {
    /// The client for a complete block.
    ///
    /// # Errors
    /// A setting is not known yet.
    fn session(&self, block: ProviderBlock, user_agent: String) -> Result<Session, Diagnostics> {
        let token = known("api_token", block.api_token)?.unwrap_or_default();
        let base_url = known("base_url", block.base_url)?;
        let base_url = base_url.as_deref().unwrap_or(DEFAULT_BASE_URL);
        // Both were validated.
        let base_url = base_url.parse().map_err(Diagnostics::bug)?;
        let token = api::Secret::new(token).map_err(Diagnostics::bug)?;
        let mut config = api::Config::new(base_url, token, user_agent);
        config.timing = self.timing;
        let retries = known("max_retries", block.max_retries)?;
        if let Some(retries) = retries.and_then(|number| number.as_i64()?.try_into().ok()) {
            config.max_retries = retries;
        }
        let rate = known("requests_per_second", block.requests_per_second)?;
        config.requests_per_second = rate.map(|rate| rate.to_f64());
        Ok(Session::new(api::Client::new(config)))
    }
}

/// Environment variable of Terraform's SDK: a text to append to the user agent.
const APPEND_USER_AGENT: &str = "TF_APPEND_USER_AGENT";

/// The versions of the provider and of Terraform, and the appended text.
fn user_agent(terraform_version: &str, appended: &str) -> Result<String, Diagnostics> {
    let appended = appended.trim();
    if appended.contains(|c: char| c.is_control()) {
        return Err(Diagnostics::error(
            "Invalid User Agent",
            format!(
                "The environment variable {APPEND_USER_AGENT} contains a line break or another \
                 control character, which an HTTP header cannot hold. Remove it."
            ),
        ));
    }
    let terraform: String = terraform_version
        .chars()
        .filter(|c| c.is_ascii_graphic())
        .take(40)
        .collect();
    let agent =
        format!("terraform-provider-realtimekit/{VERSION} terraform/{terraform} {appended}");
    Ok(agent.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::server::ProviderServer;
    use crate::framework::{Action, DataSource, ListResource, Model, Resource};

    #[test]
    fn models_hold_what_their_schemas_allow() {
        ProviderServer::new(RealtimeKit::default()).assert_sound();
    }

    #[track_caller]
    fn assert_same_names(fields: &[&str], schema: &Schema) {
        let attributes = schema
            .attributes
            .iter()
            .map(|attribute| attribute.name.as_str());
        let mut attributes: Vec<_> = attributes.collect();
        let mut fields = fields.to_vec();
        fields.sort_unstable();
        attributes.sort_unstable();
        assert_eq!(fields, attributes);
    }

    fn fields_of_resource<R: Resource>(_: &R) -> &'static [&'static str] {
        R::State::FIELDS
    }

    fn fields_of_data_source<D: DataSource>(_: &D) -> &'static [&'static str] {
        D::State::FIELDS
    }

    fn fields_of_action<A: Action>(_: &A) -> &'static [&'static str] {
        A::Config::FIELDS
    }

    fn fields_of_list_resource<L: ListResource>(_: &L) -> &'static [&'static str] {
        L::Config::FIELDS
    }

    #[test]
    fn model_fields_match_schema_attributes() {
        let webhook = webhook::WebhookResource;
        assert_same_names(fields_of_resource(&webhook), &Resource::schema(&webhook));
        let webhook = webhook::WebhookDataSource;
        assert_same_names(
            fields_of_data_source(&webhook),
            &DataSource::schema(&webhook),
        );
        let webhooks = webhook::WebhooksDataSource;
        assert_same_names(
            fields_of_data_source(&webhooks),
            &DataSource::schema(&webhooks),
        );
        let switch = webhook::SetEnabled::ENABLE;
        assert_same_names(fields_of_action(&switch), &Action::schema(&switch));
        let webhooks = webhook::WebhookListResource;
        assert_same_names(
            fields_of_list_resource(&webhooks),
            &ListResource::schema(&webhooks),
        );
        let events = events_data_source::WebhookEventsDataSource;
        assert_same_names(fields_of_data_source(&events), &DataSource::schema(&events));
        let apps = apps_data_source::AppsDataSource;
        assert_same_names(fields_of_data_source(&apps), &DataSource::schema(&apps));
        let key = public_key_data_source::WebhookPublicKeyDataSource;
        assert_same_names(fields_of_data_source(&key), &DataSource::schema(&key));
        assert_same_names(ProviderBlock::FIELDS, &RealtimeKit::default().schema());
    }

    #[test]
    fn user_agent_names_the_provider_and_terraform() {
        let agent = user_agent("1.11.4\r\nx: y", "").unwrap();

        assert_eq!(
            agent,
            format!("terraform-provider-realtimekit/{VERSION} terraform/1.11.4x:y")
        );
    }

    #[test]
    fn user_agent_ends_with_the_appended_text() {
        let agent = user_agent("1.11.4", " pipeline/7 (team é) ").unwrap();

        assert_eq!(
            agent,
            format!(
                "terraform-provider-realtimekit/{VERSION} terraform/1.11.4 pipeline/7 (team é)"
            )
        );
    }

    #[test]
    fn user_agent_with_control_characters_is_an_error_that_names_the_variable() {
        let error = user_agent("1.11.4", "pipeline\r\nx-injected: 1").unwrap_err();

        let detail = &error.into_iter().next().unwrap().detail;
        assert!(detail.contains(APPEND_USER_AGENT), "{detail}");
        assert!(!detail.contains("x-injected"), "{detail}");
    }
}
