//! Diagnostics for [`api::Error`]: what happened, and what to do about it.

use std::{error::Error as _, iter};

use http::Method;

use super::settings::{API_TOKEN, BASE_URL};
use crate::api::{self, UnreadableItem, Webhooks};
use crate::framework::Diagnostics;

/// `action` completes the sentence "Could not …".
pub(super) fn failed(action: &str, error: &api::Error) -> Diagnostics {
    failed_with(action, error, hint(error).as_deref())
}

/// As [`failed`], with another hint on what to do about it.
pub(super) fn failed_with(action: &str, error: &api::Error, hint: Option<&str>) -> Diagnostics {
    let mut detail = error.to_string();
    for cause in iter::successors(error.source(), |&cause| cause.source()) {
        detail += &format!("\n  caused by: {cause}");
    }
    if let Some(hint) = hint {
        detail += &format!("\n\n{hint}");
    }
    // After a creation, the resource explains how to look for what may have been created.
    let method = error.failure().map(|failed| &failed.call.method);
    if error.outcome_unknown() && method != Some(&Method::POST) {
        detail += "\n\nThe API may have made the change nevertheless: terraform plan shows how the \
                   webhook is now.";
    }
    Diagnostics::error(format!("Could Not {action}"), detail)
}

/// A warning for a plan that succeeds without the API, before an apply that cannot.
pub(super) fn token_refused(error: &api::Error) -> Diagnostics {
    let hint = hint(error).unwrap_or_default();
    Diagnostics::warning(
        "API Token Refused",
        format!(
            "The API refused a request of this plan, and would refuse those of the apply.\n\n\
             {error}\n\n{hint}"
        ),
    )
}

/// A warning about elements of a list that are left out, because they are not as documented.
pub(super) fn unreadable_left_out(unreadable: &[UnreadableItem]) -> Diagnostics {
    if unreadable.is_empty() {
        return Diagnostics::new();
    }
    Diagnostics::warning(
        "Unreadable Element Left Out",
        format!(
            "The API's answer has elements that the provider cannot read, so they are left out:\n\n\
             {}\n\nLook at them in the Cloudflare dashboard. If they are correct there, update the \
             provider, or report this.",
            unreadable_items(unreadable)
        ),
    )
}

/// Elements of a list that cannot be read, one a line: their IDs, and what is wrong with them.
pub(super) fn unreadable_items(items: &[UnreadableItem]) -> String {
    let lines = items.iter().map(|UnreadableItem { id, problem }| {
        let id = id.as_deref().unwrap_or("without an ID");
        format!("- {id}: {problem}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// An app does not have a webhook; `consequence` completes "…, so …", and may add sentences.
pub(super) fn no_such_webhook(
    webhooks: &Webhooks,
    id: &str,
    consequence: &str,
    error: &api::Error,
) -> Diagnostics {
    Diagnostics::error(
        "No Such Webhook",
        format!(
            "App {:?} of account {:?} has no webhook {id}, so {consequence} The data source \
             realtimekit_webhooks lists the webhooks of an app with their IDs.\n\n{error}",
            webhooks.app_id(),
            webhooks.account_id()
        ),
    )
}

/// What to do about it.
fn hint(error: &api::Error) -> Option<String> {
    match error {
        api::Error::InvalidId(..) => {
            Some("Copy the identifier from the Cloudflare dashboard.".to_owned())
        }
        api::Error::Setup(_) => Some(
            "Correct the environment variable that is named above. If none is, install the \
             certificates of the usual authorities (on Debian and Alpine the package \
             ca-certificates), or set SSL_CERT_FILE."
                .to_owned(),
        ),
        api::Error::NotSent(..) => Some(
            "Nothing was changed. Try again; if the rate limit was the reason, later or with a \
             longer timeout (timeouts)."
                .to_owned(),
        ),
        api::Error::Undecided { source, .. } => hint(source),
        api::Error::Failed(failed) if failed.status.is_none() => Some(format!(
            "Check the connection to the API, a proxy (HTTPS_PROXY) and base_url ({BASE_URL}), \
             then try again."
        )),
        api::Error::Failed(failed) => match error.status() {
            Some(status) => hint_on_response(error, status.as_u16(), failed),
            None => Some(format!(
                "If base_url ({BASE_URL}) or a proxy points to another server, fix that. Otherwise \
                 the API has changed: update the provider, or report this."
            )),
        },
        api::Error::NotReadBack { .. } => Some(
            "The API reported that the change was made. Run terraform plan to see how the webhook \
             is now."
                .to_owned(),
        ),
    }
}

fn hint_on_response(error: &api::Error, status: u16, response: &api::Failure) -> Option<String> {
    // Codes of Cloudflare's gateway.
    const BAD_HEADERS: [&str; 2] = ["6003", "6111"];
    const NO_ROUTE: [&str; 2] = ["7000", "7003"];
    let has_one_of = |codes: [&str; 2]| codes.iter().any(|code| response.has_code(code));
    let hint = match status {
        300..=399 => format!(
            "The provider follows no redirects, since they could send the token to another \
             server. Set base_url ({BASE_URL}) to the address of the API."
        ),
        400 | 403 if has_one_of(BAD_HEADERS) => format!(
            "The API could not read the token: check that api_token ({API_TOKEN}) is a complete API \
             token of Cloudflare, not a global API key, and has no other text around it."
        ),
        _ if has_one_of(NO_ROUTE) || error.is_app_not_found() => {
            "The app or the account does not exist: check account_id and app_id. If the app was \
             deleted, its webhooks were deleted with it: remove them from the configuration, and \
             from the state by terraform state rm or by a removed block with lifecycle { destroy = \
             false }."
                .to_owned()
        }
        400 | 422 => {
            "The API does not accept what was sent; its message says which part.".to_owned()
        }
        403 | 404 if !response.from_api => format!(
            "This is not an answer of the RealtimeKit API but a page, such as a challenge or a \
             block of Cloudflare's edge or of a proxy: it says nothing about the token or the \
             webhook. Check from which network the request comes, base_url ({BASE_URL}) and any \
             proxy (HTTPS_PROXY)."
        ),
        401 => format!(
            "Check that api_token ({API_TOKEN}) is an API token of Cloudflare that is neither \
             expired nor disabled."
        ),
        403 => format!(
            "Check that api_token ({API_TOKEN}) has the permission Realtime or Realtime Admin for \
             this account, and that the account may use RealtimeKit. A token that was just created \
             takes some seconds to be accepted everywhere."
        ),
        429 => format!(
            "Cloudflare allows 1,200 requests in 5 minutes for each user. Try again in {} s.",
            response.retry_after.map_or(300, |wait| wait.as_secs())
        ),
        500..=599 => "The failure is on the side of the API. Try again; \
                      https://www.cloudflarestatus.com reports known problems."
            .to_owned(),
        _ => return None,
    };
    Some(hint)
}
