//! A browser, controlled by the W3C's WebDriver protocol.

use reqwest::Client;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// How long the page may take to show something.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The key of an element's id, chosen by the W3C.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A running browser with one window; it ends when it is dropped.
pub(crate) struct Browser {
    driver: Child,
    client: Client,
    session: String,
    /// Its profile, which is removed with it.
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts `chromedriver` and a headless Chromium that reaches no other machine.
    pub(crate) async fn start(width: u32, scheme: &str) -> Self {
        let (driver, port) = start_driver();
        let profile = tempfile::tempdir().unwrap();
        let client = client();
        let fixed = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
                     --disable-background-networking --disable-component-update --disable-sync \
                     --disable-dev-shm-usage";
        let mut arguments: Vec<_> = fixed.split(' ').map(str::to_owned).collect();
        arguments.extend([
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1".to_owned(),
            format!("--blink-settings=preferredColorScheme={scheme}"),
            format!("--window-size={width},900"),
            format!("--user-data-dir={}", profile.path().display()),
        ]);
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let mut browser = Self {
            driver,
            client,
            session: format!("http://127.0.0.1:{port}/session"),
            _profile: profile,
        };
        let session = browser.post("", capabilities).await;
        browser.session += "/";
        browser.session += session["sessionId"].as_str().unwrap();
        browser
    }

    pub(crate) async fn open(&self, url: &str) {
        self.post("/url", json!({"url": url})).await;
    }

    /// Runs a script and returns its result; the page's content policy does not apply to it.
    pub(crate) async fn run(&self, script: &str) -> Value {
        let call = json!({"script": script, "args": []});
        self.post("/execute/sync", call).await
    }

    /// Waits until a script returns this, and expects no message on the console by then: no error,
    /// and nothing that the content policy refused.
    pub(crate) async fn expect(&self, script: &str, expected: Value) {
        self.wait_for(script, expected).await;
        let messages = self.post("/se/log", json!({"type": "browser"})).await;
        assert_eq!(messages, json!([]));
    }

    /// Waits until a script returns this.
    pub(crate) async fn wait_for(&self, script: &str, expected: Value) {
        let start = Instant::now();
        loop {
            let answer = self.run(script).await;
            if answer == expected {
                return;
            }
            let late = start.elapsed() > TIMEOUT;
            assert!(!late, "{script}: {answer} instead of {expected}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the first such element has this text.
    pub(crate) async fn shows(&self, selector: &str, text: &str) {
        let script = format!("return document.querySelector('{selector}')?.textContent ?? null");
        self.expect(&script, json!(text)).await;
    }

    /// Waits until there are so many such elements.
    pub(crate) async fn has(&self, count: usize, selector: &str) {
        let script = format!("return document.querySelectorAll('{selector}').length");
        self.expect(&script, json!(count)).await;
    }

    /// Sets a field and leaves it, or chooses from a list.
    pub(crate) async fn fill(&self, selector: &str, value: &str) {
        let script = format!(
            "const field = document.querySelector('{selector}'); field.value = '{value}'; \
             for (const event of ['input', 'change']) \
             field.dispatchEvent(new Event(event, {{ bubbles: true }})); return field.value"
        );
        self.expect(&script, json!(value)).await;
    }

    /// Clicks where the element is, as a mouse would: it must be seen, and not be covered.
    pub(crate) async fn click(&self, selector: &str) {
        let by = json!({"using": "css selector", "value": selector});
        let found = self.post("/element", by).await;
        let path = format!("/element/{}/click", found[ELEMENT].as_str().unwrap());
        self.post(&path, json!({})).await;
    }

    /// Answers a question of the browser: `accept` or `dismiss`.
    pub(crate) async fn answer_dialog(&self, answer: &str) {
        self.post(&format!("/alert/{answer}"), json!({})).await;
    }

    /// Types into the focused element; `\u{e004}` is the Tab key, `\u{e007}` Enter.
    pub(crate) async fn press(&self, keys: &str) {
        let keys = keys.chars().flat_map(|key| {
            let value = key.to_string();
            [
                json!({"type": "keyDown", "value": value}),
                json!({"type": "keyUp", "value": value}),
            ]
        });
        let keyboard =
            json!({"type": "key", "id": "keyboard", "actions": keys.collect::<Vec<_>>()});
        self.post("/actions", json!({"actions": [keyboard]})).await;
    }

    /// The visible part of the page, as PNG.
    pub(crate) async fn screenshot(&self) -> Vec<u8> {
        let request = self.client.get(format!("{}/screenshot", self.session));
        let text = request.send().await.unwrap().text().await.unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap();
        let image = answer["value"].as_str().unwrap();
        base64::Engine::decode(&base64::prelude::BASE64_STANDARD, image).unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.session));
        let response = request.body(body.to_string()).send().await.unwrap();
        let done = response.status().is_success();
        let answer: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert!(done, "{path}: {}", answer["value"]["message"]);
        answer["value"].clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser first, which outlives a killed driver: by a runtime of its own, since this
        // one waits. It fails only if the driver has ended, which a failed test has reported.
        let session = self.session.trim_end_matches('/').to_owned();
        let end = async { client().delete(session).timeout(TIMEOUT).send().await };
        let end = || Runtime::new().unwrap().block_on(end).is_ok();
        thread::spawn(end).join().ok();
        self.driver.kill().ok();
        self.driver.wait().ok();
    }
}

fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

/// Starts the driver on a free port, which it prints.
fn start_driver() -> (Child, u16) {
    let mut command = Command::new("chromedriver");
    command.arg("--port=0").stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut driver = command.spawn().expect(
        "chromedriver can be started: these tests drive Chromium by it; install both (on Debian, \
         `apt-get install chromium chromium-driver`)",
    );
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let port = lines.find_map(|line| {
        let line = line.ok()?;
        let (_, port) = line.split_once("started successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    (driver, port.expect("chromedriver tells its port"))
}
