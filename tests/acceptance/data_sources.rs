//! Looking webhooks up.

use serde_json::json;

use crate::support::*;

const ONE: &str = "data.realtimekit_webhook.one";
const ALL: &str = "data.realtimekit_webhooks.all";

fn one(attributes: &str) -> String {
    format!("data \"realtimekit_webhook\" \"one\" {{\n  {attributes}\n}}\n")
}

const EVERY: &str = "data \"realtimekit_webhooks\" \"all\" {}\n";

#[test]
fn webhook_is_found_by_its_id_name_or_url() {
    in_every_mode(|api| {
        let bell = add(api, "bell", "https://a.example/");
        add(api, "gong", "https://b.example/");
        let terraform = Terraform::new(api);
        let expected = json!({
            "id": bell.id,
            "account_id": ACCOUNT,
            "app_id": APP,
            "name": "bell",
            "url": "https://a.example/",
            "events": ["meeting.ended"],
            "enabled": true,
            "created_at": bell.created_at,
            "updated_at": bell.updated_at,
        });
        let id = format!("id = \"{}\"", bell.id);
        for query in [&id, "name = \"bell\"", "url = \"https://a.example/\""] {
            terraform.apply(&one(query));

            assert_eq!(terraform.state(ONE), expected, "{query}");
        }
    });
}

#[test]
fn webhook_is_found_by_another_spelling_of_its_url() {
    let api = live();
    let bell = add(&api, "bell", "https://a.example/");
    let terraform = Terraform::new(&api);

    terraform.apply(&one("url = \"https://A.example\""));

    assert_eq!(terraform.state(ONE)["id"], bell.id.as_str());
}

#[test]
fn webhook_is_found_by_another_unicode_normal_form() {
    let (decomposed, composed) = ("cafe\u{301}", "caf\u{e9}");
    let api = live();
    let webhook = add(&api, decomposed, &format!("https://a.example/{decomposed}"));
    let terraform = Terraform::new(&api);
    for query in [
        format!("name = \"{composed}\""),
        format!("name = \"{decomposed}\""),
        format!("url = \"https://a.example/{composed}\""),
    ] {
        terraform.apply(&one(&query));

        let state = terraform.state(ONE);
        assert_eq!(state["id"], webhook.id.as_str());
        assert_eq!(state["name"], composed);
    }
}

#[test]
fn webhook_not_found_is_an_error_that_lists_the_webhooks() {
    let (api, terraform) = setup();
    let ran = terraform.plan_fails(&one("name = \"bell\""));
    ran.says(&[
        "No Such Webhook",
        "The app has no webhooks: check account_id and app_id",
    ]);
    let bell = add(&api, "bell", "https://a.example/");
    for query in [
        "id = \"0d1f069d-43bb-489a-ad8c-7eb95592ba8e\"",
        "id = \"unusual\"",
        "name = \"bel\"",
        "url = \"https://c.example/\"",
    ] {
        let ran = terraform.plan_fails(&one(query));

        ran.says(&[
            "No Such Webhook",
            query,
            &bell.id,
            "\"bell\", https://a.example/",
        ]);
    }
}

#[test]
fn ambiguous_name_is_an_error_that_lists_the_candidates() {
    let api = live();
    let first = add(&api, "bell", "https://a.example/");
    let second = add(&api, "bell", "https://b.example/");
    add(&api, "gong", "https://c.example/");
    let terraform = Terraform::new(&api);

    let ran = terraform.plan_fails(&one("name = \"bell\""));

    ran.says(&["More Than One Webhook", "by its id"]);
    for candidate in [first.id, second.id] {
        ran.says(&[&candidate]);
    }
    assert!(!ran.text.contains("gong"), "{ran}");
}

#[test]
fn lookup_requires_exactly_one_valid_criterion() {
    let (api, terraform) = setup();
    for (query, words) in [
        (
            "",
            [
                "Missing Attribute Configuration",
                "exactly one of these: id, name, url",
            ],
        ),
        (
            "name = \"a\"\n  url = \"https://a.example\"",
            ["Invalid Attribute Combination", "Here are name and url"],
        ),
        ("id = \"a/b\"", ["Invalid Webhook ID", "is a UUID"]),
    ] {
        terraform.plan_fails(&one(query)).says(&words);
    }
    assert!(api.calls().is_empty());
}

#[test]
fn lookup_by_an_unknown_value_waits_for_it() {
    let (_api, terraform) = setup();
    let lookup = one(&format!("id = {BELL}.id"));

    terraform.apply(&format!("{}{lookup}", bell(BELL_ATTRIBUTES)));

    assert_eq!(terraform.state(ONE)["id"], terraform.state(BELL)["id"]);
    terraform.expect_no_changes();
}

#[test]
fn webhooks_of_an_app_are_listed_by_name() {
    in_every_mode(|api| {
        let terraform = Terraform::new(api);
        terraform.apply(EVERY);
        assert_eq!(terraform.state(ALL)["webhooks"], json!([]));
        add(api, "gong", "https://b.example/");
        let bell = add(api, "bell", "https://a.example/");
        let events = ["meeting.ended"];
        api.add_webhook(ACCOUNT, OTHER_APP, "theirs", "https://c.example/", &events);

        terraform.apply(EVERY);

        let state = terraform.state(ALL);
        assert_eq!(state["webhooks"][1]["name"], "gong");
        assert_eq!(state["webhooks"].as_array().unwrap().len(), 2);
        let expected = json!({
            "id": bell.id,
            "name": "bell",
            "url": "https://a.example/",
            "events": ["meeting.ended"],
            "enabled": true,
            "created_at": bell.created_at,
            "updated_at": bell.updated_at,
        });
        assert_eq!(state["webhooks"][0], expected);
    });
}

#[test]
fn missing_app_is_an_error_and_not_an_empty_list() {
    let api = live();
    api.change_quirks(|quirks| quirks.any_app = false);
    let terraform = Terraform::new(&api);

    let ran = terraform.plan_fails(EVERY);

    ran.says(&["Could Not List the Webhooks", "404"]);
    ran.says(&MISSING_APP);
}

#[test]
fn account_and_app_can_differ_from_the_provider_block() {
    let api = live();
    let events = ["meeting.ended"];
    api.add_webhook("a1", OTHER_APP, "theirs", "https://c.example/", &events);
    let terraform = Terraform::new(&api);

    terraform.apply(&EVERY.replace(
        "{}",
        &format!("{{\n  account_id = \"a1\"\n  app_id = \"{OTHER_APP}\"\n}}"),
    ));

    assert_eq!(terraform.state(ALL)["webhooks"][0]["name"], "theirs");
}
