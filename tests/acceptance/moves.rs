//! `moved` blocks that take webhooks over from generic REST providers.
//!
//! Terraform starts the provider of the moved resource, but makes no request to it: the built
//! provider takes its place, under its name.

use std::{env::consts::EXE_SUFFIX, fs, path::Path};

use realtimekit::mock_api::MockApi;
use serde_json::{Value, json};

use crate::features::*;
use crate::support::*;

const RESTAPI: &str = "mastercard/restapi";
const RESTFUL: &str = "magodo/restful";
/// In what is moved, and never in the state or in an error.
const SECRET: &str = "bearer-3c0ffee9d1";

/// A directory where the other providers are found, with a `restapi_object.bell` in the state.
fn with_restapi_object(api: &MockApi, attributes: Value) -> Terraform {
    with_resource(api, RESTAPI, "restapi_object.bell", attributes)
}

/// The same with a resource of one of the other providers.
fn with_resource(api: &MockApi, provider: &str, address: &str, attributes: Value) -> Terraform {
    let (type_name, name) = address.split_once('.').unwrap();
    let terraform = Terraform::new(api);
    let binary = Path::new(env!("CARGO_BIN_EXE_terraform-provider-realtimekit"));
    let own = binary.parent().unwrap();
    let others = terraform.path().join("others");
    fs::create_dir(&others).unwrap();
    for name in ["restapi", "restful"] {
        let other = others.join(format!("terraform-provider-{name}{EXE_SUFFIX}"));
        #[cfg(unix)]
        std::os::unix::fs::symlink(binary, other).unwrap();
        #[cfg(windows)] // where links are a privilege
        fs::copy(binary, other).unwrap();
    }
    let rc = format!(
        "provider_installation {{\n  dev_overrides {{\n    \"realtimekit/realtimekit\" = {own:?}\n    \
         {RESTAPI:?} = {others:?}\n    {RESTFUL:?} = {others:?}\n  }}\n  direct {{}}\n}}\n"
    );
    fs::write(terraform.path().join("cli.tfrc"), rc).unwrap();
    let state = json!({
        "version": 4,
        "terraform_version": "1.8.0",
        "serial": 1,
        "lineage": "8d1f3b3e-5a0c-4c5e-9a2f-6f1f0f2f3a4b",
        "outputs": {},
        "resources": [{
            "mode": "managed",
            "type": type_name,
            "name": name,
            "provider": format!("provider[\"registry.terraform.io/{provider}\"]"),
            "instances": [{ "schema_version": 0, "attributes": attributes, "private": "YmVsbA==" }],
        }],
    });
    fs::write(
        terraform.path().join("terraform.tfstate"),
        state.to_string(),
    )
    .unwrap();
    terraform
}

fn collection() -> String {
    format!("/accounts/{ACCOUNT}/realtime/kit/{APP}/webhooks")
}

/// What was sent to create the webhook of [`existing`].
fn body() -> Value {
    json!({
        "name": "door bell",
        "url": "https://example.com/bell",
        "events": ["meeting.started", "meeting.ended"],
        "enabled": true,
        "secret": SECRET,
    })
}

fn restapi_object(id: &str) -> Value {
    json!({
        "id": id,
        "path": collection(),
        "id_attribute": "data/id",
        "data": body().to_string(),
        "api_data": { "success": "true" },
        "api_response": json!({ "success": true, "data": { "id": id } }).to_string(),
        "create_response": SECRET,
        "debug": null,
    })
}

fn restful_resource(id: &str) -> Value {
    json!({
        "id": format!("{}/{id}", collection()),
        "path": collection(),
        "header": { "Authorization": SECRET },
        "body": body().to_string(),
        "output": json!({ "data": { "id": id } }).to_string(),
    })
}

fn moved(type_name: &str, configuration: &str) -> String {
    format!("moved {{\n  from = {type_name}.bell\n  to   = {BELL}\n}}\n{configuration}")
}

#[test]
fn move_takes_the_webhook_over_without_changes() {
    requires!(MOVED_TYPES);
    type Attributes = fn(&str) -> Value;
    let sources: [(&str, &str, Attributes); 2] = [
        (RESTAPI, "restapi_object", restapi_object),
        (RESTFUL, "restful_resource", restful_resource),
    ];
    for (provider, type_name, attributes) in sources {
        let api = live();
        let id = existing(&api);
        let address = format!("{type_name}.bell");
        let terraform = with_resource(&api, provider, &address, attributes(&id));
        let configuration = moved(type_name, &bell(BELL_ATTRIBUTES));

        terraform.write(&configuration);
        let planned = terraform.succeeds(&["plan", "-out=plan"]);
        let applied = terraform.succeeds(&["apply", "plan"]);

        planned.says(&[
            &format!("{type_name}.bell has moved to {BELL}"),
            "0 to add, 0 to change, 0 to destroy",
        ]);
        applied.says(&["0 added, 0 changed, 0 destroyed"]);
        assert!(writes(&api).is_empty(), "a move changes nothing");
        let state = terraform.state(BELL);
        let [webhook] = api.webhooks(ACCOUNT, APP).try_into().unwrap();
        for (name, value) in [
            ("id", id.as_str()),
            ("account_id", ACCOUNT),
            ("app_id", APP),
        ] {
            assert_eq!(state[name], value);
        }
        assert_eq!(state["created_at"], webhook.created_at.as_str());
        let stored = fs::read_to_string(terraform.path().join("terraform.tfstate")).unwrap();
        assert!(
            !stored.contains(SECRET) && !stored.contains(type_name),
            "{stored}"
        );
        terraform.expect_no_changes();

        terraform.destroy();

        assert!(api.webhooks(ACCOUNT, APP).is_empty());
    }
}

