//! A provider that is not configured, or not yet: what each call says, or that it is put off, if
//! Terraform takes that.

use realtimekit::proto::tfplugin6::{
    ClientCapabilities, Deferred, deferred::Reason, import_resource_state, plan_action,
    plan_resource_change, read_data_source, read_resource, stop_provider,
};
use serde_json::{Value as Json, json};

use crate::{
    terraform::{
        PRIVATE, Terraform, call, change, config, door, found_door, identity, new_door, only,
        planning, renamed, told,
    },
    wire::{UNKNOWN, dynamic, json},
};

/// What each call answers that needs the house itself.
async fn answers_that_need_the_house(terraform: &Terraform) -> Vec<Vec<String>> {
    let renamed = door(&[("name", "back".into())]);
    let answers = [
        terraform
            .apply(change(Json::Null, door(&[])))
            .await
            .diagnostics,
        terraform
            .apply(change(door(&[]), renamed))
            .await
            .diagnostics,
        terraform
            .apply(change(door(&[]), Json::Null))
            .await
            .diagnostics,
        terraform.read(door(&[]), None).await.diagnostics,
        terraform.import("door-1", None).await.diagnostics,
        terraform.look_up("Elm", "front").await.diagnostics,
    ];
    answers.iter().map(|answer| told(answer)).collect()
}

#[tokio::test]
async fn without_a_client_nothing_is_done_and_each_call_says_why() {
    let unconfigured = Terraform::start();
    let cases = [
        (&unconfigured, "error: Provider Not Configured"),
        (
            &Terraform::with("Elm", UNKNOWN).await,
            "error at key: Unknown Key",
        ),
    ];
    for (terraform, expected) in cases {
        for answer in answers_that_need_the_house(terraform).await {
            assert_eq!(answer, [expected]);
        }
        assert_eq!(terraform.house.doors(), 0);
    }
    let planned = unconfigured.plan_new("front").await;
    only(&planned.diagnostics, "error: Provider Not Configured");
}

#[tokio::test]
async fn without_a_client_there_are_plans() {
    let terraform = Terraform::with(UNKNOWN, UNKNOWN).await;

    let create = terraform.plan_new("front").await;
    let destroy = terraform
        .plan(planning(door(&[]), Json::Null, Json::Null))
        .await;

    assert_eq!(create.diagnostics, []);
    let open = ["id", "house", "coats"].map(|name| (name, UNKNOWN.into()));
    assert_eq!(json(create.planned_state.as_ref()), door(&open));
    assert_eq!(destroy.diagnostics, []);
}

#[tokio::test]
async fn a_configuration_that_cannot_work_is_refused_when_it_is_made() {
    for (key, expected) in [
        (json!("wrong"), "error at key: Wrong Key"),
        (Json::Null, "error at key: Missing Key"),
    ] {
        only(
            &Terraform::start().configure("Elm", key).await.diagnostics,
            expected,
        );
    }
}

#[tokio::test]
async fn an_interruption_is_acknowledged_and_work_goes_on() {
    let terraform = Terraform::configured().await;

    let stopped = call!(terraform.server, stop_provider, stop_provider::Request {});

    assert_eq!(stopped.error, "");
    terraform.with_door().await;
}

/// The only reason that Terraform takes for an action, and the true one for all.
fn until_the_provider_is_known() -> Option<Deferred> {
    Some(Deferred {
        reason: Reason::ProviderConfigUnknown.into(),
    })
}

/// A Terraform that takes deferrals.
fn deferring(mut terraform: Terraform) -> Terraform {
    terraform.capabilities = Some(ClientCapabilities {
        deferral_allowed: true,
        ..Default::default()
    });
    terraform
}

/// The provider has no client yet.
async fn waiting() -> Terraform {
    deferring(Terraform::with("Elm", UNKNOWN).await)
}

