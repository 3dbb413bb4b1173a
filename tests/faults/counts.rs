//! How many requests it takes: one list instead of N reads.

use http::StatusCode;
use realtimekit::mock_api::{Fault, Matcher, MockApi, Quirks};
use serde_json::{Value as Json, json};

use crate::{
    api::{ACCOUNT, APP, letters, start, stored},
    provider::{Provider, text},
    terraform::{Action, Configuration, Instance, Interrupt, Terraform},
};

const SIZES: [usize; 5] = [1, 2, 10, 200, 1_000];

/// An app with this many webhooks, all of them in Terraform's state.
fn app_with(count: usize) -> (MockApi, Terraform) {
    let api = start(Quirks::live());
    let mut terraform = Terraform::new(api.base_url());
    for number in 0..count {
        let webhook = api.add_webhook(ACCOUNT, APP, "bell", &url(number), &["meeting.started"]);
        let instance = Instance::new(stored(APP, &webhook));
        terraform.state.insert(resource(number), instance);
    }
    (api, terraform)
}

fn resource(number: usize) -> String {
    format!("webhook_{number}")
}

fn url(number: usize) -> String {
    format!("https://example.com/{number}")
}

/// As many webhooks with this name.
fn configuration(count: usize, name: &str) -> Configuration {
    let webhook = |number| {
        let config = json!({
            "id": null, "account_id": null, "app_id": null, "name": name, "url": url(number),
            "events": ["meeting.started"], "enabled": null, "created_at": null,
            "updated_at": null, "timeouts": null,
        });
        (resource(number), config)
    };
    (0..count).map(webhook).collect()
}

/// Requests by kind: how often each letter occurs.
fn count(api: &MockApi, letter: char) -> usize {
    letters(&api.calls())
        .chars()
        .filter(|found| *found == letter)
        .count()
}

#[tokio::test]
async fn a_refresh_of_any_size_takes_one_request() {
    for size in SIZES.into_iter().chain([10_000]) {
        let (api, mut terraform) = app_with(size);
        let before = terraform.state.clone();

        let said = terraform.refresh(&Interrupt::never()).await;

        assert!(said.is_empty(), "{said:?}");
        assert_eq!(terraform.state, before);
        let requests = letters(&api.calls());
        assert_eq!(
            requests,
            if size == 1 { "G" } else { "L" },
            "{size} webhooks"
        );
    }
}

#[tokio::test]
async fn a_plan_that_changes_nothing_takes_no_more_than_the_refresh() {
    for size in SIZES {
        let (api, terraform) = app_with(size);

        let plan = terraform.plan(&configuration(size, "bell")).await;

        assert_eq!((plan.actions(), plan.said.len()), (vec![], 0));
        assert_eq!(api.calls().len(), 1, "{size} webhooks");
    }
}

#[tokio::test]
async fn a_plan_of_any_number_of_creations_takes_one_list() {
    for size in SIZES {
        let (api, terraform) = app_with(0);

        let plan = terraform.plan(&configuration(size, "bell")).await;

        assert_eq!(plan.actions().len(), size);
        assert_eq!(letters(&api.calls()), "L", "{size} webhooks");
    }
}

#[tokio::test]
async fn updates_that_are_answered_in_part_share_their_reads() {
    for size in SIZES {
        let (api, mut terraform) = app_with(size);
        let plan = terraform.plan(&configuration(size, "door bell")).await;
        assert!(
            plan.actions()
                .iter()
                .all(|(_, action)| *action == Action::Update)
        );
        api.clear_calls();

        let said = terraform
            .apply_plan(plan.refreshed, plan.changes, &Interrupt::never())
            .await;

        assert!(said.is_empty(), "{said:?}");
        let (writes, all) = (count(&api, 'U'), api.calls().len());
        assert_eq!(writes, size);
        assert!(
            all - writes <= size / 5 + 2,
            "{size} updates: {}",
            letters(&api.calls())
        );
        for webhook in api.webhooks(ACCOUNT, APP) {
            let mut instances = terraform.state.values();
            let instance = instances.find(|instance| instance.id() == webhook.id);
            let instance = instance.unwrap();
            assert_eq!(instance.state, stored(APP, &webhook));
        }
    }
}

#[tokio::test]
async fn creations_take_one_request_each_and_two_more() {
    for quirks in [Quirks::documented(), Quirks::live()] {
        for size in SIZES {
            let api = start(quirks.clone());
            let mut terraform = Terraform::new(api.base_url());
            let plan = terraform.plan(&configuration(size, "bell")).await;
            api.clear_calls();

            let said = terraform
                .apply_plan(plan.refreshed, plan.changes, &Interrupt::never())
                .await;

            assert!(said.is_empty(), "{said:?}");
            assert_eq!(count(&api, 'P'), size);
            assert!(
                api.calls().len() <= size + 2,
                "{size}: {}",
                letters(&api.calls())
            );
            assert_eq!(api.webhooks(ACCOUNT, APP).len(), size);
        }
    }
}

