//! A provider that is not configured, or not yet: what each call says, or that it is deferred, if
//! Terraform takes that.

use serde_json::{Value as Json, json};

use crate::{
    calls::{Answer, Calls, only, told, wire::UNKNOWN},
    terraform::{
        apply, config, configure, configured, door, found_door, gone, look_up, new_door, plan_new,
        renamed, start, stored, with, with_door, without_private,
    },
};

#[tokio::test]
async fn without_a_client_nothing_is_done_and_each_call_says_why() {
    let unconfigured = "error: Provider Not Configured";
    for ((terraform, house), expected) in [
        (start(), unconfigured),
        (with("Elm", UNKNOWN).await, "error at key: Unknown Key"),
    ] {
        let (nothing, door) = (Answer::default(), stored(&[]));
        for answer in [
            apply(&terraform, &nothing, &new_door()).await,
            apply(&terraform, &door, &renamed()).await,
            apply(&terraform, &door, &gone()).await,
            terraform.read(&door).await,
            terraform.import(&"door-1".into()).await,
            look_up(&terraform, "Elm", "front").await,
        ] {
            only(&answer.diagnostics, expected);
        }
        assert_eq!(house.doors(), 0);
    }
    let planned = plan_new(&start().0, "front").await;
    only(&planned.diagnostics, unconfigured);
}

#[tokio::test]
async fn without_a_client_there_are_plans() {
    let (terraform, _) = with(UNKNOWN, UNKNOWN).await;

    let created = plan_new(&terraform, "front").await.plainly();
    let deleted = terraform.plan(&stored(&[]), &Json::Null).await;

    let open = ["id", "house", "floor", "coats"].map(|name| (name, UNKNOWN.into()));
    assert_eq!(created.state, door(&open));
    assert_eq!(deleted, gone());
}

#[tokio::test]
async fn configuration_that_cannot_work_is_refused_when_it_is_made() {
    let found = configure(&start().0, "Elm", Json::Null).await;

    only(&found, "error at key: Missing Key");
}

#[tokio::test]
async fn interruption_is_acknowledged_and_work_goes_on() {
    let (terraform, _) = configured().await;

    terraform.stop().await;

    let created = apply(&terraform, &Answer::default(), &new_door()).await;
    assert_eq!(created, stored(&[]));
}

/// A Terraform that takes deferrals.
async fn deferring(house: impl Into<Json>, key: &str) -> Calls {
    Calls {
        allows_deferral: true,
        ..with(house, key).await.0
    }
}

async fn plan_action(terraform: &Calls) -> Answer {
    let config = json!({ "house": null, "tune": UNKNOWN });
    terraform.plan_action("house_ring", &config).await
}

/// An apply is never deferred.
#[tokio::test]
async fn call_without_a_client_is_deferred_with_what_is_known_and_its_private_data() {
    let (terraform, prior) = (deferring("Elm", UNKNOWN).await, stored(&[]));
    let created = without_private(new_door());
    let found = Answer {
        state: found_door("Elm", "front", UNKNOWN),
        ..Answer::default()
    };
    let cases = [
        (terraform.read(&prior).await, prior.clone()),
        (plan_new(&terraform, "front").await, created),
        (terraform.plan(&prior, &config("back")).await, renamed()),
        (terraform.plan(&prior, &Json::Null).await, gone()),
        (terraform.import(&"door-1".into()).await, Answer::default()),
        (look_up(&terraform, Json::Null, "front").await, found),
        (plan_action(&terraform).await, Answer::default()),
    ];
    for (answer, known) in cases {
        assert_eq!(
            answer,
            Answer {
                deferred: true,
                ..known
            }
        );
    }
    let applied = apply(&terraform, &Answer::default(), &new_door()).await;
    only(&applied.diagnostics, "error at key: Unknown Key");
}

#[tokio::test]
async fn data_source_that_follows_an_unknown_setting_is_deferred_with_it_unknown() {
    let terraform = deferring(UNKNOWN, "brass").await;

    let follows = look_up(&terraform, Json::Null, "front").await;
    let says_itself = look_up(&terraform, "Elm", "front").await;

    assert_eq!(follows.state, found_door(UNKNOWN, "front", UNKNOWN));
    assert_eq!(
        (told(&follows.diagnostics), follows.deferred),
        (vec![], true)
    );
    only(&says_itself.diagnostics, "error at name: No Such Door");
    assert!(!says_itself.deferred);
}

#[tokio::test]
async fn what_can_never_work_is_an_error_and_not_deferred() {
    let terraform = deferring(Json::Null, UNKNOWN).await;
    for answer in [
        look_up(&terraform, Json::Null, "front").await,
        plan_new(&terraform, "front").await,
    ] {
        only(&answer.diagnostics, "error at house: Missing house");
        assert!(!answer.deferred);
    }
}

/// Terraform allows deferral wherever it applies, and then takes none.
#[tokio::test]
async fn nothing_is_deferred_once_the_provider_is_known() {
    let (mut terraform, _, door) = with_door().await;
    terraform.allows_deferral = true;
    for answer in [
        terraform.read(&door).await,
        plan_new(&terraform, "back").await,
        terraform.import(&"door-1".into()).await,
        look_up(&terraform, Json::Null, "front").await,
        plan_action(&terraform).await,
    ] {
        answer.plainly();
    }
}
