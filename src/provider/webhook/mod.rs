//! Everything about webhooks: resource, data sources, list resource and actions.

mod actions;
pub(super) mod attributes;
mod data_source;
mod data_sources;
pub(super) mod import_id;
mod list_resource;
mod moved;
mod resource;
mod state;
mod url_conflict;

pub(super) use self::{
    actions::SetEnabled, data_source::WebhookDataSource, data_sources::WebhooksDataSource,
    list_resource::WebhookListResource, resource::WebhookResource,
};
