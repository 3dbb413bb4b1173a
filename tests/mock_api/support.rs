//! A bare HTTP client for the mock API.

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

/// Sends a request such as `GET https://example.com`; an error is the lack of an answer.
pub(crate) async fn request(
    line: &str,
    headers: &[(&str, &str)],
    body: Option<Value>,
) -> reqwest::Result<Answer> {
    let (method, url) = line.split_once(' ').unwrap();
    let mut request = client().request(method.parse().unwrap(), url);
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

/// A line for [`request`] with the URL for a path: below the sample app's webhooks; with `~`,
/// below the account; with `//`, below the base URL; with `/mock`, of the server.
pub(crate) fn with_url(api: &MockApi, line: &str) -> String {
    let (method, path) = line.split_once(' ').unwrap_or((line, ""));
    let base = api.base_url();
    let account = format!("{base}/accounts/{SAMPLE_ACCOUNT_ID}/realtime/kit");
    let url = match (path.strip_prefix('~'), path.strip_prefix("//")) {
        (Some(path), _) => format!("{account}{path}"),
        (_, Some(path)) => format!("{base}/{path}"),
        _ if path.starts_with("/mock") => base.replace("/client/v4", path),
        _ => format!("{account}/{SAMPLE_APP_ID}/webhooks{path}"),
    };
    format!("{method} {url}")
}

/// Sends a request with the API's token to a path as in [`with_url`].
pub(crate) async fn send(
    api: &MockApi,
    line: &str,
    body: Option<Value>,
) -> reqwest::Result<Answer> {
    let token = format!("Bearer {}", api.token());
    let headers = [("authorization", &*token), JSON];
    request(&with_url(api, line), &headers, body).await
}

pub(crate) async fn get(api: &MockApi, path: &str) -> Answer {
    send(api, &format!("GET {path}"), None).await.unwrap()
}

pub(crate) async fn post(api: &MockApi, body: Value) -> Answer {
    send(api, "POST", Some(body)).await.unwrap()
}

/// Sends requests in turn, one a line: method and path as in [`with_url`], body, the status of the
/// answer, and a place in the body of the answer with its value, which may end in `…`.
///
/// `$id` is what was created last, `$none` an id that no webhook has, and `$bell` the body of a
/// create. A body that is no JSON counts as a string.
pub(crate) async fn converse(api: &MockApi, lines: &str) {
    let (mut id, bell) = (String::new(), door_bell().to_string());
    for case in lines.trim().lines() {
        let line = case.replace("$bell", &bell).replace("$none", NO_WEBHOOK);
        let line = format!("{} | | |", line.replace("$id", &id));
        let [line, body, status, place, expected] = columns(&line);
        let body = (!body.is_empty()).then(|| serde_json::from_str(&body).unwrap());
        let answer = send(api, &line, body).await.unwrap();
        assert_eq!(answer.status.as_str(), status, "{case}: {}", answer.text);
        let text = Value::String(answer.text.clone());
        let shown: Value = serde_json::from_str(&answer.text).unwrap_or(text);
        let created = shown.pointer("/data/id").or(shown.get("id"));
        if let ("201", Some(created)) = (&*status, created) {
            id = created.as_str().unwrap().to_owned();
        }
        let found = shown.pointer(&place).unwrap_or(&Value::Null);
        if let Some(start) = expected.strip_suffix("…\"") {
            assert!(found.to_string().starts_with(start), "{case}: {found}");
        } else if !expected.is_empty() {
            assert_eq!(*found, expected.parse::<Value>().unwrap(), "{case}");
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
pub(crate) fn add(api: &MockApi, url: &str) -> Webhook {
    let events = ["meeting.started", "meeting.ended"];
    api.add_webhook(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, "door bell", url, &events)
}

/// What the API really holds for the sample app.
pub(crate) fn held(api: &MockApi) -> Vec<Webhook> {
    api.webhooks(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID)
}
