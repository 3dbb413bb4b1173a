//! Looking things up: webhooks, apps, events, and the key of deliveries.

use http::{Method, StatusCode};
use realtimekit::mock_api::Fault;
use serde_json::{Value, json};

use crate::support::*;

/// A data source `realtimekit_KIND`.
fn data(kind: &str, label: &str, attributes: &str) -> String {
    block(&format!("data realtimekit_{kind} {label}"), attributes)
}

/// What a [`data`] source found.
fn found(w: &Workspace, kind: &str, label: &str) -> Value {
    w.state(&format!("data.realtimekit_{kind}.{label}"))
}

/// A lookup of a webhook for each row, with the attributes in its first cell.
fn lookups<const N: usize>(rows: &[[&str; N]]) -> String {
    let attributes = rows.iter().map(|row| row[0].replace(", ", "\n"));
    let rows = attributes.enumerate();
    let lookups = rows.map(|(n, attributes)| data("webhook", &format!("row{n}"), &attributes));
    lookups.collect()
}

#[test]
fn webhooks_are_listed_by_name_and_found_by_id_name_or_url() {
    let w = Workspace::new();
    let gong = w.add("gong", "https://b.example/");
    w.add("cafe\u{301}", "https://a.example/cafe\u{301}"); // in another normal form
    let bell = &w.webhooks()[1];
    let url = "https://c.example/";
    w.api.add_webhook("a1", OTHER_APP, "theirs", url, &["x.y"]);
    let queries = format!(
        "id = '{}'
         name = 'café'
         name = 'cafe\u{301}'
         url = 'https://A.example/café'",
        bell.id
    );

    let theirs = format!("account_id = 'a1'\napp_id = '{OTHER_APP}'");
    let lists = data("webhooks", "all", "")
        + &data("webhooks", "none", "app_id = 'none'")
        + &data("webhooks", "theirs", &theirs);
    w.apply(lists + &lookups(&rows::<1>(&queries)));

    let mut expected = json!({
        "id": bell.id,
        "name": "café",
        "url": "https://a.example/café",
        "events": ["meeting.ended", "meeting.started"],
        "enabled": true,
        "created_at": bell.created_at,
        "updated_at": bell.updated_at,
    });
    let listed = |label| found(&w, "webhooks", label)["webhooks"].take();
    let all = listed("all");
    assert_eq!((&all[0], &all[1]["id"]), (&expected, &json!(gong)));
    assert_eq!(listed("none"), json!([]));
    assert_eq!(listed("theirs")[0]["name"], "theirs");
    (expected["account_id"], expected["app_id"]) = (json!(ACCOUNT), json!(APP));
    for row in ["row0", "row1", "row2"] {
        assert_eq!(found(&w, "webhook", row), expected, "{row}");
    }
    expected["url"] = json!("https://A.example/café"); // another spelling of it
    assert_eq!(found(&w, "webhook", "row3"), expected);
}

#[test]
fn lookup_that_does_not_find_one_webhook_is_an_error_that_lists_the_candidates() {
    let w = Workspace::new();
    let mistakes = rows::<3>(
        r#"
        name = null          | Missing Attribute Configuration | exactly one of these: id, name, url
        id = "a", name = "b" | Invalid Attribute Combination   | Here are id and name
        id = "a/b"           | Invalid Webhook ID              | is a UUID
        "#,
    );
    w.plan_fails(lookups(&mistakes), "").reports_each(&mistakes);
    assert!(w.api.calls().is_empty());

    let none = "No Such Webhook | The app has no webhooks: check account_id and app_id";
    w.plan_fails(data("webhook", "bell", "name = 'bell'"), none);

    let first = w.add("bell", "https://a.example/");
    let second = w.add("bell", "https://b.example/");
    w.add("gong", "https://c.example/");
    let unusual = format!(
        r#"
        id = "unusual"            | No Such Webhook       | id = "unusual"    | {first}
        name = "bel"              | No Such Webhook       | name = "bel"      | "bell", https://a.
        url = "https://d.example" | No Such Webhook       | url = "https://d. | {second}
        name = "bell"             | More Than One Webhook | by its id         | {first}
        "#
    );
    let unusual = rows::<4>(&unusual);
    w.plan_fails(lookups(&unusual), "").reports_each(&unusual);
}

/// A change that is ordered before it is seen, whoever made it: here another alias.
#[test]
fn data_source_sees_what_was_changed_before_it() {
    let list = |label, address| {
        let order = format!("provider = realtimekit.other\ndepends_on = [{address}]");
        data("webhooks", label, &order)
    };
    let gong = "url = 'https://example.com/gong'\ndepends_on = [data.realtimekit_webhooks.first]";

    let w = Workspace::applied(
        block("provider realtimekit", "alias = 'other'")
            + &bell("")
            + &list("first", BELL)
            + &webhook("gong", gong)
            + &list("second", "realtimekit_webhook.gong"),
    );

    let seen = ["first", "second"].map(|label| found(&w, "webhooks", label)["webhooks"].take());
    assert_eq!(seen.map(|list| list.as_array().unwrap().len()), [1, 2]);
}

