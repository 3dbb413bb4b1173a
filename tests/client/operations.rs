//! Each operation, in each mode of the API.

use std::slice;

use http::Method;
use realtimekit::api::{Client, Webhook, WebhookRequest};
use realtimekit::mock_api::{Fault, MockApi, Quirks};

use crate::{
    ACCOUNT, APP, TOKEN, UNKNOWN_ID, all_modes, config, door_bell, events, fail, methods, send,
    start,
};

/// The request that makes a webhook what it is.
fn as_requested(webhook: &Webhook) -> WebhookRequest {
    WebhookRequest {
        name: webhook.name.clone(),
        url: webhook.url.clone(),
        events: webhook.events.clone(),
        enabled: webhook.enabled,
    }
}

#[tokio::test]
async fn webhook_is_created_replaced_switched_and_deleted_as_requested_in_every_mode() {
    for mode in all_modes() {
        let (api, webhooks) = start(mode);
        assert_eq!(webhooks.list().await.unwrap().to_vec(), []);
        api.clear_calls();
        let request = WebhookRequest {
            enabled: false,
            ..door_bell()
        };

        let created = webhooks.create(&request).await.unwrap();

        assert_eq!(methods(&api), [Method::POST]);
        let stored = api.webhooks(ACCOUNT, APP).remove(0);
        assert_eq!(as_requested(&created), request);
        assert_eq!((&created.id, stored.enabled), (&stored.id, false));
        assert_eq!(created.created_at.as_ref(), Some(&stored.created_at));
        assert_eq!(created.updated_at.as_ref(), Some(&stored.updated_at));
        assert_eq!(webhooks.get(&created.id).await.unwrap(), created);
        let listed = webhooks.list().await.unwrap();
        assert_eq!(listed[..], *slice::from_ref(&created));

        let siren = |enabled| WebhookRequest {
            name: "siren".to_owned(),
            url: "https://example.com/siren".to_owned(),
            events: events(["recording.statusUpdate"]),
            enabled,
        };
        for (updated, enabled) in [
            (webhooks.replace(&created.id, &siren(false)).await, false),
            (webhooks.set_enabled(&created.id, true).await, true),
            (webhooks.set_enabled(&created.id, false).await, false),
        ] {
            let updated = updated.unwrap();
            assert_eq!(as_requested(&updated), siren(enabled));
            assert_eq!(updated.id, created.id);
            assert_eq!(updated.created_at, created.created_at);
        }
        assert_eq!(api.webhooks(ACCOUNT, APP)[0].name, "siren");

        webhooks.delete(&created.id).await.unwrap();

        assert!(api.webhooks(ACCOUNT, APP).is_empty());
    }
}

#[tokio::test]
async fn edit_whose_answer_is_lost_succeeds_if_it_was_made() {
    for (fault, was_made) in [
        (Fault::drop_connection().after_storing(), true),
        (Fault::drop_connection(), false),
    ] {
        let (api, webhooks) = start(Quirks::live());
        let id = webhooks.create(&door_bell()).await.unwrap().id;
        api.clear_calls();
        fail(&api, Method::PATCH, 1, fault);

        let edited = webhooks.set_enabled(&id, false).await;

        assert_eq!(methods(&api), [Method::PATCH, Method::GET]);
        assert_eq!(api.webhooks(ACCOUNT, APP)[0].enabled, !was_made);
        match edited {
            Ok(webhook) => assert!(was_made && !webhook.enabled),
            Err(error) => assert!(!was_made && error.outcome_unknown(), "{error}"),
        }
    }
}

#[tokio::test]
async fn refresh_may_use_a_list_of_this_run_since_its_last_write_and_get_may_not() {
    let (api, webhooks) = start(Quirks::documented());
    let id = webhooks.create(&door_bell()).await.unwrap().id;
    webhooks.list().await.unwrap();
    let rename = |name: &str| api.edit_webhook(&id, |webhook| webhook.name = name.to_owned());
    rename("first").unwrap();

    let refreshed = webhooks.refresh(&id, None).await.unwrap();
    webhooks.set_enabled(&id, false).await.unwrap();
    rename("second").unwrap();
    let (one, other) = tokio::join!(webhooks.refresh(&id, None), webhooks.refresh(&id, None));
    rename("third").unwrap();
    let got = webhooks.get(&id).await.unwrap();

    let found = [refreshed, one.unwrap(), other.unwrap(), got];
    let names = found.map(|webhook| webhook.name);
    assert_eq!(names, ["door bell", "second", "second", "third"]);
}

#[tokio::test]
async fn webhook_that_is_not_there_is_gone_for_every_operation() {
    for mode in all_modes() {
        let (_api, webhooks) = start(mode);
        for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
            let error = send(&webhooks, &method, UNKNOWN_ID).await.unwrap_err();

            assert!(error.is_gone() && !error.is_app_not_found(), "{error}");
        }
    }
}

#[tokio::test]
async fn list_of_an_app_or_account_that_does_not_exist_is_an_error() {
    let builder = MockApi::builder().token(TOKEN).quirks(Quirks {
        any_app: false,
        ..Quirks::live()
    });
    let api = builder.app(ACCOUNT, APP, "an app").start().unwrap();
    let client = Client::new(config(&api.base_url()));

    let list = client.webhooks(ACCOUNT, APP).list().await.unwrap();
    let errors = [
        client
            .webhooks(ACCOUNT, "another")
            .list()
            .await
            .unwrap_err(),
        client.webhooks("another", APP).list().await.unwrap_err(),
        client.apps("another").await.unwrap_err(),
    ];

    assert_eq!(list.to_vec(), []);
    for error in errors {
        assert!(error.is_app_not_found(), "{error}");
    }
}
