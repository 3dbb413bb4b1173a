//! The page of the mock API in a real browser, Chromium.
//!
//! `cargo test` leaves these tests out; `cargo test --test mock_ui` runs them.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failed helper fails its test"
)]

#[path = "../mock_api/receiver.rs"]
mod receiver;
#[allow(dead_code, reason = "shared with the tests without a browser")]
#[path = "../mock_api/support.rs"]
mod support;
mod webdriver;

use realtimekit::mock_api::{
    Builder, DEFAULT_TOKEN, MockApi, Quirks, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, Webhook,
};
use receiver::{Receiver, signs};
use reqwest::StatusCode;
use serde_json::{Value, json};
use support::{add, door_bell, held, post};
use webdriver::Browser;

const WIDE: u32 = 1280;
/// As narrow as a window of Chromium gets.
const NARROW: u32 = 500;

const LIGHT: &str = "1";
const DARK: &str = "0";

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const UP: &str = "\u{e013}";

fn sample(app: &str) -> Builder {
    MockApi::builder().app(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, app)
}

fn api() -> MockApi {
    sample("Town hall").start().unwrap()
}

async fn open(api: &MockApi) -> Browser {
    let browser = Browser::start(WIDE, LIGHT).await;
    browser.open(&api.page_url()).await;
    browser.shows("#connection", "Live").await;
    browser
}

/// Creates a webhook through the API, as a client would.
async fn create(api: &MockApi, name: &str) -> StatusCode {
    let mut body = door_bell();
    body["name"] = name.into();
    post(api, body).await.status
}

#[tokio::test]
async fn client_request_appears_without_a_reload_and_the_end_of_the_server_too() {
    let api = api();
    let browser = open(&api).await;
    browser.shows("h3", "Town hall").await;
    browser.has(0, "article").await;

    let status = create(&api, "door bell").await;

    browser.shows("article h4", "door bell").await;
    browser.shows("#requests summary b", "POST").await;
    browser.shows("#requests .badge", status.as_str()).await;
    let all = browser.run("return document.documentElement.outerHTML");
    let all = all.await.to_string();
    assert!(all.contains("door bell") && !all.contains(&api.token()) && !all.contains("Bearer"));
    api.clear_webhooks();
    browser.has(0, "article").await;
    drop(api);
    let connection = "return document.querySelector('#connection').textContent";
    let lost = json!("The server does not answer");
    browser.wait_for(connection, lost).await; // the console has the failed requests
}

#[tokio::test]
async fn sample_sent_from_the_page_arrives_signed_or_is_refused() {
    let api = api();
    let mut receiver = Receiver::accepting().await;
    let webhook = add(&api, &receiver.url());
    let browser = open(&api).await;
    let list = format!("#event-{}", webhook.id);
    browser.fill(&list, "meeting.ended").await;

    browser.click("article button").await;

    let received = receiver.next().await;
    assert_eq!(received.uri(), "/hook?from=mock");
    assert_eq!(received.headers()["rtk-webhook-id"], webhook.id);
    let body: Value = serde_json::from_slice(received.body()).unwrap();
    assert_eq!(body["event"], "meeting.ended");
    assert!(signs(&received, received.body(), &api).await);
    browser.shows("article .result .badge", "202").await;
    browser.shows("article .result pre", "thank U!").await;
    assert!(receiver.is_empty());
    let change = |webhook: &mut Webhook| webhook.url = "http://192.0.2.7/".to_owned();
    assert!(api.edit_webhook(&webhook.id, change).is_some());
    browser.shows("article code", "http://192.0.2.7/").await;
    browser.click("article button").await;
    let shown = "return document.querySelector('article > .error').textContent.slice(0, 53)";
    let refused = json!("Not sent: `192.0.2.7` has the address 192.0.2.7, whic");
    browser.wait_for(shown, refused).await; // the console has the refused request
}

#[tokio::test]
async fn markup_in_any_field_is_shown_as_text() {
    let hostile = "<img src=x onerror=\"document.title='taken'\"><script>alert(1)</script>";
    let builder = sample(hostile).quirks(Quirks::live());
    let api = builder.start().unwrap();
    let (account, app) = (SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID);
    api.add_webhook(account, app, hostile, hostile, &[hostile]);
    create(&api, hostile).await;
    let receiver = Receiver::answering(move || hostile).await;
    let bell = add(&api, &receiver.url());
    api.deliver(&bell.id, "meeting.ended").await.unwrap();

    let browser = open(&api).await;

    let places = "h3, article h4, article code, article li, .result pre";
    for place in places.split(", ") {
        browser.shows(place, hostile).await;
    }
    browser.has(0, "img, body script").await;
    let title = json!("RealtimeKit mock API");
    browser.expect("return document.title", title).await;
}

