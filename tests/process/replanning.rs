//! Terraform may read and plan a resource as often, and in whatever order, as it likes: Terraform
//! 1.17's `-minimal-refresh` plans everything twice in one process.

use realtimekit::proto::tfplugin6::{
    configure_provider, validate_provider_config, validate_resource_config,
};
use serde_json::{Value as Json, json};

use crate::webhooks::{ACCOUNT, APP, Instance, Webhooks, config, nothing};
use crate::wire::{REFINED, UNKNOWN, dynamic};

/// Plans a replacement as Terraform does: the change of the old webhook, then a creation.
async fn plan_replacement(webhooks: &mut Webhooks, prior: &Instance, config: &Json) {
    webhooks.plan(prior, config).await; // fails the test if there is a warning
    webhooks.plan(&nothing(), config).await;
}

#[tokio::test]
async fn replacement_planned_twice_in_one_process_gives_no_warning() {
    let mut webhooks = Webhooks::start().await;
    let before = config("bell", "https://example.com/bell", &["meeting.started"]);
    let created = webhooks.change(&nothing(), &before).await;
    let after = config("bell", "https://example.com/gong", &["meeting.started"]);
    webhooks.restart().await;

    for config in [&before, &after] {
        plan_replacement(&mut webhooks, &created, config).await;
        assert_eq!(webhooks.read(&created).await, (created.clone(), vec![]));
        plan_replacement(&mut webhooks, &created, config).await;
    }
}

/// OpenTofu 1.13's `assume…` functions and Terraform's own analysis refine unknown values.
#[tokio::test]
async fn refined_unknown_is_validated_and_planned_as_an_unknown() {
    let mut webhooks = Webhooks::start().await;
    let config = json!({
        "id": null, "account_id": null, "app_id": REFINED, "name": REFINED, "url": REFINED,
        "events": [REFINED], "enabled": REFINED, "created_at": null, "updated_at": null,
        "timeouts": null,
    });
    let block = json!({
        "api_token": REFINED, "account_id": REFINED, "app_id": REFINED, "base_url": REFINED,
        "max_retries": REFINED, "requests_per_second": REFINED,
    });

    let request = validate_resource_config::Request {
        type_name: "realtimekit_webhook".into(),
        config: dynamic(&config),
        ..Default::default()
    };
    let provider = &mut webhooks.terraform.provider;
    let validated = provider.validate_resource_config(request).await.unwrap();
    let planned = webhooks.plan(&nothing(), &config).await;
    let provider = &mut webhooks.terraform.provider;
    let request = validate_provider_config::Request {
        config: dynamic(&block),
    };
    let block_validated = provider.validate_provider_config(request).await.unwrap();
    let request = configure_provider::Request {
        terraform_version: "1.15.5".into(),
        config: dynamic(&block),
        ..Default::default()
    };
    let configured = provider.configure_provider(request).await.unwrap();

    assert_eq!(validated.into_inner().diagnostics, []);
    let is_unknown = |value: &Json| [UNKNOWN, REFINED].iter().any(|unknown| value == *unknown);
    for name in ["app_id", "name", "url", "enabled"] {
        assert!(is_unknown(&planned.state[name]), "{name}");
    }
    assert!(is_unknown(&planned.state["events"][0]));
    assert_eq!(block_validated.into_inner().diagnostics, []);
    assert_eq!(configured.into_inner().diagnostics, []);
}

/// Terraform plans again when it applies, with the values that are known by then. What stays
/// unknown in the plan until the change is made may be refined.
#[tokio::test]
async fn refined_unknown_is_applied_with_the_known_value() {
    let mut webhooks = Webhooks::start().await;
    let mut instance = nothing();
    for name in ["bell", "gong"] {
        let url = format!("https://example.com/{name}");
        let known = config(name, &url, &["meeting.started"]);
        let mut unknown = known.clone();
        for attribute in ["name", "url"] {
            unknown[attribute] = json!(REFINED);
        }
        unknown["events"] = json!([REFINED]);
        let first = webhooks.plan(&instance, &unknown).await;
        let mut planned = webhooks.plan(&instance, &known).await;
        let computed = planned.state.as_object_mut().unwrap().values_mut();
        let computed: Vec<_> = computed.filter(|value| *value == UNKNOWN).collect();
        assert!(!computed.is_empty());
        computed
            .into_iter()
            .for_each(|value| *value = json!(REFINED));

        let (applied, diagnostics) = webhooks.apply(&instance, &planned, &known).await;

        assert_eq!(diagnostics, []);
        assert_eq!(first.state["enabled"], applied.state["enabled"]);
        for attribute in ["name", "url", "events"] {
            assert_eq!(applied.state[attribute], known[attribute]);
        }
        for attribute in ["id", "created_at", "updated_at"] {
            assert_ne!(applied.state[attribute], REFINED, "{attribute}");
        }
        assert_eq!(webhooks.api.webhooks(ACCOUNT, APP)[0].name, name);
        instance = applied;
    }
}
