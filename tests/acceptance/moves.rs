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

/// The webhook of the examples, in the state as a resource of another provider, which Terraform
/// finds; and its ID.
fn managed_as(type_name: &str) -> (Workspace, String) {
    let w = Workspace::new();
    let id = w.meetings();
    let path = format!("/accounts/{ACCOUNT}/realtime/kit/{APP}/webhooks");
    let sent = json!({ "name": "Meeting log", "secret": SECRET }).to_string();
    let answer = json!({ "success": true, "data": { "id": id } }).to_string();
    let (namespace, name, attributes) = match type_name {
        "restapi_object" => {
            let attributes = json!({
                "id": id, "path": path, "id_attribute": "data/id", "data": sent, "debug": null,
                "api_response": answer, "create_response": SECRET,
            });
            ("mastercard", "restapi", attributes)
        }
        _ => {
            let attributes = json!({
                "id": format!("{path}/{id}"), "path": path, "header": { "Authorization": SECRET },
                "body": sent, "output": answer,
            });
            ("magodo", "restful", attributes)
        }
    };
    link_provider(
        &w.path()
            .join(format!("terraform-provider-{name}{EXE_SUFFIX}")),
    );
    let source = format!("{namespace}/{name}");
    w.override_providers(&[(&source, w.path())]);
    let state = json!({
        "version": 4,
        "terraform_version": "1.8.0",
        "serial": 1,
        "lineage": "8d1f3b3e-5a0c-4c5e-9a2f-6f1f0f2f3a4b",
        "outputs": {},
        "resources": [{
            "mode": "managed",
            "type": type_name,
            "name": "meetings",
            "provider": format!("provider[\"registry.terraform.io/{source}\"]"),
            "instances": [{ "schema_version": 0, "attributes": attributes, "private": "YmVsbA==" }],
        }],
    });
    w.put("terraform.tfstate", &state.to_string());
    (w, id)
}

/// The example of a moved block, with the example of the resource.
fn example() -> String {
    ["resource.tf", "moved.tf"]
        .map(|file| read(&format!("examples/resources/realtimekit_webhook/{file}")))
        .concat()
}

#[test]
fn move_takes_the_webhook_over_without_changes() {
    requires!(MOVED_TYPES);
    for type_name in ["restapi_object", "restful_resource"] {
        let (w, id) = managed_as(type_name);
        w.write(example().replace("restapi_object", type_name));

        let planned = w.succeeds("plan -out=plan");
        let applied = w.succeeds("apply plan");

        planned.says(&format!("{type_name}.meetings has moved to {MEETINGS}"));
        applied.says("1 added, 0 changed, 0 destroyed");
        assert_eq!(w.writes(), ["POST"], "of the other webhook");
        let created_at = w.webhook().created_at;
        let expected =
            json!({ "account_id": ACCOUNT, "app_id": APP, "id": id, "created_at": created_at });
        w.expect_state(MEETINGS, expected);
        let stored = w.get("terraform.tfstate");
        let is_left = stored.contains(SECRET) || stored.contains(type_name);
        assert!(!is_left, "{stored}");
        w.expect_no_changes();
    }
}

#[test]
fn moved_webhook_is_written_only_if_it_is_gone_differs_or_was_not_read() {
    requires!(MOVED_TYPES);
    for (name, exists, argument, write) in [
        ("gong", true, "-refresh=true", "PUT"),
        ("Meeting log", true, "-refresh=false", "PUT"),
        ("Meeting log", false, "-refresh=true", "POST"),
    ] {
        let (w, _) = managed_as("restapi_object");
        if !exists {
            w.api.clear_webhooks();
        }
        w.write(example().replace("Meeting log", name));

        let ran = w.succeeds(&format!("apply -auto-approve {argument}"));

        ran.lacks("URL Already in Use");
        let mut writes = w.writes();
        writes.sort(); // with the creation of the other webhook
        assert_eq!(writes, ["POST", write]);
        w.expect_no_changes();
    }
}
