//! Each fault as a client sees it, and what the API stores.

use crate::support::{client, columns, door_bell, get, held, post, send};
use realtimekit::mock_api::{Fault, FaultRule, MockApi, Quirks};
use reqwest::StatusCode;
use std::time::Duration;

/// Sends a create that meets this fault, and disconnects when `seen` holds; an earlier answer
/// fails the test.
async fn create_until(fault: Fault, seen: impl Fn(&MockApi) -> bool) -> MockApi {
    let api = MockApi::start().unwrap();
    api.fail_next(1, fault);
    tokio::select! {
        answer = send(&api, "POST", Some(door_bell())) => panic!("{answer:?}"),
        () = wait_until(&api, seen) => (),
    }
    api
}

async fn wait_until(api: &MockApi, seen: impl Fn(&MockApi) -> bool) {
    while !seen(api) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// The fault of a create, the status of the answer (`-` for no answer), the body unless it is the
/// API's, and how many webhooks are stored.
const CASES: &str = r#"
503                                  | 503 | {"message":"Service Unavailable"}                    | 0
409                                  | 409 | {"error":{"code":409,"message":"Conflict"},"success":false} | 0
502,after-storing                    | 502 | {"message":"Bad Gateway"}                            | 1
409,code=1,message=taken             | 409 | {"error":{"code":1,"message":"taken"},"success":false} | 0
429,message=slow down                | 429 | {"message":"slow down"}                              | 0
drop                                 | -   |                                                      | 0
drop,after-storing                   | -   |                                                      | 1
delay=0.001                          | 201 | API                                                  | 1
html=200,after-storing               | 200 | <!DOCTYPE html>\n<title>OK</title>\n<h1>OK</h1>\n | 1
empty=404                            | 404 |                                                      | 0
empty=204                            | 204 |                                                      | 0
"#;

#[tokio::test]
async fn fault_of_a_create_determines_answer_and_store() {
    for case in CASES.trim().lines() {
        let [rule, status, body, stored] = &columns(case);
        let rule: FaultRule = rule.parse().unwrap();
        let api = MockApi::builder().fault(rule.clone()).start().unwrap();

        let answer = send(&api, "POST", Some(door_bell())).await;

        assert_eq!(held(&api).len().to_string(), *stored, "{case}");
        let [call] = api.calls().try_into().unwrap();
        let logged = call.status.map(|status| status.to_string());
        assert_eq!(logged.as_deref().unwrap_or("-"), *status, "{case}");
        assert_eq!(
            (call.body, call.fault),
            (Some(door_bell()), Some(rule.fault.to_string()))
        );
        match answer {
            Err(error) => assert!(status == "-" && error.is_request()),
            Ok(answer) => {
                assert_eq!(answer.status.as_str(), status);
                let body = body.replace("\\n", "\n");
                assert!(body == "API" || body == answer.text, "{answer:?}");
            }
        }
        post(&api, door_bell()).await.expect(201);
    }
}

#[tokio::test]
async fn fault_sets_headers_of_its_answer() {
    let api = MockApi::builder().quirks(Quirks::live()).start().unwrap();
    let elsewhere = "http://127.0.0.1:9/elsewhere";
    let redirect = Fault::empty(StatusCode::TEMPORARY_REDIRECT);
    let missing = Fault::html(StatusCode::NOT_FOUND);
    let busy = Fault::status(StatusCode::TOO_MANY_REQUESTS);

    for (fault, status, name, value) in [
        (
            redirect.header("location", elsewhere),
            307,
            "location",
            elsewhere,
        ),
        (Ok(missing), 404, "content-type", "text/html"),
        (busy.header("Retry-After", "7"), 429, "retry-after", "7"),
    ] {
        api.fail_next(1, fault.unwrap());
        let answer = get(&api, "").await;
        assert_eq!(
            (answer.status.as_u16(), answer.header(name)),
            (status, value)
        );
        assert!(answer.headers.contains_key("cf-ray"));
        assert!(answer.headers.contains_key("ratelimit"));
    }
}

#[tokio::test]
async fn delayed_answer_follows_the_change_and_a_delayed_request_precedes_it() {
    let (brief, forever) = (Duration::from_millis(200), Duration::from_secs(3600));
    let (is_stored, has_arrived) = (
        |api: &MockApi| !held(api).is_empty(),
        |api: &MockApi| !api.calls().is_empty(),
    );

    let answer = create_until(Fault::delay(forever), is_stored).await;
    let never = create_until(Fault::delay_before_storing(forever), has_arrived).await;
    let later = create_until(Fault::delay_before_storing(brief), has_arrived).await;

    assert!(!is_stored(&never) && !is_stored(&later));
    wait_until(&later, is_stored).await; // though its client has disconnected
    assert_eq!(answer.calls()[0].status, None);
}

#[tokio::test]
async fn truncated_answer_follows_the_change_and_is_shorter_than_its_length() {
    let api = MockApi::start().unwrap();
    api.fail_next(1, Fault::truncate(20));
    api.fail_next(1, Fault::truncate(0));

    let url = format!("{}/accounts/a/realtime/kit/b/webhooks", api.base_url());
    let request = client().get(url).bearer_auth(api.token());
    let mut response = request.send().await.unwrap();
    let first = response.chunk().await.unwrap().unwrap();
    let rest = response.chunk().await;
    let cut = send(&api, "POST", Some(door_bell())).await;

    assert_eq!((response.status().as_u16(), first.len()), (200, 20));
    assert!(response.headers()["content-length"] != "20");
    assert!(rest.is_err() && cut.is_err());
    assert_eq!(held(&api).len(), 1);
    assert_eq!(api.calls()[1].status.unwrap(), 201);
}

#[tokio::test]
async fn huge_body_is_valid_json_of_its_size_without_a_content_length() {
    const LENGTH: usize = 3 * 64 * 1024 + 7;
    let api = MockApi::start().unwrap();
    api.fail_next(1, Fault::huge_body(LENGTH));

    let answer = get(&api, "").await;

    assert_eq!(answer.text.len(), LENGTH);
    assert!(answer.json()["data"].is_string());
    assert!(!answer.headers.contains_key("content-length"));
}

#[tokio::test]
async fn fault_rule_lets_one_request_change_the_store_at_most_once() {
    let refusals = "429 200 drop html=502 empty=200 huge=100".split(' ');
    let actions = "delay=0.001 late=0.001 truncate=0 truncate=20".split(' ');
    let effects = refusals.map(|effect| (effect, false));
    for (effect, acts) in effects.chain(actions.map(|effect| (effect, true))) {
        for (options, stores) in [
            (":1", false),
            (":2,after-storing", true),
            (":always,method=POST", false),
            (":always,method=POST,after-storing", true),
        ] {
            let rule: FaultRule = format!("{effect}{options}").parse().unwrap();
            let api = MockApi::builder().fault(rule).start().unwrap();

            // A dropped or truncated answer is an error of the client, which is not tested here.
            send(&api, "POST", Some(door_bell())).await.ok();

            let expected = usize::from(acts || stores);
            assert_eq!(held(&api).len(), expected, "{effect}{options}");
        }
    }
}
