//! The attributes of a webhook, and of the app that it belongs to: the same words wherever they
//! appear.

use crate::framework::{
    Type,
    schema::{Attribute, computed, optional},
};
use crate::provider::{
    settings::{ACCOUNT_ID, APP_ID},
    validators,
};

/// `account_id` and `app_id`: every resource, data source and action has them, with the same words.
pub(in crate::provider) fn app_attributes() -> [Attribute; 2] {
    [
        account_id("Account of the app."),
        identifier("app_id", APP_ID, "RealtimeKit app."),
    ]
}

/// `account_id`, with words on what the account is to the rest.
pub(in crate::provider) fn account_id(words: &str) -> Attribute {
    identifier("account_id", ACCOUNT_ID, words)
}

/// An identifier that follows the provider block.
pub(in crate::provider) fn identifier(name: &str, variable: &str, words: &str) -> Attribute {
    let description = format!("{words} Defaults to the `{name}` of the provider.");
    let otherwise = format!(
        "Set {name} here or in the provider block, or the environment variable {variable}."
    );
    optional(name, Type::String, &description)
        .default_from_provider(&otherwise)
        .validate(validators::path_segment)
}

/// `created_at` and `updated_at`, likewise.
pub(in crate::provider) fn timestamp_attributes() -> [Attribute; 2] {
    [
        computed(
            "created_at",
            Type::String,
            "When it was created, in RFC 3339.",
        ),
        computed(
            "updated_at",
            Type::String,
            "When it was last changed, in RFC 3339.",
        ),
    ]
}

/// What a data source tells of a webhook, whatever it was looked up by.
pub(in crate::provider) fn webhook_attributes() -> [Attribute; 4] {
    let [created_at, updated_at] = timestamp_attributes();
    [
        computed(
            "events",
            Type::set(Type::String),
            "Events that are reported.",
        ),
        computed("enabled", Type::Bool, "Whether the URL is called."),
        created_at,
        updated_at,
    ]
}
