//! Webhooks in what only new versions of Terraform, or none of ours, can show: identities, refined
//! unknown values, repeated plans, queries.

use http::StatusCode;
use realtimekit::mock_api::{Fault, Quirks};
use serde_json::{Value as Json, json};

use crate::support::{
    ACCOUNT, APP, Answer, bell, call, configured, identity_of, provider_block, query,
    wire::{REFINED, UNKNOWN, dynamic},
};

const ID: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";

#[tokio::test]
async fn id_that_the_api_spells_otherwise_stays_the_same() {
    let (_terraform, calls, _api) = configured(Quirks::live(), &[]).await;
    let created = calls.change(&Answer::default(), &bell("bell")).await;
    let mut created = created.plainly();
    let shouted = created.state["id"].as_str().unwrap().to_uppercase();
    created.identity = identity_of(&shouted);
    created.state["id"] = shouted.into();

    let read = calls.read(&created).await.plainly();
    let updated = calls.change(&created, &bell("gong")).await.plainly();

    assert_eq!(read.identity, created.identity);
    assert_eq!(updated.identity, created.identity);
}

/// Terraform may read and plan a resource as often, and in whatever order, as it likes: the option
/// `-minimal-refresh` of Terraform 1.17 plans everything twice in one process.
#[tokio::test]
async fn replacement_planned_twice_in_one_process_gives_no_warning() {
    let (_terraform, calls, api) = configured(Quirks::documented(), &[]).await;
    let (nothing, before) = (Answer::default(), bell("bell"));
    let created = calls.change(&nothing, &before).await.plainly();
    let mut after = before.clone();
    after["url"] = "https://example.com/gong".into();
    let block = provider_block(&api, &[]);
    calls.configure("1.17.0", &block).await;

    for config in [&before, &before, &after, &after] {
        calls.plan(&created, config).await.plainly();
        calls.plan(&nothing, config).await.plainly();
        assert_eq!(calls.read(&created).await.plainly(), created);
    }
}

/// OpenTofu 1.13's `assume…` functions and Terraform's own analysis refine unknown values.
/// Terraform plans again when it applies, with the values that are known by then; what stays
/// unknown in the plan until the change is made may be refined, too.
#[tokio::test]
async fn refined_unknown_is_validated_planned_and_applied_as_an_unknown() {
    let (_terraform, calls, api) = configured(Quirks::documented(), &[]).await;
    let refine = |value: &mut Json| *value = REFINED.into();
    let mut stored = Answer::default();
    for name in ["bell", "gong"] {
        let known = bell(name);
        let mut unknown = known.clone();
        for attribute in ["app_id", "name", "url", "enabled"] {
            refine(&mut unknown[attribute]);
        }
        refine(&mut unknown["events"][0]);

        assert_eq!(calls.validate(&unknown).await, []);
        let planned = calls.plan(&stored, &unknown).await.plainly().state;
        for value in [&planned["name"], &planned["url"], &planned["events"][0]] {
            assert_eq!(value, UNKNOWN);
        }
        let mut planned = calls.plan(&stored, &known).await.plainly();
        let values = planned.state.as_object_mut().unwrap().values_mut();
        values.filter(|it| **it == UNKNOWN).for_each(refine);
        stored = calls.apply(&stored, &planned, &known).await.plainly();

        for attribute in ["name", "url", "events"] {
            assert_eq!(stored.state[attribute], known[attribute]);
        }
        let text = stored.state.to_string();
        assert!(!text.contains(REFINED) && !text.contains(UNKNOWN), "{text}");
        assert_eq!(api.webhooks(ACCOUNT, APP)[0].name, name);
    }
    let mut block = provider_block(&api, &[]);
    block.as_object_mut().unwrap().values_mut().for_each(refine);
    let validated = call!(calls.validate_provider_config { config: dynamic(&block) });
    assert_eq!(validated.diagnostics, []);
    calls.configure("1.15.5", &block).await;
}

#[tokio::test]
async fn query_says_what_failed_or_is_odd() {
    let (_terraform, calls, api) = configured(Quirks::documented(), &[]).await;
    let fine = json!({ "id": ID, "name": "fine", "url": "https://example.com", "events": ["x.y"] });
    let odd = json!({ "success": true, "data": [null, fine] });
    let refused = Fault::status(StatusCode::UNAUTHORIZED);
    let odd = Fault::body(StatusCode::OK, odd.to_string());
    for (answer, names, expected) in [
        (refused, "", "error: Could Not List the Webhooks"),
        (odd, "fine", "warning: Unreadable Element Left Out"),
    ] {
        api.fail_next(1, answer);

        let (found, told) = calls.list(&query(&[]), 100).await;

        let found: String = found.into_iter().map(|(name, _)| name).collect();
        assert_eq!((found.as_str(), told), (names, vec![expected.to_owned()]));
    }
    assert_eq!(api.calls().len(), 2);
}
