//! What goes wrong in the house, up to a panic: what is said of it, what the state is afterwards,
//! and that the server goes on.

use realtimekit::proto::tfplugin6::Diagnostic;
use serde_json::{Value as Json, json};

use crate::{
    calls::{
        Answer, call, only, told,
        wire::{UNKNOWN, dynamic},
    },
    fake_book::BOOK,
    fake_provider::Fault,
    terraform::{
        DOOR, apply, assert_contains, config, config_with, configure, configured, found_door, gone,
        identity, look_up, new_door, renamed, start, stored, with_door,
    },
};

const BUG: &str = "error: Bug in the Provider";

#[track_caller]
fn is_a_bug(diagnostics: &[Diagnostic], call: &str) {
    let panicked = format!("panicked while it handled {call}: ");
    assert_contains(only(diagnostics, BUG), &[&panicked, "the house is on fire"]);
}

/// With an error, no state and no identity mean: as they were.
#[tokio::test]
async fn change_that_fails_answers_what_there_is() {
    let (nothing, there) = (Answer::default, || stored(&[]));
    let unmade = || Answer {
        private: there().private,
        ..nothing()
    };
    let changed = |id: &str, name: &str, open: bool| {
        let named = [("id", id.into()), ("name", name.into())];
        let painted = [("open", open.into()), ("coats", 2.into())];
        stored(&[named, painted].concat())
    };
    let half_made = || changed("door-2", "front", false);
    let misspelled = changed("door-2", "front?", true);
    let half_renamed = changed("door-1", "back", false);
    let (create, update) = (|| (nothing(), new_door()), || (there(), renamed()));
    let delete = || (there(), gone());
    let mut identified = new_door();
    identified.identity = identity(UNKNOWN);
    let (refused, jammed) = ("error: Refused", "error at open: Jammed");
    let another_value = "error at name: The API Stored Another Value";
    let another_identity = "error: Unexpected Identity Change";
    let cases = [
        (Fault::Refused, create(), refused, unmade()),
        (Fault::Jammed, create(), jammed, half_made()),
        (Fault::Jammed, (nothing(), identified), jammed, half_made()),
        (Fault::Misspelled, create(), another_value, misspelled),
        (Fault::Panic, create(), BUG, nothing()),
        (Fault::Refused, update(), refused, there()),
        (Fault::Jammed, update(), jammed, half_renamed),
        (Fault::Swapped, update(), another_identity, there()),
        (Fault::Panic, update(), BUG, nothing()),
        (Fault::Refused, delete(), refused, there()),
        (Fault::Panic, delete(), BUG, nothing()),
    ];
    for (fault, (prior, planned), summary, expected) in cases {
        let (terraform, house, door) = with_door().await;
        house.next(fault);

        let mut changed = apply(&terraform, &prior, &planned).await;

        match (fault, only(&changed.diagnostics, summary)) {
            (Fault::Panic, _) => is_a_bug(&changed.diagnostics, "ApplyResourceChange"),
            (Fault::Misspelled, detail) => {
                assert_contains(detail, &["Sent: \"front\"\nReceived: \"front?\""]);
            }
            _ => {}
        }
        changed.diagnostics.clear();
        assert_eq!(changed, expected, "{fault:?} {prior:?}");
        let made = usize::from(expected.state["id"] == "door-2");
        assert_eq!(house.doors(), 1 + made);
        terraform.read(&door).await.plainly();
    }
}

#[tokio::test]
async fn value_that_cannot_be_written_does_not_cost_the_rest_of_the_state() {
    let (mut terraform, _) = configured().await;
    terraform.resource_type = BOOK;
    let config = json!({ "title": "Emma", "note": null });

    let created = terraform.change(&Answer::default(), &config).await;

    only(&created.diagnostics, BUG);
    assert_eq!((created.state, created.identity), (config, Json::Null));
}

