//! Identities, plans and queries of webhooks, as new versions of Terraform ask for them.

use http::{Method, StatusCode};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use realtimekit::{
    mock_api::{Fault, Matcher, MockApi, Quirks},
    proto::tfplugin6::{
        diagnostic::Severity, validate_list_resource_config, validate_provider_config,
    },
};
use serde_json::{Value as Json, json};

use crate::support::{
    ACCOUNT, APP, Calls, Core, Instance, Launch, TOLD_NOTHING, WEBHOOK, bell, object,
    provider_block, webhook,
    wire::{REFINED, UNKNOWN, dynamic},
};

const OTHER_APP: &str = "5d9c2b1a-0f7e-4c66-9a3b-2f1e8d7c6b5a";
const STARTED: &str = "meeting.started";
const ID: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";

/// A configured provider and its API.
struct Session {
    terraform: Core,
    calls: Calls,
    api: MockApi,
}

impl Session {
    async fn start(quirks: Quirks) -> Self {
        let api = MockApi::builder().quirks(quirks).start().unwrap();
        let terraform = Launch::new().env("TF_LOG", "DEBUG").connect().await;
        let mut calls = terraform.calls();
        calls.configure("1.16.2", &provider_block(&api, &[])).await;
        Self {
            terraform,
            calls,
            api,
        }
    }

    /// With webhooks of these names, each with the event.
    async fn with_webhooks(webhooks: &[(&str, &str)]) -> Self {
        let session = Self::start(Quirks::documented()).await;
        for (number, (name, event)) in webhooks.iter().enumerate() {
            let url = format!("https://example.com/{number}");
            session.api.add_webhook(ACCOUNT, APP, name, &url, &[event]);
        }
        session
    }

    fn pause(&self, number: usize) {
        let id = &self.api.webhooks(ACCOUNT, APP)[number].id;
        let paused = self.api.edit_webhook(id, |webhook| webhook.enabled = false);
        paused.unwrap();
    }

    /// The names that a query finds, and what is said.
    async fn names(
        &mut self,
        arguments: &[(&str, Json)],
        limit: i64,
    ) -> (Vec<String>, Vec<String>) {
        let (found, told) = self.calls.list(&query(arguments), limit, false).await;
        (found.into_iter().map(|(name, _)| name).collect(), told)
    }
}

/// A query of which only these arguments are written.
fn query(arguments: &[(&str, Json)]) -> Json {
    object(
        &["account_id", "app_id", "enabled", "event", "name_prefix"],
        arguments,
    )
}

/// The identity of a webhook in the provider's app.
fn identity_of(id: &str) -> Json {
    json!({ "account_id": ACCOUNT, "app_id": APP, "id": id })
}

/// Configurations that the API takes.
fn any_config() -> impl Strategy<Value = Json> {
    let events = ["meeting.started", "meeting.ended", "recording.statusUpdate"];
    let some_events = prop::sample::subsequence(events.to_vec(), 1..=events.len());
    let app = prop::option::of(prop::sample::select(vec![APP, OTHER_APP]));
    let url = r"https://example\.com/[a-z0-9]{12}";
    let enabled = any::<Option<bool>>();
    ("[!-~]{1,20}", url, some_events, enabled, app).prop_map(|(name, url, events, enabled, app)| {
        webhook(&[
            ("name", name.into()),
            ("url", url.into()),
            ("events", events.into()),
            ("enabled", enabled.into()),
            ("app_id", app.into()),
        ])
    })
}

#[tokio::test]
async fn identity_of_any_webhook_is_the_same_in_every_answer() {
    let mut session = Session::start(Quirks::documented()).await;
    let (calls, nothing) = (&mut session.calls, Instance::default());
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::default()
    });
    for _ in 0..24 {
        let config = any_config().new_tree(&mut runner).unwrap().current();

        let planned = calls.plan(&nothing, &config).await.plainly();
        let created = calls.apply(&nothing, &planned, &config).await.plainly();

        let app = config["app_id"].as_str().unwrap_or(APP);
        let id = created.state["id"].as_str().unwrap().to_owned();
        let identity = json!({ "account_id": ACCOUNT, "app_id": app, "id": id });
        assert_eq!(planned.identity, Json::Null, "not known before the id is");
        assert_eq!(created.identity, identity);
        assert_eq!(calls.read(&created).await.plainly(), created);
        assert_eq!(calls.plan(&created, &config).await.plainly(), created);
        let mut changed = config.clone();
        changed["name"] = "renamed".into();
        let updated = calls.change(&created, &changed).await.plainly();
        assert_eq!(
            (&updated.identity, &updated.state["name"]),
            (&identity, &"renamed".into())
        );
        for target in [json!(format!("{ACCOUNT}/{app}/{id}")), identity.clone()] {
            assert_eq!(calls.import(&target).await.plainly(), updated);
        }
        let (found, told) = calls
            .list(&query(&[("app_id", app.into())]), 100, true)
            .await;
        assert_eq!(told, TOLD_NOTHING);
        assert!(found.contains(&("renamed".to_owned(), updated.clone())));
        let destruction = calls.plan(&updated, &Json::Null).await.plainly();
        assert_eq!(destruction.identity, identity);
        assert_eq!(
            calls
                .apply(&updated, &destruction, &Json::Null)
                .await
                .plainly(),
            nothing
        );
    }
}

