//! The list of an account's apps, however the service pages it.

use std::collections::BTreeSet;
use std::time::Duration;

use http::StatusCode;
use realtimekit::api::Client;
use realtimekit::mock_api::{Fault, MockApi, Quirks};
use serde_json::{Value, json};

use crate::{
    ACCOUNT, TOKEN, all_modes, config,
    raw_server::{self, RawServer},
    shown,
};

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
async fn pages_are_requested_until_one_is_empty_or_has_nothing_new() {
    let apps = (0..1_000).map(|number| json!({"id": format!("app-{number}"), "name": "app"}));
    let whole = json!({"data": apps.collect::<Value>()}).to_string();
    let whole = Fault::body(StatusCode::OK, whole);
    // Three pages of 40 at most and an empty one, or the whole list twice.
    for (fault, number, pages) in [(None, 100, 4), (Some(whole), 1_000, 2)] {
        let (api, client) = start(Quirks::documented(), 100);
        if let Some(fault) = fault {
            api.fail_next(usize::MAX, fault);
        }

        assert_eq!(client.apps(ACCOUNT).await.unwrap().apps.len(), number);

        let queries = api.calls().into_iter().map(|call| call.query.unwrap());
        let pages = (1..=pages).map(|page| format!("page_no={page}&per_page=50"));
        assert!(queries.eq(pages), "{:?}", api.calls());
    }
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
async fn list_that_never_ends_is_given_up() {
    let server = RawServer::replying(|request| {
        let page = request.split(['=', '&']).nth(1).unwrap();
        let body = format!(r#"{{"data": [{{"id": "app-{page}", "name": "one more"}}]}}"#);
        raw_server::json("200 OK", &body)
    });

    let client = Client::new(config(&server.origin));
    let error = client.apps(ACCOUNT).await.unwrap_err();

    let expected = "the list of apps goes on after page 1000";
    assert!(shown(&error).contains(expected), "{error}");
}
