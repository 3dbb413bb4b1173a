//! A bare HTTP client for one app of the mock API.

use realtimekit::mock_api::{MockApi, Quirks, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, Webhook};
use reqwest::header::HeaderMap;
use reqwest::{Client, StatusCode, redirect};
use serde_json::{Value, json};

/// A UUID that no webhook has.
const NO_WEBHOOK: &str = "00000000-0000-4000-8000-000000000000";

pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("the body is JSON")
    }

    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.json()
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).expect(name);
        value.to_str().expect("a header of text")
    }
}

pub(crate) fn client() -> Client {
    let client = Client::builder().no_proxy().user_agent("mock-api-tests");
    client.redirect(redirect::Policy::none()).build().unwrap()
}

/// Sends a request such as `GET /path`; an error is the lack of an answer.
pub(crate) async fn request(
    origin: &str,
    request: &str,
    headers: &[(&str, &str)],
    body: Option<Value>,
) -> reqwest::Result<Answer> {
    let (method, path) = request.split_once(' ').unwrap();
    let method = method.parse().unwrap();
    let mut request = client().request(method, format!("{origin}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some(body) = body {
        request = request.body(body.to_string());
    }
    let response = request.send().await?;
    Ok(Answer {
        status: response.status(),
        headers: response.headers().clone(),
        text: response.text().await?,
    })
}

/// Sends a request to a path below the base URL.
pub(crate) async fn send_to(
    api: &MockApi,
    line: &str,
    token: &str,
    body: Option<Value>,
) -> reqwest::Result<Answer> {
    let token = format!("Bearer {token}");
    let headers = [("authorization", &*token), JSON];
    request(&api.base_url(), line, &headers, body).await
}

/// Sends a request to a path below the sample app's webhooks; an error is the lack of an answer.
pub(crate) async fn send(
    api: &MockApi,
    line: &str,
    body: Option<Value>,
) -> reqwest::Result<Answer> {
    let (method, path) = line.split_once(' ').unwrap();
    let app = format!("/accounts/{SAMPLE_ACCOUNT_ID}/realtime/kit/{SAMPLE_APP_ID}");
    let line = format!("{method} {app}/webhooks{path}");
    send_to(api, &line, &api.token(), body).await
}

pub(crate) async fn get(api: &MockApi, path: &str) -> Answer {
    send(api, &format!("GET {path}"), None).await.unwrap()
}

pub(crate) async fn post(api: &MockApi, body: Value) -> Answer {
    send(api, "POST ", Some(body)).await.unwrap()
}

/// Sends requests in turn, one a line: method and path, body, the status of the answer, and a place
/// in the body of the answer with its value, which may end in `…`.
///
/// Paths are those below the sample app's webhooks; with `~`, below the account; with `//`, below
/// the base URL; with `/mock`, of the server. `ID` is the webhook that was created last, and `BELL`
/// the body of a create.
pub(crate) async fn converse(api: &MockApi, lines: &str) {
    let (mut id, bell) = (String::new(), door_bell().to_string());
    let kit = format!("/accounts/{SAMPLE_ACCOUNT_ID}/realtime/kit");
    let token = format!("Bearer {}", api.token());
    let origin = api.base_url().replace("/client/v4", "");
    for case in lines.trim().lines() {
        let [line, body, status, place, expected] = columns(&format!("{case} | | |"));
        let (method, path) = line.split_once(' ').unwrap_or((&line, ""));
        let path = path.replace("NO_WEBHOOK", NO_WEBHOOK).replace("ID", &id);
        let path = match path.strip_prefix("~") {
            _ if path.starts_with("/mock") => path,
            Some(path) => format!("/client/v4{kit}{path}"),
            None if path.starts_with("//") => format!("/client/v4{}", &path[1..]),
            None => format!("/client/v4{kit}/{SAMPLE_APP_ID}/webhooks{path}"),
        };
        let body = serde_json::from_str(&body.replace("BELL", &bell)).ok();
        let headers = [("authorization", &*token), JSON];
        let answer = request(&origin, &format!("{method} {path}"), &headers, body).await;
        let answer = answer.unwrap();
        assert_eq!(answer.status.as_str(), status, "{case}: {}", answer.text);
        let shown: Value = serde_json::from_str(&answer.text).unwrap_or_default();
        let created = shown.pointer("/data/id").or(shown.get("id"));
        if let ("201", Some(created)) = (&*status, created) {
            id = created.as_str().unwrap().to_owned();
        }
        let found = shown.pointer(&place).unwrap_or(&Value::Null).to_string();
        match expected.strip_suffix("…\"") {
            Some(start) => assert!(found.starts_with(start), "{case}: {found}"),
            None if place.is_empty() => (),
            None => {
                let expected: Value = serde_json::from_str(&expected).unwrap();
                assert_eq!(found, expected.to_string(), "{case}");
            }
        }
    }
}

/// The documented API with these quirks, such as `create-200 partial-put`, and one app.
pub(crate) fn api_with(quirks: &str) -> MockApi {
    let mut changed = Quirks::documented();
    for quirk in quirks.split_whitespace() {
        let (name, value) = quirk.split_once('=').unwrap_or((quirk, "true"));
        changed.set(name, value).unwrap();
    }
    let builder = MockApi::builder().quirks(changed);
    let builder = builder.app(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, "sample");
    builder.start().unwrap()
}

/// The first columns of a line of a table.
pub(crate) fn columns<const N: usize>(line: &str) -> [String; N] {
    let columns = line.split('|').map(|column| column.trim().to_owned());
    columns.take(N).collect::<Vec<_>>().try_into().unwrap()
}

/// The body of a valid create or replace.
pub(crate) fn door_bell() -> Value {
    json!({
        "name": "door bell",
        "url": "https://example.com/bell",
        "events": ["meeting.started", "meeting.ended"],
    })
}

/// Puts a webhook there from outside.
pub(crate) fn seed(api: &MockApi) -> Webhook {
    add(api, "https://example.com/bell")
}

pub(crate) fn add(api: &MockApi, url: &str) -> Webhook {
    let events = ["meeting.started", "meeting.ended"];
    api.add_webhook(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, "door bell", url, &events)
}

/// What the API really holds for the sample app.
pub(crate) fn held(api: &MockApi) -> Vec<Webhook> {
    api.webhooks(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID)
}
