//! The list of an account's apps, page by page.

use super::envelope::{ApiError, Success, bad_request};
use crate::mock_api::model::quirks::Quirks;
use crate::mock_api::model::store::{App, Store};
use serde_json::{Value, json};

/// Not documented; small enough for a test of paging, large enough for a person.
const DEFAULT_PER_PAGE: usize = 25;

/// Not documented either: a limit that clients are not told of.
const MAX_PER_PAGE: usize = 40;

/// `GET …/realtime/kit/apps`
pub(crate) fn list(
    store: &Store,
    quirks: &Quirks,
    account: &str,
    query: Option<&str>,
) -> Result<Success, ApiError> {
    let apps = store.apps(account);
    let (page_no, per_page) = match quirks.ignores_paging {
        true => (1, usize::MAX),
        false => (
            number(query, "page_no", 1)?,
            number(query, "per_page", DEFAULT_PER_PAGE)?.min(MAX_PER_PAGE),
        ),
    };
    let before = (page_no - 1).saturating_mul(per_page).min(apps.len());
    let page: Vec<Value> = apps[before..].iter().take(per_page).map(show).collect();
    // Offsets count from 1, as in RealtimeKit's other lists.
    let paging = json!({
        "total_count": apps.len(),
        "start_offset": before + 1,
        "end_offset": before + page.len(),
    });
    Ok(Success {
        paging: quirks.tells_paging.then_some(paging),
        ..Success::ok(Value::Array(page))
    })
}

fn show(app: &&App) -> Value {
    json!({"id": app.key.1, "name": app.name, "created_at": app.created_at})
}

/// A query parameter that counts from 1.
fn number(query: Option<&str>, name: &str, default: usize) -> Result<usize, ApiError> {
    let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let value = pairs.find_map(|(key, value)| (key == name).then(|| value.parse()));
    match value {
        None => Ok(default),
        Some(Ok(number)) if number >= 1 => Ok(number),
        Some(_) => Err(bad_request(format!(
            "\"{name}\" must be a number of at least 1"
        ))),
    }
}
