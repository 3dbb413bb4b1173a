//! A provider block that is not known yet: what is put off, if Terraform takes that.
//!
//! What it answers to a Terraform that does not is in `configuration`.

use realtimekit::proto::tfplugin6::{
    ClientCapabilities, Deferred, deferred::Reason, import_resource_state, plan_action,
    plan_resource_change, provider_server::Provider, read_data_source, read_resource,
};
use serde_json::{Value as Json, json};
use tonic::Request;

use crate::{
    terraform::{PRIVATE, Terraform, change, config, door, identity, planning, told},
    wire::{UNKNOWN, dynamic},
};

const ALLOWED: Option<ClientCapabilities> = Some(ClientCapabilities {
    deferral_allowed: true,
    write_only_attributes_allowed: true,
    store_planned_private: false,
    computed_blocks_allowed: false,
});

/// The only reason that Terraform takes for an action, and the true one for all.
fn until_the_provider_is_known() -> Option<Deferred> {
    Some(Deferred {
        reason: Reason::ProviderConfigUnknown.into(),
    })
}

/// The provider has no client yet.
async fn waiting() -> Terraform {
    let terraform = Terraform::start();
    let answer = terraform
        .configure(json!({ "house": "Elm", "key": UNKNOWN }))
        .await;
    assert_eq!(answer.diagnostics, []);
    terraform
}

async fn read(terraform: &Terraform, state: &Json) -> read_resource::Response {
    let request = read_resource::Request {
        type_name: "house_door".into(),
        current_state: dynamic(state),
        private: PRIVATE.into(),
        client_capabilities: ALLOWED,
        ..Default::default()
    };
    let answer = terraform.server.read_resource(Request::new(request)).await;
    answer.unwrap().into_inner()
}

async fn plan(
    terraform: &Terraform,
    prior: Json,
    proposed: Json,
    config: Json,
) -> plan_resource_change::Response {
    let request = plan_resource_change::Request {
        client_capabilities: ALLOWED,
        ..planning(prior, proposed, config)
    };
    terraform.plan(request).await
}

async fn import(terraform: &Terraform) -> import_resource_state::Response {
    let request = import_resource_state::Request {
        type_name: "house_door".into(),
        id: "door-1".into(),
        client_capabilities: ALLOWED,
        ..Default::default()
    };
    let answer = terraform
        .server
        .import_resource_state(Request::new(request));
    answer.await.unwrap().into_inner()
}

async fn look_up(terraform: &Terraform, config: Json) -> read_data_source::Response {
    let request = read_data_source::Request {
        type_name: "house_door".into(),
        config: dynamic(&config),
        client_capabilities: ALLOWED,
        ..Default::default()
    };
    let answer = terraform.server.read_data_source(Request::new(request));
    answer.await.unwrap().into_inner()
}

async fn plan_action(terraform: &Terraform) -> plan_action::Response {
    let request = plan_action::Request {
        action_type: "house_ring".into(),
        config: dynamic(&json!({ "house": null, "tune": UNKNOWN })),
        client_capabilities: ALLOWED,
    };
    let answer = terraform.server.plan_action(Request::new(request)).await;
    answer.unwrap().into_inner()
}

#[tokio::test]
async fn a_read_is_put_off_with_the_state_as_it_is() {
    let terraform = waiting().await;

    let read = read(&terraform, &door(&[])).await;

    let expected = read_resource::Response {
        new_state: dynamic(&door(&[])),
        new_identity: identity("door-1"),
        private: PRIVATE.into(),
        deferred: until_the_provider_is_known(),
        ..Default::default()
    };
    assert_eq!(read, expected);
}

#[tokio::test]
async fn a_creation_is_put_off_with_what_can_be_told_of_it() {
    let terraform = waiting().await;

    let planned = plan(&terraform, Json::Null, config("front"), config("front")).await;

    let expected = plan_resource_change::Response {
        planned_state: dynamic(&door(&[("id", UNKNOWN.into()), ("coats", UNKNOWN.into())])),
        deferred: until_the_provider_is_known(),
        ..Default::default()
    };
    assert_eq!(planned, expected);
}

