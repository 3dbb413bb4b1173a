//! What names a webhook: its identity, and the IDs that `terraform import` takes. Pure.

use super::attributes::{app_attributes, webhook_attributes};
use crate::api::is_webhook_id;
use crate::framework::{
    Diagnostics, Field, IdentitySchema, ImportTarget, Type, Value,
    identity::{optional_for_import, required_for_import},
    model,
    plan::provider_config_unknown,
    schema::ProviderDefaults,
};
use crate::provider::{
    settings::{ACCOUNT_ID, APP_ID},
    validators::{invalid_webhook_id, path_segment},
};

/// The identity of a webhook, which never changes.
pub(super) fn webhook_identity() -> IdentitySchema {
    let [account_id, app_id] = app_attributes().map(|attribute| attribute.description);
    let [id, ..] = webhook_attributes().map(|attribute| attribute.description);
    IdentitySchema::new([
        optional_for_import("account_id", Type::String, &account_id),
        optional_for_import("app_id", Type::String, &app_id),
        required_for_import("id", Type::String, &id),
    ])
}

model! {
    /// One webhook of an app: what is imported, or what an action changes.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(in crate::provider) struct WebhookAddress {
        pub(super) account_id: String,
        pub(super) app_id: String,
        pub(super) webhook_id: String,
    }
}

impl WebhookAddress {
    /// Reads an import ID or identity, completed from the provider block.
    ///
    /// # Errors
    /// A part is malformed, or is missing in the provider block as well.
    pub(super) fn to_import(
        target: &ImportTarget,
        defaults: &ProviderDefaults,
    ) -> Result<Self, Diagnostics> {
        match target {
            ImportTarget::Id(id) => {
                let parts = ImportIdParts::parse(id)?;
                if !is_webhook_id(&parts.webhook_id) {
                    let mut found = malformed(id);
                    found.extend(invalid_webhook_id(&parts.webhook_id));
                    return Err(found);
                }
                let hint = format!(", or use a longer form of the ID:\n\n{FORMS}");
                parts.complete(defaults, "The import ID", &hint)
            }
            ImportTarget::Identity(identity) => {
                let text = |name: &str| identity.get(name)?.as_str().map(str::to_owned);
                let parts = ImportIdParts {
                    account_id: text("account_id"),
                    app_id: text("app_id"),
                    webhook_id: text("id").unwrap_or_default(),
                };
                let mut found = Diagnostics::new();
                let mut check = |name: &str, problems: Diagnostics| {
                    let about = format!("This is about {name:?} of the import identity.");
                    found.extend(problems.with_detail(&about));
                };
                for (name, part) in [("account_id", &parts.account_id), ("app_id", &parts.app_id)] {
                    check(name, path_segment(&part.clone().into_value()));
                }
                if !is_webhook_id(&parts.webhook_id) {
                    check("id", invalid_webhook_id(&parts.webhook_id));
                }
                found.into_result()?;
                parts.complete(defaults, "The import identity", ", or in the identity.")
            }
        }
    }
}

model! {
    /// The parts of an import ID; the provider block has those that are left out.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(in crate::provider) struct ImportIdParts {
        pub(in crate::provider) account_id: Option<String>,
        pub(in crate::provider) app_id: Option<String>,
        pub(in crate::provider) webhook_id: String,
    }
}

impl ImportIdParts {
    /// Splits an ID of any form. The last part does not have to be a UUID, because a function may
    /// get an ID that `terraform test` generated.
    ///
    /// # Errors
    /// It has another form.
    pub(in crate::provider) fn parse(id: &str) -> Result<Self, Diagnostics> {
        let mut parts: Vec<&str> = id.split('/').collect();
        let is_segment = |part: &&str| !path_segment(&(*part).into()).has_error();
        if parts.len() > 3 || !parts.iter().all(is_segment) {
            return Err(malformed(id));
        }
        let mut next = || parts.pop().map(str::to_owned);
        let webhook_id = next().unwrap_or_default(); // splitting yields at least one part
        let app_id = next();
        Ok(Self {
            account_id: next(),
            app_id,
            webhook_id,
        })
    }

