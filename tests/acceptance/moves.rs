//! `moved` blocks that take webhooks over from a generic REST provider.
//!
//! Terraform starts the provider of the moved resource, but makes no request to it: the built
//! provider takes its place, under its name. What other types of resources store is moved by the
//! tests of `src/provider/webhook/moved`.

use std::env::consts::EXE_SUFFIX;

use serde_json::json;

use crate::features::*;
use crate::support::*;

/// In what is moved, and never in the state or in an error.
const SECRET: &str = "bearer-3c0ffee9d1";

/// The webhook of the examples, in the state as a resource of another provider, which Terraform
/// finds; and its ID.
fn managed_elsewhere() -> (Workspace, String) {
    let w = Workspace::new();
    let id = w.meetings();
    link_provider(
        &w.path()
            .join(format!("terraform-provider-restapi{EXE_SUFFIX}")),
    );
    w.override_providers(&format!("'mastercard/restapi' = {:?}", w.path()));
    let attributes = json!({
        "id": id, "path": format!("/accounts/{ACCOUNT}/realtime/kit/{APP}/webhooks"),
        "id_attribute": "data/id", "debug": null, "create_response": SECRET,
        "data": json!({ "name": "Meeting log", "secret": SECRET }).to_string(),
        "api_response": json!({ "success": true, "data": { "id": id } }).to_string(),
    });
    let state = json!({
        "version": 4,
        "terraform_version": "1.8.0",
        "serial": 1,
        "lineage": "8d1f3b3e-5a0c-4c5e-9a2f-6f1f0f2f3a4b",
        "outputs": {},
        "resources": [{
            "mode": "managed",
            "type": "restapi_object",
            "name": "meetings",
            "provider": "provider[\"registry.terraform.io/mastercard/restapi\"]",
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
    let (w, id) = managed_elsewhere();
    w.write(example());

    let planned = w.succeeds("plan -out=plan");
    let applied = w.succeeds("apply plan");

    planned.says(&format!("restapi_object.meetings has moved to {MEETINGS}"));
    applied.says("1 added, 0 changed, 0 destroyed");
    assert_eq!(w.writes(), ["POST"], "of the other webhook");
    let expected = json!({ "account_id": ACCOUNT, "app_id": APP, "id": id });
    w.expect_state(MEETINGS, expected);
    assert_eq!(w.state(MEETINGS)["created_at"], w.webhook().created_at);
    let stored = w.get("terraform.tfstate");
    let is_left = stored.contains(SECRET) || stored.contains("restapi");
    assert!(!is_left, "{stored}");
    w.expect_no_changes();
}

#[test]
fn moved_webhook_is_written_only_if_it_is_gone_differs_or_was_not_read() {
    requires!(MOVED_TYPES);
    for (name, exists, argument, write) in [
        ("gong", true, "-refresh=true", "PUT"),
        ("Meeting log", true, "-refresh=false", "PUT"),
        ("Meeting log", false, "-refresh=true", "POST"),
    ] {
        let (w, _) = managed_elsewhere();
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
