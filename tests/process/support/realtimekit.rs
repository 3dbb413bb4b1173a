//! The provider as it is configured for an API, and the calls that Terraform makes then.

use realtimekit::{
    mock_api::{MockApi, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID},
    proto::tfplugin6::{Diagnostic, configure_provider},
};
use serde_json::{Map, Value as Json};

use super::{Core, Launch};
use crate::wire::dynamic;

/// Starts the provider in an environment that leads to `api`, with this provider block.
pub(crate) async fn configured(api: &MockApi, block: &[(&str, Json)]) -> Core {
    configured_by("1.15.5", api, block).await
}

/// The same by another version of Terraform.
pub(crate) async fn configured_by(version: &str, api: &MockApi, block: &[(&str, Json)]) -> Core {
    let launch = Launch::new()
        .env("CLOUDFLARE_BASE_URL", &api.base_url())
        .env("CLOUDFLARE_API_TOKEN", &api.token())
        .env("CLOUDFLARE_ACCOUNT_ID", SAMPLE_ACCOUNT_ID)
        .env("REALTIMEKIT_APP_ID", SAMPLE_APP_ID);
    let mut terraform = launch.connect().await;
    let names = [
        "api_token",
        "account_id",
        "app_id",
        "base_url",
        "max_retries",
        "requests_per_second",
    ];
    let request = configure_provider::Request {
        terraform_version: version.into(),
        config: dynamic(&object(&names, block)),
        ..Default::default()
    };
    let answer = terraform.provider.configure_provider(request).await;
    assert_eq!(answer.unwrap().into_inner().diagnostics, []);
    terraform
}

/// An object of all these attributes: null, unless they are among the `known`.
pub(crate) fn object(names: &[&str], known: &[(&str, Json)]) -> Json {
    let nulls = names.iter().map(|name| ((*name).to_owned(), Json::Null));
    let mut object: Map<String, Json> = nulls.collect();
    for (name, value) in known {
        assert!(
            object.insert((*name).to_owned(), value.clone()).is_some(),
            "{name} is no attribute"
        );
    }
    object.into()
}

/// The configuration or state of a webhook.
pub(crate) fn webhook(known: &[(&str, Json)]) -> Json {
    let names = [
        "id",
        "account_id",
        "app_id",
        "name",
        "url",
        "events",
        "enabled",
        "created_at",
        "updated_at",
        "timeouts",
    ];
    object(&names, known)
}

/// Where each message is shown, and its summary.
pub(crate) fn told(diagnostics: &[Diagnostic]) -> Vec<(String, &str)> {
    let path = |diagnostic: &Diagnostic| {
        let steps = diagnostic.attribute.iter().flat_map(|path| &path.steps);
        let steps = steps.map(|step| format!("{:?}", step.selector.as_ref().unwrap()));
        steps.collect::<String>()
    };
    let told = diagnostics.iter();
    told.map(|diagnostic| (path(diagnostic), diagnostic.summary.as_str()))
        .collect()
}
