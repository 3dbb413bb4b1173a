//! What goes well: each answer, field for field.

use serde_json::{Value as Json, json};

use crate::{
    calls::{
        Answer, PATIENCE, call, only,
        wire::{UNKNOWN, dynamic},
    },
    fake_provider::Fault,
    terraform::{
        DOOR, apply, config, config_with, configure, configured, door, found_door, gone, identity,
        look_up, new_door, new_door_with, plan_new, renamed, start, stored, with_door,
        without_private,
    },
};

#[tokio::test]
async fn creation_is_planned_and_stores_what_was_made_and_the_private_data() {
    let (terraform, house) = configured().await;

    let planned = plan_new(&terraform, "front").await;
    let created = apply(&terraform, &Answer::default(), &new_door()).await;

    assert_eq!(planned, without_private(new_door()));
    assert_eq!(created, stored(&[]));
    assert_eq!(house.doors(), 1);
}

/// A state of before there were identities gets one.
#[tokio::test]
async fn read_answers_what_there_is_with_the_private_data_and_the_identity() {
    let (terraform, house, door) = with_door().await;
    let changed = stored(&[("name", "what it was".into())]);

    for identity in [Json::Null, door.identity.clone()] {
        let stored = Answer {
            identity,
            ..changed.clone()
        };
        assert_eq!(terraform.read(&stored).await, door);
    }
    house.rooms().doors.clear(); // behind Terraform's back
    let gone = terraform.read(&door).await.plainly();

    assert_eq!((gone.state, gone.identity), (Json::Null, Json::Null));
}

#[tokio::test]
async fn change_is_planned_with_the_private_data_and_the_identity_stored_or_not() {
    let (terraform, _, door) = with_door().await;
    let cases = [
        (config("front"), door.clone()),
        (config("back"), renamed()),
        (Json::Null, gone()),
    ];
    for (config, expected) in cases {
        for identity in [Json::Null, door.identity.clone()] {
            let prior = Answer {
                identity,
                ..door.clone()
            };
            assert_eq!(terraform.plan(&prior, &config).await, expected);
        }
    }
}

#[tokio::test]
async fn planned_change_is_made_in_place_and_a_deletion_leaves_nothing() {
    let (terraform, house, door) = with_door().await;

    let updated = apply(&terraform, &door, &renamed()).await;

    let expected = stored(&[("name", "back".into()), ("coats", 2.into())]);
    assert_eq!(updated, expected);
    assert_eq!(house.doors(), 1);

    let deleted = apply(&terraform, &updated, &gone()).await.plainly();

    assert_eq!((deleted.state, deleted.identity), (Json::Null, Json::Null));
    assert_eq!(house.doors(), 0);
}

#[tokio::test]
async fn collections_and_nested_objects_are_planned_and_stored_with_what_is_computed() {
    let (terraform, _) = configured().await;
    let nothing = Answer::default();
    let more = |serial: Json| {
        let locks = json!([{ "pins": 5, "serial": serial }]);
        [("labels", json!({ "a": "1" })), ("locks", locks)]
    };
    let config = config_with("front", &more(Json::Null));

    let planned = terraform.plan(&nothing, &config).await.plainly();
    let created = terraform.apply(&nothing, &planned, &config).await.plainly();
    let unchanged = terraform.plan(&created, &config).await;

    assert_eq!(planned.state, new_door_with(&more(UNKNOWN.into())).state);
    assert_eq!(created.state, door(&more("door-1/5".into())));
    assert_eq!(unchanged, created);
}

#[tokio::test]
async fn resource_warns_wherever_its_state_is_answered() {
    let (terraform, _, front) = with_door().await;
    let high = |coats| [("floor", 12.into()), ("locks", json!([])), ("coats", coats)];

    let updated = apply(&terraform, &front, &stored(&high(UNKNOWN.into()))).await;
    let read = terraform.read(&updated).await;
    let imported = terraform.import(&"door-1".into()).await;

    only(&updated.diagnostics, "warning at floor: High Door");
    assert_eq!(updated.state, door(&high(2.into())));
    assert_eq!(read, updated);
    assert_eq!(imported, without_private(updated));
}

/// Terraform plans a replacement twice, and hands the second plan what the first answered.
#[tokio::test]
async fn another_house_is_planned_as_a_replacement_with_identity_and_private_data() {
    let (terraform, _, door) = with_door().await;
    configure(&terraform, "Oak", "brass").await;

    let first = terraform.plan(&door, &config("front")).await;
    let state = Json::Null;
    let prior = Answer {
        state,
        ..first.clone()
    };
    let second = terraform.plan(&prior, &config("front")).await.plainly();

    assert_eq!(first.requires_replace, ["house"]);
    assert_eq!(
        (first.identity, second.identity),
        (identity("door-1"), Json::Null)
    );
    for (state, private) in [(first.state, first.private), (second.state, second.private)] {
        assert_eq!(
            (&state["house"], private),
            (&"Oak".into(), door.private.clone())
        );
    }
}

#[tokio::test]
async fn data_source_answers_with_its_configuration_settled_and_may_warn() {
    let (terraform, _, _) = with_door().await;
    let closed = new_door_with(&[("name", "back".into()), ("open", false.into())]);
    apply(&terraform, &Answer::default(), &closed).await;

    let found = look_up(&terraform, Json::Null, "front").await.plainly();
    let doubted = look_up(&terraform, Json::Null, "back").await;

    assert_eq!(found.state, found_door("Elm", "front", "door-1"));
    only(&doubted.diagnostics, "warning: Closed Door");
    assert_eq!(doubted.state, found_door("Elm", "back", "door-2"));
}

#[tokio::test]
async fn call_that_takes_its_time_holds_up_no_other() {
    let (terraform, house) = configured().await;
    house.next(Fault::Late);
    let (nothing, planned) = (Answer::default(), new_door());

    let others = async {
        assert_eq!(configure(&terraform, "Oak", "brass").await, []);
        plan_new(&terraform, "back").await.plainly();
        house.hurry();
    };
    let both = futures_util::future::join(apply(&terraform, &nothing, &planned), others);
    let both = tokio::time::timeout(PATIENCE, both).await;

    assert_eq!(both.unwrap().0, stored(&[]));
}

/// Also without a state or without a configured provider, where nothing follows the provider block.
#[tokio::test]
async fn only_what_a_practitioner_would_write_is_generated() {
    let ((configured, _), (unconfigured, _)) = (configured().await, start());
    let front = config_with("front", &[("floor", 1.into())]);
    let elm = config_with("front", &[("floor", 1.into()), ("house", "Elm".into())]);
    let cases = [
        (&configured, dynamic(&door(&[])), front),
        (&unconfigured, dynamic(&door(&[])), elm),
        (&configured, dynamic(&Json::Null), Json::Null),
        (&configured, None, Json::Null),
        (&configured, Some(Default::default()), Json::Null),
    ];
    for (terraform, state, config) in cases {
        let type_name = DOOR.into();
        let generated = call!(terraform.generate_resource_config { type_name, state });
        assert_eq!(generated.diagnostics, []);
        assert_eq!(generated.config, dynamic(&config));
    }
}

#[tokio::test]
async fn generated_configuration_plans_to_change_nothing() {
    let (terraform, _, door) = with_door().await;

    let generated = terraform.generate(&door.state).await;

    assert_eq!(terraform.plan(&door, &generated).await, door);
}
