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
mod webdriver;

use realtimekit::mock_api::{
    DEFAULT_TOKEN, MockApi, Quirks, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, Webhook, endpoints,
};
use receiver::Receiver;
use reqwest::Client;
use serde_json::json;
use webdriver::Browser;

const WIDE: u32 = 1280;
/// As narrow as a window of Chromium gets.
const NARROW: u32 = 500;

const LIGHT: &str = "1";
const DARK: &str = "0";

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";

fn api() -> MockApi {
    let builder = MockApi::builder().app(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, "Town hall");
    builder.start().unwrap()
}

fn add(api: &MockApi, name: &str, url: &str) -> Webhook {
    let events = ["meeting.started", "meeting.ended"];
    api.add_webhook(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, name, url, &events)
}

async fn open(api: &MockApi) -> Browser {
    let browser = Browser::start(WIDE, LIGHT).await;
    browser.open(&api.page_url()).await;
    let live = "return document.getElementById('connection').textContent";
    browser.expect(live, json!("Live")).await;
    browser
}

/// Creates a webhook through the API, as a client would.
async fn create(api: &MockApi, name: &str) -> u16 {
    let url = format!(
        "{}/accounts/{SAMPLE_ACCOUNT_ID}/realtime/kit/{SAMPLE_APP_ID}/webhooks",
        api.base_url()
    );
    let body =
        json!({"name": name, "url": "https://example.com/bell", "events": ["meeting.ended"]});
    let client = Client::builder().no_proxy().build().unwrap();
    let request = client.post(url).bearer_auth(api.token());
    let sent = request.body(body.to_string()).send().await;
    sent.unwrap().status().as_u16()
}

fn text_of(selector: &str) -> String {
    format!("return document.querySelector('{selector}')?.textContent ?? null")
}

fn count_of(selector: &str) -> String {
    format!("return document.querySelectorAll('{selector}').length")
}

/// Expects no message on the console: no error, and nothing that the content policy refused.
async fn expect_empty_console(browser: Browser) {
    let console = browser.console().await;
    assert_eq!(console, [""; 0]);
}

#[tokio::test]
async fn client_request_appears_without_a_reload() {
    let api = api();
    let browser = open(&api).await;
    browser.expect(&text_of("h3"), json!("Town hall")).await;
    browser.expect(&count_of("article"), json!(0)).await;

    let status = create(&api, "door bell").await;

    browser
        .expect(&text_of("article h4"), json!("door bell"))
        .await;
    browser
        .expect(&text_of("#requests summary b"), json!("POST"))
        .await;
    browser
        .expect(&text_of("#requests .badge"), json!(status.to_string()))
        .await;
    api.clear_webhooks();
    browser.expect(&count_of("article"), json!(0)).await;
    expect_empty_console(browser).await;
}

#[tokio::test]
async fn page_never_shows_a_token() {
    let api = api();
    let browser = open(&api).await;
    create(&api, "door bell").await;
    browser.expect(&count_of("#requests tr"), json!(1)).await;

    let shown = browser
        .run("return document.documentElement.outerHTML")
        .await;

    let shown = shown.as_str().unwrap();
    assert!(shown.contains("door bell"));
    assert!(!shown.contains(&api.token()) && !shown.contains("Bearer"));
    expect_empty_console(browser).await;
}

#[tokio::test]
async fn sample_sent_from_the_page_arrives_signed() {
    let api = api();
    let receiver = Receiver::accepting();
    let webhook = add(&api, "door bell", &receiver.url());
    let browser = open(&api).await;
    let choose = format!(
        "const select = document.getElementById('event-{}'); \
         select.value = 'meeting.ended'; return select.value",
        webhook.id
    );
    browser.expect(&choose, json!("meeting.ended")).await;

    browser.click("article button").await;

    let received = receiver.next();
    assert_eq!(received.request_line, "POST /hook?from=mock HTTP/1.1");
    assert_eq!(received.json()["event"], "meeting.ended");
    assert!(received.is_signed_by(&api).await);
    browser
        .expect(&text_of("article .result .badge"), json!("202"))
        .await;
    browser
        .expect(&text_of("article .result pre"), json!("thank U!"))
        .await;
    assert!(receiver.rest().is_empty());
    expect_empty_console(browser).await;
}

#[tokio::test]
async fn sample_for_another_machine_is_refused_on_the_page() {
    let api = api();
    add(&api, "far away", "http://192.0.2.7/");
    let browser = open(&api).await;
    browser.expect(&count_of("article"), json!(1)).await;

    browser.click("article button").await;

    let shown = "return document.querySelector('article .error')?.textContent.slice(0, 53) ?? null";
    let expected = "Not sent: `192.0.2.7` has the address 192.0.2.7, whic";
    browser.expect(shown, json!(expected)).await;
}

