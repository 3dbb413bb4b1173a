//! What the mock API is started with and asked.

use realtimekit::mock_api::{Quirks, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, Seed};
use realtimekit_fuzz::input::write_part;
use serde_json::{Value as Json, json};

use super::{ID, wire::text};

pub(super) fn inputs() -> Vec<Vec<u8>> {
    let mut inputs = vec![[&[0], Seed::EXAMPLE.as_bytes()].concat()];
    let words =
        "503:3,method=post,path-suffix=/webhooks,retry-after=7,code=971,message=slow,after-storing";
    for words in [
        words,
        "drop",
        "delay=0.5:always",
        "truncate=10",
        "html=502",
        "huge=1000000",
    ] {
        inputs.push([&[1], words.as_bytes()].concat());
    }
    let rule = json!({"fault": "429", "times": "always", "method": "GET", "retry_after": 3});
    inputs.push([&[2][..], &text(rule.clone())].concat());
    for switch in Quirks::switches() {
        let quirk = format!("{}\n{}", switch.name(), switch.value(&Quirks::live()));
        inputs.push([&[3], quirk.as_bytes()].concat());
    }
    let headers = "host: localhost:8787\norigin: http://localhost:8787\ncontent-type: application/json; x\nsec-fetch-site: same-origin";
    inputs.push([&[4], headers.as_bytes()].concat());

    let webhooks =
        format!("/client/v4/accounts/{SAMPLE_ACCOUNT_ID}/realtime/kit/{SAMPLE_APP_ID}/webhooks");
    let one = format!("{webhooks}/{ID}");
    let new = json!({"name": "n", "url": "https://example.com", "events": ["meeting.started"]});
    let none = Json::Null;
    let fault = |words: &str| json!({"fault": words, "after_storing": true});
    let conversations: [&[(u8, &str, &Json)]; 7] = [
        &[
            (0, "/", &none),
            (0, "/mock/", &none),
            (0, "/mock/state", &none),
        ],
        &[
            (1, &webhooks, &new),
            (0, &webhooks, &none),
            (3, &one, &new),
            (4, &one, &none),
        ],
        &[
            (2, &one, &json!({"enabled": true})),
            (0, &one, &none),
            (0, "/mock/calls", &none),
        ],
        &[
            (1, "/mock/faults", &rule),
            (0, "/mock/faults", &none),
            (4, "/mock/faults", &none),
        ],
        &[
            (1, "/mock/faults", &fault("delay=2")),
            (1, "/mock/faults", &fault("truncate=20")),
            (1, "/mock/faults", &fault("drop")),
            (1, "/mock/faults", &fault("huge=9999999999")),
            (1, "/mock/faults", &fault("late=1e9")),
            (1, &webhooks, &new),
            (1, &webhooks, &new),
            (1, &webhooks, &new),
            (1, &webhooks, &new),
            (1, &webhooks, &new),
        ],
        &[
            (
                2,
                "/mock/quirks",
                &json!({"rate-limit": "2/10s", "unique-url": false}),
            ),
            (
                0,
                "/client/v4/accounts/a/realtime/kit/apps?page_no=2&per_page=5",
                &none,
            ),
            (1, "/mock/reset", &json!({})),
        ],
        &[
            (1, "/mock/webhooks", &new),
            (2, &format!("/mock/webhooks/{ID}"), &json!({"name": "x"})),
        ],
    ];
    for conversation in conversations {
        let mut input = vec![5];
        for (method, path, body) in conversation {
            input.push(*method);
            write_part(&mut input, path.as_bytes());
            write_part(&mut input, &text((*body).clone()));
        }
        inputs.push(input);
    }
    inputs
}