#[tokio::test]
async fn import_identity_is_completed_from_the_provider_block_or_refused_before_a_request() {
    let mut session = Session::start(Quirks::documented()).await;
    let events = ["meeting.ended"];
    let webhook = session
        .api
        .add_webhook(ACCOUNT, APP, "x", "https://example.com/x", &events);
    let identity = |account: Json, app: Json, id: Json| json!({ "account_id": account, "app_id": app, "id": id });
    let refused = [
        (
            Json::Null,
            Json::Null,
            Json::Null,
            "Incomplete Import Identity",
        ),
        (Json::Null, Json::Null, "all".into(), "Invalid Webhook ID"),
        ("..".into(), Json::Null, ID.into(), "Invalid Identifier"),
        (Json::Null, "a/b".into(), ID.into(), "Invalid Identifier"),
        (Json::Null, "".into(), ID.into(), "Invalid Identifier"),
    ];
    for (account, app, id, expected) in refused {
        let target = identity(account, app, id);
        assert_eq!(
            session.calls.import(&target).await.summaries(),
            [expected],
            "{target}"
        );
    }
    assert!(session.api.calls().is_empty());

    let missing = session.calls.import(&identity_of(ID)).await;
    assert_eq!(missing.summaries(), ["No Such Webhook"]);
    for (account, app) in [
        (Json::Null, Json::Null),
        (Json::Null, APP.into()),
        (ACCOUNT.into(), Json::Null),
    ] {
        let target = identity(account, app, webhook.id.as_str().into());
        let imported = session.calls.import(&target).await.plainly();
        assert_eq!(imported.identity, identity_of(&webhook.id));
    }
}

#[tokio::test]
async fn id_that_the_api_spells_otherwise_stays_the_same() {
    let mut session = Session::start(Quirks::live()).await;
    let calls = &mut session.calls;
    let created = calls
        .change(&Instance::default(), &bell("bell"))
        .await
        .plainly();
    let shouted = created.state["id"].as_str().unwrap().to_uppercase();
    let mut instance = Instance {
        identity: identity_of(&shouted),
        ..created
    };
    instance.state["id"] = shouted.as_str().into();

    let read = calls.read(&instance).await.plainly();
    let updated = calls.change(&instance, &bell("gong")).await.plainly();

    assert_eq!(read.identity, instance.identity);
    assert_eq!(updated.identity, instance.identity);
}

/// Terraform may read and plan a resource as often, and in whatever order, as it likes: the option
/// `-minimal-refresh` of Terraform 1.17 plans everything twice in one process.
#[tokio::test]
async fn replacement_planned_twice_in_one_process_gives_no_warning() {
    let mut session = Session::start(Quirks::documented()).await;
    let (calls, nothing) = (&mut session.calls, Instance::default());
    let before = bell("bell");
    let created = calls.change(&nothing, &before).await.plainly();
    let mut after = before.clone();
    after["url"] = "https://example.com/gong".into();
    calls
        .configure("1.17.0", &provider_block(&session.api, &[]))
        .await;

    for config in [&before, &after] {
        for _ in 0..2 {
            calls.plan(&created, config).await.plainly();
            calls.plan(&nothing, config).await.plainly();
            assert_eq!(calls.read(&created).await.plainly(), created);
        }
    }
}

/// OpenTofu 1.13's `assume…` functions and Terraform's own analysis refine unknown values.
#[tokio::test]
async fn refined_unknown_is_validated_and_planned_as_an_unknown() {
    let mut session = Session::start(Quirks::documented()).await;
    let refined = ["app_id", "name", "url", "enabled"];
    let mut config = webhook(&refined.map(|name| (name, REFINED.into())));
    config["events"] = json!([REFINED]);
    let names = "api_token account_id app_id base_url max_retries requests_per_second";
    let block: Json = names
        .split(' ')
        .map(|name| (name.to_owned(), Json::from(REFINED)))
        .collect();

    let validated = session.calls.validate(&config).await;
    let planned = session
        .calls
        .plan(&Instance::default(), &config)
        .await
        .plainly();
    let request = validate_provider_config::Request {
        config: dynamic(&block),
    };
    let provider = &mut session.calls.provider;
    let block_validated = provider.validate_provider_config(request).await.unwrap();
    session.calls.configure("1.15.5", &block).await;

    assert_eq!(validated, []);
    assert_eq!(block_validated.into_inner().diagnostics, []);
    let is_unknown = |value: &Json| [UNKNOWN, REFINED].iter().any(|unknown| value == *unknown);
    for name in refined {
        assert!(is_unknown(&planned.state[name]), "{name}");
    }
    assert!(is_unknown(&planned.state["events"][0]));
}

