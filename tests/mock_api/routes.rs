//! Each route as it is documented, the token, the request log, and the connections.

use crate::support::{converse, door_bell, get, held, post, request};
use realtimekit::mock_api::{MockApi, Quirks, SAMPLE_ACCOUNT_ID, Tls};
use reqwest::Certificate;
use serde_json::{Value, json};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

#[tokio::test]
async fn created_webhook_has_every_documented_field_and_can_be_read() {
    let api = MockApi::start().unwrap();

    let created = post(&api, door_bell()).await.expect(201);

    let (mut webhook, id) = (created["data"].clone(), created["data"]["id"].clone());
    assert_eq!(webhook["created_at"], webhook["updated_at"]);
    for known in ["id", "created_at", "updated_at"] {
        webhook.as_object_mut().unwrap().remove(known).unwrap();
    }
    let mut expected = door_bell();
    expected["enabled"] = json!(true);
    assert_eq!((&created["success"], webhook), (&json!(true), expected));
    let path = format!("/{}", id.as_str().unwrap());
    assert_eq!(get(&api, &path).await.expect(200), created);
}

#[tokio::test]
async fn webhook_lives_in_its_app_until_it_is_deleted() {
    let api = MockApi::start().unwrap();

    let lines = r#"
GET                      |                                    | 200 | /data           | []
POST ~/other/webhooks    | $bell                              | 201
GET ~/other/webhooks/$id |                                    | 200 | /data/enabled   | true
GET /$id                 |                                    | 404
GET                      |                                    | 200 | /data           | []
POST                     | $bell                              | 201
PATCH /$id               | {"name": "gong", "enabled": false} | 200 | /data/name      | "gong"
GET                      |                                    | 200 | /data/0/url     | "https://example.com/bell"
GET                      |                                    | 200 | /data/0/enabled | false
PUT /$id                 | {"name": "bong", "url": "https://a.test", "events": []} | 200 | /data/enabled   | true
GET                      |                                    | 200 | /data/0/url     | "https://a.test"
GET                      |                                    | 200 | /data/0/events  | []
GET                      |                                    | 200 | /data/0/enabled | true
DELETE /$id              |                                    | 200 | /data/name      | "bong"
DELETE /$id              |                                    | 404
GET                      |                                    | 200 | /data           | []
GET /all                 |                                    | 200 | /data/8         | "meeting.summary"
"#;
    converse(&api, lines).await;

    let other = api.webhooks(SAMPLE_ACCOUNT_ID, "other");
    assert_eq!((other.len(), held(&api)), (1, vec![]));
}

#[tokio::test]
async fn invalid_request_is_refused_in_the_documented_words_and_nothing_is_stored() {
    let api = MockApi::start().unwrap();
    let mut large = door_bell();
    large["name"] = Value::String("n".repeat(1024 * 1024));

    let lines = r#"
POST                      | {"name": 1} | 400 | /error         | {"code": 400, "message": "BAD_REQUEST: \"name\" must be a string"}
GET /door-bell            |             | 400 | /error/message | "BAD_REQUEST: \"id\" must be a valid GUID"
GET /%7B0d1f069d-43bb-489a-ad8c-7eb95592ba8e%7D |             | 400 | /error/message | "BAD_REQUEST: \"id\" must be a valid GUID"
GET /$none                |             | 404 | /success       | false
GET /$none                |             | 404 | /error         | {"code": 404, "message": "Error: resource not found"}
PUT /$none                | $bell       | 404 | /error         | {"code": 404, "message": "Error: resource not found"}
PATCH /$none              | {}          | 404 | /error         | {"code": 404, "message": "Error: resource not found"}
DELETE /$none             |             | 404 | /error         | {"code": 404, "message": "Error: resource not found"}
GET //user                |             | 404
GET ~                     |             | 404
GET //accounts//realtime/kit/app/webhooks |             | 404
GET ~/app/webhooks/       |             | 404
GET ~/app/webhooks/x/y    |             | 404
POST ~/apps               |             | 405
DELETE ~/app/webhooks     |             | 405
POST ~/app/webhooks/$none |             | 405
"#;
    converse(&api, lines).await;

    post(&api, large).await.expect(413);
    assert_eq!(api.calls().pop().unwrap().status.unwrap(), 413);
    let mut connection = TcpStream::connect(api.address()).unwrap();
    let chunked = "POST /client/v4/user HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
    write!(connection, "{chunked}not a length\r\n").unwrap();
    connection.read_to_end(&mut Vec::new()).unwrap();
    assert_eq!(api.calls().pop().unwrap().status.unwrap(), 400);
    assert!(held(&api).is_empty());
}

