//! HTTPS: only clients that trust the certificate authority connect.

use realtimekit::mock_api::{MockApi, Tls};
use reqwest::Certificate;

fn api() -> (MockApi, Tls) {
    let tls = Tls::self_signed(&[]).unwrap();
    let api = MockApi::builder().tls(tls.clone()).start().unwrap();
    (api, tls)
}

async fn state(api: &MockApi, host: &str, trusted: &Tls) -> reqwest::Result<u16> {
    let authority = trusted.authority_pem().as_bytes();
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([Certificate::from_pem(authority)?])
        .build()?;
    let url = format!("https://{host}:{}/mock/state", api.address().port());
    Ok(client.get(url).send().await?.status().as_u16())
}

#[tokio::test]
async fn client_with_the_certificate_connects_by_name_and_address() {
    let (api, tls) = api();

    assert_eq!(state(&api, "127.0.0.1", &tls).await.unwrap(), 200);
    assert_eq!(state(&api, "localhost", &tls).await.unwrap(), 200);
    assert!(api.base_url().starts_with("https://127.0.0.1:"));
    assert!(api.public_key_url().starts_with("https://"));
}

#[tokio::test]
async fn client_with_another_certificate_is_refused() {
    let (api, _) = api();
    let (_, other) = self::api();

    let refused = state(&api, "127.0.0.1", &other).await.unwrap_err();

    assert!(refused.is_connect(), "{refused:?}");
}

#[tokio::test]
async fn client_without_tls_gets_no_answer() {
    let (api, _) = api();
    let url = api.base_url().replace("https", "http");

    let client = reqwest::Client::builder().no_proxy().build().unwrap();

    assert!(client.get(url).send().await.is_err());
}
