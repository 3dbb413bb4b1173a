//! Changes that were made outside of Terraform.

use realtimekit::mock_api::Webhook;
use serde_json::json;

use crate::support::*;

#[test]
fn drift_of_each_attribute_is_shown_and_repaired() {
    type Drift = fn(&mut Webhook);
    let drifts: [Drift; 4] = [
        |webhook| webhook.name = "theirs".into(),
        |webhook| webhook.url = "https://example.com/theirs".into(),
        |webhook| webhook.events = vec!["meeting.summary".into(), "some.newEvent".into()],
        |webhook| webhook.enabled = false,
    ];
    let w = Workspace::applied(bell(""));
    let mut ours = w.webhook();
    for drift in drifts {
        w.api.edit_webhook(&ours.id, drift).unwrap();

        let change = w.apply_planned(bell(""));

        assert_eq!(change["actions"], json!(["update"]));
        ours.updated_at = w.webhook().updated_at;
        assert_eq!(w.webhook(), ours);
    }
    let later = |webhook: &mut Webhook| webhook.updated_at = "2031-01-01T00:00:00.000Z".into();
    w.api.edit_webhook(&ours.id, later).unwrap();
    w.expect_no_changes(); // it alone is no drift
}

#[test]
fn webhook_deleted_elsewhere_is_created_again() {
    let w = Workspace::applied(bell(""));
    w.api.clear_webhooks();

    let change = w.apply_planned(bell(""));

    assert_eq!(change["actions"], json!(["create"]));
    assert_eq!(w.webhooks().len(), 1);
}

#[test]
fn missing_webhook_cannot_be_updated_and_is_deleted_already() {
    let w = Workspace::applied(bell(""));
    w.plan(bell("name = 'gong'"));
    w.api.clear_webhooks();

    let missing = "The Webhook Does Not Exist Any More | Run terraform plan again";
    w.fails("apply plan", missing);
    assert_eq!(w.state(BELL)["name"], "door bell");

    w.succeeds("destroy -auto-approve -refresh=false");
    assert_eq!(w.writes().last().unwrap(), "DELETE");
    assert!(w.state(BELL).is_null());
}
