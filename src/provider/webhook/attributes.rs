//! The attributes of a webhook and of the app that it belongs to, described once.

use crate::api::Webhook;
use crate::framework::{
    Type, model,
    schema::{Attribute, Presence, Schema, computed, optional},
};
use crate::provider::{
    settings::{ACCOUNT_ID, APP_ID},
    validators,
};

model!(Webhook {
    id,
    name,
    url,
    events,
    enabled,
    created_at,
    updated_at
});

model! {
    /// An app, where a data source needs no more than that.
    pub(in crate::provider) struct AppQuery {
        pub(in crate::provider) account_id: String,
        pub(in crate::provider) app_id: String,
    }
}

/// The schema of something about an app: `account_id` and `app_id`, then `attributes`.
pub(in crate::provider) fn app_schema(
    description: impl Into<String>,
    attributes: impl IntoIterator<Item = Attribute>,
) -> Schema {
    Schema::new(description, app_attributes().into_iter().chain(attributes))
}

/// `account_id` and `app_id` of every resource, data source and action about webhooks.
pub(in crate::provider) fn app_attributes() -> [Attribute; 2] {
    [
        account_id("ID of the Cloudflare account that the app belongs to."),
        from_provider("app_id", APP_ID, "ID of the RealtimeKit app."),
    ]
}

/// `account_id`, with a description of what the account is.
pub(in crate::provider) fn account_id(description: &str) -> Attribute {
    from_provider("account_id", ACCOUNT_ID, description)
}

/// An identifier that defaults to the one of the provider block.
fn from_provider(name: &str, variable: &str, description: &str) -> Attribute {
    let description = format!("{description} Defaults to the `{name}` of the provider.");
    let otherwise = format!(
        "Set {name} here or in the provider block, or set the environment variable {variable}."
    );
    optional(name, Type::String, &description)
        .default_from_provider(&otherwise)
        .validate(validators::path_segment)
}

/// A webhook as the API reports it.
pub(in crate::provider) fn webhook_attributes() -> [Attribute; 7] {
    let set = Type::set(Type::String);
    let text = |name: &str, description: &str| computed(name, Type::String, description);
    [
        text("id", "ID of the webhook, a UUID."),
        text("name", "Name of the webhook."),
        text("url", "URL that RealtimeKit sends events to."),
        computed("events", set, "Names of the events that RealtimeKit sends."),
        computed(
            "enabled",
            Type::Bool,
            "Whether RealtimeKit sends events to the URL.",
        ),
        text("created_at", "Time of creation, in RFC 3339 format."),
        text("updated_at", "Time of the last change, in RFC 3339 format."),
    ]
}

/// An attribute that the configuration must set (`Required`) or may set (`OptionalComputed`);
/// `constraint` is added to its description.
pub(super) fn argument(attribute: Attribute, presence: Presence, constraint: &str) -> Attribute {
    let description = format!("{} {constraint}", attribute.description);
    Attribute {
        presence,
        description: description.trim_end().to_owned(),
        ..attribute
    }
}