#[test]
fn move_example_works() {
    requires!(MOVED_TYPES);
    let api = live();
    let events = ["meeting.ended", "meeting.started"];
    let url = "https://hooks.example.com/meetings";
    let id = api
        .add_webhook(ACCOUNT, APP, "Meeting log", url, &events)
        .id;
    let terraform = with_resource(
        &api,
        RESTAPI,
        "restapi_object.meetings",
        restapi_object(&id),
    );
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for example in [
        "provider/provider.tf",
        "resources/realtimekit_webhook/resource.tf",
        "resources/realtimekit_webhook/moved.tf",
    ] {
        let example = examples.join(example);
        fs::copy(
            &example,
            terraform.path().join(example.file_name().unwrap()),
        )
        .unwrap();
    }

    let ran = terraform.succeeds(&["apply", "-auto-approve"]);

    ran.says(&["1 added, 0 changed, 0 destroyed"]);
    assert_eq!(writes(&api), ["POST webhooks"], "of the other webhook");
    assert_eq!(
        terraform.state("realtimekit_webhook.meetings")["id"],
        id.as_str()
    );
    terraform.expect_no_changes();
}

#[test]
fn move_without_refresh_writes_the_webhook_again() {
    requires!(MOVED_TYPES);
    let api = live();
    let id = existing(&api);
    let attributes = json!({ "id": id, "path": collection() });
    let terraform = with_restapi_object(&api, attributes);
    terraform.write(&moved("restapi_object", &bell(BELL_ATTRIBUTES)));

    let ran = terraform.succeeds(&["apply", "-auto-approve", "-refresh=false"]);

    assert!(!ran.text.contains("URL Already in Use"), "{ran}");
    assert_eq!(writes(&api), ["PUT webhooks/ID"]);
    terraform.expect_no_changes();
}

#[test]
fn moved_webhook_that_differs_is_updated() {
    requires!(MOVED_TYPES);
    let api = live();
    let id = existing(&api);
    let terraform = with_restapi_object(&api, restapi_object(&id));
    let gong = bell(&BELL_ATTRIBUTES.replace("door bell", "gong"));

    terraform.apply(&moved("restapi_object", &gong));

    assert_eq!(writes(&api), ["PUT webhooks/ID"]);
    assert_eq!(api.webhooks(ACCOUNT, APP)[0].name, "gong");
}

#[test]
fn moved_webhook_that_is_gone_is_created_again() {
    requires!(MOVED_TYPES);
    let api = live();
    let gone = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";
    let terraform = with_restapi_object(&api, restapi_object(gone));

    terraform.apply(&moved("restapi_object", &bell(BELL_ATTRIBUTES)));

    assert_eq!(writes(&api), ["POST webhooks"]);
    terraform.expect_no_changes();
}

#[test]
fn move_of_another_object_is_an_error_without_its_secrets() {
    requires!(MOVED_TYPES);
    let api = live();
    let attributes = json!({ "id": "7", "path": format!("/users?token={SECRET}") });
    let terraform = with_restapi_object(&api, attributes);

    let ran = terraform.plan_fails(&moved("restapi_object", &bell(BELL_ATTRIBUTES)));

    ran.says(&[
        "Unable to Move Resource State",
        "restapi_object of the provider", // OpenTofu before 1.12 does not send its namespace
        "It has path = \"/users\"",
        "write an import block",
    ]);
    assert!(!ran.text.contains(SECRET), "{ran}");
    assert!(api.calls().is_empty(), "nothing was asked");
}

#[test]
fn move_from_an_unknown_type_is_an_error_that_lists_the_types() {
    requires!(MOVED_TYPES);
    let (_api, terraform) = setup();
    terraform.apply("resource \"terraform_data\" \"bell\" {}\n");

    let ran = terraform.plan_fails(&moved("terraform_data", &bell(BELL_ATTRIBUTES)));

    ran.says(&[
        "a terraform_data of the provider terraform",
        "these alone: restapi_object, restful_resource",
    ]);
}