#[tokio::test]
async fn what_cannot_be_read_is_not_gone() {
    let (terraform, house, door) = with_door().await;
    for fault in [Fault::Refused, Fault::Panic, Fault::None] {
        house.next(fault);
        let read = terraform.read(&door).await;
        house.next(fault);
        let imported = terraform.import(&"door-1".into()).await;
        house.next(fault);
        let found = look_up(&terraform, Json::Null, "front").await;

        let rpcs = ["ReadResource", "ImportResourceState", "ReadDataSource"];
        for (rpc, answer) in rpcs.into_iter().zip([read, imported, found]) {
            match fault {
                Fault::Panic => is_a_bug(&answer.diagnostics, rpc),
                Fault::Refused => assert_eq!(told(&answer.diagnostics), ["error: Refused"]),
                _ => assert_ne!(answer.plainly().state, Json::Null),
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_found_is_an_error() {
    let (terraform, _) = configured().await;

    let imported = terraform.import(&"door-7".into()).await;
    let found = look_up(&terraform, Json::Null, "back").await;

    only(&imported.diagnostics, "error: No Such Door");
    only(&found.diagnostics, "error at name: No Such Door");
    assert_eq!((imported.state, found.state), (Json::Null, Json::Null));
}

/// What is said of a provider block, a resource and a data source.
async fn validated(provider: &Json, resource: &Json, data_source: &Json) -> [Vec<Diagnostic>; 3] {
    let (terraform, _) = start();
    let provider = call!(terraform.validate_provider_config { config: dynamic(provider) });
    let data_source = call!(terraform.validate_data_resource_config {
        type_name: DOOR.into(),
        config: dynamic(data_source),
    });
    let resource = terraform.validate(resource).await;
    [provider.diagnostics, resource, data_source.diagnostics]
}

#[tokio::test]
async fn configuration_is_refused_with_the_path_of_each_mistake() {
    let blank = config_with("", &[("id", "door-1".into())]);
    let nulls = [("labels", json!({ "a": null })), ("locks", json!([null]))];
    let nulls = config_with("front", &nulls);
    let ambiguous = config_with("Elm", &[("house", "Elm".into())]);
    let block = json!({ "house": "", "floor": null, "key": UNKNOWN });
    let query = found_door("Elm", "Elm", Json::Null);
    let read_only = "error at id: Invalid Configuration for Read-Only Attribute";
    let null_label = "error at labels[\"a\"]: Null Value in a Collection";
    let null_lock = "error at locks[0]: Null Value in a Collection";
    for (door, expected) in [
        (blank, vec![read_only, "error at name: Blank"]),
        (nulls, vec![null_label, null_lock]),
        (ambiguous, vec!["error at name: Ambiguous"]),
    ] {
        let [provider, resource, data_source] = validated(&block, &door, &query).await;

        let of_block = ["error at house: Blank", "warning: Attribute Deprecated"];
        assert_eq!(told(&provider), of_block);
        assert_eq!(told(&resource), expected);
        only(&data_source, "error at name: Ambiguous");
    }
}

#[tokio::test]
async fn validation_that_panics_is_reported() {
    let block = json!({ "house": "fire", "floor": null, "key": null });
    let query = found_door("Elm", "fire", Json::Null);

    let [provider, resource, data_source] = validated(&block, &config("fire"), &query).await;

    is_a_bug(&provider, "ValidateProviderConfig");
    is_a_bug(&resource, "ValidateResourceConfig");
    is_a_bug(&data_source, "ValidateDataResourceConfig");
}

#[tokio::test]
async fn configure_that_panics_is_reported_and_may_be_tried_again() {
    let (terraform, _) = start();

    let burnt = configure(&terraform, "Elm", "fire").await;
    let configured = configure(&terraform, "Elm", "brass").await;

    is_a_bug(&burnt, "ConfigureProvider");
    assert_eq!(configured, []);
    apply(&terraform, &Answer::default(), &new_door())
        .await
        .plainly();
}
