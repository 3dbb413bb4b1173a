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
fn a_webhook_is_found_by_its_id_name_or_url() {
    in_every_mode(|api| {
        let bell = api.add_webhook(
            ACCOUNT,
            APP,
            "bell",
            "https://a.example/",
            &["meeting.ended"],
        );
        api.add_webhook(
            ACCOUNT,
            APP,
            "gong",
            "https://b.example/",
            &["meeting.started"],
        );
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
        for query in [
            id.as_str(),
            "name = \"bell\"",
            "url = \"https://a.example/\"",
        ] {
            terraform.apply(&one(query));

            assert_eq!(terraform.state(ONE), expected, "{query}");
        }
    });
}

#[test]
fn another_spelling_of_the_url_finds_the_webhook_too() {
    let api = live();
    let bell = api.add_webhook(
        ACCOUNT,
        APP,
        "bell",
        "https://a.example/",
        &["meeting.ended"],
    );
    let terraform = Terraform::new(&api);

    terraform.apply(&one("url = \"https://A.example\""));

    assert_eq!(terraform.state(ONE)["id"], bell.id.as_str());
}

#[test]
fn a_webhook_that_is_not_there_is_an_error_that_lists_those_that_are() {
    let api = live();
    let bell = api.add_webhook(
        ACCOUNT,
        APP,
        "bell",
        "https://a.example/",
        &["meeting.ended"],
    );
    let terraform = Terraform::new(&api);
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
fn webhook_named_in_another_normal_form_is_found_by_the_name_that_terraform_sends() {
    let (decomposed, composed) = ("cafe\u{301}", "caf\u{e9}");
    let api = live();
    let url = format!("https://a.example/{decomposed}");
    let webhook = api.add_webhook(ACCOUNT, APP, decomposed, &url, &["meeting.ended"]);
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
fn in_an_app_without_webhooks_the_ids_are_to_be_checked() {
    let api = live();
    let terraform = Terraform::new(&api);

    let ran = terraform.plan_fails(&one("name = \"bell\""));

    ran.says(&[
        "No Such Webhook",
        "no webhooks at all: check account_id and app_id",
    ]);
}

#[test]
fn an_ambiguous_name_is_an_error_that_lists_the_candidates() {
    let api = live();
    let first = api.add_webhook(
        ACCOUNT,
        APP,
        "bell",
        "https://a.example/",
        &["meeting.ended"],
    );
    let second = api.add_webhook(
        ACCOUNT,
        APP,
        "bell",
        "https://b.example/",
        &["meeting.ended"],
    );
    api.add_webhook(
        ACCOUNT,
        APP,
        "gong",
        "https://c.example/",
        &["meeting.ended"],
    );
    let terraform = Terraform::new(&api);

    let ran = terraform.plan_fails(&one("name = \"bell\""));

    ran.says(&["More Than One Webhook", "by its id"]);
    for candidate in [first.id, second.id] {
        ran.says(&[&candidate]);
    }
    assert!(!ran.text.contains("gong"), "{ran}");
}

#[test]
fn exactly_one_of_id_name_and_url_is_to_be_set() {
    let api = live();
    let terraform = Terraform::new(&api);

    let none = terraform.plan_fails(&one(""));
    none.says(&[
        "Missing Attribute Configuration",
        "exactly one of these: id, name, url",
    ]);

    let two = terraform.plan_fails(&one("name = \"a\"\n  url = \"https://a.example\""));
    two.says(&["Invalid Attribute Combination", "Here are name and url"]);

    let bad = terraform.plan_fails(&one("id = \"a/b\""));
    bad.says(&["Invalid Webhook ID", "is a UUID"]);
    assert!(api.calls().is_empty());
}

#[test]
fn a_lookup_by_something_known_later_waits_for_it() {
    let api = live();
    let terraform = Terraform::new(&api);
    let configuration = format!(
        "{}{}",
        bell(BELL_ATTRIBUTES),
        one(&format!("id = {BELL}.id"))
    );

    terraform.apply(&configuration);

    assert_eq!(terraform.state(ONE)["id"], terraform.state(BELL)["id"]);
    terraform.expect_no_changes();
}

#[test]
fn all_webhooks_of_an_app_are_listed_by_name() {
    in_every_mode(|api| {
        api.add_webhook(
            ACCOUNT,
            APP,
            "gong",
            "https://b.example/",
            &["meeting.started"],
        );
        let bell = api.add_webhook(
            ACCOUNT,
            APP,
            "bell",
            "https://a.example/",
            &["meeting.ended"],
        );
        api.add_webhook(
            ACCOUNT,
            OTHER_APP,
            "theirs",
            "https://c.example/",
            &["meeting.ended"],
        );
        let terraform = Terraform::new(api);

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
fn an_app_without_webhooks_is_an_empty_list() {
    in_every_mode(|api| {
        let terraform = Terraform::new(api);

        terraform.apply(EVERY);

        assert_eq!(terraform.state(ALL)["webhooks"], json!([]));
    });
}

#[test]
fn an_app_that_is_not_there_is_an_error_and_no_empty_list() {
    let api = live();
    api.change_quirks(|quirks| quirks.any_app = false);
    let terraform = Terraform::new(&api);

    let ran = terraform.plan_fails(EVERY);

    ran.says(&[
        "Could Not List the Webhooks",
        "404",
        "check account_id and app_id",
        "terraform state rm",
        "removed block",
    ]);
}

#[test]
fn account_and_app_may_be_others_than_the_provider_block_says() {
    let api = live();
    api.add_webhook(
        "a1",
        OTHER_APP,
        "theirs",
        "https://c.example/",
        &["meeting.ended"],
    );
    let terraform = Terraform::new(&api);

    terraform.apply(&format!(
        "data \"realtimekit_webhooks\" \"all\" {{\n  account_id = \"a1\"\n  app_id = \"{OTHER_APP}\"\n}}\n"
    ));

    assert_eq!(terraform.state(ALL)["webhooks"][0]["name"], "theirs");
}