#[tokio::test]
async fn markup_in_any_field_is_shown_as_text() {
    let hostile = "<img src=x onerror=\"document.title='taken'\"><script>alert(1)</script>";
    let api = MockApi::builder()
        .app(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, hostile)
        .quirks(Quirks::live())
        .start()
        .unwrap();
    api.add_webhook(
        SAMPLE_ACCOUNT_ID,
        SAMPLE_APP_ID,
        hostile,
        hostile,
        &[hostile],
    );
    create(&api, hostile).await;
    let receiver = Receiver::answering(format!(
        "HTTP/1.1 500 Oh\r\ncontent-length: {}\r\n\r\n{hostile}",
        hostile.len()
    ));
    let bell = add(&api, "bell", &receiver.url());
    api.deliver(&bell.id, "meeting.ended").await.unwrap();

    let browser = open(&api).await;

    browser.expect(&text_of("h3"), json!(hostile)).await;
    browser.expect(&text_of("article h4"), json!(hostile)).await;
    browser
        .expect(&text_of("article code"), json!(hostile))
        .await;
    browser.expect(&text_of("article li"), json!(hostile)).await;
    browser
        .expect(&text_of(".result pre"), json!(hostile))
        .await;
    browser
        .expect(&count_of("img, body script"), json!(0))
        .await;
    browser
        .expect("return document.title", json!("RealtimeKit mock API"))
        .await;
    expect_empty_console(browser).await;
}

#[tokio::test]
async fn fault_is_added_with_the_keyboard_alone() {
    let api = api();
    let browser = open(&api).await;
    browser
        .run("document.getElementById('fault-kind').focus()")
        .await;

    browser.press(&format!("503{TAB}POST{TAB}")).await;
    browser.press("\u{e013}").await; // arrow up: 2 times
    browser.press(&format!("{TAB}{TAB}{ENTER}")).await;

    let line = json!("2 × status 503, for POST");
    browser.expect(&text_of("#faults li"), line).await;
    assert_eq!(create(&api, "bell").await, 503);
    browser.click("#clear-faults").await;
    browser.expect(&count_of("#faults li"), json!(0)).await;
    assert_eq!(api.faults_left(), 0);
    expect_empty_console(browser).await;
}

#[tokio::test]
async fn reset_needs_confirmation() {
    let api = api();
    add(&api, "bell", "https://example.com/");
    let browser = open(&api).await;
    browser.expect(&count_of("article"), json!(1)).await;

    browser.click("#reset").await;
    browser.click("#reset-cancel").await;
    let kept = api.webhooks(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID).len();
    browser.click("#reset").await;
    browser.click("#reset-confirm").await;

    assert_eq!(kept, 1);
    browser.expect(&count_of("article"), json!(0)).await;
    expect_empty_console(browser).await;
}

#[tokio::test]
async fn update_keeps_focus_and_open_details() {
    let api = api();
    add(&api, "bell", "https://example.com/");
    create(&api, "first").await;
    let browser = open(&api).await;
    browser.expect(&count_of("#requests tr"), json!(1)).await;
    browser.click("#requests summary").await;
    let focus = "document.querySelector('article select').focus(); return true";
    browser.expect(focus, json!(true)).await;

    create(&api, "second").await;

    browser.expect(&count_of("#requests tr"), json!(2)).await;
    let kept = "return [document.activeElement.id.startsWith('event-'), \
                document.querySelector('tr[data-call=\"1\"] details').open]";
    browser.expect(kept, json!([true, true])).await;
    expect_empty_console(browser).await;
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
    add(
        &api,
        &"long".repeat(100),
        &format!("https://example.com/{}", "x".repeat(300)),
    );
    let off = add(&api, "off", "https://example.com/off");
    api.edit_webhook(&off.id, |webhook| webhook.enabled = false)
        .unwrap();
    create(&api, "bell").await;
    api.add_fault("503".parse().unwrap());
    let receiver = Receiver::accepting();
    let bell = add(&api, "bell", &receiver.url());
    api.deliver(&bell.id, "meeting.ended").await.unwrap();

    for (width, scheme) in [(WIDE, LIGHT), (WIDE, DARK), (NARROW, LIGHT), (NARROW, DARK)] {
        let browser = Browser::start(width, scheme).await;
        browser.open(&api.page_url()).await;
        browser.expect(&count_of("article"), json!(4)).await;
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
        browser
            .expect(&count_of("#endpoints dt"), json!(endpoints().count()))
            .await;
        expect_empty_console(browser).await;
    }
}

#[tokio::test]
async fn stopped_server_is_reported() {
    let api = api();
    let browser = open(&api).await;

    drop(api);

    let expected = json!("The server does not answer");
    browser.expect(&text_of("#connection"), expected).await;
}

