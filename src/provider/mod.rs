//! `realtimekit_*`: the provider block, and what the provider offers.
//!
//! A resource, data source or function is a file of its own and a line in one of the lists below.

mod apps_data_source;
mod diagnostics;
mod events;
mod events_data_source;
mod functions;
mod public_key_data_source;
mod session;
mod settings;
mod validators;
mod webhook;

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

use self::session::Session;
use self::settings::{ACCOUNT_ID, API_TOKEN, APP_ID, BASE_URL, ProviderBlock, Settings};
use crate::api::{self, DEFAULT_BASE_URL, Timing};
use crate::framework::{
    Configured, Diagnostics, DynAction, DynDataSource, DynListResource, DynResource, Field,
    Function, MaybeUnknown, Provider, Type,
    schema::{ProviderDefaults, Schema, optional},
};

/// Version of the provider.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The provider `realtimekit`.
#[derive(Debug, Default)]
pub struct RealtimeKit {
    /// How long to wait for what; tests wait less.
    pub timing: Timing,
}

impl Provider for RealtimeKit {
    type Client = Session;
    type Config = ProviderBlock;

    fn schema(&self) -> Schema {
        let or_variable = |words: &str, variable: &str| {
            format!("{words} May also be set by the environment variable `{variable}`.")
        };
        let api_token = "Cloudflare API token with the permission *Realtime* or *Realtime Admin*.";
        let account_id = "Account that webhooks belong to, unless they say otherwise.";
        let app_id = "RealtimeKit app that webhooks belong to, unless they say otherwise.";
        let base_url = format!("Base URL of Cloudflare's API. Defaults to `{DEFAULT_BASE_URL}`.");
        Schema::new(
            format!(
                "Manages the webhooks of [Cloudflare \
                 RealtimeKit](https://developers.cloudflare.com/realtime/realtimekit/) apps.\n\n\
                 The provider needs a Cloudflare API token with the permission *Realtime* or \
                 *Realtime Admin*. Create one in the Cloudflare dashboard under *My Profile*, *API \
                 Tokens*, and hand it over in the environment variable `{API_TOKEN}`, so that no \
                 file holds it. All arguments are optional: one that is left out or empty is taken \
                 from its environment variable, if it has one."
            ),
            [
                optional("api_token", Type::String, &or_variable(api_token, API_TOKEN))
                    .sensitive()
                    .validate(validators::api_token),
                optional("account_id", Type::String, &or_variable(account_id, ACCOUNT_ID))
                    .validate(validators::optional_path_segment),
                optional("app_id", Type::String, &or_variable(app_id, APP_ID))
                    .validate(validators::optional_path_segment),
                optional("base_url", Type::String, &or_variable(&base_url, BASE_URL))
                    .validate(validators::base_url),
                optional(
                    "max_retries",
                    Type::Number,
                    "How often a request is sent again that failed for a reason that may pass. Waiting \
                     for a rate limit does not count. Defaults to `4`; `0` means never.",
                )
                .validate(validators::retries),
                optional(
                    "requests_per_second",
                    Type::Number,
                    "Most requests in a second. Without it the provider follows the rate limit \
                     that the API tells; set it to leave room for others who use the same token.",
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
        let settings = Settings::new(block, |name| std::env::var(name).ok())?;
        let defaults = ProviderDefaults::from([
            ("account_id".to_owned(), settings.account_id.into_value()),
            ("app_id".to_owned(), settings.app_id.into_value()),
        ]);
        let (token, base_url) = match (settings.api_token, settings.base_url) {
            (MaybeUnknown::Known(token), MaybeUnknown::Known(base_url)) => (token, base_url),
            (MaybeUnknown::Known(_), _) => return Ok(Configured::not_yet("base_url", defaults)),
            _ => return Ok(Configured::not_yet("api_token", defaults)),
        };
        let appended = std::env::var(APPEND_USER_AGENT).unwrap_or_default();
        let user_agent = user_agent(terraform_version, &appended)?;
        let mut config = api::Config::new(base_url, token, user_agent);
        config.timing = self.timing;
        match settings.max_retries {
            MaybeUnknown::Null => {} // the client's own default
            MaybeUnknown::Known(retries) => config.max_retries = retries,
            MaybeUnknown::Unknown => return Ok(Configured::not_yet("max_retries", defaults)),
        }
        match settings.requests_per_second {
            MaybeUnknown::Null => {}
            MaybeUnknown::Known(rate) => config.requests_per_second = Some(rate),
            MaybeUnknown::Unknown => {
                return Ok(Configured::not_yet("requests_per_second", defaults));
            }
        }
        let client = Ok(Session::new(api::Client::new(config)));
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
            Box::new(webhook::SetEnabled::Enable),
            Box::new(webhook::SetEnabled::Disable),
        ]
    }

    fn list_resources(&self) -> Vec<Box<dyn DynListResource<Session>>> {
        vec![Box::new(webhook::WebhookListResource)]
    }
}

/// A text of the API in Unicode NFC, the form in which Terraform sends and stores every text.
fn nfc(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// What other providers append to their user agent; Terraform's SDK defines the variable.
const APPEND_USER_AGENT: &str = "TF_APPEND_USER_AGENT";

/// The provider, Terraform and what `TF_APPEND_USER_AGENT` appends.
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
    use crate::framework::{Action, DataSource, ListResource, Model, Resource};

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
    fn what_is_stored_is_what_the_schema_says() {
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
        let switch = webhook::SetEnabled::Enable;
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
    fn an_identity_is_a_part_of_the_state_and_whatever_is_listed_has_one() {
        let resources = RealtimeKit::default().resources();
        let identified = resources.iter().filter_map(|resource| {
            let names = resource.schema().attributes;
            let names: Vec<String> = names.into_iter().map(|it| it.name).collect();
            for attribute in resource.identity()?.attributes {
                assert!(
                    names.iter().any(|name| **name == *attribute.name),
                    "{}",
                    attribute.name
                );
            }
            Some(resource.type_name())
        });
        let identified: Vec<&str> = identified.collect();

        for list in RealtimeKit::default().list_resources() {
            assert!(identified.contains(&list.type_name()));
        }
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
    fn user_agent_ends_with_what_the_environment_appends() {
        let agent = user_agent("1.11.4", " pipeline/7 (team é) ").unwrap();

        assert_eq!(
            agent,
            format!(
                "terraform-provider-realtimekit/{VERSION} terraform/1.11.4 pipeline/7 (team é)"
            )
        );
    }

    #[test]
    fn user_agent_that_no_header_can_hold_is_an_error_that_names_the_variable() {
        let error = user_agent("1.11.4", "pipeline\r\nx-injected: 1").unwrap_err();

        let detail = &error.into_iter().next().unwrap().detail;
        assert!(detail.contains(APPEND_USER_AGENT), "{detail}");
        assert!(!detail.contains("x-injected"), "{detail}");
    }
}
