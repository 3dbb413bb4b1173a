//! Answers of the API in the shapes that are known of it.

use realtimekit_fuzz::input::write_part;
use serde_json::{Value as Json, json};

use super::{ID, wire::text};

pub(super) fn inputs() -> Vec<Vec<u8>> {
    let limits = "\x01\"default\";r=50;t=30\n\x02\"burst\";q=1200;w=300\n\x048c1f-FRA";
    let dated = "\x00Sun, 06 Nov 1994 08:50:37 GMT\n\x03Sun, 06 Nov 1994 08:49:37 GMT";
    let app = json!({"id": "a", "name": "b", "created_at": null});
    let gateway = json!({
        "success": false, "messages": [], "result": null,
        "errors": [{"code": 10000, "message": "Sesame", "error_chain": [{"message": "below"}]}],
    });
    let refused = json!({"success": false, "error": {"code": "409", "message": "Taken\tSesame"}});
    let all: [(u8, u16, &str, Vec<u8>); 16] = [
        (
            0,
            200,
            limits,
            text(json!({"success": true, "data": [webhook()]})),
        ),
        (
            1,
            200,
            "",
            text(json!({"success": true, "data": webhook()})),
        ),
        (
            1,
            200,
            "",
            text(json!({"success": true, "result": {"data": webhook()}})),
        ),
        (
            2,
            201,
            "",
            text(json!({"success": true, "result": {"id": ID, "enabled": true}})),
        ),
        (3, 204, "", Vec::new()),
        (4, 200, "", text(json!({"data": ["meeting.started"]}))),
        (5, 200, "", text(json!({"data": [app]}))),
        (
            6,
            200,
            "",
            text(json!({"data": {"publicKey": "-----BEGIN"}})),
        ),
        (0, 429, "\x00120", text(gateway.clone())),
        (
            0,
            503,
            dated,
            b"*<html><head><title>Sesame</title></head>".to_vec(),
        ),
        (1, 409, "\x04Sesame", text(refused)),
        (1, 401, "", text(json!({"message": "Unauthorized"}))),
        (1, 200, "", text(gateway)),
        (
            1,
            307,
            "\x05https://u:p@elsewhere.example/Sesame?x#y",
            Vec::new(),
        ),
        (1, 200, "", b"*[".to_vec()),
        (1, 500, "\x06text/plain", b"Sesame is broken".to_vec()),
    ];
    let inputs = all.into_iter().map(|(asked, status, headers, body)| {
        let mut input = vec![asked];
        input.extend((status - 100).to_le_bytes());
        write_part(&mut input, headers.as_bytes());
        input.extend(body);
        input
    });
    inputs.collect()
}

fn webhook() -> Json {
    json!({
        "id": ID, "name": "bell", "url": "https://example.com/", "events": ["meeting.started"],
        "enabled": true, "created_at": "2022-05-28T07:01:53.075Z",
        "updated_at": "2022-05-28T07:01:53.075Z",
    })
}