#[tokio::test]
async fn fault_is_added_with_the_keyboard_alone() {
    let api = api();
    let browser = open(&api).await;
    let focus = "document.getElementById('fault-kind').focus()";
    browser.run(focus).await;

    let keys = format!("503{TAB}POST{TAB}{UP}{TAB}{TAB}{ENTER}");
    browser.press(&keys).await;

    let line = "2 × status 503, for POST";
    browser.shows("#faults li", line).await;
    assert_eq!(create(&api, "bell").await, 503);
    browser.click("#clear-faults").await;
    browser.has(0, "#faults li").await;
    assert_eq!(api.faults_left(), 0);
}

#[tokio::test]
async fn reset_needs_confirmation() {
    let api = api();
    add(&api, "https://example.com/");
    let browser = open(&api).await;
    browser.has(1, "article").await;

    browser.click("#reset").await;
    browser.answer_dialog("dismiss").await;
    let kept = held(&api).len();
    browser.click("#reset").await;
    browser.answer_dialog("accept").await;

    assert_eq!(kept, 1);
    browser.has(0, "article").await;
}

#[tokio::test]
async fn update_keeps_focus_open_details_and_typed_text() {
    let api = api();
    add(&api, "https://example.com/");
    create(&api, "first").await;
    let browser = open(&api).await;
    browser.has(1, "#requests tr").await;
    browser.click("#requests summary").await;
    browser.click("article .actions button").await;
    browser.fill("article [name=name]", "typed").await;
    let focus = "document.querySelector('article select').focus(); return true";
    browser.expect(focus, json!(true)).await;

    create(&api, "second").await;

    browser.has(2, "#requests tr").await;
    let kept = "return [document.activeElement.id.startsWith('event-'), \
                document.querySelector('tr[data-key=\"1\"] details').open, \
                document.querySelector('article [name=name]').value]";
    browser.expect(kept, json!([true, true, "typed"])).await;
}

