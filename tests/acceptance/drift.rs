//! Changes that were made outside of Terraform.

use realtimekit::mock_api::Webhook;

use crate::support::*;

#[test]
fn drift_of_each_attribute_is_shown_and_repaired() {
    type Drift = fn(&mut Webhook);
    let drifts: [(&str, Drift); 4] = [
        ("name", |webhook| webhook.name = "theirs".into()),
        ("url", |webhook| {
            webhook.url = "https://example.com/theirs".into()
        }),
        ("events", |webhook| {
            webhook.events = vec!["meeting.summary".into(), "some.newEvent".into()]
        }),
        ("enabled", |webhook| webhook.enabled = false),
    ];
    let (api, terraform) = setup();
    terraform.apply(&bell(BELL_ATTRIBUTES));
    let [ours] = api.webhooks(ACCOUNT, APP).try_into().unwrap();
    for (attribute, drift) in drifts {
        api.edit_webhook(&ours.id, drift).unwrap();

        let plan = terraform.plan(&bell(BELL_ATTRIBUTES));
        terraform.succeeds(&["apply", "plan"]);

        assert_eq!(plan.actions(BELL), ["update"], "{attribute}");
        let [repaired] = api.webhooks(ACCOUNT, APP).try_into().unwrap();
        let drifted = [&repaired.name, &repaired.url].map(|text| text.contains("theirs"));
        assert_eq!(drifted, [false; 2], "{attribute}");
        assert_eq!(
            (repaired.events.len(), repaired.enabled),
            (2, true),
            "{attribute}"
        );
        terraform.expect_no_changes();
    }
}

#[test]
fn webhook_deleted_elsewhere_is_created_again() {
    in_every_mode(|api| {
        let terraform = Terraform::new(api);
        terraform.apply(&bell(BELL_ATTRIBUTES));

        api.clear_webhooks();

        let plan = terraform.plan(&bell(BELL_ATTRIBUTES));
        assert_eq!(plan.actions(BELL), ["create"]);
        terraform.succeeds(&["apply", "plan"]);
        assert_eq!(api.webhooks(ACCOUNT, APP).len(), 1);
    });
}

#[test]
fn destroy_of_a_missing_webhook_succeeds() {
    let (api, terraform) = setup();
    terraform.apply(&bell(BELL_ATTRIBUTES));

    api.clear_webhooks();
    terraform.succeeds(&["destroy", "-auto-approve", "-refresh=false"]);

    assert_eq!(writes(&api).last().unwrap(), "DELETE webhooks/ID");
    assert!(terraform.state(BELL).is_null());
}

#[test]
fn update_of_a_missing_webhook_is_an_error_that_says_to_plan_again() {
    let (api, terraform) = setup();
    terraform.apply(&bell(BELL_ATTRIBUTES));
    terraform.plan(&bell(&BELL_ATTRIBUTES.replace("door bell", "gong")));

    api.clear_webhooks();
    let ran = terraform.fails(&["apply", "plan"]);

    ran.says(&[
        "The Webhook Does Not Exist Any More",
        "Run terraform plan again",
    ]);
    assert_eq!(terraform.state(BELL)["name"], "door bell");
}

#[test]
fn update_time_changed_alone_is_no_drift() {
    let (api, terraform) = setup();
    terraform.apply(&bell(BELL_ATTRIBUTES));
    let id = api.webhooks(ACCOUNT, APP)[0].id.clone();

    api.edit_webhook(&id, |webhook| {
        webhook.updated_at = "2031-01-01T00:00:00.000Z".into()
    })
    .unwrap();

    terraform.expect_no_changes();
}