#[tokio::test]
async fn query_finds_what_matches_all_of_it_by_name_up_to_its_limit() {
    let webhooks = [
        ("door bell", STARTED),
        ("door gong", "meeting.ended"),
        ("bell", STARTED),
    ];
    let mut session = Session::with_webhooks(&webhooks).await;
    session.pause(1);
    let prefix = ("name_prefix", json!("door"));
    let cases: [(&[_], i64, &[&str]); 8] = [
        (&[], 100, &["bell", "door bell", "door gong"]),
        (&[], 2, &["bell", "door bell"]),
        (&[("event", json!(STARTED))], 100, &["bell", "door bell"]),
        (&[("enabled", json!(false))], 100, &["door gong"]),
        (
            std::slice::from_ref(&prefix),
            100,
            &["door bell", "door gong"],
        ),
        (
            &[prefix.clone(), ("enabled", json!(true))],
            100,
            &["door bell"],
        ),
        (&[("event", json!("stage.opened"))], 100, &[]),
        (&[("app_id", json!("another"))], 100, &[]),
    ];
    for (arguments, limit, expected) in cases {
        session.api.clear_calls();

        let (names, told) = session.names(arguments, limit).await;

        assert_eq!(names, expected, "{arguments:?}");
        assert_eq!(told, TOLD_NOTHING);
        assert_eq!(session.api.calls().len(), 1);
    }
    session.api.clear_calls();
    assert_eq!(session.names(&[], 0).await.0, [""; 0]);
    assert!(session.api.calls().is_empty());

    let (exit, ..) = session.terraform.stop().await;
    for level in ["warn", "error"] {
        let record = format!("\"@level\":\"{level}\"");
        assert!(!exit.stderr.contains(&record), "{}", exit.stderr);
    }
}

#[tokio::test]
async fn query_that_fails_or_finds_an_odd_webhook_says_so() {
    let mut session = Session::with_webhooks(&[("a", STARTED)]).await;
    let unauthorized = Fault::status(StatusCode::UNAUTHORIZED);
    let whole =
        json!({ "id": ID, "name": "bell", "url": "https://example.com/", "events": [STARTED] });
    let odd = json!({ "success": true, "data": [null, whole] });
    let odd = Fault::body(StatusCode::OK, odd.to_string());

    session
        .api
        .fail(Matcher::method(Method::GET), 1, unauthorized);
    let failed = session.names(&[], 100).await;
    session.api.fail(Matcher::any(), 1, odd);
    let (names, told) = session.names(&[], 100).await;

    assert_eq!(
        failed,
        (vec![], vec!["Could Not List the Webhooks".to_owned()])
    );
    assert_eq!((names, told.len()), (vec!["bell".to_owned()], 1));
}

#[tokio::test]
async fn unknown_event_is_doubted_when_the_query_is_checked() {
    let mut session = Session::with_webhooks(&[]).await;
    let request = |event: &str| validate_list_resource_config::Request {
        type_name: WEBHOOK.into(),
        config: dynamic(&query(&[("event", event.into())])),
        ..Default::default()
    };
    let mut told = Vec::new();
    for event in [STARTED, "meeting.strated"] {
        let answer = session
            .calls
            .provider
            .validate_list_resource_config(request(event));
        told.extend(answer.await.unwrap().into_inner().diagnostics);
    }

    let [doubt] = told.try_into().unwrap();
    assert_eq!(doubt.severity(), Severity::Warning);
    assert!(
        doubt.detail.contains("Did you mean \"meeting.started\"?"),
        "{}",
        doubt.detail
    );
}

#[tokio::test]
async fn configuration_generated_for_what_was_found_plans_no_change_after_its_import() {
    let mut session = Session::with_webhooks(&[("bell", STARTED), ("gong", STARTED)]).await;
    session.pause(1);
    let url = "https://example.com/h";
    session
        .api
        .add_webhook(ACCOUNT, "another", "horn", url, &[STARTED]);
    let calls = &mut session.calls;
    let (mut found, _) = calls.list(&query(&[]), 100, true).await;
    found.extend(
        calls
            .list(&query(&[("app_id", "another".into())]), 100, true)
            .await
            .0,
    );

    let expected = |name: &str, url: &str, more: (&str, Json)| {
        let events = ("events", json!([STARTED]));
        webhook(&[("name", name.into()), ("url", url.into()), events, more])
    };
    let expected = [
        expected("bell", "https://example.com/0", ("enabled", Json::Null)),
        expected("gong", "https://example.com/1", ("enabled", false.into())),
        expected("horn", url, ("app_id", "another".into())),
    ];
    assert_eq!(found.len(), expected.len());
    for ((_, found), expected) in found.into_iter().zip(expected) {
        let generated = calls.generate(&found.state).await;
        let imported = calls.import(&found.identity).await.plainly();
        let planned = calls.plan(&imported, &generated).await.plainly();

        assert_eq!(generated, expected);
        assert_eq!((&imported, &planned), (&found, &found));
    }
    assert_eq!(calls.generate(&Json::Null).await, Json::Null);
}