#[tokio::test]
async fn chosen_token_is_accepted_and_not_in_debug_output() {
    let api = MockApi::builder().token("sesame").start().unwrap();
    assert_eq!(api.token(), "sesame");
    get(&api, "").await.expect(200);

    let shown = format!("{api:?} {:?}", api.calls());

    assert!(!shown.contains("sesame"), "{shown}");
}

#[tokio::test]
async fn apps_are_listed_page_by_page() {
    let api = MockApi::builder()
        .app(SAMPLE_ACCOUNT_ID, "app-1", "one")
        .app(SAMPLE_ACCOUNT_ID, "app-2", "two")
        .app("other-account", "app-3", "three")
        .app(SAMPLE_ACCOUNT_ID, "app-4", "four")
        .start()
        .unwrap();

    let lines = r#"
GET ~/apps                      |  | 200 | /data/2/name | "four"
GET ~/apps?page_no=%31          |  | 200 | /data/2/name | "four"
GET ~/apps                      |  | 200 | /paging      | {"total_count": 3, "start_offset": 1, "end_offset": 3}
GET ~/apps?page_no=2&per_page=2 |  | 200 | /data/0/name | "four"
GET ~/apps?page_no=2&per_page=2 |  | 200 | /paging      | {"total_count": 3, "start_offset": 3, "end_offset": 3}
GET ~/apps?page_no=9&per_page=2 |  | 200 | /data        | []
GET ~/apps?page_no=0            |  | 400
GET ~/apps?per_page=many        |  | 400
"#;
    converse(&api, lines).await;
}

#[tokio::test]
async fn public_key_is_read_without_a_token_and_is_its_own_for_each_api() {
    let [one, other] = [Quirks::documented(), Quirks::live()]
        .map(|quirks| MockApi::builder().quirks(quirks).start().unwrap());
    let ask = async |api: &MockApi, method: &str| {
        let line = format!("{method} {}", api.public_key_url());
        request(&line, &[], None).await.unwrap()
    };

    let key = ask(&one, "GET").await.expect(200);

    let pem = key["data"]["publicKey"].as_str().unwrap();
    assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\n"), "{pem}");
    assert!(pem.ends_with("\n-----END PUBLIC KEY-----\n"), "{pem}");
    assert!(!one.calls()[0].authorized);
    assert_eq!(ask(&one, "GET").await.json(), key);
    let others = ask(&other, "GET").await.expect(200);
    assert!(others["data"]["publicKey"].is_string() && others != key);
    assert_eq!(ask(&one, "PUT").await.status, 405);
}

#[tokio::test]
async fn https_serves_clients_that_trust_its_certificate_alone() {
    let tls = Tls::self_signed(&[]).unwrap();
    let api = MockApi::builder().tls(tls.clone()).start().unwrap();
    let ask = async |url: &str, trusted: &Tls| {
        let authority = Certificate::from_pem(trusted.authority_pem().as_bytes()).unwrap();
        let client = reqwest::Client::builder().no_proxy();
        let client = client.tls_certs_only([authority]).build().unwrap();
        client.get(url).send().await
    };
    let url = |host| format!("https://{host}:{}/mock/state", api.address().port());

    assert_eq!(ask(&url("127.0.0.1"), &tls).await.unwrap().status(), 200);
    assert_eq!(ask(&url("localhost"), &tls).await.unwrap().status(), 200);
    let other = Tls::self_signed(&[]).unwrap();
    let refused = ask(&url("127.0.0.1"), &other).await.unwrap_err();
    assert!(refused.is_connect(), "{refused:?}");
    let plain = api.page_url().replace("https", "http");
    assert!(ask(&plain, &tls).await.is_err());
    assert!(api.public_key_url().starts_with("https://127.0.0.1:"));
}

#[test]
fn dropped_api_does_not_listen_and_a_taken_address_is_an_error() {
    let api = MockApi::start().unwrap();
    let address = api.address();
    let second = MockApi::builder().listen(address).start();

    drop(api);

    assert_eq!(second.unwrap_err().kind(), ErrorKind::AddrInUse);
    let refused = TcpStream::connect(address).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn base_url_of_an_unspecified_address_names_loopback() {
    let builder = MockApi::builder().listen("0.0.0.0:0".parse().unwrap());
    let api = builder.start().unwrap();

    assert!(api.base_url().starts_with("http://127.0.0.1:"));
    assert!(api.page_url().starts_with("http://127.0.0.1:"));
}
