//! `realtimekit_apps`: the apps of an account, to find the ID of one by its name.

use super::{
    diagnostics::{failed, unreadable_left_out},
    nfc::nfc,
    session::Session,
    webhook::attributes::account_id,
};
use crate::api::App;
use crate::framework::{
    DataSource, Diagnostics, Nested, Type, WithWarnings, model,
    schema::{AttributeType, Nesting, Schema, computed, optional},
};

pub(super) struct AppsDataSource;

model!(App {
    id,
    name,
    created_at
});

model! {
    /// The account, and the name to look for.
    pub(super) struct AppsQuery {
        account_id: String,
        name: Option<String>,
    }
}

model! {
    /// The account and its apps.
    pub(super) struct AppsState {
        account_id: String,
        name: Option<String>,
        apps: Vec<Nested<App>>,
    }
}

impl DataSource for AppsDataSource {
    type Client = Session;
    type Config = AppsQuery;
    type State = AppsState;

    fn type_name(&self) -> &'static str {
        "realtimekit_apps"
    }

    fn schema(&self) -> Schema {
        let text = |name, description| computed(name, Type::String, description);
        let app = vec![
            text("id", "ID of the app, for `app_id`."),
            text("name", "Name of the app."),
            text(
                "created_at",
                "Time of creation, in RFC 3339 format. Null if the API does not report it.",
            ),
        ];
        Schema::new(
            "Lists the RealtimeKit apps of an account, optionally only those with a given name.",
            [
                account_id("ID of the Cloudflare account whose apps to list."),
                optional(
                    "name",
                    Type::String,
                    "Exact name of the apps to list. Several apps can have the same name.",
                ),
                computed(
                    "apps",
                    AttributeType::Nested(Nesting::List, app),
                    "Apps of the account, ordered by name. Empty if there are none.",
                ),
            ],
        )
    }

    async fn read(
        &self,
        session: &Session,
        AppsQuery { account_id, name }: AppsQuery,
    ) -> Result<WithWarnings<AppsState>, Diagnostics> {
        let listed = session.api.apps(&account_id).await;
        let mut list = listed.map_err(|error| failed("List the Apps", &error))?;
        list.apps
            .retain(|app| name.as_ref().is_none_or(|name| nfc(&app.name) == *name));
        // The API promises no order, and a change of order must not look like a change.
        list.apps
            .sort_by_cached_key(|app| (app.name.clone(), app.id.clone()));
        Ok(WithWarnings {
            warnings: unreadable_left_out(&list.unreadable),
            value: AppsState {
                account_id,
                name,
                apps: list.apps.into_iter().map(Nested).collect(),
            },
        })
    }
}
