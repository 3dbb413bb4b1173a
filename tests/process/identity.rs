//! The identity of a webhook: the same in every answer, for all of its life.

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use realtimekit::mock_api::{MockApi, Quirks};
use serde_json::{Value as Json, json};

use crate::webhooks::{ACCOUNT, APP, Instance, Webhooks, config, identity_of, nothing};

const OTHER_APP: &str = "5d9c2b1a-0f7e-4c66-9a3b-2f1e8d7c6b5a";

/// Configurations that the API takes.
fn any_config() -> impl Strategy<Value = Json> {
    let events = ["meeting.started", "meeting.ended", "recording.statusUpdate"];
    let some_events = prop::sample::subsequence(events.to_vec(), 1..=events.len());
    let app = prop::option::of(prop::sample::select(vec![APP, OTHER_APP]));
    let url = r"https://example\.com/[a-z0-9]{12}";
    let enabled = any::<Option<bool>>();
    ("[!-~]{1,20}", url, some_events, enabled, app).prop_map(|(name, url, events, enabled, app)| {
        let mut config = config(&name, &url, &events);
        config["enabled"] = enabled.into();
        config["app_id"] = app.into();
        config
    })
}

fn summaries(diagnostics: &[realtimekit::proto::tfplugin6::Diagnostic]) -> Vec<&str> {
    let summaries = diagnostics.iter().map(|it| it.summary.as_str());
    summaries.collect()
}

#[tokio::test]
async fn the_identity_of_any_webhook_is_the_same_in_every_answer() {
    let mut webhooks = Webhooks::start().await;
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::default()
    });
    for _ in 0..24 {
        let config = any_config().new_tree(&mut runner).unwrap().current();

        let planned = webhooks.plan(&nothing(), &config).await;
        let (created, diagnostics) = webhooks.apply(&nothing(), &planned, &config).await;

        assert_eq!(diagnostics, [], "{config}");
        let app = config["app_id"].as_str().unwrap_or(APP);
        let id = created.state["id"].as_str().unwrap().to_owned();
        let identity = json!({ "account_id": ACCOUNT, "app_id": app, "id": id });
        assert_eq!(planned.identity, Json::Null, "not known before the id is");
        assert_eq!(created.identity, identity);
        assert_eq!(webhooks.read(&created).await, (created.clone(), vec![]));
        let unchanged = webhooks.plan(&created, &config).await;
        assert_eq!(
            (unchanged.state, unchanged.identity),
            (created.state.clone(), identity.clone())
        );
        let renamed = json!("renamed");
        let mut changed = config.clone();
        changed["name"] = renamed.clone();
        let updated = webhooks.change(&created, &changed).await;
        assert_eq!(
            (&updated.identity, &updated.state["name"]),
            (&identity, &renamed)
        );
        for target in [json!(format!("{ACCOUNT}/{app}/{id}")), identity.clone()] {
            let imported = webhooks.import(&target).await.unwrap();
            assert_eq!(imported, updated);
        }
        let query = json!({
            "account_id": null, "app_id": app, "enabled": null, "event": null, "name_prefix": null,
        });
        let results = webhooks.list(&query, 100, true).await.unwrap().found;
        let found = results
            .iter()
            .find(|found| found.identity == identity)
            .unwrap();
        assert_eq!(found.object, updated.state);
        let destruction = webhooks.plan(&updated, &Json::Null).await;
        assert_eq!(destruction.identity, identity);
        let destroyed = webhooks.apply(&updated, &destruction, &Json::Null).await;
        assert_eq!(destroyed, (nothing(), vec![]));
    }
}

#[tokio::test]
async fn what_an_identity_leaves_out_is_what_the_provider_block_says() {
    let mut webhooks = Webhooks::start().await;
    let webhook = webhooks
        .api
        .add_webhook(ACCOUNT, APP, "x", "https://example.com/x", &[]);
    for (account, app) in [
        (Json::Null, Json::Null),
        (Json::Null, APP.into()),
        (ACCOUNT.into(), Json::Null),
    ] {
        let target = json!({ "account_id": account, "app_id": app, "id": webhook.id });

        let imported = webhooks.import(&target).await.unwrap();

        assert_eq!(imported.identity, identity_of(&webhook.id));
    }
}

