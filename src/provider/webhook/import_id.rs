//! What names a webhook: its identity, and the ids that `terraform import` takes. Pure.

use crate::api::{Error, is_webhook_id};
use crate::framework::{
    Diagnostics, IdentitySchema, ImportTarget, Object, Type, Value,
    identity::{optional_for_import, required_for_import},
    plan::provider_config_unknown,
    schema::ProviderDefaults,
};
use crate::provider::{
    settings::{ACCOUNT_ID, APP_ID},
    validators::{invalid_webhook_id, path_segment},
};

/// What names a webhook for all of its life.
pub(super) fn webhook_identity() -> IdentitySchema {
    IdentitySchema::new([
        optional_for_import(
            "account_id",
            Type::String,
            "Account of the app. An import may leave it to the account_id of the provider.",
        ),
        optional_for_import(
            "app_id",
            Type::String,
            "RealtimeKit app. An import may leave it to the app_id of the provider.",
        ),
        required_for_import("id", Type::String, "Identifier of the webhook: a UUID."),
    ])
}

/// Names one webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ImportId {
    pub(super) account_id: String,
    pub(super) app_id: String,
    pub(super) webhook_id: String,
}

impl ImportId {
    /// Reads what an import is of.
    ///
    /// # Errors
    /// Those of [`ImportId::parse`], for an identity in its own words.
    pub(super) fn of(
        target: &ImportTarget,
        defaults: &ProviderDefaults,
    ) -> Result<Self, Diagnostics> {
        match target {
            ImportTarget::Id(id) => Self::parse(id, defaults),
            ImportTarget::Identity(identity) => Self::from_identity(identity, defaults),
        }
    }

    fn from_identity(identity: &Object, defaults: &ProviderDefaults) -> Result<Self, Diagnostics> {
        let said = |name: &str| identity.get(name).and_then(Value::as_str);
        let place = |name: &str, variable: &str| match said(name) {
            Some(id) => Ok(id.to_owned()),
            None => left_out(defaults, name, || left_out_of_identity(name, variable)),
        };
        let named = Self {
            account_id: place("account_id", ACCOUNT_ID)?,
            app_id: place("app_id", APP_ID)?,
            webhook_id: said("id").unwrap_or_default().to_owned(),
        };
        let segment = |name, id: &str| of_identity(name, path_segment(&id.into()));
        let mut found = segment("account_id", &named.account_id);
        found.extend(segment("app_id", &named.app_id));
        if !is_webhook_id(&named.webhook_id) {
            found.extend(of_identity("id", invalid_webhook_id(&named.webhook_id)));
        }
        found.into_result()?;
        Ok(named)
    }

    /// Reads `<account_id>/<app_id>/<webhook_id>`; from the left, what the provider block says
    /// may be left out.
    ///
    /// # Errors
    /// It has another form, or leaves out what the provider block does not say either.
    pub(super) fn parse(id: &str, defaults: &ProviderDefaults) -> Result<Self, Diagnostics> {
        let or_default = |part: Option<&str>, name: &str, variable: &str| match part {
            Some(part) => Ok(part.to_owned()),
            None => left_out(defaults, name, || left_out_of_id(name, variable)),
        };
        let Parts {
            account_id,
            app_id,
            webhook_id,
        } = Parts::of(id)?;
        if !is_webhook_id(webhook_id) {
            let mut found = malformed(id);
            found.extend(invalid_webhook_id(webhook_id));
            return Err(found);
        }
        Ok(Self {
            account_id: or_default(account_id, "account_id", ACCOUNT_ID)?,
            app_id: or_default(app_id, "app_id", APP_ID)?,
            webhook_id: webhook_id.to_owned(),
        })
    }
}

/// What an ID says; the rest comes from the provider block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::provider) struct Parts<'a> {
    pub(in crate::provider) account_id: Option<&'a str>,
    pub(in crate::provider) app_id: Option<&'a str>,
    pub(in crate::provider) webhook_id: &'a str,
}

