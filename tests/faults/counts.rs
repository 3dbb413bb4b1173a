//! How many requests the provider makes: one list instead of N reads.

use http::StatusCode;
use realtimekit::mock_api::{Fault, Matcher, MockApi, Quirks};
use serde_json::Value as Json;

use crate::{
    api::{ACCOUNT, APP, assert_stored, configured, letters, start, stored},
    provider::find,
    support::{Answer, calls::text},
    terraform::{Configuration, Instance, Terraform},
};

const SIZES: [usize; 4] = [1, 2, 10, 200];

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
    let webhook = |number| (resource(number), configured(name, &url(number)));
    (0..count).map(webhook).collect()
}

/// Plans a configuration, with one request, and applies it; returns the requests of that.
async fn apply(api: &MockApi, terraform: &mut Terraform, configuration: &Configuration) -> String {
    api.clear_calls();
    let plan = terraform.plan(configuration).await;
    assert_eq!(letters(api).len(), 1);
    api.clear_calls();
    let said = terraform.apply_plan(plan).await;
    assert!(said.is_empty(), "{said:?}");
    assert_stored(api, terraform);
    letters(api)
}

#[tokio::test(start_paused = true)]
async fn changes_of_any_number_take_one_request_each_and_few_more() {
    let cases = SIZES.map(|size| [(Quirks::documented(), size), (Quirks::live(), size)]);
    for (quirks, size) in cases.concat() {
        let reads_back = quirks.partial_put;
        let api = start(quirks);
        let mut terraform = Terraform::new(api.base_url());

        let created = apply(&api, &mut terraform, &configuration(size, "bell")).await;
        let updated = apply(&api, &mut terraform, &configuration(size, "door bell")).await;
        let unchanged = terraform.plan(&configuration(size, "door bell")).await;
        let deleted = apply(&api, &mut terraform, &Configuration::new()).await;

        assert_eq!(created.matches('P').count(), size);
        assert!(created.len() <= size + 2, "{size}: {created}");
        assert_eq!(updated.matches('U').count(), size);
        let read_back = if reads_back { size / 5 } else { 0 }; // reads are shared
        assert!(updated.len() <= size + read_back + 2, "{size}: {updated}");
        assert_eq!((unchanged.actions(), unchanged.said.len()), (vec![], 0));
        assert_eq!(deleted, "D".repeat(size));
    }
}

#[tokio::test(start_paused = true)]
async fn refresh_of_any_size_takes_one_request() {
    for size in SIZES.into_iter().chain([1_000, 10_000]) {
        let (api, mut terraform) = app_with(size);
        let before = terraform.state.clone();

        let said = terraform.refresh().await;

        assert!(said.is_empty(), "{said:?}");
        assert_eq!(terraform.state, before);
        let expected = if size == 1 { "G" } else { "L" };
        assert_eq!(letters(&api), expected, "{size} webhooks");
    }
}

#[tokio::test(start_paused = true)]
async fn data_sources_share_a_list_until_a_write_or_a_failure() {
    let (api, terraform) = app_with(3);
    let provider = terraform.start().await;

    let (one, other) = (url(1), url(2));
    let (all, first, second) = tokio::join!(
        find(&provider, None),
        find(&provider, Some(("url", &one))),
        find(&provider, Some(("url", &other))),
    );

    for answer in [&all, &first, &second] {
        assert_eq!(text(&answer.diagnostics), "");
    }
    assert_eq!(letters(&api), "L");

    let webhook = &terraform.state[&resource(0)].stored;
    let nothing = Answer::default();
    let deleted = provider.apply(webhook, &nothing, &Json::Null).await;
    let after = find(&provider, None).await;

    assert_eq!(text(&deleted.diagnostics), "");
    let count = |answer: &Json| answer["webhooks"].as_array().unwrap().len();
    assert_eq!((count(&all.state), count(&after.state)), (3, 2));
    assert_eq!(letters(&api), "LDL");

    api.fail_next(1, StatusCode::BAD_REQUEST);
    let failed = find(&provider, None).await;
    let again = find(&provider, None).await;

    assert_eq!((failed.failed(), again.failed()), (true, false));
    assert_eq!(letters(&api), "LDLLL");
}

#[tokio::test(start_paused = true)]
async fn webhook_missing_in_the_list_is_read_before_it_leaves_the_state() {
    let (api, mut terraform) = app_with(4);
    let missing = [1, 3].map(resource);
    for name in &missing {
        let instance = terraform.state.get_mut(name).unwrap();
        drop(api.remove_webhook(instance.id()));
        instance.stored.state["created_at"] = "2020-02-02T02:02:02Z".into(); // long ago
    }

    let said = terraform.refresh().await;

    assert!(said.is_empty(), "{said:?}");
    assert!(terraform.state.keys().eq(["webhook_0", "webhook_2"]));
    assert_eq!(letters(&api), "LGG");
}

#[tokio::test(start_paused = true)]
async fn refresh_reads_by_id_where_the_api_has_no_usable_list() {
    let no_list = [
        Fault::html(StatusCode::NOT_FOUND),
        Fault::status(StatusCode::METHOD_NOT_ALLOWED),
        Fault::html(StatusCode::OK),
    ];
    for fault in no_list {
        let (api, mut terraform) = app_with(30);
        let lists = Matcher::any().path_suffix("/webhooks");
        api.fail(lists, usize::MAX, fault.clone());
        let before = terraform.state.clone();

        let said = terraform.refresh().await;

        assert!(said.is_empty(), "{fault}: {said:?}");
        assert_eq!(terraform.state, before);
        let requests = letters(&api);
        let counts = ['G', 'L'].map(|letter| requests.matches(letter).count());
        assert_eq!(counts, [30, 1], "{fault}: {requests}");
    }
}

#[tokio::test(start_paused = true)]
async fn failed_list_answers_every_read_that_waited_for_it() {
    for (status, attempts) in [(401, 1), (403, 3), (500, 5), (503, 5), (504, 5)] {
        let (api, mut terraform) = app_with(40);
        api.fail_next(usize::MAX, StatusCode::from_u16(status).unwrap());
        let before = terraform.state.clone();

        let said = terraform.refresh().await;

        assert_eq!(said.len(), 40, "{status}");
        assert_eq!(terraform.state, before);
        assert_eq!(letters(&api), "L".repeat(attempts), "{status}");

        api.clear_faults();
        api.clear_calls();
        let said = terraform.refresh().await;

        assert!(said.is_empty(), "{status}: {said:?}");
        assert_eq!(letters(&api), "L", "{status}");
    }
}