    fn complete(
        self,
        defaults: &ProviderDefaults,
        source: &str,
        hint: &str,
    ) -> Result<WebhookAddress, Diagnostics> {
        let or_default = |part: Option<String>, name: &str, variable: &str| {
            let default = defaults.get(name);
            if part.is_none() && default.is_some_and(Value::is_unknown) {
                return Err(provider_config_unknown(name));
            }
            let default = || default?.as_str().map(str::to_owned);
            part.or_else(default).ok_or_else(|| {
                Diagnostics::error(
                    format!("Missing {name}"),
                    format!(
                        "{source} leaves out {name}, and the provider block does not set it. Set \
                         it in the provider block, with the environment variable {variable}{hint}"
                    ),
                )
            })
        };
        Ok(WebhookAddress {
            account_id: or_default(self.account_id, "account_id", ACCOUNT_ID)?,
            app_id: or_default(self.app_id, "app_id", APP_ID)?,
            webhook_id: self.webhook_id,
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

#[cfg(test)]
mod tests {
    use super::*;

    const WEBHOOK: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";

    fn defaults(values: &[(&str, Value)]) -> ProviderDefaults {
        let values = values.iter().cloned();
        values
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    fn both() -> ProviderDefaults {
        defaults(&[("account_id", "acc".into()), ("app_id", "app".into())])
    }

    fn by_id(id: &str, defaults: &ProviderDefaults) -> Result<WebhookAddress, Diagnostics> {
        WebhookAddress::to_import(&ImportTarget::Id(id.to_owned()), defaults)
    }

    fn by_identity(
        parts: [Option<&str>; 3],
        defaults: &ProviderDefaults,
    ) -> Result<WebhookAddress, Diagnostics> {
        let values = parts.map(|part| part.map_or(Value::Null, Value::from));
        let names = ["account_id", "app_id", "id"].map(str::to_owned);
        let identity = names.into_iter().zip(values).collect();
        WebhookAddress::to_import(&ImportTarget::Identity(identity), defaults)
    }

    #[test]
    fn part_left_out_comes_from_the_provider_block() {
        for (account_id, app_id, expected) in [
            (Some("a"), Some("b"), ["a", "b"]),
            (None, Some("b"), ["acc", "b"]),
            (None, None, ["acc", "app"]),
        ] {
            let parts = [account_id, app_id, Some(WEBHOOK)];
            let id: Vec<&str> = parts.into_iter().flatten().collect();

            let [account_id, app_id] = expected.map(str::to_owned);
            let expected = WebhookAddress {
                account_id,
                app_id,
                webhook_id: WEBHOOK.to_owned(),
            };
            assert_eq!(by_id(&id.join("/"), &both()), Ok(expected.clone()));
            assert_eq!(by_identity(parts, &both()), Ok(expected));
        }
    }

    #[test]
    fn part_missing_everywhere_is_named() {
        let unknown = defaults(&[("account_id", Value::Unknown)]);
        let cases = [
            (defaults(&[]), "Missing account_id", ACCOUNT_ID),
            (
                unknown,
                "Provider Configuration Not Known Yet",
                "account_id",
            ),
            (
                defaults(&[("account_id", "acc".into())]),
                "Missing app_id",
                APP_ID,
            ),
        ];
        for (defaults, summary, named) in cases {
            for found in [
                by_id(WEBHOOK, &defaults),
                by_identity([None, None, Some(WEBHOOK)], &defaults),
            ] {
                let found = found.unwrap_err();

                let found = found.iter().next().unwrap();
                assert_eq!(found.summary, summary);
                assert!(found.detail.contains(named), "{}", found.detail);
            }
        }
    }

    #[test]
    fn malformed_id_is_an_error_that_lists_the_forms() {
        let no_webhook = format!("a//{WEBHOOK}");
        for id in ["", "/", "a/b/c/d", "x", &no_webhook, "../a/x"] {
            let found = by_id(id, &both()).unwrap_err();

            let detail = &found.iter().next().unwrap().detail;
            assert!(detail.contains(FORMS), "{id:?}");
        }
    }

    #[test]
    fn every_bad_part_of_an_identity_is_named() {
        for bad in ["", "..", "a/b", " a", "a?b", "a#b", "a\nb"] {
            let found = by_identity([Some(bad); 3], &both()).unwrap_err();

            let named = found.iter().map(|found| found.detail.rsplit("\n\n").next());
            let named: Vec<_> = named.flatten().collect();
            let about = ["account_id", "app_id", "id"]
                .map(|name| format!("This is about {name:?} of the import identity."));
            assert_eq!(named, about, "{bad:?}");
        }
        for no_uuid in ["all", "0d1f069d43bb489aad8c7eb95592ba8e"] {
            assert!(by_identity([None, None, Some(no_uuid)], &both()).is_err());
        }
    }
}