#[tokio::test]
async fn webhook_is_edited_disabled_and_deleted_from_the_page() {
    let api = api();
    let webhook = add(&api, "door bell", "https://example.com/bell");
    let browser = open(&api).await;
    browser.expect(&count_of("article"), json!(1)).await;
    let held = || api.webhooks(SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID);

    browser.click("article .actions button:nth-child(1)").await;
    let rename = format!(
        "document.getElementById('name-{}').value = 'gong'; return true",
        webhook.id
    );
    browser.expect(&rename, json!(true)).await;
    browser.click("article .actions + form button").await;
    browser.expect(&text_of("article h4"), json!("gong")).await;
    browser.click("article .actions button:nth-child(2)").await;
    browser
        .expect(&text_of("article .badge"), json!("disabled"))
        .await;
    let edited = held();
    browser.click("article .actions button:nth-child(3)").await;
    browser.expect(&count_of("article"), json!(0)).await;

    assert_eq!(edited[0].name, "gong");
    assert!(!edited[0].enabled);
    assert_eq!(held(), []);
    expect_empty_console(browser).await;
}

#[tokio::test]
async fn mode_and_quirks_are_switched_from_the_page() {
    let api = api();
    let browser = open(&api).await;
    let choose = |selector: &str, value: &str| {
        format!(
            "const list = document.querySelector('{selector}'); list.value = '{value}'; \
             list.dispatchEvent(new Event('change')); return true"
        )
    };
    let summary = text_of("#quirks-summary");
    browser.expect(&summary, json!("As documented")).await;

    browser.expect(&choose("#mode", "live"), json!(true)).await;
    let mode = "return document.getElementById('mode').value";
    browser.expect(mode, json!("live")).await;
    let quirk = choose("[aria-label=\"empty-list-404\"]", "false");
    browser.expect(&quirk, json!(true)).await;

    browser.expect(mode, json!("")).await;
    expect_empty_console(browser).await;
}

#[tokio::test]
async fn copied_export_lines_hold_the_settings_of_a_client() {
    let known = api();
    let builder = MockApi::builder().token("sesame");
    let chosen = builder.app("it's", "an app", "x").start().unwrap();
    let default = format!("'{DEFAULT_TOKEN}'");
    let account = format!("'{SAMPLE_ACCOUNT_ID}'");
    let app = format!("'{SAMPLE_APP_ID}'");
    let cases = [
        (&known, [&*default, &*account, &*app]),
        (
            &chosen,
            ["'<the token given with --token>'", r"'it'\''s'", "'an app'"],
        ),
    ];

    for (api, [token, account, app]) in cases {
        let browser = open(api).await;
        let keep = "navigator.clipboard.writeText = async (text) => { window.copied = text; }; \
                    return true";
        browser.expect(keep, json!(true)).await;
        browser.click("#copy-exports").await;

        let lines = format!(
            "export CLOUDFLARE_BASE_URL='{}'\nexport CLOUDFLARE_API_TOKEN={token}\n\
             export CLOUDFLARE_ACCOUNT_ID={account}\nexport REALTIMEKIT_APP_ID={app}\n",
            api.base_url()
        );
        browser.expect("return window.copied", json!(lines)).await;
        let button = text_of("#copy-exports");
        browser.expect(&button, json!("Copied")).await;
        let refuse = "navigator.clipboard.writeText = () => Promise.reject(); return true";
        browser.expect(refuse, json!(true)).await;
        browser.click("#copy-exports").await;
        let refused = json!("The browser does not allow copying");
        browser.expect(&button, refused).await;
        expect_empty_console(browser).await;
    }
}

#[tokio::test]
async fn requests_are_filtered_and_the_page_is_pictured() {
    let api = api();
    add(&api, "Meeting log", "https://example.com/log");
    let browser = open(&api).await;
    assert_eq!(create(&api, "door bell").await, 201);
    browser.expect(&count_of("#requests tr"), json!(1)).await;
    let image = browser.screenshot().await;
    let filter = |words: &str| {
        format!(
            "const field = document.getElementById('request-filter'); field.value = '{words}'; \
             field.dispatchEvent(new Event('input')); return true"
        )
    };

    browser.expect(&filter("delete"), json!(true)).await;
    browser.expect(&count_of("#requests tr"), json!(0)).await;
    browser.expect(&filter("post"), json!(true)).await;
    browser.expect(&count_of("#requests tr"), json!(1)).await;

    assert!(image.starts_with(b"\x89PNG"));
    if std::env::var_os("UPDATE_SCREENSHOT").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/mock-api/page.png");
        std::fs::write(file, image).unwrap();
    }
    expect_empty_console(browser).await;
}
