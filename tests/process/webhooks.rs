//! Webhooks in what only new versions of Terraform, or none of ours, can show: identities, refined
//! unknown values, repeated plans, queries.

use http::{Method, StatusCode};
use realtimekit::{
    mock_api::{Fault, Matcher, Quirks},
    proto::tfplugin6::validate_provider_config,
};
use serde_json::{Value as Json, json};

use crate::support::{
    ACCOUNT, APP, Answer, Session, bell, call, identity_of, provider_block, query, webhook,
    wire::{REFINED, UNKNOWN, dynamic},
};

const STARTED: &str = "meeting.started";
const ID: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";

async fn documented() -> Session {
    Session::start(Quirks::documented(), &[]).await
}

/// Adds webhooks of these names to an app.
fn add(session: &Session, app: &str, names: &[&str]) {
    for name in names {
        let url = format!("https://example.com/{name}");
        session
            .api
            .add_webhook(ACCOUNT, app, name, &url, &[STARTED]);
    }
}

#[tokio::test]
async fn import_identity_is_completed_from_the_provider_block_or_refused_before_a_request() {
    let mut session = documented().await;
    let refused = [
        (json!([null, null, null]), "Incomplete Import Identity"),
        (json!([null, null, "all"]), "Invalid Webhook ID"),
        (json!(["..", null, ID]), "Invalid Identifier"),
        (json!([null, "a/b", ID]), "Invalid Identifier"),
        (json!([null, "", ID]), "Invalid Identifier"),
    ];
    let identity = |it: &Json| json!({ "account_id": it[0], "app_id": it[1], "id": it[2] });
    for (parts, expected) in refused {
        let answer = session.calls.import(&identity(&parts)).await;
        assert_eq!(answer.summaries(), [expected], "{parts}");
    }
    assert!(session.api.calls().is_empty());

    let missing = session.calls.import(&identity_of(ID)).await;
    assert_eq!(missing.summaries(), ["No Such Webhook"]);
    add(&session, APP, &["x"]);
    let id = &session.api.webhooks(ACCOUNT, APP)[0].id;
    for parts in [[None, None], [None, Some(APP)], [Some(ACCOUNT), None]] {
        let target = identity(&json!([parts[0], parts[1], id]));
        let imported = session.calls.import(&target).await.plainly();
        assert_eq!(imported.identity, identity_of(id));
    }
}

#[tokio::test]
async fn id_that_the_api_spells_otherwise_stays_the_same() {
    let mut session = Session::start(Quirks::live(), &[]).await;
    let calls = &mut session.calls;
    let mut created = calls
        .change(&Answer::default(), &bell("bell"))
        .await
        .plainly();
    let shouted = created.state["id"].as_str().unwrap().to_uppercase();
    created.identity = identity_of(&shouted);
    created.state["id"] = shouted.into();

    let read = calls.read(&created).await.plainly();
    let updated = calls.change(&created, &bell("gong")).await.plainly();

    assert_eq!(
        [read.identity, updated.identity],
        [(); 2].map(|()| created.identity.clone())
    );
}

/// Terraform may read and plan a resource as often, and in whatever order, as it likes: the option
/// `-minimal-refresh` of Terraform 1.17 plans everything twice in one process.
#[tokio::test]
async fn replacement_planned_twice_in_one_process_gives_no_warning() {
    let mut session = documented().await;
    let (calls, nothing, before) = (&mut session.calls, Answer::default(), bell("bell"));
    let created = calls.change(&nothing, &before).await.plainly();
    let mut after = before.clone();
    after["url"] = "https://example.com/gong".into();
    let block = provider_block(&session.api, &[]);
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
    let mut session = documented().await;
    let calls = &mut session.calls;
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
        assert_eq!(session.api.webhooks(ACCOUNT, APP)[0].name, name);
    }
    let mut block = provider_block(&session.api, &[]);
    block
        .as_object_mut()
        .unwrap()
        .values_mut()
        .for_each(|it| *it = REFINED.into());
    let validated = call!(calls.validate_provider_config { config: dynamic(&block) });
    assert_eq!(validated.diagnostics, []);
    calls.configure("1.15.5", &block).await;
}

#[tokio::test]
async fn query_is_one_request_and_says_what_failed_or_is_odd() {
    let mut session = documented().await;
    add(&session, APP, &["door gong", "bell", "door bell"]);
    let prefix = ("name_prefix", json!("door"));
    let off = ("enabled", json!(false));
    let another = ("app_id", json!("another"));
    let cases: [(&[_], i64, &[&str]); 5] = [
        (&[], 100, &["bell", "door bell", "door gong"]),
        (&[], 2, &["bell", "door bell"]),
        (&[prefix.clone()], 100, &["door bell", "door gong"]),
        (&[prefix, off], 100, &[]),
        (&[another], 100, &[]),
    ];
    let names = |found: Vec<(String, _)>| found.into_iter().map(|(name, _)| name);
    for (arguments, limit, expected) in cases {
        session.api.clear_calls();
        let (found, told) = session.calls.list(&query(arguments), limit).await;

        assert_eq!(names(found).collect::<Vec<_>>(), expected, "{arguments:?}");
        assert_eq!((told.len(), session.api.calls().len()), (0, 1));
    }
    assert!(
        !session
            .terraform
            .plugin
            .stderr()
            .contains("\"@level\":\"warn\"")
    );

    let unauthorized = Fault::status(StatusCode::UNAUTHORIZED);
    session
        .api
        .fail(Matcher::method(Method::GET), 1, unauthorized);
    let (found, told) = session.calls.list(&query(&[]), 100).await;
    assert_eq!(
        (found.len(), &told[..]),
        (0, &["Could Not List the Webhooks".to_owned()][..])
    );
    let fine = json!({ "id": ID, "name": "fine", "url": "https://example.com", "events": ["x.y"] });
    let odd = json!({ "success": true, "data": [null, fine] });
    session
        .api
        .fail_next(1, Fault::body(StatusCode::OK, odd.to_string()));
    let (found, told) = session.calls.list(&query(&[]), 100).await;
    assert_eq!(
        (names(found).collect::<String>().as_str(), told.len()),
        ("fine", 1)
    );
}

#[tokio::test]
async fn configuration_generated_for_what_was_found_plans_no_change_after_its_import() {
    let mut session = documented().await;
    add(&session, APP, &["bell", "gong"]);
    add(&session, "another", &["horn"]);
    let gong = &session.api.webhooks(ACCOUNT, APP)[1].id;
    let off = session
        .api
        .edit_webhook(gong, |webhook| webhook.enabled = false);
    off.unwrap();
    let calls = &mut session.calls;
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
