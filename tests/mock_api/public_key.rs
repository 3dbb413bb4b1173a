//! The public key of deliveries, which is outside of the API.

use realtimekit::mock_api::{MockApi, Quirks};
use reqwest::{Client, Method, Response};
use serde_json::Value;

async fn ask(api: &MockApi, method: Method) -> Response {
    let client = Client::builder().no_proxy().build().unwrap();
    let request = client.request(method, api.public_key_url());
    request.send().await.unwrap()
}

async fn key(api: &MockApi) -> Value {
    let text = ask(api, Method::GET).await.text().await.unwrap();
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn key_needs_no_token_and_has_one_envelope_in_every_mode() {
    for quirks in [Quirks::documented(), Quirks::live()] {
        let api = MockApi::builder().quirks(quirks).start().unwrap();

        let answer = key(&api).await;

        let pem = answer["data"]["publicKey"].as_str().unwrap();
        assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\n"), "{pem}");
        assert!(pem.ends_with("\n-----END PUBLIC KEY-----\n"), "{pem}");
        assert!(!api.calls()[0].authorized);
    }
}

#[tokio::test]
async fn each_api_has_its_own_key() {
    let [one, other] = [(); 2].map(|()| MockApi::start().unwrap());

    assert_eq!(key(&one).await, key(&one).await);
    assert_ne!(key(&one).await, key(&other).await);
}

#[tokio::test]
async fn key_cannot_be_written() {
    let api = MockApi::start().unwrap();

    assert_eq!(ask(&api, Method::PUT).await.status(), 405);
}