#[test]
fn data_source_finds_a_webhook_of_the_same_apply_though_reads_lag() {
    let w = Workspace::new();
    w.api.change_quirks(|quirks| quirks.new_missing_reads = 2);
    let lookup = |attribute| {
        let query = format!("{attribute} = {BELL}.{attribute}\ndepends_on = [{BELL}]");
        data("webhook", attribute, &query)
    };

    w.apply(bell("") + &lookup("id") + &lookup("url"));

    for label in ["id", "url"] {
        assert_eq!(found(&w, "webhook", label)["id"], w.webhook().id);
    }
}

#[test]
fn odd_webhook_is_left_out_with_a_warning() {
    let w = Workspace::new();
    let least = json!({
        "id": "11111111-1111-4111-8111-111111111111", "name": "least",
        "url": "https://least.example/", "events": ["x.y"],
    });
    let odd = json!({"id": SAMPLE_ID, "name": null, "url": "https://odd.example/", "events": []});
    let body = json!({ "success": true, "data": [odd, least] }).to_string();
    w.fail(Method::GET, usize::MAX, Fault::body(StatusCode::OK, body));

    let ran = w.apply(data("webhooks", "all", ""));

    let problem = format!("{SAMPLE_ID} | name is null, expected");
    ran.reports(&format!("Unreadable Element Left Out | {problem}"));
    let listed = found(&w, "webhooks", "all")["webhooks"].take();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["id"], least["id"]);
    assert_eq!(listed[0]["enabled"], true);
    let missing = format!("No Such Webhook | least.example | cannot read | {SAMPLE_ID}");
    let odd = data("webhook", "odd", "url = 'https://odd.example/'");
    w.plan_fails(odd, &missing);
}

#[test]
fn events_and_public_key_are_read() {
    let w = Workspace::new();
    w.api.change_quirks(|quirks| quirks.lists_events = true);
    let url = format!("url = '{}'", w.api.public_key_url());

    w.apply(data("webhook_events", "all", "") + &data("webhook_public_key", "key", &url));

    let key = found(&w, "webhook_public_key", "key");
    let pem = key["public_key"].as_str().unwrap();
    assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\n"), "{pem}");
    let found = found(&w, "webhook_events", "all");
    assert_eq!(found["events"].as_array().unwrap().len(), 9);
    assert_eq!(found["events"][0], "livestreaming.statusUpdate");
    assert_eq!([&found["account_id"], &found["app_id"]], [ACCOUNT, APP]);
}

#[test]
fn apps_are_ordered_by_name_and_id_and_can_be_used() {
    let apps_of_api = builder()
        .app(ACCOUNT, "app-3", "staging")
        .app(ACCOUNT, "app-2", "production")
        .app(ACCOUNT, "app-1", "staging")
        .app("another", "app-4", "staging");
    let mut w = Workspace::with(apps_of_api);
    w.unset("REALTIMEKIT_APP_ID");
    let lists = [
        ("all", "", &["app-2", "app-1", "app-3"][..]),
        ("theirs", "account_id = 'another'", &["app-4"]),
        ("other_case", "name = 'Production'", &[]),
        ("found", "name = 'production'", &["app-2"]),
    ];

    let configuration = lists.map(|(label, attributes, _)| data("apps", label, attributes));
    w.apply(configuration.concat() + &bell("app_id = one(data.realtimekit_apps.found.apps).id"));

    for (label, _, expected) in lists {
        let found = found(&w, "apps", label);
        let apps = found["apps"].as_array().unwrap().iter();
        assert!(apps.clone().map(|app| &app["id"]).eq(expected), "{found}");
        assert!(apps.clone().all(|app| app["created_at"].is_string()));
    }
    assert_eq!(w.api.webhooks(ACCOUNT, "app-2").len(), 1);
}

#[test]
fn failure_is_an_error_that_says_what_to_do() {
    let w = Workspace::new();
    let apps = data("apps", "all", "");
    let events = data("webhook_events", "all", "");
    let url = format!("url = '{}'", w.api.public_key_url());
    let key = data("webhook_public_key", "key", &url);
    let bad_key = "Could Not Read the Public Key | url = \"http://127.0.0.1: | GET \
                   /.well-known/webhooks.json failed with 404 | goes to the URL of the attribute url";
    let no_events = "Could Not List the Events | webhooks/all | does not seem to have this list | \
                     provider::realtimekit::webhook_events()";
    let forbidden = "Could Not List the Apps | 403 | permission Realtime";
    let no_list = Fault::body(StatusCode::OK, r#"{"data": {"id": "all"}}"#);
    for (fault, configuration, told) in [
        (StatusCode::FORBIDDEN.into(), &apps, forbidden),
        (Fault::html(StatusCode::NOT_FOUND), &key, bad_key),
        (Fault::html(StatusCode::NOT_FOUND), &events, no_events),
        (StatusCode::NOT_FOUND.into(), &events, no_events),
        (StatusCode::BAD_REQUEST.into(), &events, no_events),
        (no_list, &events, no_events),
    ] {
        w.api.fail_next(9, fault);
        w.plan_fails(configuration, told).lacks("base_url");
        w.api.clear_faults();
    }

    w.api.change_quirks(|quirks| quirks.any_app = false);
    let told = "Could Not List the Webhooks | Could Not List the Events | failed with 404";
    w.plan_fails(data("webhooks", "all", "") + &events, told)
        .says(MISSING_APP);
}