impl<'a> Parts<'a> {
    /// Takes an ID of any form apart. The last part need not be a UUID: a function may be given an
    /// ID that `terraform test` made up.
    ///
    /// # Errors
    /// It has another form.
    pub(in crate::provider) fn of(id: &'a str) -> Result<Self, Diagnostics> {
        let parts: Vec<&str> = id.split('/').collect();
        let (account_id, app_id, webhook_id) = match *parts.as_slice() {
            [account_id, app_id, webhook_id] => (Some(account_id), Some(app_id), webhook_id),
            [app_id, webhook_id] => (None, Some(app_id), webhook_id),
            [webhook_id] => (None, None, webhook_id),
            _ => return Err(malformed(id)),
        };
        let mut segments = account_id.into_iter().chain(app_id).chain([webhook_id]);
        if segments.any(|segment| path_segment(&segment.into()).has_error()) {
            return Err(malformed(id));
        }
        Ok(Self {
            account_id,
            app_id,
            webhook_id,
        })
    }
}

const FORMS: &str = "<account_id>/<app_id>/<webhook_id>\n<app_id>/<webhook_id>, with the \
                     account_id of the provider\n<webhook_id>, with the account_id and app_id of \
                     the provider";

fn malformed(id: &str) -> Diagnostics {
    Diagnostics::error(
        "Invalid Import ID",
        format!("{id:?} does not name a webhook. The ID has one of these forms:\n\n{FORMS}"),
    )
}

/// What the provider block says for a part that an import does not.
fn left_out(
    defaults: &ProviderDefaults,
    name: &str,
    missing: impl FnOnce() -> Diagnostics,
) -> Result<String, Diagnostics> {
    if defaults.get(name).is_some_and(Value::is_unknown) {
        return Err(provider_config_unknown(name));
    }
    default_text(defaults, name)
        .map(str::to_owned)
        .ok_or_else(missing)
}

fn left_out_of_id(name: &str, variable: &str) -> Diagnostics {
    Diagnostics::error(
        format!("Missing {name}"),
        format!(
            "The import ID leaves out {name}, and the provider block does not set it. Set it \
             there or by the environment variable {variable}, or use one of the longer forms of \
             the ID:\n\n{FORMS}"
        ),
    )
}

fn left_out_of_identity(name: &str, variable: &str) -> Diagnostics {
    Diagnostics::error(
        format!("Missing {name}"),
        format!(
            "The identity to import by leaves out {name}, and the provider block does not set it. \
             Set it in the identity, in the provider block or by the environment variable \
             {variable}."
        ),
    )
}

/// Says of messages about a value where it was written.
fn of_identity(name: &str, found: Diagnostics) -> Diagnostics {
    let told = found.into_iter().map(|mut diagnostic| {
        diagnostic.detail += &format!("\n\nThis is about {name:?} of the identity to import by.");
        diagnostic
    });
    told.collect()
}

/// There is nothing to import.
pub(super) fn no_such_webhook(named: &ImportId, error: &Error) -> Diagnostics {
    let ImportId {
        account_id,
        app_id,
        webhook_id,
    } = named;
    Diagnostics::error(
        "No Such Webhook",
        format!(
            "App {app_id:?} of account {account_id:?} has no webhook {webhook_id}, so there is \
             nothing to import. The data source realtimekit_webhooks lists the webhooks of an app \
             with their IDs.\n\n{error}"
        ),
    )
}