#[tokio::test]
async fn an_update_and_a_destruction_are_put_off_with_their_private_data() {
    let terraform = waiting().await;
    let proposed = door(&[("name", "back".into())]);

    let update = plan(&terraform, door(&[]), proposed, config("back")).await;
    let destruction = plan(&terraform, door(&[]), Json::Null, Json::Null).await;

    let expected = plan_resource_change::Response {
        planned_state: dynamic(&door(&[("name", "back".into()), ("coats", UNKNOWN.into())])),
        planned_private: PRIVATE.into(),
        planned_identity: identity("door-1"),
        deferred: until_the_provider_is_known(),
        ..Default::default()
    };
    assert_eq!(update, expected);
    assert_eq!(destruction.planned_state, dynamic(&Json::Null));
    assert_eq!(destruction.planned_private, PRIVATE);
    assert_eq!(destruction.planned_identity, identity("door-1"));
    assert_eq!(destruction.deferred, until_the_provider_is_known());
}

#[tokio::test]
async fn an_import_is_put_off_without_a_resource() {
    let terraform = waiting().await;

    let imported = import(&terraform).await;

    let expected = import_resource_state::Response {
        deferred: until_the_provider_is_known(),
        ..Default::default()
    };
    assert_eq!(imported, expected);
}

#[tokio::test]
async fn a_data_source_is_put_off_with_what_it_will_find_unknown() {
    let terraform = waiting().await;

    let found = look_up(
        &terraform,
        json!({ "house": null, "name": "front", "id": null }),
    )
    .await;

    let state = json!({ "house": "Elm", "name": "front", "id": UNKNOWN });
    let expected = read_data_source::Response {
        state: dynamic(&state),
        deferred: until_the_provider_is_known(),
        ..Default::default()
    };
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_data_source_that_follows_an_unknown_setting_is_put_off_although_there_is_a_client() {
    let terraform = Terraform::start();
    terraform
        .configure(json!({ "house": UNKNOWN, "key": "brass" }))
        .await;
    let query = |house: Json| json!({ "house": house, "name": "front", "id": null });

    let follows = look_up(&terraform, query(Json::Null)).await;
    let says_itself = look_up(&terraform, query("Elm".into())).await;

    let expected = json!({ "house": UNKNOWN, "name": "front", "id": UNKNOWN });
    assert_eq!(follows.state, dynamic(&expected));
    assert_eq!(follows.deferred, until_the_provider_is_known());
    assert_eq!(
        told(&says_itself.diagnostics),
        ["error at name: No Such Door"]
    );
    assert_eq!(says_itself.deferred, None);
}

#[tokio::test]
async fn what_can_never_work_is_an_error_and_not_put_off() {
    let terraform = Terraform::start();
    terraform
        .configure(json!({ "house": null, "key": UNKNOWN }))
        .await;

    let found = look_up(
        &terraform,
        json!({ "house": null, "name": "front", "id": null }),
    )
    .await;
    let planned = plan(&terraform, Json::Null, config("front"), config("front")).await;

    assert_eq!(told(&found.diagnostics), ["error at house: Missing house"]);
    assert_eq!(
        told(&planned.diagnostics),
        ["error at house: Missing house"]
    );
}

#[tokio::test]
async fn an_action_is_put_off() {
    let planned = plan_action(&waiting().await).await;

    let expected = plan_action::Response {
        deferred: until_the_provider_is_known(),
        ..Default::default()
    };
    assert_eq!(planned, expected);
}

/// Terraform allows deferral wherever it applies, and then takes none.
#[tokio::test]
async fn nothing_is_put_off_once_the_provider_is_known() {
    let terraform = Terraform::configured().await;
    let state = terraform.with_door().await;
    let query = json!({ "house": null, "name": "front", "id": null });

    let read = read(&terraform, &state).await;
    let planned = plan(&terraform, Json::Null, config("back"), config("back")).await;
    let imported = import(&terraform).await;
    let found = look_up(&terraform, query).await;
    let action = plan_action(&terraform).await;

    let deferred = [
        read.deferred,
        planned.deferred,
        imported.deferred,
        found.deferred,
        action.deferred,
    ];
    assert_eq!(deferred, [None; 5]);
}

#[tokio::test]
async fn an_apply_is_never_put_off() {
    let terraform = waiting().await;

    let applied = terraform.apply(change(Json::Null, door(&[]))).await;

    assert_eq!(told(&applied.diagnostics), ["error at key: Unknown Key"]);
}
