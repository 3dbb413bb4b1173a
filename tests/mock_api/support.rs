//! A bare HTTP client for one app of the mock API.

use realtimekit::mock_api::{MockApi, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, Webhook};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode, redirect};
use serde_json::{Value, json};

/// A UUID that no webhook has.
pub(crate) const NO_WEBHOOK: &str = "/00000000-0000-4000-8000-000000000000";

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

/// Sends a request to a path below the sample app's webhooks; an error is the lack of an answer.
pub(crate) async fn send(
    api: &MockApi,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> reqwest::Result<Answer> {
    let path = format!("/accounts/{SAMPLE_ACCOUNT_ID}/realtime/kit/{SAMPLE_APP_ID}/webhooks{path}");
    send_to(api, method, &path, Some(&api.token()), body).await
}

/// Sends a request to a path below the base URL.
pub(crate) async fn send_to(
    api: &MockApi,
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Option<Value>,
) -> reqwest::Result<Answer> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .user_agent("mock-api-tests")
        .build()?;
    let mut request = client.request(method, format!("{}{path}", api.base_url()));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request
            .header("content-type", "application/json")
            .body(body.to_string());
    }
    let response = request.send().await?;
    Ok(Answer {
        status: response.status(),
        headers: response.headers().clone(),
        text: response.text().await?,
    })
}

pub(crate) async fn get(api: &MockApi, path: &str) -> Answer {
    send(api, Method::GET, path, None).await.unwrap()
}

pub(crate) async fn post(api: &MockApi, body: Value) -> Answer {
    send(api, Method::POST, "", Some(body)).await.unwrap()
}

pub(crate) async fn put(api: &MockApi, id: &str, body: Value) -> Answer {
    let path = format!("/{id}");
    send(api, Method::PUT, &path, Some(body)).await.unwrap()
}

pub(crate) async fn patch(api: &MockApi, id: &str, body: Value) -> Answer {
    let path = format!("/{id}");
    send(api, Method::PATCH, &path, Some(body)).await.unwrap()
}

pub(crate) async fn delete(api: &MockApi, id: &str) -> Answer {
    let path = format!("/{id}");
    send(api, Method::DELETE, &path, None).await.unwrap()
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
    api.add_webhook(
        SAMPLE_ACCOUNT_ID,
        SAMPLE_APP_ID,
        "door bell",
        "https://example.com/bell",
        &["meeting.started", "meeting.ended"],
    )
}

/// What the API really holds for the sample app.
pub(crate) fn held(api: &MockApi) -> Vec<Webhook> {
    api.webhooks(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID)
}