#[tokio::test]
async fn an_identity_that_is_none_is_refused_before_anything_is_sent() {
    let mut webhooks = Webhooks::start().await;
    let id = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";
    let cases = [
        (
            json!({ "account_id": null, "app_id": null, "id": null }),
            "Incomplete Import Identity",
        ),
        (
            json!({ "account_id": null, "app_id": null, "id": "all" }),
            "Invalid Webhook ID",
        ),
        (
            json!({ "account_id": "..", "app_id": null, "id": id }),
            "Invalid Identifier",
        ),
        (
            json!({ "account_id": null, "app_id": "a/b", "id": id }),
            "Invalid Identifier",
        ),
        (
            json!({ "account_id": null, "app_id": "", "id": id }),
            "Invalid Identifier",
        ),
    ];
    for (target, expected) in cases {
        let refused = webhooks.import(&target).await.unwrap_err();

        assert_eq!(summaries(&refused), [expected], "{target}");
    }
    assert!(webhooks.api.calls().is_empty());

    let missing = webhooks.import(&identity_of(id)).await.unwrap_err();
    assert_eq!(summaries(&missing), ["No Such Webhook"]);
}

#[tokio::test]
async fn a_webhook_that_moves_to_another_app_gets_another_identity_by_replacement() {
    let mut webhooks = Webhooks::start().await;
    let here = config("bell", "https://example.com/bell", &["meeting.started"]);
    let created = webhooks.change(&nothing(), &here).await;
    let mut there = here.clone();
    there["app_id"] = OTHER_APP.into();

    let first = webhooks.plan(&created, &there).await;
    // Terraform asks again for the new one, with the identity of the first plan.
    let prior = Instance {
        identity: first.identity.clone(),
        ..nothing()
    };
    let second = webhooks.plan(&prior, &there).await;
    let destruction = webhooks.plan(&created, &Json::Null).await;
    let (destroyed, told) = webhooks.apply(&created, &destruction, &Json::Null).await;
    let (recreated, told_then) = webhooks.apply(&nothing(), &second, &there).await;

    assert!(first.replaces);
    assert_eq!(first.identity, created.identity);
    assert_eq!(second.identity, Json::Null);
    assert_eq!((destroyed, told, told_then), (nothing(), vec![], vec![]));
    assert_eq!(recreated.identity["app_id"], OTHER_APP);
    assert_eq!(recreated.identity["id"], recreated.state["id"]);
    assert_ne!(recreated.identity["id"], created.identity["id"]);
}

#[tokio::test]
async fn a_state_without_an_identity_gets_one_and_one_of_another_webhook_is_refused() {
    let mut webhooks = Webhooks::start().await;
    let bell = config("bell", "https://example.com/bell", &["meeting.started"]);
    let created = webhooks.change(&nothing(), &bell).await;
    let old = Instance {
        identity: Json::Null,
        ..created.clone()
    };
    let strange = Instance {
        identity: identity_of("0d1f069d-43bb-489a-ad8c-7eb95592ba8e"),
        ..created.clone()
    };

    assert_eq!(webhooks.read(&old).await, (created, vec![]));
    let (answer, diagnostics) = webhooks.read(&strange).await;
    assert_eq!(summaries(&diagnostics), ["Unexpected Identity Change"]);
    assert_eq!(answer, nothing());
    let (_, diagnostics) = webhooks.try_plan(&strange, &bell).await;
    assert_eq!(summaries(&diagnostics), ["Unexpected Identity Change"]);
}

#[tokio::test]
async fn an_id_that_the_api_spells_otherwise_stays_the_same() {
    let mut webhooks =
        Webhooks::of(MockApi::builder().quirks(Quirks::live()).start().unwrap()).await;
    let bell = config("bell", "https://example.com/bell", &["meeting.started"]);
    let created = webhooks.change(&nothing(), &bell).await;
    let shouted = created.state["id"].as_str().unwrap().to_uppercase();
    let mut instance = Instance {
        identity: identity_of(&shouted),
        ..created
    };
    instance.state["id"] = shouted.as_str().into();
    let mut changed = bell.clone();
    changed["name"] = "gong".into();

    let read = webhooks.read(&instance).await;
    let updated = webhooks.change(&instance, &changed).await;

    assert_eq!(read.1, []);
    assert_eq!(read.0.identity, instance.identity);
    assert_eq!(updated.identity, instance.identity);
}