async fn plan_action(terraform: &Terraform) -> plan_action::Response {
    let request = plan_action::Request {
        action_type: "house_ring".into(),
        config: dynamic(&json!({ "house": null, "tune": UNKNOWN, "bells": null })),
        client_capabilities: terraform.capabilities,
    };
    call!(terraform.server, plan_action, request)
}

#[tokio::test]
async fn a_read_is_put_off_with_the_state_as_it_is() {
    let read = waiting().await.read(door(&[]), None).await;

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
async fn a_change_is_put_off_with_what_can_be_told_of_it_and_its_private_data() {
    let terraform = waiting().await;
    let proposed = door(&[("name", "back".into())]);

    let creation = terraform.plan_new("front").await;
    let update = planning(door(&[]), proposed, config("back"));
    let update = terraform.plan(update).await;
    let destruction = terraform
        .plan(planning(door(&[]), Json::Null, Json::Null))
        .await;

    let planned = |state: &Json| plan_resource_change::Response {
        planned_state: dynamic(state),
        planned_private: PRIVATE.into(),
        planned_identity: identity("door-1"),
        deferred: until_the_provider_is_known(),
        ..Default::default()
    };
    let expected = plan_resource_change::Response {
        planned_private: Vec::new(),
        planned_identity: None,
        ..planned(&new_door())
    };
    assert_eq!(creation, expected);
    assert_eq!(update, planned(&renamed()));
    assert_eq!(destruction, planned(&Json::Null));
}

#[tokio::test]
async fn an_import_is_put_off_without_a_resource_and_so_is_an_action() {
    let terraform = waiting().await;

    let imported = terraform.import("door-1", None).await;
    let action = plan_action(&terraform).await;

    let expected = import_resource_state::Response {
        deferred: until_the_provider_is_known(),
        ..Default::default()
    };
    assert_eq!(imported, expected);
    let expected = plan_action::Response {
        deferred: until_the_provider_is_known(),
        ..Default::default()
    };
    assert_eq!(action, expected);
}

/// Also where there is a client, if the query itself follows an unknown setting.
#[tokio::test]
async fn a_data_source_is_put_off_with_what_it_will_find_unknown() {
    let follows = deferring(Terraform::with(UNKNOWN, "brass").await);
    for (terraform, house) in [(&waiting().await, "Elm"), (&follows, UNKNOWN)] {
        let found = terraform.look_up(Json::Null, "front").await;

        let expected = read_data_source::Response {
            state: dynamic(&found_door(house, "front", UNKNOWN)),
            deferred: until_the_provider_is_known(),
            ..Default::default()
        };
        assert_eq!(found, expected);
    }
    let says_itself = follows.look_up("Elm", "front").await;
    only(&says_itself.diagnostics, "error at name: No Such Door");
    assert_eq!(says_itself.deferred, None);
}

#[tokio::test]
async fn what_can_never_work_is_an_error_and_not_put_off() {
    let terraform = deferring(Terraform::with(Json::Null, UNKNOWN).await);

    let found = terraform.look_up(Json::Null, "front").await;
    let planned = terraform.plan_new("front").await;

    only(&found.diagnostics, "error at house: Missing house");
    only(&planned.diagnostics, "error at house: Missing house");
}

/// Terraform allows deferral wherever it applies, and then takes none.
#[tokio::test]
async fn nothing_is_put_off_once_the_provider_is_known() {
    let terraform = deferring(Terraform::configured().await);
    let state = terraform.with_door().await;

    let deferred = [
        terraform.read(state, None).await.deferred,
        terraform.plan_new("back").await.deferred,
        terraform.import("door-1", None).await.deferred,
        terraform.look_up(Json::Null, "front").await.deferred,
        plan_action(&terraform).await.deferred,
    ];

    assert_eq!(deferred, [None; 5]);
}

#[tokio::test]
async fn an_apply_is_never_put_off() {
    let applied = waiting().await.apply(change(Json::Null, door(&[]))).await;

    only(&applied.diagnostics, "error at key: Unknown Key");
}
