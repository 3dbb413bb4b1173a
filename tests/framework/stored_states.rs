//! States of an earlier version of the provider, and those that a `moved` block takes over.

use realtimekit::{
    framework::server::ProviderServer,
    proto::tfplugin6::{RawState, move_resource_state, upgrade_resource_state},
};
use serde_json::{Value as Json, json};

use crate::{
    library::{Library, LibraryProvider, TODAY},
    terraform::{assert_contains, call, flatmap, only, raw},
    wire::dynamic,
};

const BOOK: &str = "library_book";

/// In a source's state and private data, and never in an answer.
const SECRET: &str = "s3cr3t";

/// A provider that is not configured.
fn server() -> ProviderServer<LibraryProvider> {
    ProviderServer::new(LibraryProvider(Library::default()))
}

async fn upgrade(version: i64, raw_state: Option<RawState>) -> upgrade_resource_state::Response {
    let request = upgrade_resource_state::Request {
        type_name: BOOK.into(),
        version,
        raw_state,
    };
    call!(server(), upgrade_resource_state, request)
}

#[tokio::test]
async fn a_state_is_upgraded_by_what_knows_its_version() {
    let today = json!({ "title": "Emma", "colour": "red" });
    let touched = json!({ "title": "Emma", "note": "read" });
    let earlier = json!({ "name": "Emma", "colour": "red" });
    let emma = json!({ "title": "Emma", "note": null });
    let cases = [
        (TODAY, today, &emma), // null in what it lacks, without what the schema does not have
        (TODAY, touched.clone(), &touched),
        (2, earlier, &emma),
        (2, Json::Null, &Json::Null),
        (TODAY, Json::Null, &Json::Null),
    ];
    for (version, stored, state) in cases {
        let expected = upgrade_resource_state::Response {
            upgraded_state: dynamic(state),
            ..Default::default()
        };
        assert_eq!(upgrade(version, raw(stored.to_string())).await, expected);
    }
}

#[tokio::test]
async fn a_state_that_cannot_be_upgraded_is_named_with_what_to_do() {
    let emma = || raw(r#"{ "name": "Emma" }"#);
    let older = "error: State of an Older Provider";
    let version = |version: i64| format!("library_book has schema version {version}");
    let strange = "error at title: Strange Name";
    let mut cases = vec![
        (
            2,
            raw(r#"{ "name": "?" }"#),
            strange,
            vec!["Look it up.".to_owned()],
        ),
        (
            TODAY + 1,
            emma(),
            "error: State of a Newer Provider",
            vec!["schema version 4".to_owned(), "up to 3".to_owned()],
        ),
    ];
    for old in [-1, 0, 1] {
        let words = ["to version 3", "terraform state rm"].map(str::to_owned);
        cases.push((
            old,
            emma(),
            older,
            [vec![version(old)], words.into()].concat(),
        ));
    }
    for read in [2, TODAY] {
        cases.push((read, flatmap(), "error: State Without Data", vec![]));
        cases.push((read, None, "error: State Without Data", vec![]));
        for broken in [
            r#"{ "name": [], "title": [] }"#,
            "{}",
            "\"Emma\"",
            "{\"name\": ",
            "\u{1}",
        ] {
            if (read, broken) != (TODAY, "{}") {
                cases.push((read, raw(broken), "error: Unreadable State", vec![]));
            }
        }
    }
    for (version, stored, expected, words) in cases {
        let answer = upgrade(version, stored).await;

        let detail = only(&answer.diagnostics, expected);
        assert_contains(
            detail,
            &words.iter().map(String::as_str).collect::<Vec<_>>(),
        );
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
    call!(server(), move_resource_state, request)
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

/// Whichever provider serves the type.
#[tokio::test]
async fn a_known_type_is_taken_over_without_its_private_data() {
    for provider in ["registry.terraform.io/shop/shop", "example.com/fork/shops"] {
        let mut request = book_of(
            "shop_book",
            format!(r#"{{"name": "Emma", "key": "{SECRET}"}}"#),
        );
        request.source_provider_address = provider.into();

        let answer = moved(request).await;

        let expected = move_resource_state::Response {
            target_state: dynamic(&json!({ "title": "Emma", "note": null })),
            ..Default::default()
        };
        assert_eq!(answer, expected);
    }
}

#[tokio::test]
async fn a_source_that_cannot_be_moved_is_named_with_what_to_do() {
    let unknown = book_of("shop_pen", format!(r#"{{"name": "{SECRET}"}}"#));
    let parts = [
        "a shop_pen of the provider registry.terraform.io/shop/shop, schema version 1",
        "library_book takes over from these alone: shop_book.",
        "import block",
        "removed block with `lifecycle { destroy = false }`",
    ];
    assert_contains(&refusal(unknown).await, &parts);

    let mut shelf = book_of("shop_book", r#"{"name": "Emma"}"#);
    shelf.target_type_name = "library_shelf".into();
    let nothing = ["library_shelf takes over from no other resource type."];
    assert_contains(&refusal(shelf).await, &nothing);

    let nameless = book_of("shop_book", format!(r#"{{"name": ["{SECRET}"]}}"#));
    assert_contains(&refusal(nameless).await, &["It has no name."]);
}

#[tokio::test]
async fn a_source_that_is_no_object_is_refused() {
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
async fn the_same_type_of_another_address_is_upgraded_and_keeps_its_private_data() {
    for (version, state) in [(TODAY, r#"{"title": "Emma"}"#), (2, r#"{"name": "Emma"}"#)] {
        let mut request = book_of(BOOK, state);
        request.source_schema_version = version;

        let answer = moved(request).await;

        let expected = move_resource_state::Response {
            target_state: dynamic(&json!({ "title": "Emma", "note": null })),
            target_private: SECRET.into(),
            ..Default::default()
        };
        assert_eq!(answer, expected);
    }
    let mut future = book_of(BOOK, "{}");
    future.source_schema_version = TODAY + 1;
    only(
        &moved(future).await.diagnostics,
        "error: State of a Newer Provider",
    );
}

#[tokio::test]
async fn a_target_that_there_is_not_is_named() {
    let mut request = book_of("shop_book", "{}");
    request.target_type_name = "library_window".into();

    let answer = moved(request).await;

    let detail = only(&answer.diagnostics, "error: Unsupported resource");
    assert_contains(detail, &["library_window"]);
}
