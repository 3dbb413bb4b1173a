//! Looking webhooks up.

use http::{Method, StatusCode};
use realtimekit::mock_api::{Fault, Matcher, Quirks};
use serde_json::json;

use crate::support::*;

const ONE: &str = "data.realtimekit_webhook.one";
const ALL: &str = "data.realtimekit_webhooks.all";

fn one(attributes: &str) -> String {
    block("data realtimekit_webhook one", attributes)
}

fn all(attributes: &str) -> String {
    block("data realtimekit_webhooks all", attributes)
}

#[test]
fn webhooks_are_listed_by_name_and_found_by_id_name_or_url() {
    in_every_mode(|w| {
        w.apply(all(""));
        assert_eq!(w.state(ALL)["webhooks"], json!([]));
        w.add("gong", "https://b.example/");
        let bell = w.add("cafe\u{301}", "https://a.example/cafe\u{301}"); // in another normal form
        w.add_to("a1", OTHER_APP, "theirs", "https://c.example/");
        let mut expected = json!({
            "id": bell.id,
            "name": "café",
            "url": "https://a.example/café",
            "events": ["meeting.ended"],
            "enabled": true,
            "created_at": bell.created_at,
            "updated_at": bell.updated_at,
        });

        w.apply(all(""));

        let listed = &w.state(ALL)["webhooks"];
        assert_eq!(listed.as_array().unwrap().len(), 2);
        assert_eq!(listed[0], expected);
        assert_eq!(listed[1]["name"], "gong");

        w.apply(all(&format!("account_id = 'a1'\napp_id = '{OTHER_APP}'")));
        assert_eq!(w.state(ALL)["webhooks"][0]["name"], "theirs");

        (expected["account_id"], expected["app_id"]) = (json!(ACCOUNT), json!(APP));
        let id = format!("id = '{}'", bell.id);
        for query in [
            &id,
            "name = 'café'",
            "name = 'cafe\u{301}'",
            "url = 'https://A.example/café'",
        ] {
            w.apply(one(query));

            if query.starts_with("url") {
                expected["url"] = json!("https://A.example/café"); // another spelling of it
            }
            assert_eq!(w.state(ONE), expected, "{query}");
        }
    });
}

#[test]
fn lookup_that_does_not_find_one_webhook_is_an_error_that_lists_the_candidates() {
    let w = Workspace::new();
    for [query, words, more] in rows(
        r#"
        name = null        | Missing Attribute Configuration | exactly one of these: id, name, url
        id = "a", name = "b" | Invalid Attribute Combination | Here are id and name
        id = "a/b"         | Invalid Webhook ID              | is a UUID
        "#,
    ) {
        let told = format!("{words} | {more}");
        w.plan_fails(one(&query.replace(", ", "\n")), &told);
    }
    assert!(w.api.calls().is_empty());

    let none = "No Such Webhook | The app has no webhooks: check account_id and app_id";
    w.plan_fails(one("name = 'bell'"), none);
    let first = w.add("bell", "https://a.example/").id;
    for query in [
        "id = \"unusual\"",
        "name = \"bel\"",
        "url = \"https://c.example/\"",
    ] {
        let told = format!("No Such Webhook | {query} | {first} | \"bell\", https://a.example/");
        w.plan_fails(one(query), &told);
    }
    let second = w.add("bell", "https://b.example/").id;
    w.add("gong", "https://c.example/");
    let both = format!("More Than One Webhook | by its id | {first} | {second}");
    w.plan_fails(one("name = 'bell'"), &both).lacks("gong");

    w.api.change_quirks(|quirks| quirks.any_app = false);
    let missing = w.plan_fails(all(""), "Could Not List the Webhooks | 404");
    missing.says(MISSING_APP);
}

/// A change that is ordered before it is seen, whoever made it: here another alias.
#[test]
fn data_source_sees_what_was_changed_before_it() {
    let w = Workspace::new();
    let other = |label: &str, depends_on: &str| {
        let order = format!("provider = realtimekit.other\ndepends_on = [{depends_on}]");
        webhook(label, &format!("url = 'https://{label}.example/'\n{order}"))
    };
    let all = |label: &str, depends_on: &str| {
        let order = format!("depends_on = [{depends_on}]");
        let count = format!("value = length(data.realtimekit_webhooks.{label}.webhooks)");
        block(&format!("data realtimekit_webhooks {label}"), &order)
            + &block(&format!("output {label}"), &count)
    };

    let alias = block("provider realtimekit", "alias = 'other'");
    let ran = w.apply(
        alias
            + &other("one", "")
            + &all("before", "realtimekit_webhook.one")
            + &other("two", "data.realtimekit_webhooks.before")
            + &all("after", "realtimekit_webhook.two"),
    );

    ran.says("after = 2 | before = 1");
}

#[test]
fn data_source_finds_a_webhook_of_the_same_apply_though_reads_lag() {
    let w = Workspace::of(Quirks {
        new_missing_reads: 2,
        ..Quirks::live()
    });
    for attribute in ["id", "url"] {
        let query = format!("{attribute} = {BELL}.{attribute}");
        w.apply(bell("") + &one(&format!("{query}\ndepends_on = [{BELL}]")));

        w.expect_state(ONE, json!({ "id": w.webhook().id }));
        w.expect_no_changes();
        w.apply("");
    }
}

#[test]
fn odd_webhook_is_left_out_with_a_warning() {
    const LEAST: &str = "11111111-1111-4111-8111-111111111111";
    let w = Workspace::new();
    let body = json!({"success": true, "data": [
        {"id": SAMPLE_ID, "name": null, "url": "https://odd.example/", "events": []},
        {"id": LEAST, "name": "least", "url": "https://least.example/", "events": ["x.y"]},
    ]});
    let list = Matcher::method(Method::GET).path_suffix("/webhooks");
    let body = Fault::body(StatusCode::OK, body.to_string());
    w.api.fail(list, usize::MAX, body);

    let warning =
        format!("Warning: Unreadable Element Left Out | {SAMPLE_ID} | name is null, expected");
    w.apply(all("")).says(&warning);
    let all = &w.state(ALL)["webhooks"];
    assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
    assert_eq!(
        (&all[0]["created_at"], &all[0]["name"]),
        (&json!(null), &json!("least"))
    );
    assert_eq!(all[0]["enabled"], true);

    let missing = format!("No Such Webhook | least.example | cannot read | {SAMPLE_ID}");
    w.plan_fails(one("url = 'https://odd.example/'"), &missing);
}