#[tokio::test]
async fn deletions_take_one_request_each() {
    for size in SIZES {
        let (api, mut terraform) = app_with(size);
        let plan = terraform.plan(&Configuration::new()).await;
        api.clear_calls();

        let said = terraform
            .apply_plan(plan.refreshed, plan.changes, &Interrupt::never())
            .await;

        assert!(said.is_empty(), "{said:?}");
        assert_eq!(letters(&api.calls()), "D".repeat(size));
        assert!(terraform.state.is_empty() && api.webhooks(ACCOUNT, APP).is_empty());
    }
}

#[tokio::test]
async fn data_sources_that_are_read_together_share_one_list() {
    let (api, _) = app_with(3);
    let provider = Provider::start(&api.base_url()).await;

    let (one, other) = (url(1), url(2));
    let answers = tokio::join!(
        provider.look_up_webhooks(),
        provider.look_up_webhook("url", &one),
        provider.look_up_webhook("url", &other),
    );

    for answer in [answers.0, answers.1, answers.2] {
        assert_eq!(text(&answer.diagnostics), "");
    }
    assert_eq!(letters(&api.calls()), "L");
}

#[tokio::test]
async fn a_read_after_a_write_sees_what_was_written() {
    let (api, terraform) = app_with(2);
    let provider = Provider::start(&api.base_url()).await;
    let [one, other] = [0, 1].map(|number| terraform.state[&resource(number)].clone());
    let before = provider.look_up_webhooks().await;

    let deleted = provider
        .apply(&one.state, &Json::Null, &Json::Null, &[])
        .await;
    let after = provider.look_up_webhooks().await;

    assert_eq!(text(&deleted.diagnostics), "");
    let ids = |answer: &Json| -> Vec<Json> {
        let webhooks = answer["webhooks"].as_array().unwrap().iter();
        webhooks.map(|webhook| webhook["id"].clone()).collect()
    };
    assert_eq!(ids(&before.value).len(), 2);
    assert_eq!(ids(&after.value), [other.state["id"].clone()]);
    assert_eq!(letters(&api.calls()), "LDL");
}

#[tokio::test]
async fn a_webhook_that_the_list_leaves_out_is_looked_for_before_it_is_called_gone() {
    let (api, mut terraform) = app_with(4);
    let missing = [1, 3].map(resource);
    for name in &missing {
        let instance = terraform.state.get_mut(name).unwrap();
        drop(api.remove_webhook(instance.id()));
        instance.state["created_at"] = "2020-02-02T02:02:02Z".into(); // long since
    }

    let said = terraform.refresh(&Interrupt::never()).await;

    assert!(said.is_empty(), "{said:?}");
    assert!(
        missing
            .iter()
            .all(|name| !terraform.state.contains_key(name))
    );
    assert_eq!(terraform.state.len(), 2);
    assert_eq!(letters(&api.calls()), "LGG");
}

#[tokio::test]
async fn refresh_reads_by_id_where_the_api_has_no_usable_list() {
    let no_list = [
        Fault::html(StatusCode::NOT_FOUND),
        Fault::status(StatusCode::METHOD_NOT_ALLOWED),
        Fault::html(StatusCode::OK),
    ];
    for fault in no_list {
        let (api, mut terraform) = app_with(30);
        api.fail(
            Matcher::any().path_suffix("/webhooks"),
            usize::MAX,
            fault.clone(),
        );
        let before = terraform.state.clone();

        let said = terraform.refresh(&Interrupt::never()).await;

        assert!(said.is_empty(), "{fault}: {said:?}");
        assert_eq!(terraform.state, before);
        let requests = letters(&api.calls());
        assert_eq!(
            (count(&api, 'G'), count(&api, 'L')),
            (30, 1),
            "{fault}: {requests}"
        );
    }
}

#[tokio::test]
async fn failed_list_answers_every_read_that_waited_for_it() {
    for (status, attempts) in [(401, 1), (403, 3), (500, 5), (503, 5), (504, 5)] {
        let (api, mut terraform) = app_with(40);
        api.fail_next(usize::MAX, StatusCode::from_u16(status).unwrap());
        let before = terraform.state.clone();

        let said = terraform.refresh(&Interrupt::never()).await;

        assert_eq!(said.len(), 40, "{status}");
        assert_eq!(terraform.state, before);
        assert_eq!(letters(&api.calls()), "L".repeat(attempts), "{status}");

        api.clear_faults();
        api.clear_calls();
        let said = terraform.refresh(&Interrupt::never()).await;

        assert!(said.is_empty(), "{status}: {said:?}");
        assert_eq!(letters(&api.calls()), "L", "{status}");
    }
}

#[tokio::test]
async fn a_list_that_failed_is_asked_for_again() {
    let (api, _) = app_with(2);
    let provider = Provider::start(&api.base_url()).await;
    api.fail_next(1, StatusCode::BAD_REQUEST);

    let answers = [
        provider.look_up_webhooks().await,
        provider.look_up_webhooks().await,
    ];

    assert_eq!(answers.map(|answer| answer.failed()), [true, false]);
    assert_eq!(letters(&api.calls()), "LL");
}