/// The text that the provider block says for an attribute, if it does.
fn default_text<'d>(defaults: &'d ProviderDefaults, name: &str) -> Option<&'d str> {
    defaults.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEBHOOK: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";

    fn parse(id: &str, defaults: &[(&str, &str)]) -> Result<ImportId, Diagnostics> {
        let defaults = defaults
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.into()));
        ImportId::parse(id, &defaults.collect())
    }

    fn id(account_id: &str, app_id: &str) -> ImportId {
        let [account_id, app_id, webhook_id] = [account_id, app_id, WEBHOOK].map(str::to_owned);
        ImportId {
            account_id,
            app_id,
            webhook_id,
        }
    }

    #[test]
    fn what_is_left_out_comes_from_the_provider_block() {
        let defaults = [("account_id", "acc"), ("app_id", "app")];

        assert_eq!(parse(&format!("a/b/{WEBHOOK}"), &[]), Ok(id("a", "b")));
        assert_eq!(
            parse(&format!("b/{WEBHOOK}"), &defaults),
            Ok(id("acc", "b"))
        );
        assert_eq!(parse(WEBHOOK, &defaults), Ok(id("acc", "app")));
    }

    #[test]
    fn another_form_is_an_error_that_lists_the_forms() {
        let ids = [
            "",
            "/",
            "a/b/c/d",
            "x",
            "a//0d1f069d-43bb-489a-ad8c-7eb95592ba8e",
            "../a/x",
        ];
        for text in ids {
            let found = parse(text, &[("account_id", "acc"), ("app_id", "app")]).unwrap_err();

            assert!(
                found.iter().next().unwrap().detail.contains(FORMS),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_part_that_is_nowhere_set_is_named() {
        let found = parse(WEBHOOK, &[("account_id", "acc")]).unwrap_err();

        let found = found.iter().next().unwrap();
        assert_eq!(found.summary, "Missing app_id");
        assert!(found.detail.contains(APP_ID));
    }

    #[test]
    fn a_part_that_is_not_known_yet_is_no_missing_one() {
        let defaults = ProviderDefaults::from([("account_id".to_owned(), Value::Unknown)]);

        let found = ImportId::parse(WEBHOOK, &defaults).unwrap_err();

        assert_eq!(
            found.iter().next().unwrap().summary,
            "Provider Configuration Not Known Yet"
        );
    }

    fn by_identity(
        parts: [Option<&str>; 3],
        defaults: &ProviderDefaults,
    ) -> Result<ImportId, Diagnostics> {
        let values = parts.map(|part| part.map_or(Value::Null, Value::from));
        let identity = ["account_id", "app_id", "id"].map(str::to_owned);
        let target = ImportTarget::Identity(identity.into_iter().zip(values).collect());
        ImportId::of(&target, defaults)
    }

    fn house() -> ProviderDefaults {
        ProviderDefaults::from([
            ("account_id".to_owned(), "acc".into()),
            ("app_id".to_owned(), "app".into()),
        ])
    }

    #[test]
    fn an_identity_is_completed_from_the_provider_block() {
        let whole = [Some("a"), Some("b"), Some(WEBHOOK)];

        assert_eq!(
            by_identity(whole, &ProviderDefaults::new()),
            Ok(id("a", "b"))
        );
        assert_eq!(
            by_identity([None, Some("b"), Some(WEBHOOK)], &house()),
            Ok(id("acc", "b"))
        );
        assert_eq!(
            by_identity([None, None, Some(WEBHOOK)], &house()),
            Ok(id("acc", "app"))
        );
    }

    #[test]
    fn what_an_identity_leaves_out_and_nobody_says_is_named() {
        let unknown = ProviderDefaults::from([("account_id".to_owned(), Value::Unknown)]);
        for (defaults, summary) in [
            (ProviderDefaults::new(), "Missing account_id"),
            (unknown, "Provider Configuration Not Known Yet"),
        ] {
            let found = by_identity([None, Some("b"), Some(WEBHOOK)], &defaults).unwrap_err();

            let found = found.iter().next().unwrap();
            assert_eq!(found.summary, summary);
            assert!(found.detail.contains("account_id"), "{}", found.detail);
        }
    }

    #[test]
    fn every_bad_part_of_an_identity_is_named() {
        for bad in ["", "..", "a/b", " a", "a?b", "a#b", "a\nb"] {
            let found = by_identity([Some(bad), Some(bad), Some(bad)], &house()).unwrap_err();

            let named = found.iter().map(|found| found.detail.rsplit("\n\n").next());
            let named: Vec<_> = named.flatten().collect();
            let about = ["account_id", "app_id", "id"]
                .map(|name| format!("This is about {name:?} of the identity to import by."));
            assert_eq!(named, about, "{bad:?}");
        }
        for no_uuid in ["all", "0d1f069d43bb489aad8c7eb95592ba8e"] {
            assert!(by_identity([None, None, Some(no_uuid)], &house()).is_err());
        }
    }
}
