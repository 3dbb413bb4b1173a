//! `realtimekit_apps`: the apps of an account, to find the identifier of one by its name.

use super::{
    diagnostics::{failed, left_out},
    nfc,
    session::Session,
    webhook::attributes::account_id,
};
use crate::api::{App, AppList};
use crate::framework::{
    DataSource, Diagnostics, Nested, Type, WithWarnings, model,
    schema::{AttributeType, Nesting, Schema, computed, optional},
};

pub(super) struct AppsDataSource;

/// Where to look, and for what.
pub(super) struct AppsQuery {
    account_id: String,
    name: Option<String>,
}
model!(AppsQuery { account_id, name });

/// What was found.
pub(super) struct AppsState {
    account_id: String,
    name: Option<String>,
    apps: Vec<Nested<AppItem>>,
}
model!(AppsState {
    account_id,
    name,
    apps
});

/// One of the apps.
pub(super) struct AppItem {
    id: String,
    name: String,
    created_at: Option<String>,
}
model!(AppItem {
    id,
    name,
    created_at
});

impl DataSource for AppsDataSource {
    type Client = Session;
    type Config = AppsQuery;
    type State = AppsState;

    fn type_name(&self) -> &'static str {
        "realtimekit_apps"
    }

    fn schema(&self) -> Schema {
        let app = vec![
            computed(
                "id",
                Type::String,
                "Identifier of the app, as `app_id` takes it.",
            ),
            computed("name", Type::String, "Name of the app."),
            computed(
                "created_at",
                Type::String,
                "When it was created, in RFC 3339. Null if the API does not tell.",
            ),
        ];
        Schema::new(
            "Lists the RealtimeKit apps of an account, all of them or those with a name.",
            [
                account_id("Account whose apps to list."),
                optional(
                    "name",
                    Type::String,
                    "Name of the apps to list, exactly as it is. Names need not be unique.",
                ),
                computed(
                    "apps",
                    AttributeType::Nested(Nesting::List, app),
                    "The apps, ordered by name. Empty if there are none.",
                ),
            ],
        )
    }

    async fn read(
        &self,
        session: &Session,
        query: AppsQuery,
    ) -> Result<WithWarnings<AppsState>, Diagnostics> {
        let AppsQuery { account_id, name } = query;
        let listed = session.api.apps(&account_id).await;
        let AppList {
            mut apps,
            unreadable,
        } = listed.map_err(|error| failed("List the Apps", &error))?;
        apps.retain(|app| name.as_ref().is_none_or(|name| nfc(&app.name) == *name));
        // The API promises no order, and a change of order must not look like a change.
        apps.sort_unstable_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        let apps = apps.into_iter().map(|app| Nested(app.into())).collect();
        Ok(WithWarnings {
            warnings: left_out(&unreadable),
            value: AppsState {
                account_id,
                name,
                apps,
            },
        })
    }
}

impl From<App> for AppItem {
    fn from(app: App) -> Self {
        let App {
            id,
            name,
            created_at,
        } = app;
        Self {
            id,
            name,
            created_at,
        }
    }
}
