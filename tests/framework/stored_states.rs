//! States of an earlier version of the provider, and those that a `moved` block takes over.

use realtimekit::proto::tfplugin6::{RawState, move_resource_state, upgrade_resource_state};
use serde_json::{Value as Json, json};

use crate::{
    calls::{call, only, raw, wire::dynamic},
    fake_book::{BOOK, TODAY},
    terraform::{DOOR, assert_contains, start},
};

/// In a source's state and private data, and never in an answer.
const SECRET: &str = "s3cr3t";

async fn upgrade(version: i64, raw_state: Option<RawState>) -> upgrade_resource_state::Response {
    let (unconfigured, _) = start();
    let type_name = BOOK.into();
    call!(unconfigured.upgrade_resource_state { type_name, version, raw_state })
}

#[tokio::test]
async fn state_is_upgraded_by_what_knows_its_version() {
    let today = json!({ "title": "Emma", "color": "red" });
    let touched = json!({ "title": "Emma", "note": "read" });
    let earlier = json!({ "name": "Emma", "color": "red" });
    let emma = json!({ "title": "Emma", "note": null });
    let cases = [
        (TODAY, today, &emma), // null in what it lacks, without what the schema does not have
        (TODAY, touched.clone(), &touched),
        (2, earlier, &emma),
        (2, Json::Null, &Json::Null),
        (TODAY, Json::Null, &Json::Null),
    ];
    for (version, stored, state) in cases {
        let upgraded = upgrade(version, raw(stored.to_string())).await;
        assert_eq!(upgraded.diagnostics, []);
        assert_eq!(upgraded.upgraded_state, dynamic(state));
    }
}

#[tokio::test]
async fn state_that_cannot_be_upgraded_is_named_with_what_to_do() {
    let emma = || raw(r#"{ "name": "Emma" }"#);
    let strange = ("error at title: Strange Name", "Look it up.");
    let newer = ("error: State of a Newer Provider", "has schema version 4");
    let older = "error: State of an Older Provider";
    let no_data = ("error: State Without Data", "");
    let unreadable = ("error: Unreadable State", "");
    let mut cases = vec![
        (2, raw(r#"{ "name": "?" }"#), strange),
        (TODAY + 1, emma(), newer),
        (TODAY + 1, emma(), (newer.0, "up to 3")),
        (-1, emma(), (older, "house_book has schema version -1")),
        (0, emma(), (older, "house_book has schema version 0")),
        (1, emma(), (older, "house_book has schema version 1")),
        (1, emma(), (older, "to version 3")),
        (1, emma(), (older, "terraform state rm")),
        (2, raw("{}"), unreadable),
    ];
    let flatmap = RawState {
        flatmap: [("id".to_owned(), "book-1".to_owned())].into(), // Terraform before 0.12
        ..Default::default()
    };
    for version in [2, TODAY] {
        cases.extend([Some(flatmap.clone()), None].map(|state| (version, state, no_data)));
        let mistyped = r#"{ "name": [], "title": [] }"#;
        let broken = [mistyped, "\"Emma\"", "{\"name\": ", "\u{1}"];
        cases.extend(broken.map(|state| (version, raw(state), unreadable)));
    }
    for (version, stored, (summary, words)) in cases {
        let answer = upgrade(version, stored).await;

        assert_contains(only(&answer.diagnostics, summary), &[words]);
        assert_eq!(answer.upgraded_state, None);
    }
}

/// A request to make a book of an `other` resource.
fn book_of(other: &str, state: impl Into<Vec<u8>>) -> move_resource_state::Request {
    move_resource_state::Request {
        source_provider_address: "registry.terraform.io/shop/shop".into(),
        source_type_name: other.into(),
        source_schema_version: 1,
        source_state: raw(state),
        target_type_name: BOOK.into(),
        source_private: SECRET.into(),
        ..Default::default()
    }
}

async fn moved(request: move_resource_state::Request) -> move_resource_state::Response {
    let mut provider = start().0.provider;
    let answer = provider.move_resource_state(request).await;
    answer.expect("an answer, not a status").into_inner()
}

/// Fails unless the source is refused, without a word of what it holds; returns the detail.
async fn refusal(request: move_resource_state::Request) -> String {
    let answer = moved(request).await;
    let detail = only(&answer.diagnostics, "error: Unable to Move Resource State").to_owned();
    assert!(!detail.contains(SECRET), "{detail}");
    let expected = move_resource_state::Response {
        diagnostics: answer.diagnostics.clone(),
        ..Default::default()
    };
    assert_eq!(answer, expected);
    detail
}

/// Whichever provider serves the type. Only the private data of the same type is kept.
#[tokio::test]
async fn known_source_is_taken_over_or_upgraded() {
    let (shop, fork) = ("registry.terraform.io/shop/shop", "example.com/fork/shops");
    let secretive = format!(r#"{{"name": "Emma", "key": "{SECRET}"}}"#);
    let cases = [
        (shop, "shop_book", 1, secretive.as_str(), ""),
        (fork, "shop_book", 1, &secretive, ""),
        (fork, BOOK, TODAY, r#"{"title": "Emma"}"#, SECRET),
        (fork, BOOK, 2, r#"{"name": "Emma"}"#, SECRET),
    ];
    for (provider, source, version, state, private) in cases {
        let answer = moved(move_resource_state::Request {
            source_provider_address: provider.into(),
            source_schema_version: version,
            ..book_of(source, state)
        });

        let expected = move_resource_state::Response {
            target_state: dynamic(&json!({ "title": "Emma", "note": null })),
            target_private: private.into(),
            ..Default::default()
        };
        assert_eq!(answer.await, expected);
    }
}

#[tokio::test]
async fn source_that_cannot_be_moved_is_named_with_what_to_do() {
    let unknown = book_of("shop_pen", format!(r#"{{"name": "{SECRET}"}}"#));
    let parts = [
        "a shop_pen of the provider registry.terraform.io/shop/shop, schema version 1",
        "house_book takes over from these alone: shop_book.",
        "import block",
        "removed block with `lifecycle { destroy = false }`",
    ];
    assert_contains(&refusal(unknown).await, &parts);

    let mut door = book_of("shop_book", r#"{"name": "Emma"}"#);
    door.target_type_name = DOOR.into();
    let nothing = ["house_door takes over from no other resource type."];
    assert_contains(&refusal(door).await, &nothing);

    let nameless = book_of("shop_book", format!(r#"{{"name": ["{SECRET}"]}}"#));
    assert_contains(&refusal(nameless).await, &["It has no name."]);
}

#[tokio::test]
async fn source_that_is_no_object_is_refused() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for state in [
        b"null".as_slice(),
        b"\"s3cr3t\"",
        b"[\"s3cr3t\"]",
        b"{\"name\": \"s3cr3t\"",
        b"\xff",
        b"",
        deep.as_bytes(),
    ] {
        refusal(book_of("shop_book", state)).await;
    }
    let mut none = book_of("shop_book", "");
    none.source_state = None;
    refusal(none).await;
}

#[tokio::test]
async fn source_of_a_newer_version_and_target_that_there_is_not_are_named() {
    let mut newer = book_of(BOOK, "{}");
    newer.source_schema_version = TODAY + 1;
    let mut window = book_of("shop_book", "{}");
    window.target_type_name = "house_window".into();

    let (newer, window) = (moved(newer).await, moved(window).await);

    only(&newer.diagnostics, "error: State of a Newer Provider");
    let detail = only(&window.diagnostics, "error: Unsupported resource");
    assert_contains(detail, &["house_window"]);
}
