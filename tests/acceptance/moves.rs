//! `moved` blocks that take webhooks over from generic REST providers.
//!
//! Terraform starts the provider of the moved resource, but makes no request to it: the built
//! provider takes its place, under its name.

use std::env::consts::EXE_SUFFIX;

use serde_json::json;

use crate::features::*;
use crate::support::*;

/// In what is moved, and never in the state or in an error.
const SECRET: &str = "bearer-3c0ffee9d1";

/// Puts a webhook into the state as a resource of another provider, and lets Terraform find that
/// provider.
fn manage_as(w: &Workspace, address: &str, id: &str) {
    let path = format!("/accounts/{ACCOUNT}/realtime/kit/{APP}/webhooks");
    let sent = json!({ "name": "door bell", "secret": SECRET }).to_string();
    let answer = json!({ "success": true, "data": { "id": id } }).to_string();
    let (type_name, label) = address.split_once('.').unwrap();
    let (source, attributes) = match type_name {
        "restapi_object" => (
            "mastercard/restapi",
            json!({
                "id": id, "path": path, "id_attribute": "data/id", "data": sent, "debug": null,
                "api_response": answer, "create_response": SECRET,
            }),
        ),
        _ => (
            "magodo/restful",
            json!({
                "id": format!("{path}/{id}"), "path": path, "header": { "Authorization": SECRET },
                "body": sent, "output": answer,
            }),
        ),
    };
    let (_, name) = source.split_once('/').unwrap();
    let program = format!("terraform-provider-{name}{EXE_SUFFIX}");
    link_provider(&w.path().join(program));
    w.override_providers(&[(source, w.path())]);
    let state = json!({
        "version": 4,
        "terraform_version": "1.8.0",
        "serial": 1,
        "lineage": "8d1f3b3e-5a0c-4c5e-9a2f-6f1f0f2f3a4b",
        "outputs": {},
        "resources": [{
            "mode": "managed",
            "type": type_name,
            "name": label,
            "provider": format!("provider[\"registry.terraform.io/{source}\"]"),
            "instances": [{ "schema_version": 0, "attributes": attributes, "private": "YmVsbA==" }],
        }],
    });
    w.put("terraform.tfstate", &state.to_string());
}

/// A webhook that is managed as a resource of another type, and its ID.
fn managed_as(type_name: &str) -> (Workspace, String) {
    let w = Workspace::new();
    let id = w.existing();
    manage_as(&w, &format!("{type_name}.bell"), &id);
    (w, id)
}

/// A webhook in the place of a resource of another type.
fn moved(type_name: &str, attributes: &str) -> String {
    let addresses = format!("from = {type_name}.bell\nto = {BELL}");
    block("moved", &addresses) + &bell(attributes)
}

#[test]
fn move_takes_the_webhook_over_without_changes() {
    requires!(MOVED_TYPES);
    for type_name in ["restapi_object", "restful_resource"] {
        let (w, id) = managed_as(type_name);
        w.write(moved(type_name, ""));

        let planned = w.succeeds("plan -out=plan");
        let applied = w.succeeds("apply plan");

        planned.says(&format!(
            "{type_name}.bell has moved to {BELL} | 0 to add, 0 to change, 0 to destroy"
        ));
        applied.says("0 added, 0 changed, 0 destroyed");
        assert!(w.writes().is_empty(), "a move changes nothing");
        let created_at = w.webhook().created_at;
        let expected =
            json!({ "account_id": ACCOUNT, "app_id": APP, "id": id, "created_at": created_at });
        w.expect_state(BELL, expected);
        let stored = w.get("terraform.tfstate");
        let is_left = stored.contains(SECRET) || stored.contains(type_name);
        assert!(!is_left, "{stored}");
        w.expect_no_changes();
    }
}

#[test]
fn move_example_works() {
    requires!(MOVED_TYPES);
    let w = Workspace::new();
    let id = w.meetings();
    manage_as(&w, "restapi_object.meetings", &id);
    let example = ["resource.tf", "moved.tf"]
        .map(|file| read(&format!("examples/resources/realtimekit_webhook/{file}")));

    let ran = w.apply(example.concat());

    ran.says("1 added, 0 changed, 0 destroyed");
    assert_eq!(w.writes(), ["POST webhooks"], "of the other webhook");
    w.expect_state(MEETINGS, json!({ "id": id }));
}

#[test]
fn moved_webhook_is_written_only_if_it_is_gone_differs_or_was_not_read() {
    requires!(MOVED_TYPES);
    let (update, create) = (["PUT webhooks/ID"], ["POST webhooks"]);
    for (attributes, exists, argument, writes) in [
        ("name = 'gong'", true, "-refresh=true", update),
        ("", true, "-refresh=false", update),
        ("", false, "-refresh=true", create),
    ] {
        let (w, _) = managed_as("restapi_object");
        if !exists {
            w.api.clear_webhooks();
        }
        w.write(moved("restapi_object", attributes));

        let ran = w.succeeds(&format!("apply -auto-approve {argument}"));

        ran.lacks("URL Already in Use");
        assert_eq!(w.writes(), writes);
        w.expect_no_changes();
    }
}
