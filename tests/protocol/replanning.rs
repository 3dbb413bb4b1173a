//! Terraform may read and plan a resource as often, and in whatever order, as it likes: Terraform
//! 1.17's `-minimal-refresh` plans everything twice in one process.

use serde_json::Value as Json;

use crate::webhooks::{Instance, Webhooks, config, nothing};

/// Plans a replacement as Terraform does: the change of the old webhook, then a creation.
async fn plan_replacement(webhooks: &mut Webhooks, prior: &Instance, config: &Json) {
    webhooks.plan(prior, config).await; // fails the test if there is a warning
    webhooks.plan(&nothing(), config).await;
}

#[tokio::test]
async fn replacement_planned_twice_in_one_process_gives_no_warning() {
    let mut webhooks = Webhooks::start().await;
    let before = config("bell", "https://example.com/bell", &["meeting.started"]);
    let created = webhooks.change(&nothing(), &before).await;
    let after = config("bell", "https://example.com/gong", &["meeting.started"]);
    webhooks.restart().await;

    for config in [&before, &after] {
        plan_replacement(&mut webhooks, &created, config).await;
        assert_eq!(webhooks.read(&created).await, (created.clone(), vec![]));
        plan_replacement(&mut webhooks, &created, config).await;
    }
}
