//! Creations that meet a webhook which they may or may not have made.

use http::{Method, StatusCode};
use realtimekit::mock_api::{Fault, Matcher, MockApi, Quirks, Webhook};

use crate::{
    api::{ACCOUNT, APP, configured, letters, start},
    terraform::{Configuration, Said, Terraform},
};

const URL: &str = "https://hooks.example/bell";

/// A service that allows a URL twice, with a webhook like the configured one.
fn service_with_twin() -> (MockApi, Webhook, Terraform) {
    let api = start(Quirks::documented());
    let twin = api.add_webhook(ACCOUNT, APP, "bell", URL, &["meeting.started"]);
    let terraform = Terraform::new(api.base_url());
    (api, twin, terraform)
}

/// Applies a webhook like the twin; returns the details of all errors.
async fn apply(terraform: &mut Terraform) -> Vec<String> {
    let configuration = Configuration::from([("bell".to_owned(), configured("bell", URL))]);
    let said = terraform.apply(&configuration).await;
    let errors = said.into_iter().filter(Said::is_error);
    errors.map(|error| error.diagnostic.detail).collect()
}

#[tokio::test(start_paused = true)]
async fn creation_whose_answer_is_lost_never_adopts_an_older_webhook() {
    let lost = Fault::drop_connection();
    for fault in [lost.clone(), lost.after_storing()] {
        let (api, _, mut terraform) = service_with_twin();
        api.fail(Matcher::method(Method::POST), 1, fault);

        let errors = apply(&mut terraform).await;

        assert_eq!(errors, [""; 0]);
        let webhooks = api.webhooks(ACCOUNT, APP);
        assert_eq!(webhooks.len(), 2);
        assert_eq!(terraform.state["bell"].id(), webhooks[1].id);
    }
}

#[tokio::test(start_paused = true)]
async fn creation_whose_answer_is_lost_never_adopts_a_new_webhook_with_other_fields() {
    let (api, twin, mut terraform) = service_with_twin();
    let renamed = api.edit_webhook(&twin.id, |twin| twin.name = "theirs".to_owned());
    api.fail(Matcher::method(Method::GET), 2, Fault::html(StatusCode::OK)); // two plans
    api.fail(Matcher::method(Method::POST), 1, Fault::drop_connection());

    let errors = apply(&mut terraform).await;

    assert!(terraform.state.is_empty());
    assert_eq!(api.webhooks(ACCOUNT, APP), [renamed.unwrap()]);
    assert_eq!(errors.len(), 1);
    assert!(errors[0].contains(&twin.id), "{errors:?}");
}

#[tokio::test(start_paused = true)]
async fn created_webhook_that_cannot_be_read_is_kept_and_replaced() {
    let (api, made, mut terraform) = service_with_twin();
    let partial = format!(r#"{{"success":true,"data":{{"id":"{}"}}}}"#, made.id);
    let partial = Fault::body(StatusCode::CREATED, partial);
    api.fail(Matcher::method(Method::POST), 1, partial);
    let by_id = Matcher::method(Method::GET).path_suffix(made.id.clone());
    api.fail(by_id, usize::MAX, StatusCode::BAD_REQUEST);

    let said = apply(&mut terraform).await;

    assert_eq!(said.len(), 1, "{said:?}");
    let kept = &terraform.state["bell"];
    assert_eq!((kept.id(), kept.tainted), (made.id.as_str(), true));

    api.clear_faults();
    api.clear_calls();
    let said = apply(&mut terraform).await;

    assert_eq!(said, [""; 0]);
    assert_eq!(letters(&api).replace(['G', 'L'], ""), "DP");
    let webhooks = api.webhooks(ACCOUNT, APP);
    assert_eq!(webhooks.len(), 1);
    assert_eq!(terraform.state["bell"].id(), webhooks[0].id);
}
