//! The list of an account's apps, however the service pages it.

use std::collections::BTreeSet;
use std::time::Duration;

use http::StatusCode;
use realtimekit::api::Client;
use realtimekit::mock_api::{Fault, MockApi, Quirks};

use crate::{ACCOUNT, TOKEN, all_modes, config, raw_server::RawServer, shown};

fn start(quirks: Quirks, apps: usize) -> (MockApi, Client) {
    let builder = MockApi::builder().token(TOKEN).quirks(quirks);
    let builder = (0..apps).fold(builder, |builder, number| {
        builder.app(ACCOUNT, &format!("app-{number}"), &format!("name {number}"))
    });
    let api = builder.start().unwrap();
    let client = Client::new(config(&api.base_url()));
    (api, client)
}

#[tokio::test]
async fn every_app_is_listed_once_in_every_mode_and_envelope() {
    for mode in all_modes() {
        for number in [0, 1, 1_000] {
            let (_api, client) = start(mode, number);

            let apps = client.apps(ACCOUNT).await.unwrap().apps;

            let ids: BTreeSet<&str> = apps.iter().map(|app| app.id.as_str()).collect();
            assert_eq!((apps.len(), ids.len()), (number, number));
            assert!(apps.iter().all(|app| app.created_at.is_some()));
        }
    }
}

#[tokio::test]
async fn nothing_depends_on_what_a_page_tells_of_the_paging() {
    let quirks = Quirks {
        tells_paging: false,
        ..Quirks::documented()
    };
    let (api, client) = start(quirks, 100);

    assert_eq!(client.apps(ACCOUNT).await.unwrap().apps.len(), 100);
    let queries: Vec<_> = api.calls().into_iter().map(|call| call.query).collect();
    let pages = (1..=4).map(|page| Some(format!("page_no={page}&per_page=50")));
    let pages: Vec<_> = pages.collect(); // three pages of 40 at most, and an empty one
    assert_eq!(queries, pages);
}

#[tokio::test]
async fn service_that_always_answers_the_same_is_asked_twice() {
    let quirks = Quirks {
        ignores_paging: true,
        ..Quirks::documented()
    };
    let (api, client) = start(quirks, 1_000);

    assert_eq!(client.apps(ACCOUNT).await.unwrap().apps.len(), 1_000);
    assert_eq!(api.calls().len(), 2);
}

#[tokio::test]
async fn second_page_that_is_not_found_is_the_end_and_one_that_fails_is_an_error() {
    for status in [StatusCode::NOT_FOUND, StatusCode::BAD_GATEWAY] {
        let (api, client) = start(Quirks::documented(), 40);
        api.fail_next(1, Fault::delay(Duration::ZERO)); // the first page
        api.fail_next(1, status);

        match client.apps(ACCOUNT).await {
            Ok(list) => assert_eq!((list.apps.len(), status.as_u16()), (40, 404)),
            Err(error) => assert_eq!((error.status(), status.as_u16()), (Some(status), 502)),
        }
        assert_eq!(api.calls().len(), 2);
    }
}

#[tokio::test]
async fn account_that_is_not_there_is_no_empty_list() {
    let quirks = Quirks {
        any_app: false,
        ..Quirks::live()
    };
    let (_api, client) = start(quirks, 1);

    let unknown = client.apps("another").await.unwrap_err();

    assert!(unknown.is_app_not_found(), "{unknown:?}");
}

#[tokio::test]
async fn list_that_never_ends_is_given_up() {
    let server = RawServer::answering_in_turn(|number| {
        format!(r#"{{"data": [{{"id": "app-{number}", "name": "one more"}}]}}"#)
    });

    let client = Client::new(config(&server.origin));
    let error = client.apps(ACCOUNT).await.unwrap_err();

    let expected = "the list of apps goes on after page 1000";
    assert!(shown(&error).contains(expected), "{error}");
}
