//! Texts with a form of their own: numbers, ids of imports, identifiers in a path, URLs.
//!
//! Input: which of them, and the texts, one a line.

use std::sync::LazyLock;

use realtimekit::{
    api::{BaseUrl, Client, Config, Secret, check_path_segment, fuzzing::webhook_path, same_url},
    framework::{Function, Number, Provider, Value},
    provider::RealtimeKit,
};
use url::Url;

use super::input::{byte, lines};

const BASE_URL: &str = "https://api.example/client/v4";

static FUNCTIONS: LazyLock<Vec<Box<dyn Function>>> =
    LazyLock::new(|| RealtimeKit::default().functions());

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let token = Secret::new("token").expect("a token");
    Client::new(Config::new(BASE_URL.parse().expect("a URL"), token, "fuzz"))
});

/// Checks one input; `false` means that others like it are of no use.
pub fn run(input: &[u8]) -> bool {
    let (kind, rest) = byte(input);
    if kind % 6 == 1 {
        float(rest);
        return true;
    }
    let Ok(text) = std::str::from_utf8(rest) else {
        return false;
    };
    match kind % 6 {
        0 => number(text),
        2 => import_id(text),
        3 => path(lines(text)),
        4 => urls(lines(text)),
        _ => settings(text),
    }
    true
}

fn number(text: &str) {
    let [one, other] = lines::<2>(text);
    let Ok(one) = one.parse::<Number>() else {
        return;
    };
    round_trip(&one);
    if let Ok(other) = other.parse::<Number>() {
        assert_eq!(one == other, one.to_string() == other.to_string());
    }
}

fn float(bytes: &[u8]) {
    let Some(bytes) = bytes.first_chunk() else {
        return;
    };
    let float = f64::from_le_bytes(*bytes);
    let Ok(number) = Number::try_from(float) else {
        assert!(float.is_nan());
        return;
    };
    assert_eq!(number.as_exact_f64(), Some(float));
    if float.is_finite() {
        round_trip(&number);
    }
}

fn round_trip(number: &Number) {
    let shown = number.to_string();
    assert!(shown.len() <= 4_002, "{} digits", shown.len());
    assert_eq!(shown.parse().as_ref(), Ok(number));
    assert!(!number.to_f64().is_nan());
    if let Some(integer) = number.as_i64() {
        assert!(number.is_integer());
        assert_eq!(&Number::from(integer), number);
    }
    if let Some(float) = number.as_exact_f64() {
        assert_eq!(Number::try_from(float).as_ref(), Ok(number));
    }
}

fn function(name: &str) -> &'static dyn Function {
    let found = FUNCTIONS.iter().find(|function| function.name() == name);
    &**found.expect("a function of the provider")
}

/// What is taken for an id names one webhook, and is put together again to the same id.
fn import_id(id: &str) {
    let Ok(Value::Object(parts)) = function("parse_webhook_import_id").call(vec![id.into()]) else {
        return;
    };
    let part = |name: &str| parts[name].as_str();
    let webhook_id = part("webhook_id").expect("an id names a webhook");
    let (account_id, app_id) = (part("account_id"), part("app_id"));
    let named = [account_id, app_id, Some(webhook_id)];
    assert_eq!(
        named.into_iter().flatten().collect::<Vec<_>>().join("/"),
        id
    );
    let whole = [account_id.unwrap_or("a"), app_id.unwrap_or("b"), webhook_id];
    let whole_id = function("webhook_import_id").call(whole.map(Value::from).to_vec());
    assert_eq!(whole_id, Ok(whole.join("/").into()));
    path(whole);
}

/// What is taken for identifiers leads to one webhook below the base URL, and nowhere else.
fn path([account_id, app_id, webhook_id]: [&str; 3]) {
    let Ok(path) = webhook_path(&CLIENT, account_id, app_id, webhook_id) else {
        return;
    };
    assert!(check_path_segment(account_id).is_ok() && check_path_segment(app_id).is_ok());
    let url = Url::parse(&format!("{BASE_URL}{path}")).expect("a URL");
    assert_eq!(
        url.as_str(),
        format!("{BASE_URL}{path}"),
        "it was normalized"
    );
    let segments: Vec<_> = url.path_segments().expect("a path").collect();
    let expected = [
        "client", "v4", "accounts", "", "realtime", "kit", "", "webhooks", webhook_id,
    ];
    assert_eq!(segments.len(), expected.len(), "{path}");
    for (segment, expected) in segments.iter().zip(expected) {
        assert!(expected.is_empty() || *segment == expected, "{path}");
        assert!(!matches!(*segment, "" | "." | ".."), "{path}");
    }
    assert!(url.query().is_none() && url.fragment().is_none());
    assert!(
        path.bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    );
}

/// `same_url` is an equivalence.
fn urls([one, other, third]: [&str; 3]) {
    for url in [one, other, third] {
        assert!(same_url(url, url));
    }
    assert_eq!(same_url(one, other), same_url(other, one));
    if same_url(one, other) && same_url(other, third) {
        assert!(same_url(one, third));
    }
}

/// What a provider block says of where the API is, and by what token.
fn settings(text: &str) {
    if let Ok(base_url) = text.parse::<BaseUrl>() {
        let shown = base_url.to_string();
        assert_eq!(shown.parse::<BaseUrl>().as_ref(), Ok(&base_url));
        let url = Url::parse(&shown).expect("a URL");
        assert!(matches!(url.scheme(), "http" | "https"));
        assert!(url.username().is_empty() && url.password().is_none());
        assert!(url.query().is_none() && url.fragment().is_none());
    }
    if let Ok(secret) = Secret::new(text)
        && text.len() > "<redacted>".len()
    {
        assert!(!format!("{secret:?}").contains(text));
    }
}
