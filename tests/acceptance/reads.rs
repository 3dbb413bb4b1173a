//! What reads see, and what they make of answers that differ from the documentation.

use http::{Method, StatusCode};
use realtimekit::mock_api::{Fault, Matcher, Quirks};
use serde_json::json;

use crate::support::*;

#[test]
fn data_source_ordered_after_a_change_of_another_alias_sees_it() {
    let (_api, terraform) = setup();
    let webhook = |name: &str, depends_on: &str| {
        format!(
            "resource \"realtimekit_webhook\" \"{name}\" {{\n  provider = realtimekit.other\n  \
             name = \"{name}\"\n  url = \"https://{name}.example/\"\n  \
             events = [\"meeting.ended\"]\n  depends_on = [{depends_on}]\n}}\n"
        )
    };
    let all = |name: &str, depends_on: &str| {
        format!(
            "data \"realtimekit_webhooks\" \"{name}\" {{\n  depends_on = [{depends_on}]\n}}\n\
             output \"{name}\" {{ value = length(data.realtimekit_webhooks.{name}.webhooks) }}\n"
        )
    };

    let ran = terraform.apply(&format!(
        "provider \"realtimekit\" {{ alias = \"other\" }}\n{}{}{}{}",
        webhook("one", ""),
        all("before", "realtimekit_webhook.one"),
        webhook("two", "data.realtimekit_webhooks.before"),
        all("after", "realtimekit_webhook.two"),
    ));

    ran.says(&["after = 2", "before = 1"]);
}

#[test]
fn data_source_finds_a_webhook_of_the_same_apply_though_reads_lag() {
    let api = start(Quirks {
        new_missing_reads: 2,
        ..Quirks::live()
    });
    let terraform = Terraform::new(&api);
    for query in [
        "id = realtimekit_webhook.bell.id",
        "url = realtimekit_webhook.bell.url",
    ] {
        terraform.apply(&format!(
            "{}data \"realtimekit_webhook\" \"found\" {{\n  {query}\n  \
             depends_on = [realtimekit_webhook.bell]\n}}\n",
            bell(BELL_ATTRIBUTES)
        ));

        let found = &terraform.state("data.realtimekit_webhook.found")["id"];
        assert_eq!(*found, terraform.state(BELL)["id"], "{query}");
        terraform.apply("");
    }
}

#[test]
fn time_in_another_precision_is_the_same_time() {
    let (api, terraform) = setup();
    terraform.apply(&bell(BELL_ATTRIBUTES));
    let before = terraform.state(BELL);
    let stored = before["created_at"].as_str().unwrap();
    let precise = stored.replace('Z', "000Z");
    let renamed = BELL_ATTRIBUTES.replace("door bell", "siren");
    let answer = json!({"success": true, "data": {
        "id": before["id"], "name": "siren", "url": before["url"], "events": before["events"],
        "enabled": true, "created_at": precise, "updated_at": precise,
    }});
    let put = Fault::body(StatusCode::OK, answer.to_string()).after_storing();
    api.fail(Matcher::method(Method::PUT), 1, put);

    terraform.apply(&bell(&renamed));

    assert_eq!(terraform.state(BELL)["created_at"], stored);
    terraform.expect_no_changes();
}

/// A list of one webhook as documented and of one without a name.
fn list_with_an_odd_webhook(odd_id: &str) -> Fault {
    let body = json!({"success": true, "data": [
        {"id": odd_id, "name": null, "url": "https://odd.example/", "events": []},
        {"id": "11111111-1111-4111-8111-111111111111", "name": "least",
         "url": "https://least.example/", "events": ["meeting.ended"]},
    ]});
    Fault::body(StatusCode::OK, body.to_string())
}

#[test]
fn odd_webhook_is_left_out_of_data_sources_with_a_warning() {
    const ODD: &str = "22222222-2222-4222-8222-222222222222";
    let api = live();
    let list = Matcher::method(Method::GET).path_suffix("/webhooks");
    api.fail(list, usize::MAX, list_with_an_odd_webhook(ODD));
    let terraform = Terraform::new(&api);

    let ran = terraform.apply(
        "data \"realtimekit_webhooks\" \"all\" {}\n\
         output \"names\" { value = data.realtimekit_webhooks.all.webhooks[*].name }\n\
         output \"times\" { value = data.realtimekit_webhooks.all.webhooks[*].created_at }\n",
    );
    let missing = terraform.plan_fails(
        "data \"realtimekit_webhook\" \"odd\" {\n  url = \"https://odd.example/\"\n}\n",
    );

    ran.says(&[
        "Warning: Unreadable Element Left Out",
        ODD,
        "name is null, expected a string",
    ]);
    let all = &terraform.state("data.realtimekit_webhooks.all")["webhooks"];
    assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
    assert_eq!(all[0]["created_at"], json!(null));
    assert_eq!(all[0]["enabled"], json!(true));
    missing.says(&["No Such Webhook", "least.example", "cannot read", ODD]);
}

#[test]
fn webhook_without_times_and_enabled_is_managed_like_any_other() {
    let (api, terraform) = setup();
    let id = "11111111-1111-4111-8111-111111111111";
    let webhook = |name: &str| {
        json!({"id": id, "name": name, "url": "https://example.com/bell",
               "events": ["meeting.started", "meeting.ended"]})
    };
    let answer_with = |name: &str| {
        api.clear_faults();
        let one = json!({"success": true, "data": webhook(name)}).to_string();
        let all = json!({"success": true, "data": [webhook(name)]}).to_string();
        let list = Matcher::method(Method::GET).path_suffix("/webhooks");
        api.fail(list, usize::MAX, Fault::body(StatusCode::OK, all));
        api.fail(Matcher::any(), usize::MAX, Fault::body(StatusCode::OK, one));
    };
    answer_with("door bell");

    terraform.apply(&bell(BELL_ATTRIBUTES));
    let created = terraform.state(BELL);
    terraform.expect_no_changes();
    answer_with("siren");
    terraform.apply(&bell(&BELL_ATTRIBUTES.replace("door bell", "siren")));
    let updated = terraform.state(BELL);
    terraform.expect_no_changes();
    terraform.succeeds(&["state", "rm", BELL]);
    terraform.succeeds(&["import", BELL, id]);
    let imported = terraform.state(BELL);
    terraform.expect_no_changes();

    for (state, name) in [
        (created, "door bell"),
        (updated, "siren"),
        (imported, "siren"),
    ] {
        assert_eq!(state["name"], name);
        assert_eq!(state["enabled"], true);
        assert_eq!(
            (&state["created_at"], &state["updated_at"]),
            (&json!(null), &json!(null))
        );
    }
    terraform.destroy();
}
