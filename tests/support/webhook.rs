//! Configurations and states of webhooks, in JSON.

use realtimekit::mock_api::{MockApi, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID};
use serde_json::{Map, Value as Json, json};

pub(crate) const ACCOUNT: &str = SAMPLE_ACCOUNT_ID;
pub(crate) const APP: &str = SAMPLE_APP_ID;

/// An object of all these attributes, separated by spaces: null, unless they are among the `known`.
pub(crate) fn object(names: &str, known: &[(&str, Json)]) -> Json {
    let nulls = names.split(' ').map(|name| (name.to_owned(), Json::Null));
    let mut object: Map<String, Json> = nulls.collect();
    for (name, value) in known {
        let replaced = object.insert((*name).to_owned(), value.clone());
        assert!(replaced.is_some(), "{name} is no attribute");
    }
    object.into()
}

/// The configuration or state of a webhook.
pub(crate) fn webhook(known: &[(&str, Json)]) -> Json {
    let names = "id account_id app_id name url events enabled created_at updated_at timeouts";
    object(names, known)
}

/// The configuration of a webhook by its name, with a URL and an event.
pub(crate) fn bell(name: &str) -> Json {
    webhook(&[
        ("name", name.into()),
        ("url", "https://example.com/bell".into()),
        ("events", json!(["meeting.started"])),
    ])
}

/// The configuration of the data source of one webhook.
pub(crate) fn look_up(name: &str, value: &str) -> Json {
    let names = "id account_id app_id name url events enabled created_at updated_at";
    object(names, &[(name, value.into())])
}

/// The configuration of a query for webhooks.
pub(crate) fn query(known: &[(&str, Json)]) -> Json {
    object("account_id app_id enabled event name_prefix", known)
}

/// The identity of a webhook in the provider's app.
pub(crate) fn identity_of(id: &str) -> Json {
    json!({ "account_id": ACCOUNT, "app_id": APP, "id": id })
}

/// A provider block for an API, with its account and app.
pub(crate) fn provider_block(api: &MockApi, known: &[(&str, Json)]) -> Json {
    let mut block = json!({
        "api_token": api.token(), "base_url": api.base_url(), "account_id": ACCOUNT,
        "app_id": APP, "max_retries": null, "requests_per_second": null,
    });
    for (name, value) in known {
        block[name] = value.clone();
    }
    block
}
