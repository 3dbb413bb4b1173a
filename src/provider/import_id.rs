//! The ids that `terraform import` takes. Pure.

use super::{
    default_text,
    settings::{ACCOUNT_ID, APP_ID},
    validators::{invalid_webhook_id, path_segment},
};
use crate::api::is_webhook_id;
use crate::framework::{Diagnostics, plan::not_known_yet, schema::ProviderDefaults};

/// Names one webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ImportId {
    pub(super) account_id: String,
    pub(super) app_id: String,
    pub(super) webhook_id: String,
}

impl ImportId {
    /// Reads `<account_id>/<app_id>/<webhook_id>`; from the left, what the provider block says
    /// may be left out.
    ///
    /// # Errors
    /// It has another form, or leaves out what the provider block does not say either.
    pub(super) fn parse(id: &str, defaults: &ProviderDefaults) -> Result<Self, Diagnostics> {
        let or_default = |part: Option<&str>, name: &str, variable: &str| match part {
            Some(part) => Ok(part.to_owned()),
            None => left_out(defaults, name, variable),
        };
        let Parts {
            account_id,
            app_id,
            webhook_id,
        } = Parts::of(id)?;
        Ok(Self {
            account_id: or_default(account_id, "account_id", ACCOUNT_ID)?,
            app_id: or_default(app_id, "app_id", APP_ID)?,
            webhook_id: webhook_id.to_owned(),
        })
    }
}

/// What an id says, whoever says the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) account_id: Option<&'a str>,
    pub(super) app_id: Option<&'a str>,
    pub(super) webhook_id: &'a str,
}

impl<'a> Parts<'a> {
    /// Takes an id of any form apart.
    ///
    /// # Errors
    /// It has another form.
    pub(super) fn of(id: &'a str) -> Result<Self, Diagnostics> {
        let parts: Vec<&str> = id.split('/').collect();
        let (account_id, app_id, webhook_id) = match *parts.as_slice() {
            [account_id, app_id, webhook_id] => (Some(account_id), Some(app_id), webhook_id),
            [app_id, webhook_id] => (None, Some(app_id), webhook_id),
            [webhook_id] => (None, None, webhook_id),
            _ => return Err(malformed(id)),
        };
        let mut segments = account_id.into_iter().chain(app_id);
        if segments.any(|segment| path_segment(&segment.into()).has_error()) {
            return Err(malformed(id));
        }
        if !is_webhook_id(webhook_id) {
            let mut found = malformed(id);
            found.extend(invalid_webhook_id(webhook_id));
            return Err(found);
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

fn left_out(
    defaults: &ProviderDefaults,
    name: &str,
    variable: &str,
) -> Result<String, Diagnostics> {
    if defaults
        .get(name)
        .is_some_and(crate::framework::Value::is_unknown)
    {
        return Err(not_known_yet(name));
    }
    default_text(defaults, name).map(str::to_owned).ok_or_else(|| {
        Diagnostics::error(
            format!("Missing {name}"),
            format!(
                "The import ID leaves out {name}, and the provider block does not set it. Set it \
                 there or by the environment variable {variable}, or use one of the longer forms \
                 of the ID:\n\n{FORMS}"
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Value;

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
        let defaults = ProviderDefaults::from([("account_id".to_owned(), Value::UNKNOWN)]);

        let found = ImportId::parse(WEBHOOK, &defaults).unwrap_err();

        assert_eq!(
            found.iter().next().unwrap().summary,
            "Provider Configuration Not Known Yet"
        );
    }
}
