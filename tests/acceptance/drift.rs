//! What happened behind Terraform's back.

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
    let api = live();
    let terraform = Terraform::new(&api);
    terraform.apply(&bell(BELL_ATTRIBUTES));
    let [ours] = api.webhooks(ACCOUNT, APP).try_into().unwrap();
    for (attribute, drift) in drifts {
        api.edit_webhook(&ours.id, drift).unwrap();

        let plan = terraform.plan(&bell(BELL_ATTRIBUTES));
        terraform.succeeds(&["apply", "plan"]);

        assert_eq!(plan.actions(BELL), ["update"], "{attribute}");
        let [repaired] = api.webhooks(ACCOUNT, APP).try_into().unwrap();
        let mut events = repaired.events.clone();
        events.sort();
        assert_eq!(
            (repaired.name, repaired.url, events, repaired.enabled),
            (
                "door bell".into(),
                "https://example.com/bell".into(),
                vec!["meeting.ended".into(), "meeting.started".into()],
                true
            )
        );
        terraform.expect_no_changes();
    }
}

#[test]
fn a_webhook_deleted_outside_terraform_is_created_again() {
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
fn a_webhook_that_is_already_gone_is_destroyed_without_complaint() {
    let api = live();
    let terraform = Terraform::new(&api);
    terraform.apply(&bell(BELL_ATTRIBUTES));

    api.clear_webhooks();
    terraform.succeeds(&["destroy", "-auto-approve", "-refresh=false"]);

    assert_eq!(writes(&api).last().unwrap(), "DELETE webhooks/ID");
    assert!(terraform.state(BELL).is_null());
}

#[test]
fn an_update_of_a_webhook_that_is_gone_says_to_plan_again() {
    let api = live();
    let terraform = Terraform::new(&api);
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
fn a_change_of_the_update_time_alone_is_no_change() {
    let api = live();
    let terraform = Terraform::new(&api);
    terraform.apply(&bell(BELL_ATTRIBUTES));
    let id = api.webhooks(ACCOUNT, APP)[0].id.clone();

    api.edit_webhook(&id, |webhook| {
        webhook.updated_at = "2031-01-01T00:00:00.000Z".into()
    })
    .unwrap();

    terraform.expect_no_changes();
}
