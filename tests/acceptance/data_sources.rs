//! Looking webhooks up.

use http::{Method, StatusCode};
use realtimekit::mock_api::{Fault, Matcher, Quirks};
use serde_json::{Value, json};

use crate::support::*;

fn one(label: &str, attributes: &str) -> String {
    block(&format!("data realtimekit_webhook {label}"), attributes)
}

/// A lookup for each row, with the attributes in its first cell.
fn lookups<const N: usize>(rows: &[[&str; N]]) -> String {
    let rows = rows.iter().enumerate();
    let lookups = rows.map(|(n, row)| one(&format!("row{n}"), &row[0].replace(", ", "\n")));
    lookups.collect()
}

fn all(label: &str, attributes: &str) -> String {
    block(&format!("data realtimekit_webhooks {label}"), attributes)
}

#[test]
fn webhooks_are_listed_by_name_and_found_by_id_name_or_url() {
    let w = Workspace::new();
    w.add("gong", "https://b.example/");
    let bell = w.add("cafe\u{301}", "https://a.example/cafe\u{301}"); // in another normal form
    let url = "https://c.example/";
    w.api
        .add_webhook("a1", OTHER_APP, "theirs", url, &["meeting.ended"]);
    let id = format!("id = '{}'", bell.id);
    let lookups = [
        ("by_id", &*id),
        ("by_name", "name = 'café'"),
        ("by_decomposed_name", "name = 'cafe\u{301}'"),
        ("by_url", "url = 'https://A.example/café'"),
    ];

    let lists = [
        all("ours", ""),
        all(
            "theirs",
            &format!("account_id = 'a1'\napp_id = '{OTHER_APP}'"),
        ),
        all("none", "app_id = 'none'"),
    ];
    w.apply(lists.concat() + &lookups.map(|(label, query)| one(label, query)).concat());

    let listed =
        |label: &str| w.state(&format!("data.realtimekit_webhooks.{label}"))["webhooks"].take();
    let mut expected = json!({
        "id": bell.id,
        "name": "café",
        "url": "https://a.example/café",
        "events": ["meeting.ended", "meeting.started"],
        "enabled": true,
        "created_at": bell.created_at,
        "updated_at": bell.updated_at,
    });
    let ours = listed("ours");
    assert_eq!((&ours[0], &ours[1]["name"]), (&expected, &json!("gong")));
    assert_eq!(listed("theirs")[0]["name"], "theirs");
    assert_eq!(listed("none"), json!([]));
    (expected["account_id"], expected["app_id"]) = (json!(ACCOUNT), json!(APP));
    for (label, _) in lookups {
        if label == "by_url" {
            expected["url"] = json!("https://A.example/café"); // another spelling of it
        }
        let found = w.state(&format!("data.realtimekit_webhook.{label}"));
        assert_eq!(found, expected, "{label}");
    }
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
    w.plan_fails(one("bell", "name = 'bell'"), none);

    let first = w.add("bell", "https://a.example/").id;
    let second = w.add("bell", "https://b.example/").id;
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

    w.api.change_quirks(|quirks| quirks.any_app = false);
    let missing = w.plan_fails(all("all", ""), "Could Not List the Webhooks | 404");
    missing.says(MISSING_APP);
}

#[test]
fn data_source_finds_a_webhook_of_the_same_apply_though_reads_lag() {
    let w = Workspace::of(Quirks {
        new_missing_reads: 2,
        ..Quirks::live()
    });
    let lookup = |attribute| {
        let query = format!("{attribute} = {BELL}.{attribute}\ndepends_on = [{BELL}]");
        one(&format!("by_{attribute}"), &query)
    };

    w.apply(bell("") + &lookup("id") + &lookup("url"));

    for label in ["by_id", "by_url"] {
        let address = format!("data.realtimekit_webhook.{label}");
        w.expect_state(&address, json!({ "id": w.webhook().id }));
    }
}

#[test]
fn odd_webhook_is_left_out_with_a_warning() {
    let w = Workspace::new();
    let least = "11111111-1111-4111-8111-111111111111";
    let body = json!({"success": true, "data": [
        {"id": SAMPLE_ID, "name": null, "url": "https://odd.example/", "events": []},
        {"id": least, "name": "least", "url": "https://least.example/", "events": ["x.y"]},
    ]});
    let list = Matcher::method(Method::GET).path_suffix("/webhooks");
    let body = Fault::body(StatusCode::OK, body.to_string());
    w.api.fail(list, usize::MAX, body);

    let reason = "name is null, expected";
    w.apply(all("all", "")).reports(&format!(
        "Unreadable Element Left Out | {SAMPLE_ID} | {reason}"
    ));

    let expected = json!([{
        "id": least, "name": "least", "url": "https://least.example/", "events": ["x.y"],
        "enabled": true, "created_at": Value::Null, "updated_at": Value::Null,
    }]);
    w.expect_state(
        "data.realtimekit_webhooks.all",
        json!({ "webhooks": expected }),
    );
    let missing = format!("No Such Webhook | least.example | cannot read | {SAMPLE_ID}");
    w.plan_fails(one("odd", "url = 'https://odd.example/'"), &missing);
}
