//! Webhooks in what only new versions of Terraform, or none of ours, can show: identities, refined
//! unknown values, repeated plans, queries.

use http::{Method, StatusCode};
use realtimekit::mock_api::{Fault, Matcher, MockApi, Quirks};
use serde_json::{Value as Json, json};

use crate::support::{
    ACCOUNT, APP, Answer, bell, call, configured, identity_of, provider_block, query, webhook,
    wire::{REFINED, UNKNOWN, dynamic},
};

const STARTED: &str = "meeting.started";
const ID: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";

/// Adds a webhook to an app, and returns its ID.
fn add(api: &MockApi, app: &str, name: &str) -> String {
    let url = format!("https://example.com/{name}");
    api.add_webhook(ACCOUNT, app, name, &url, &[STARTED]).id
}

#[tokio::test]
async fn import_identity_is_completed_from_the_provider_block_or_refused_before_a_request() {
    let (_terraform, calls, api) = configured(Quirks::documented(), &[]).await;
    let identity = |it: &Json| json!({ "account_id": it[0], "app_id": it[1], "id": it[2] });
    for (parts, expected) in [
        (json!([null, null, null]), "Incomplete Import Identity"),
        (json!([null, null, "all"]), "Invalid Webhook ID"),
        (json!([null, "a/b", ID]), "Invalid Identifier"),
    ] {
        let answer = calls.import(&identity(&parts)).await;
        assert_eq!(answer.summaries(), [expected]);
    }
    assert!(api.calls().is_empty());

    let missing = calls.import(&identity_of(ID)).await;
    assert_eq!(missing.summaries(), ["No Such Webhook"]);
    let id = add(&api, APP, "x");
    for parts in [json!([null, null, id]), json!([ACCOUNT, null, id])] {
        let imported = calls.import(&identity(&parts)).await.plainly();
        assert_eq!(imported.identity, identity_of(&id));
    }
}

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
    let mut stored = Answer::default();
    for name in ["bell", "gong"] {
        let known = bell(name);
        let mut unknown = known.clone();
        for attribute in ["app_id", "name", "url", "enabled"] {
            unknown[attribute] = REFINED.into();
        }
        unknown["events"] = json!([REFINED]);

        assert_eq!(calls.validate(&unknown).await, []);
        let planned = calls.plan(&stored, &unknown).await.plainly().state;
        let is_unknown = |value: &Json| *value == UNKNOWN || *value == REFINED;
        for value in [&planned["name"], &planned["url"], &planned["events"][0]] {
            assert!(is_unknown(value), "{planned}");
        }
        let mut planned = calls.plan(&stored, &known).await.plainly();
        for value in planned.state.as_object_mut().unwrap().values_mut() {
            if *value == UNKNOWN {
                *value = REFINED.into();
            }
        }
        stored = calls.apply(&stored, &planned, &known).await.plainly();

        for attribute in ["name", "url", "events"] {
            assert_eq!(stored.state[attribute], known[attribute]);
        }
        for attribute in ["id", "created_at", "updated_at"] {
            assert!(!is_unknown(&stored.state[attribute]), "{attribute}");
        }
        assert_eq!(api.webhooks(ACCOUNT, APP)[0].name, name);
    }
    let settings = "api_token account_id app_id base_url max_retries requests_per_second";
    let settings = settings.split(' ').map(|name| (name, REFINED.into()));
    let block = provider_block(&api, &settings.collect::<Vec<_>>());
    let validated = call!(calls.validate_provider_config { config: dynamic(&block) });
    assert_eq!(validated.diagnostics, []);
    calls.configure("1.15.5", &block).await;
}

#[tokio::test]
async fn query_is_one_request_and_says_what_failed_or_is_odd() {
    let (terraform, calls, api) = configured(Quirks::documented(), &[]).await;
    for name in ["door gong", "bell", "door bell"] {
        add(&api, APP, name);
    }
    let list = async |arguments: &[(&str, Json)], limit| {
        let (found, told) = calls.list(&query(arguments), limit).await;
        let names: Vec<String> = found.into_iter().map(|(name, _)| name).collect();
        (names.join(", "), told.join(", "))
    };
    let prefix = [("name_prefix", json!("door")), ("enabled", json!(false))];
    let cases: [(&[_], i64, &str); 4] = [
        (&[], 100, "bell, door bell, door gong"),
        (&[], 2, "bell, door bell"),
        (&prefix[..1], 100, "door bell, door gong"),
        (&prefix, 100, ""),
    ];
    for (arguments, limit, expected) in cases {
        api.clear_calls();
        let found = list(arguments, limit).await;
        assert_eq!(found, (expected.to_owned(), String::new()));
        assert_eq!(api.calls().len(), 1);
    }
    let log = terraform.plugin.stderr();
    assert!(!log.contains("\"@level\":\"warn\""), "{log}");

    let get = Matcher::method(Method::GET);
    api.fail(get, 1, StatusCode::UNAUTHORIZED);
    let (found, told) = list(&[], 100).await;
    assert_eq!((&*found, &*told), ("", "Could Not List the Webhooks"));
    let fine = json!({ "id": ID, "name": "fine", "url": "https://example.com", "events": ["x.y"] });
    let odd = json!({ "success": true, "data": [null, fine] });
    api.fail_next(1, Fault::body(StatusCode::OK, odd.to_string()));
    let (found, told) = list(&[], 100).await;
    assert_eq!((&*found, &*told), ("fine", "Unreadable Element Left Out"));
}

#[tokio::test]
async fn configuration_generated_for_what_was_found_plans_no_change_after_its_import() {
    let (_terraform, calls, api) = configured(Quirks::documented(), &[]).await;
    add(&api, APP, "bell");
    let gong = add(&api, APP, "gong");
    add(&api, "another", "horn");
    assert!(api.edit_webhook(&gong, |it| it.enabled = false).is_some());
    let (mut found, _) = calls.list(&query(&[]), 100).await;
    let another = query(&[("app_id", "another".into())]);
    found.extend(calls.list(&another, 100).await.0);

    let expected = [
        ("bell", ("enabled", Json::Null)),
        ("gong", ("enabled", false.into())),
        ("horn", ("app_id", "another".into())),
    ];
    assert_eq!(found.len(), expected.len());
    for ((_, found), (name, more)) in found.into_iter().zip(expected) {
        let generated = calls.generate(&found.state).await;
        let imported = calls.import(&found.identity).await.plainly();
        let planned = calls.plan(&imported, &generated).await.plainly();

        let url = format!("https://example.com/{name}");
        let events = ("events", json!([STARTED]));
        let written = webhook(&[("name", name.into()), ("url", url.into()), events, more]);
        assert_eq!(generated, written);
        assert_eq!((&imported, &planned), (&found, &found));
    }
    assert_eq!(calls.generate(&Json::Null).await, Json::Null);
}