/// The contrast of each text with what is behind it, by the formula of WCAG 2; answers those
/// below 4.5.
const LOW_CONTRAST: &str = r"
    const numbers = (color) => color.match(/[\d.]+/g).map(Number);
    const channel = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const behind = (node) => {
        for (; node; node = node.parentElement) {
            const color = numbers(getComputedStyle(node).backgroundColor);
            if (color.length === 3 || color[3] > 0) return color;
        }
    };
    const texts = [...document.querySelectorAll('body *')].filter((node) =>
        node.checkVisibility() && node.tagName !== 'OPTION'
        && [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()));
    return texts.map((node) => {
        const [a, b] = [numbers(getComputedStyle(node).color), behind(node)].map(luminance);
        return [node, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
    }).filter(([, ratio]) => ratio < 4.5).map(([node, ratio]) => `${node.outerHTML}: ${ratio}`);
";

/// Controls without a name that a screen reader could say.
const NAMELESS: &str = r"
    return [...document.querySelectorAll('button, select, input, a, summary')]
        .filter((node) => node.checkVisibility() && !node.textContent.trim() && !node.labels?.length && !node.ariaLabel)
        .map((node) => node.outerHTML);
";

#[tokio::test]
async fn page_is_readable_wide_and_narrow_light_and_dark() {
    let api = api();
    let long_url = format!("https://example.com/{}", "x".repeat(300));
    let long_name = "long".repeat(100);
    api.add_webhook(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, &long_name, &long_url, &[]);
    let off = add(&api, "https://example.com/off");
    api.edit_webhook(&off.id, |webhook| webhook.enabled = false)
        .unwrap();
    create(&api, "bell").await;
    api.fail_next(1, StatusCode::SERVICE_UNAVAILABLE);
    let receiver = Receiver::accepting().await;
    let bell = add(&api, &receiver.url());
    api.deliver(&bell.id, "meeting.ended").await.unwrap();

    for (width, scheme) in [(WIDE, LIGHT), (WIDE, DARK), (NARROW, LIGHT), (NARROW, DARK)] {
        let browser = Browser::start(width, scheme).await;
        browser.open(&api.page_url()).await;
        browser.has(4, "article").await;
        let open = "document.querySelectorAll('details').forEach((one) => one.open = true); \
                    return true";
        browser.expect(open, json!(true)).await;

        let dark = "return matchMedia('(prefers-color-scheme: dark)').matches";
        browser.expect(dark, json!(scheme == DARK)).await;
        let overflow = "const root = document.documentElement; \
                        return root.scrollWidth > root.clientWidth";
        browser.expect(overflow, json!(false)).await;
        browser.expect(LOW_CONTRAST, json!([])).await;
        browser.expect(NAMELESS, json!([])).await;
    }
}

#[tokio::test]
async fn webhook_is_edited_disabled_and_deleted_from_the_page() {
    let api = api();
    add(&api, "https://example.com/bell");
    let browser = open(&api).await;
    browser.has(1, "article").await;

    browser.click("article .actions button:nth-child(1)").await;
    browser.fill("article [name=name]", "gong").await;
    browser.click("article .actions + form button").await;
    browser.shows("article h4", "gong").await;
    browser.click("article .actions button:nth-child(2)").await;
    browser.shows("article .badge", "disabled").await;
    let edited = held(&api);
    browser.click("article .actions button:nth-child(3)").await;
    browser.has(0, "article").await;

    assert_eq!((&*edited[0].name, edited[0].enabled), ("gong", false));
    assert_eq!(edited[0].url, "https://example.com/bell");
    assert_eq!(held(&api), []);
}

#[tokio::test]
async fn mode_and_quirks_are_switched_from_the_page() {
    let api = api();
    let browser = open(&api).await;
    browser.shows("#quirks-summary", "As documented").await;

    browser.fill("#mode", "live").await;
    let shown = "return [document.querySelector('#mode').value, \
                 document.querySelector('[aria-label=empty-list-404]').value]";
    browser.expect(shown, json!(["live", "true"])).await;
    browser.fill("[aria-label=empty-list-404]", "false").await;

    browser.expect(shown, json!(["", "false"])).await;
    api.change_quirks(|quirks| *quirks = Quirks::documented());
    let documented = json!(["documented", "false"]);
    browser.expect(shown, documented).await;
}

#[tokio::test]
async fn copied_export_lines_hold_the_settings_of_a_client() {
    let builder = MockApi::builder().token("sesame");
    let chosen = builder.app("it's", "an app", "x").start().unwrap();
    let unknown = "<the token given with --token>";

    for (api, token, account, app) in [
        (&api(), DEFAULT_TOKEN, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID),
        (&chosen, unknown, r"it'\''s", "an app"),
    ] {
        let browser = open(api).await;
        let keep = "navigator.clipboard.writeText = async (text) => { window.copied = text; }";
        browser.run(keep).await;
        browser.click("#copy-exports").await;

        let lines = format!(
            "export CLOUDFLARE_BASE_URL='{}'\nexport CLOUDFLARE_API_TOKEN='{token}'\n\
             export CLOUDFLARE_ACCOUNT_ID='{account}'\nexport REALTIMEKIT_APP_ID='{app}'\n",
            api.base_url()
        );
        browser.expect("return window.copied", json!(lines)).await;
        browser.shows("#copy-exports", "Copied").await;
        let refuse = "navigator.clipboard.writeText = () => Promise.reject()";
        browser.run(refuse).await;
        browser.click("#copy-exports").await;
        let refused = "The browser does not allow copying";
        browser.shows("#copy-exports", refused).await;
    }
}

#[tokio::test]
async fn requests_are_filtered_and_the_page_is_pictured() {
    let api = api();
    add(&api, "https://example.com/log");
    let browser = open(&api).await;
    assert_eq!(create(&api, "door bell").await, 201);
    browser.has(1, "#requests tr").await;
    let image = browser.screenshot().await;

    browser.fill("#request-filter", "delete").await;
    browser.has(0, "#requests tr").await;
    browser.fill("#request-filter", "post").await;
    browser.has(1, "#requests tr").await;

    assert!(image.starts_with(b"\x89PNG"));
    if std::env::var_os("UPDATE_SCREENSHOT").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/mock-api/page.png");
        std::fs::write(file, image).unwrap();
    }
}
