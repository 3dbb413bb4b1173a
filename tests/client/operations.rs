//! Each operation, in each mode of the API and each of its envelopes.

use http::{Method, StatusCode};
use realtimekit::api::{Error, WebhookRequest, Webhooks};
use realtimekit::mock_api::{DeleteAnswer, Envelope, Fault, Matcher, MockApi, Quirks};
use serde_json::json;

use crate::{ACCOUNT, APP, UNKNOWN_ID, config, door_bell, events, shown, start, webhooks_at};

/// Holds for the documented and the live API, whatever the envelope.
async fn always(promise: impl AsyncFn(&MockApi, &Webhooks)) {
    for quirks in [Quirks::documented(), Quirks::live()] {
        for envelope in [Envelope::Data, Envelope::ResultData, Envelope::Result] {
            let (api, webhooks) = start(Quirks {
                envelope,
                ..quirks.clone()
            });

            promise(&api, &webhooks).await;
        }
    }
}

fn methods(api: &MockApi) -> Vec<Method> {
    api.calls().into_iter().map(|call| call.method).collect()
}

#[tokio::test]
async fn create_stores_all_four_fields_and_returns_the_whole_webhook() {
    always(async |api, webhooks| {
        let request = WebhookRequest {
            enabled: false,
            ..door_bell()
        };

        let created = webhooks.create(&request).await.unwrap();

        let stored = &api.webhooks(ACCOUNT, APP)[0];
        assert_eq!(created.id, stored.id);
        assert_eq!(created.name, "door bell");
        assert_eq!(created.url, "https://example.com/door-bell");
        assert_eq!(created.events, events(["meeting.ended", "meeting.started"]));
        assert!(!created.enabled && !stored.enabled);
        assert_eq!(created.created_at.as_ref(), Some(&stored.created_at));
        assert_eq!(created.updated_at.as_ref(), Some(&stored.updated_at));
        assert_eq!(methods(api), [Method::GET, Method::POST]);
    })
    .await;
}

#[tokio::test]
async fn get_and_list_return_what_was_created() {
    always(async |_api, webhooks| {
        let created = webhooks.create(&door_bell()).await.unwrap();

        assert_eq!(webhooks.get(&created.id).await.unwrap(), created);
        assert_eq!(webhooks.list().await.unwrap().to_vec(), [created]);
    })
    .await;
}

#[tokio::test]
async fn the_list_of_an_app_without_webhooks_is_empty() {
    always(async |_api, webhooks| {
        assert_eq!(webhooks.list().await.unwrap().to_vec(), []);
    })
    .await;
}

#[tokio::test]
async fn replace_sends_all_four_fields_and_returns_the_whole_webhook() {
    always(async |api, webhooks| {
        let created = webhooks.create(&door_bell()).await.unwrap();
        let request = WebhookRequest {
            name: "siren".to_owned(),
            url: "https://example.com/siren".to_owned(),
            events: events(["recording.statusUpdate"]),
            enabled: false,
        };
        api.clear_calls();

        let replaced = webhooks.replace(&created.id, &request).await.unwrap();

        assert_eq!(replaced.id, created.id);
        assert_eq!(replaced.name, request.name);
        assert_eq!(replaced.url, request.url);
        assert_eq!(replaced.events, request.events);
        assert!(!replaced.enabled);
        assert_eq!(replaced.created_at, created.created_at);
        let put = &api.calls()[0];
        let body = json!({
            "name": "siren",
            "url": "https://example.com/siren",
            "events": ["recording.statusUpdate"],
            "enabled": false,
        });
        assert_eq!(
            (&put.method, put.body.as_ref()),
            (&Method::PUT, Some(&body))
        );
    })
    .await;
}

#[tokio::test]
async fn replace_reads_again_only_what_the_answer_left_out() {
    let (whole, webhooks) = start(Quirks::documented());
    let id = webhooks.create(&door_bell()).await.unwrap().id;
    webhooks.replace(&id, &door_bell()).await.unwrap();

    assert_eq!(methods(&whole), [Method::GET, Method::POST, Method::PUT]);

    let (part, webhooks) = start(Quirks::live());
    let id = webhooks.create(&door_bell()).await.unwrap().id;
    webhooks.replace(&id, &door_bell()).await.unwrap();

    let read_back = [Method::GET, Method::POST, Method::PUT, Method::GET];
    assert_eq!(methods(&part), read_back);
}

