//! Creations that meet a webhook which they may or may not have made.

use std::slice;

use http::{Method, StatusCode};
use realtimekit::mock_api::{Fault, Matcher, MockApi, Quirks, Webhook};
use serde_json::json;

use crate::{
    api::{ACCOUNT, APP, letters, start},
    provider::has_error,
    terraform::{Configuration, Interrupt, Said, Terraform},
};

const URL: &str = "https://hooks.example/bell";

/// A service that allows a URL twice, with a webhook as the configured one shall be.
fn service_with_twin() -> (MockApi, Webhook) {
    let api = start(Quirks::documented());
    let twin = api.add_webhook(ACCOUNT, APP, "bell", URL, &["meeting.started"]);
    (api, twin)
}

async fn apply(terraform: &mut Terraform) -> Vec<Said> {
    let webhook = json!({
        "id": null, "account_id": null, "app_id": null, "name": "bell", "url": URL,
        "events": ["meeting.started"], "enabled": null, "created_at": null, "updated_at": null,
        "timeouts": null,
    });
    let configuration = Configuration::from([("bell".to_owned(), webhook)]);
    let interrupt = Interrupt::never();
    terraform.apply(&configuration, &interrupt).await
}

/// The errors, in full.
fn errors(said: Vec<Said>) -> Vec<String> {
    let found = said.into_iter().map(|said| said.diagnostic);
    let errors = found.filter(|found| has_error(slice::from_ref(found)));
    errors.map(|error| error.detail).collect()
}

#[tokio::test]
async fn a_webhook_that_was_there_before_is_not_taken_for_the_one_that_was_made() {
    for fault in [
        Fault::drop_connection(),
        Fault::drop_connection().after_storing(),
    ] {
        let (api, twin) = service_with_twin();
        let mut terraform = Terraform::new(api.base_url());
        api.fail(Matcher::method(Method::POST), 1, fault);

        let said = apply(&mut terraform).await;

        assert_eq!(errors(said), [""; 0]);
        assert_ne!(terraform.state["bell"].id(), twin.id);
        assert_eq!(api.webhooks(ACCOUNT, APP).len(), 2);
    }
}

#[tokio::test]
async fn creation_without_an_earlier_list_adopts_only_what_was_created_after_it_began() {
    for (created_at, fault, is_adopted) in [
        ("2025-01-02T03:04:05Z", Fault::drop_connection(), false),
        (
            "2025-01-02T03:04:05Z",
            Fault::drop_connection().after_storing(),
            true,
        ),
    ] {
        let (api, twin) = service_with_twin();
        api.edit_webhook(&twin.id, |twin| twin.created_at = created_at.to_owned())
            .unwrap();
        let mut terraform = Terraform::new(api.base_url());
        api.fail(Matcher::method(Method::GET), 2, Fault::html(StatusCode::OK)); // two plans
        api.fail(Matcher::method(Method::POST), 1, fault);

        let errors = errors(apply(&mut terraform).await);

        let webhooks = api.webhooks(ACCOUNT, APP);
        if is_adopted {
            assert_eq!((errors.len(), webhooks.len()), (0, 2), "{errors:?}");
            assert_eq!(terraform.state["bell"].id(), webhooks[1].id);
        } else {
            assert_eq!((errors.len(), terraform.state.len()), (1, 0), "{errors:?}");
            let error = &errors[0];
            assert!(
                error.contains(&twin.id) && error.contains("import {"),
                "{error}"
            );
            assert_eq!(webhooks.len(), 1);
        }
    }
}

#[tokio::test]
async fn a_webhook_that_was_made_and_cannot_be_read_is_kept_and_replaced() {
    let (api, made) = service_with_twin();
    let mut terraform = Terraform::new(api.base_url());
    let partial = format!(r#"{{"success":true,"data":{{"id":"{}"}}}}"#, made.id);
    api.fail(
        Matcher::method(Method::POST),
        1,
        Fault::body(StatusCode::CREATED, partial),
    );
    let by_id = Matcher::method(Method::GET).path_suffix(made.id.clone());
    api.fail(by_id, usize::MAX, StatusCode::BAD_REQUEST);

    let said = apply(&mut terraform).await;

    assert_eq!(errors(said).len(), 1);
    let kept = &terraform.state["bell"];
    assert_eq!((kept.id(), kept.tainted), (made.id.as_str(), true));

    api.clear_faults();
    api.clear_calls();
    let said = apply(&mut terraform).await;

    assert_eq!(errors(said), [""; 0]);
    assert_eq!(
        letters(&api.calls())
            .matches(['D', 'P'])
            .collect::<String>(),
        "DP"
    );
    let webhooks = api.webhooks(ACCOUNT, APP);
    assert_eq!(
        (webhooks.len(), terraform.state["bell"].id()),
        (1, webhooks[0].id.as_str())
    );
}
