//! Each fault as a client meets it, and what the API holds afterwards.

use crate::support::{delete, door_bell, get, held, post, put, seed, send};
use realtimekit::mock_api::{ErrorShape, Fault, Matcher, MockApi, Quirks};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

/// Long enough that no test waits for its end.
const FOR_EVER: Duration = Duration::from_secs(3600);

/// Sends a create, and leaves when `seen` holds; an answer before that fails the test.
async fn create_until(api: &MockApi, seen: impl Fn(&MockApi) -> bool) {
    tokio::select! {
        answer = send(api, Method::POST, "", Some(door_bell())) => panic!("{answer:?}"),
        () = wait_until(api, seen) => (),
    }
}

async fn wait_until(api: &MockApi, seen: impl Fn(&MockApi) -> bool) {
    while !seen(api) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_status_takes_the_place_of_the_answer_and_nothing_is_stored() {
    let api = MockApi::start().unwrap();
    api.fail_next(2, StatusCode::SERVICE_UNAVAILABLE);

    let statuses = [
        post(&api, door_bell()).await.status.as_u16(),
        post(&api, door_bell()).await.status.as_u16(),
        post(&api, door_bell()).await.status.as_u16(),
    ];

    assert_eq!(statuses, [503, 503, 201]);
    assert_eq!(held(&api).len(), 1);
}

#[tokio::test]
async fn a_status_after_storing_leaves_the_change_behind() {
    let api = MockApi::start().unwrap();
    let fault = Fault::status(StatusCode::BAD_GATEWAY).after_storing();
    api.fail_next(1, fault.clone());

    let answer = post(&api, door_bell()).await;

    assert_eq!(answer.status, 502);
    assert_eq!(held(&api).len(), 1);
    assert_eq!(api.calls()[0].status.unwrap(), 502);
    assert_eq!(api.calls()[0].fault, Some(fault));
}

#[tokio::test]
async fn a_status_comes_in_any_shape_with_any_code_message_and_header() {
    let api = MockApi::start().unwrap();
    let fault = Fault::status(StatusCode::TOO_MANY_REQUESTS)
        .code(10100)
        .message("slow down")
        .header("Retry-After", "7")
        .unwrap();
    api.fail_next(1, fault.clone().shape(ErrorShape::Documented));
    api.fail_next(1, fault.clone().shape(ErrorShape::Gateway));
    api.fail_next(1, fault.shape(ErrorShape::Message));

    let answers = [
        get(&api, "").await,
        get(&api, "").await,
        get(&api, "").await,
    ];

    let error = json!({"code": 10100, "message": "slow down"});
    let [documented, gateway, message] = answers.each_ref().map(|answer| answer.expect(429));
    assert_eq!(documented, json!({"success": false, "error": error}));
    assert_eq!(
        gateway,
        json!({"success": false, "errors": [error], "messages": [], "result": null})
    );
    assert_eq!(message, json!({"message": "slow down"}));
    assert_eq!(answers[0].header("retry-after"), "7");
}

#[tokio::test]
async fn a_status_without_a_shape_has_the_one_that_the_api_has_for_it() {
    let api = MockApi::builder().quirks(Quirks::live()).start().unwrap();
    api.fail_next(1, StatusCode::CONFLICT);
    api.fail_next(1, StatusCode::INTERNAL_SERVER_ERROR);

    let conflict = get(&api, "").await.expect(409);
    let failure = get(&api, "").await.expect(500);

    assert_eq!(
        conflict["error"],
        json!({"code": 409, "message": "Conflict"})
    );
    assert_eq!(failure["errors"][0]["message"], "Internal Server Error");
}

#[tokio::test]
async fn a_success_that_says_it_is_none_is_a_status_like_any_other() {
    let api = MockApi::start().unwrap();
    let fault = Fault::status(StatusCode::OK).shape(ErrorShape::Documented);
    api.fail_next(1, fault.code(1).message("no"));

    let answer = get(&api, "").await.expect(200);

    assert_eq!(answer["success"], false);
}

#[tokio::test]
async fn a_dropped_connection_gives_no_answer_and_stores_nothing() {
    let api = MockApi::start().unwrap();
    api.fail_next(1, Fault::drop_connection());

    let lost = send(&api, Method::POST, "", Some(door_bell())).await;

    assert!(lost.unwrap_err().is_request());
    assert!(held(&api).is_empty());
    assert_eq!(api.calls()[0].body, Some(door_bell()));
    assert_eq!(api.calls()[0].status, None);
}

#[tokio::test]
async fn a_connection_dropped_after_storing_leaves_the_change_behind() {
    let api = MockApi::start().unwrap();
    let webhook = seed(&api);
    api.fail_next(1, Fault::drop_connection().after_storing());

    let path = format!("/{}", webhook.id);
    let lost = send(&api, Method::DELETE, &path, None).await;

    assert!(lost.is_err());
    assert!(held(&api).is_empty());
}

#[tokio::test]
async fn a_delayed_answer_is_that_of_a_change_already_made() {
    let api = MockApi::start().unwrap();
    api.fail_next(1, Fault::delay(FOR_EVER));

    create_until(&api, |api| !held(api).is_empty()).await;

    assert_eq!(api.calls()[0].status, None);
}

#[tokio::test]
async fn a_delayed_answer_comes_in_the_end() {
    let api = MockApi::start().unwrap();
    api.fail_next(1, Fault::delay(Duration::from_millis(1)));

    post(&api, door_bell()).await.expect(201);
}

#[tokio::test]
async fn a_request_delayed_before_storing_changes_nothing_until_then() {
    let api = MockApi::start().unwrap();
    api.fail_next(1, Fault::delay_before_storing(FOR_EVER));

    create_until(&api, |api| !api.calls().is_empty()).await;

    assert!(held(&api).is_empty());
}

#[tokio::test]
async fn a_delayed_request_is_stored_even_though_its_client_has_gone() {
    let api = MockApi::start().unwrap();
    let delay = Duration::from_millis(200);
    api.fail_next(1, Fault::delay_before_storing(delay));

    create_until(&api, |api| !api.calls().is_empty()).await;

    wait_until(&api, |api| !held(api).is_empty()).await;
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_it_has() {
    let api = MockApi::start().unwrap();
    api.fail_next(1, Fault::truncate(20));

    let mut response = raw_get(&api).await;
    let first = response.chunk().await.unwrap().unwrap();
    let rest = response.chunk().await;

    assert_eq!(response.status(), 200);
    assert_eq!(first.len(), 20);
    assert!(response.headers()["content-length"] != "20");
    assert!(rest.is_err());
}

#[tokio::test]
async fn a_truncated_answer_to_a_create_follows_the_change() {
    let api = MockApi::start().unwrap();
    api.fail_next(1, Fault::truncate(0));

    let cut = send(&api, Method::POST, "", Some(door_bell())).await;

    assert!(cut.is_err());
    assert_eq!(held(&api).len(), 1);
    assert_eq!(api.calls()[0].status.unwrap(), 201);
}

#[tokio::test]
async fn an_html_page_comes_with_any_status() {
    let api = MockApi::start().unwrap();
    api.fail_next(1, Fault::html(StatusCode::NOT_FOUND));
    api.fail_next(1, Fault::html(StatusCode::OK).after_storing());

    let missing = get(&api, "").await;
    let fine = post(&api, door_bell()).await;

    assert_eq!((missing.status.as_u16(), fine.status.as_u16()), (404, 200));
    assert_eq!(missing.header("content-type"), "text/html");
    assert!(missing.text.starts_with("<!DOCTYPE html>"));
    assert_eq!(held(&api).len(), 1);
}

#[tokio::test]
async fn an_empty_body_comes_with_any_status() {
    let api = MockApi::start().unwrap();
    api.fail_next(1, Fault::empty(StatusCode::NOT_FOUND));
    api.fail_next(1, Fault::empty(StatusCode::NO_CONTENT));

    let missing = get(&api, "").await;
    let fine = get(&api, "").await;

    assert_eq!((missing.status.as_u16(), fine.status.as_u16()), (404, 204));
    assert_eq!(missing.text + &fine.text, "");
}

#[tokio::test]
async fn a_redirect_names_its_location() {
    let api = MockApi::start().unwrap();
    let elsewhere = MockApi::start().unwrap();
    api.fail_next(1, Fault::redirect(&elsewhere.base_url()).unwrap());

    let redirected = get(&api, "").await;

    assert_eq!(redirected.status, 307);
    assert_eq!(redirected.header("location"), elsewhere.base_url());
}

#[tokio::test]
async fn a_body_of_ones_own_is_answered_as_it_is() {
    let api = MockApi::start().unwrap();
    let body = r#"{"success": true, "data": {"id": 7}}"#;
    api.fail_next(1, Fault::body(StatusCode::OK, body));

    let answer = get(&api, "").await;

    assert_eq!(answer.text, body);
}

#[tokio::test]
async fn a_huge_body_is_valid_json_of_its_size_without_a_length_to_warn_of_it() {
    const LENGTH: usize = 3 * 64 * 1024 + 7;
    let api = MockApi::start().unwrap();
    api.fail_next(1, Fault::huge_body(LENGTH));

    let answer = get(&api, "").await;

    assert_eq!(answer.text.len(), LENGTH);
    assert!(answer.json()["data"].is_string());
    assert!(!answer.headers.contains_key("content-length"));
}

#[tokio::test]
async fn a_fault_for_some_requests_spares_the_others() {
    let api = MockApi::start().unwrap();
    let webhook = seed(&api);
    let writes = Matcher::method(Method::PUT).path_suffix(&webhook.id);
    api.fail(writes, 1, StatusCode::BAD_GATEWAY);

    get(&api, "").await.expect(200);
    assert_eq!(api.faults_left(), 1);
    put(&api, &webhook.id, door_bell()).await.expect(502);
    put(&api, &webhook.id, door_bell()).await.expect(200);
    assert_eq!(api.faults_left(), 0);
}

#[tokio::test]
async fn faults_can_be_called_off() {
    let api = MockApi::start().unwrap();
    let webhook = seed(&api);
    api.fail_next(usize::MAX, Fault::drop_connection());

    api.clear_faults();

    delete(&api, &webhook.id).await.expect(200);
}

#[tokio::test]
async fn answers_of_faults_carry_a_ray_and_the_rate_limit_too() {
    let api = MockApi::builder().quirks(Quirks::live()).start().unwrap();
    api.fail_next(1, StatusCode::BAD_GATEWAY);

    let answer = get(&api, "").await;

    assert!(answer.headers.contains_key("cf-ray"));
    assert!(answer.headers.contains_key("ratelimit"));
    assert_eq!(answer.expect(502)["result"], Value::Null);
}

async fn raw_get(api: &MockApi) -> reqwest::Response {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/accounts/a/realtime/kit/b/webhooks", api.base_url());
    let request = client.get(url).bearer_auth(api.token());
    request.send().await.unwrap()
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn fault_rule_lets_one_request_change_the_store_at_most_once(
        effect in proptest::sample::select(vec![
            "429", "200", "drop", "delay=0.001", "late=0.001", "truncate=0", "truncate=20",
            "html=502", "empty=200", "huge=100",
        ]),
        times in proptest::sample::select(vec![":1", ":2", ":always"]),
        method in proptest::sample::select(vec!["", ",method=POST"]),
        stores in proptest::sample::select(vec!["", ",after-storing"]),
    ) {
        let rule = format!("{effect}{times}{method}{stores}");
        let api = MockApi::builder().fault(rule.parse().unwrap()).start().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();

        runtime.block_on(async {
            // A dropped or truncated answer is an error of the client, and no matter here.
            send(&api, Method::POST, "", Some(door_bell())).await.ok();
        });

        let acts = ["delay", "late", "truncate"].iter().any(|kind| effect.starts_with(kind));
        let expected = usize::from(acts || !stores.is_empty());
        proptest::prop_assert_eq!(held(&api).len(), expected, "{}", rule);
    }
}