#[tokio::test]
async fn set_enabled_changes_nothing_else() {
    always(async |_api, webhooks| {
        let created = webhooks.create(&door_bell()).await.unwrap();

        let disabled = webhooks.set_enabled(&created.id, false).await.unwrap();
        let enabled = webhooks.set_enabled(&created.id, true).await.unwrap();

        assert!(!disabled.enabled && enabled.enabled);
        for changed in [disabled, enabled] {
            assert_eq!(changed.name, created.name);
            assert_eq!(changed.url, created.url);
            assert_eq!(changed.events, created.events);
            assert_eq!(changed.created_at, created.created_at);
        }
    })
    .await;
}

#[tokio::test]
async fn an_edit_whose_answer_is_lost_succeeds_if_it_was_made() {
    for (fault, was_made) in [
        (Fault::drop_connection().after_storing(), true),
        (Fault::drop_connection(), false),
    ] {
        let (api, webhooks) = start(Quirks::live());
        let id = webhooks.create(&door_bell()).await.unwrap().id;
        api.clear_calls();
        api.fail(Matcher::method(Method::PATCH), 1, fault);

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
async fn an_edit_reads_again_only_what_the_answer_left_out() {
    let parts = [r#"{"success":true,"data":{"enabled":false}}"#, ""];
    for part in parts {
        let (api, webhooks) = start(Quirks::documented());
        let id = webhooks.create(&door_bell()).await.unwrap().id;
        api.clear_calls();
        let answer = Fault::body(StatusCode::OK, part).after_storing();
        api.fail(Matcher::method(Method::PATCH), 1, answer);

        let edited = webhooks.set_enabled(&id, false).await.unwrap();

        assert!(!edited.enabled);
        assert_eq!(edited.name, "door bell");
        assert_eq!(methods(&api), [Method::PATCH, Method::GET]);
    }
}

#[tokio::test]
async fn refresh_may_use_a_list_of_this_run_and_get_may_not() {
    let (api, webhooks) = start(Quirks::documented());
    let id = webhooks.create(&door_bell()).await.unwrap().id;
    webhooks.list().await.unwrap();
    let edited = api.edit_webhook(&id, |webhook| webhook.enabled = false);
    assert!(edited.is_some());

    let refreshed = webhooks.refresh(&id, None).await.unwrap();
    let got = webhooks.get(&id).await.unwrap();

    assert!(refreshed.enabled && !got.enabled);
}

#[tokio::test]
async fn a_read_after_an_edit_is_answered_by_no_list_from_before() {
    let (_api, webhooks) = start(Quirks::documented());
    let id = webhooks.create(&door_bell()).await.unwrap().id;
    webhooks.list().await.unwrap();

    webhooks.set_enabled(&id, false).await.unwrap();

    assert!(!webhooks.get(&id).await.unwrap().enabled);
    assert!(!webhooks.list().await.unwrap()[0].enabled);
}

#[tokio::test]
async fn delete_removes_the_webhook_whatever_it_is_answered() {
    for delete_answer in [
        DeleteAnswer::Webhook,
        DeleteAnswer::NoContent,
        DeleteAnswer::Empty,
    ] {
        let (api, webhooks) = start(Quirks {
            delete_answer,
            ..Quirks::live()
        });
        let id = webhooks.create(&door_bell()).await.unwrap().id;

        webhooks.delete(&id).await.unwrap();

        assert!(api.webhooks(ACCOUNT, APP).is_empty());
    }
}

#[tokio::test]
async fn a_webhook_that_is_not_there_is_not_found_by_any_operation() {
    always(async |_api, webhooks| {
        let errors = [
            webhooks.get(UNKNOWN_ID).await.unwrap_err(),
            webhooks
                .replace(UNKNOWN_ID, &door_bell())
                .await
                .unwrap_err(),
            webhooks.set_enabled(UNKNOWN_ID, true).await.unwrap_err(),
            webhooks.delete(UNKNOWN_ID).await.unwrap_err(),
        ];

        for error in errors {
            assert!(error.is_gone(), "{error}");
            assert!(!error.is_app_not_found(), "{error}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_url_that_is_taken_is_a_conflict() {
    let (api, webhooks) = start(Quirks::live());
    let first = webhooks.create(&door_bell()).await.unwrap();
    let second = WebhookRequest {
        url: "https://example.com/other".to_owned(),
        ..door_bell()
    };
    let second = webhooks.create(&second).await.unwrap();

    let created = webhooks.create(&door_bell()).await.unwrap_err();
    let replaced = webhooks
        .replace(&second.id, &door_bell())
        .await
        .unwrap_err();

    assert!(
        created.is_conflict() && !created.outcome_unknown(),
        "{created}"
    );
    assert!(
        replaced.is_conflict() && !replaced.outcome_unknown(),
        "{replaced}"
    );
    let urls: Vec<_> = api
        .webhooks(ACCOUNT, APP)
        .into_iter()
        .map(|webhook| webhook.url)
        .collect();
    assert_eq!(urls, [first.url, second.url]);
}

#[tokio::test]
async fn a_create_may_be_answered_with_200() {
    let (_api, webhooks) = start(Quirks {
        create_200: true,
        ..Quirks::live()
    });

    assert!(webhooks.create(&door_bell()).await.is_ok());
}

#[tokio::test]
async fn supported_events_are_listed_where_the_api_lists_them() {
    let (_api, webhooks) = start(Quirks::documented());
    let listed = webhooks.supported_events().await.unwrap();

    assert!(
        listed.iter().any(|event| event == "meeting.started"),
        "{listed:?}"
    );

    let (_api, webhooks) = start(Quirks::live());
    let error = webhooks.supported_events().await.unwrap_err();

    assert_eq!(error.status(), Some(StatusCode::NOT_FOUND));
}

#[tokio::test]
async fn the_list_of_an_app_or_account_that_does_not_exist_is_an_error() {
    let api = MockApi::builder()
        .token(crate::TOKEN)
        .quirks(Quirks {
            any_app: false,
            ..Quirks::live()
        })
        .app(ACCOUNT, APP, "an app")
        .start()
        .unwrap();
    let client = realtimekit::api::Client::new(config(&api.base_url()));

    assert_eq!(
        client.webhooks(ACCOUNT, APP).list().await.unwrap().to_vec(),
        []
    );
    for (account, app) in [(ACCOUNT, "another"), ("another", APP)] {
        let error = client.webhooks(account, app).list().await.unwrap_err();

        assert!(error.is_app_not_found(), "{error}");
    }
}

#[tokio::test]
async fn a_path_that_the_api_does_not_have_says_nothing_about_a_webhook() {
    let (api, _webhooks) = start(Quirks::live());
    let elsewhere = webhooks_at(config(&format!("{}/v5", api.base_url())));

    let one = elsewhere.get(UNKNOWN_ID).await.unwrap_err();
    let list = elsewhere.list().await.unwrap_err();

    assert_eq!(one.status(), Some(StatusCode::NOT_FOUND));
    assert!(!one.is_gone(), "{one}");
    assert_eq!(list.status(), Some(StatusCode::NOT_FOUND));
}

#[tokio::test]
async fn a_write_that_cannot_be_read_back_says_that_it_was_made() {
    let (api, webhooks) = start(Quirks::live());
    let created = webhooks.create(&door_bell()).await.unwrap();
    let get = Matcher::method(Method::GET);
    api.fail(get.clone(), 1, StatusCode::BAD_GATEWAY);
    let replaced = webhooks
        .replace(&created.id, &door_bell())
        .await
        .unwrap_err();

    let id_alone = format!(r#"{{"data": {{"id": "{UNKNOWN_ID}"}}}}"#);
    api.fail(
        Matcher::method(Method::POST),
        1,
        Fault::body(StatusCode::CREATED, id_alone),
    );
    let created_then = webhooks.create(&door_bell()).await.unwrap_err();

    for (error, written) in [(replaced, created.id.as_str()), (created_then, UNKNOWN_ID)] {
        let Error::NotReadBack { id, .. } = &error else {
            panic!("unexpected: {error}");
        };
        assert_eq!(id, written);
        assert!(!error.is_gone() && !error.outcome_unknown());
        let shown = shown(&error);
        assert!(shown.contains(" succeeded, but webhook "), "{shown}");
        assert!(shown.contains(": GET "), "{shown}");
    }
}
