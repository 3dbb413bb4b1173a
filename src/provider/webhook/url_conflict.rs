//! Webhooks that exist outside of the state: which one it is, and how to adopt it.

use crate::api::{Error, Webhook, Webhooks, shown_url};
use crate::framework::Diagnostics;
use crate::provider::{diagnostics::failed, session::Session};

/// The block that imports a webhook, ready to be pasted.
fn import_block(webhooks: &Webhooks, id: &str) -> String {
    let (account_id, app_id) = (webhooks.account_id(), webhooks.app_id());
    format!("import {{\n  to = realtimekit_webhook.NAME\n  id = \"{account_id}/{app_id}/{id}\"\n}}")
}

/// Which webhook has a URL, and what to do about it.
fn held_by(webhooks: &Webhooks, holder: &Webhook) -> String {
    let Webhook { id, name, .. } = holder;
    format!(
        "It is webhook {id}, named {name:?}.\n\nEither choose another URL, or manage that webhook \
         with Terraform. To import it, add this block, with the address of your resource:\n\n{}",
        import_block(webhooks, id)
    )
}

/// The API allows a URL once in an app: says which webhook has it. `own_id` is of the webhook that
/// shall have it, if it exists.
pub(super) async fn url_taken(
    webhooks: &Webhooks,
    url: &str,
    own_id: Option<&str>,
    error: &Error,
) -> Diagnostics {
    let shown = shown_url(url);
    let holder = match webhooks.list().await {
        Ok(snapshot) => match snapshot
            .with_url(url)
            .filter(|holder| own_id != Some(&holder.id))
        {
            Some(holder) => held_by(webhooks, holder),
            None => "It was not among the webhooks of the app a moment later: try again.".into(),
        },
        Err(listing) => format!("Which one could not be found out: {listing}"),
    };
    Diagnostics::error(
        "URL Already in Use",
        format!(
            "Another webhook of app {:?} has the URL {shown:?}. {holder}\n\n{error}",
            webhooks.app_id()
        ),
    )
    .at("url")
}

/// A creation that failed; if it may have made a webhook, how to find and import it.
pub(super) fn create_failed(webhooks: &Webhooks, url: &str, error: &Error) -> Diagnostics {
    let shown = shown_url(url);
    let found = failed("Create the Webhook", error);
    if !error.outcome_unknown() {
        return found;
    }
    let app_id = webhooks.app_id();
    let id = match error {
        Error::Undecided { candidate, .. } => candidate.as_deref(),
        _ => None,
    };
    let what_to_do = format!(
        "The API may have created it all the same. Look for the URL {shown:?} among the webhooks of \
         app {app_id:?}, in the Cloudflare dashboard or by the data source realtimekit_webhooks. \
         If it is not there, apply again. If it is, import it by this block, with the address of \
         your resource and the ID of the webhook:\n\n{}",
        import_block(webhooks, id.unwrap_or("WEBHOOK_ID"))
    );
    let explained = found.into_iter().map(|mut diagnostic| {
        diagnostic.detail += &format!("\n\n{what_to_do}");
        diagnostic
    });
    explained.collect()
}

pub(super) fn url_wanted_twice(url: &str) -> Diagnostics {
    let shown = shown_url(url);
    Diagnostics::warning(
        "URL Used Twice",
        format!(
            "Two webhooks of this configuration have the URL {shown:?} in the same app. The API \
             allows a URL once in an app, so one of them will be refused."
        ),
    )
    .at("url")
}

/// A warning if a webhook that Terraform does not manage has the URL.
pub(super) async fn url_held(session: &Session, webhooks: &Webhooks, url: &str) -> Diagnostics {
    let shown = shown_url(url);
    // A plan does not fail for want of advice.
    let Ok(list) = webhooks.advisory_list().await else {
        return Diagnostics::new();
    };
    match list
        .with_url(url)
        .filter(|holder| !session.is_managed(&holder.id))
    {
        Some(holder) => Diagnostics::warning(
            "URL Already in Use",
            format!(
                "Another webhook of app {:?} has the URL {shown:?}, so the API will refuse this one. \
                 {}",
                webhooks.app_id(),
                held_by(webhooks, holder)
            ),
        )
        .at("url"),
        None => Diagnostics::new(),
    }
}
