//! `realtimekit_webhook`: lists the webhooks of an app for `terraform query`.

use futures_util::{StreamExt, stream};

use super::{attributes::app_schema, data_sources::webhooks_by_name, state::WebhookState};
use crate::api::Webhook;
use crate::framework::{
    Diagnostics, ListResource, ListResult, ListResultStream, Type, WithWarnings, model,
    schema::{Schema, optional},
};
use crate::provider::{nfc::nfc, session::Session, validators};

pub(in crate::provider) struct WebhookListResource;

model! {
    /// The app, and what the webhooks must match.
    pub(in crate::provider) struct WebhookFilter {
        account_id: String,
        app_id: String,
        enabled: Option<bool>,
        event: Option<String>,
        name_prefix: Option<String>,
    }
}

impl ListResource for WebhookListResource {
    type Client = Session;
    type Config = WebhookFilter;
    type State = WebhookState;

    fn type_name(&self) -> &'static str {
        "realtimekit_webhook"
    }

    fn schema(&self) -> Schema {
        app_schema(
            "Lists the webhooks of an app that match every argument, ordered by name.\n\n\
             `terraform query` shows them, and with `-generate-config-out=FILE` writes configuration \
             with import blocks for them. Lists require Terraform 1.14 or newer and files named \
             `*.tfquery.hcl`. Listing an app takes one API request, however many webhooks it has.",
            [
                optional(
                    "enabled",
                    Type::Bool,
                    "Whether RealtimeKit sends events to the URL of the webhook.",
                ),
                optional(
                    "event",
                    Type::String,
                    "Name of an event that RealtimeKit sends to the webhook.",
                )
                .validate(validators::wanted_event),
                optional(
                    "name_prefix",
                    Type::String,
                    "Prefix of the name of the webhook.",
                ),
            ],
        )
    }

    async fn list(
        &self,
        session: &Session,
        filter: WebhookFilter,
    ) -> Result<ListResultStream<WebhookState>, Diagnostics> {
        let WithWarnings { value, warnings } =
            webhooks_by_name(session, &filter.account_id, &filter.app_id).await?;
        let listed = value
            .into_iter()
            .filter_map(move |webhook| filter.matches(&webhook).then(|| filter.result(webhook)))
            .map(Ok);
        // Terraform drops what comes after a warning.
        let warnings = Some(warnings).filter(|warnings| !warnings.is_empty());
        Ok(stream::iter(listed.chain(warnings.map(Err))).boxed())
    }
}

impl WebhookFilter {
    fn matches(&self, webhook: &Webhook) -> bool {
        let has_prefix = |prefix: &String| nfc(&webhook.name).starts_with(prefix.as_str());
        self.enabled
            .is_none_or(|enabled| enabled == webhook.enabled)
            && self
                .event
                .as_ref()
                .is_none_or(|event| webhook.events.contains(event))
            && self.name_prefix.as_ref().is_none_or(has_prefix)
    }

    fn result(&self, webhook: Webhook) -> ListResult<WebhookState> {
        ListResult {
            display_name: webhook.name.clone(),
            state: WebhookState::new(self.account_id.clone(), self.app_id.clone(), webhook),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter() -> WebhookFilter {
        WebhookFilter {
            account_id: "account".to_owned(),
            app_id: "app".to_owned(),
            enabled: None,
            event: None,
            name_prefix: None,
        }
    }

    fn bell() -> Webhook {
        let [created_at, updated_at] =
            ["2026-01-02T03:04:05Z"; 2].map(|time| Some(time.to_owned()));
        Webhook {
            id: "0d1f069d-43bb-489a-ad8c-7eb95592ba8e".to_owned(),
            name: "door bell".to_owned(),
            url: "https://example.com/bell".to_owned(),
            events: ["meeting.started".to_owned()].into(),
            enabled: true,
            created_at,
            updated_at,
        }
    }

    #[test]
    fn filter_matches_every_argument_that_is_set() {
        let enabled = |enabled| WebhookFilter {
            enabled: Some(enabled),
            ..filter()
        };
        let event = |event: &str| WebhookFilter {
            event: Some(event.to_owned()),
            ..filter()
        };
        let named = |prefix: &str| WebhookFilter {
            name_prefix: Some(prefix.to_owned()),
            ..filter()
        };
        let matching = [
            filter(),
            enabled(true),
            event("meeting.started"),
            named("door"),
            named(""),
        ];
        let others = [
            enabled(false),
            event("meeting.ended"),
            event("meeting"),
            named("bell"),
            named("Door"),
            WebhookFilter {
                enabled: Some(true),
                ..named("gong")
            },
        ];

        assert!(matching.iter().all(|filter| filter.matches(&bell())));
        assert!(!others.iter().any(|filter| filter.matches(&bell())));
    }
}
