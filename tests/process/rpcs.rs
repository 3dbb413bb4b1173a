//! Every RPC of the service, once, through the whole program; what each does in every case is
//! tested in one process by `tests/framework`.

use std::collections::{BTreeMap, BTreeSet};

use realtimekit::mock_api::Quirks;
use serde_json::{Value as Json, json};

use crate::support::{
    ACCOUNT, APP, Answer, Calls, WEBHOOK, bell, call,
    calls::{only, outcome},
    configured, identity_of, look_up, object, provider_block, query, raw,
    wire::{UNKNOWN, dynamic},
};

const ENABLE: &str = "realtimekit_webhook_enable";

/// Makes a call that must succeed.
macro_rules! succeed {
    ($calls:ident.$rpc:ident { $($fields:tt)* }) => {{
        let answer = call!($calls.$rpc { $($fields)* });
        assert_eq!(answer.diagnostics, [], stringify!($rpc));
        answer
    }};
}

/// From the first plan of a webhook to its end. Terraform 1.0 and OpenTofu 1.6 know nothing of
/// identities; the former plans no destruction.
async fn live(calls: &Calls, knows_identities: bool, plans_destruction: bool) {
    let stored = |mut answer: Answer| {
        if !knows_identities {
            answer.identity = Json::Null;
        }
        answer
    };
    let (first, second, nothing) = (bell("bell"), bell("gong"), Answer::default());

    assert_eq!(calls.validate(&first).await, []);
    let planned = calls.plan(&nothing, &first).await.plainly();
    assert_eq!(planned.state["id"], UNKNOWN);
    assert_eq!(planned.identity, Json::Null, "not known before the id is");
    let created = stored(calls.apply(&nothing, &planned, &first).await.plainly());
    let upgraded = calls.upgrade(&created.state).await.plainly();
    assert_eq!(upgraded.state, created.state);
    let refreshed = stored(calls.read(&created).await.plainly());
    let unchanged = stored(calls.plan(&refreshed, &first).await.plainly());
    assert_eq!((&refreshed, &unchanged), (&created, &created));

    let updated = stored(calls.change(&refreshed, &second).await.plainly());
    let id = updated.state["id"].as_str().unwrap();
    assert_eq!(updated.state["name"], "gong");
    assert_eq!(updated.identity, created.identity);
    if knows_identities {
        assert_eq!(created.identity, identity_of(id));
        let (found, _) = calls.list(&query(&[]), 100).await;
        assert!(found.contains(&("gong".to_owned(), updated.clone())));
        let imported = calls.import(&updated.identity).await.plainly();
        assert_eq!(imported, updated);
    }
    let import = format!("{ACCOUNT}/{APP}/{id}");
    let imported = stored(calls.import(&import.into()).await.plainly());
    assert_eq!(imported, updated);
    let found = calls.look_up(WEBHOOK, &look_up("name", "gong")).await;
    assert_eq!(found.plainly().state["id"], id);

    let destruction = match plans_destruction {
        true => stored(calls.plan(&updated, &Json::Null).await.plainly()),
        false => nothing.clone(),
    };
    assert_eq!(destruction.state, Json::Null);
    let destroyed = calls.apply(&updated, &destruction, &Json::Null).await;
    assert_eq!(destroyed.plainly(), nothing);
    let gone = calls.read(&updated).await.plainly();
    assert_eq!(gone.state, Json::Null);
}

#[tokio::test]
async fn webhook_lives_its_whole_life_under_old_and_new_clients() {
    for (knows_identities, plans_destruction) in [(true, true), (false, true), (false, false)] {
        let (_terraform, calls, api) = configured(Quirks::documented(), &[]).await;

        live(&calls, knows_identities, plans_destruction).await;

        assert_eq!(api.webhooks(ACCOUNT, APP), []);
    }
}

#[tokio::test]
async fn every_rpc_succeeds_and_is_logged_with_its_subject() {
    let (terraform, calls, api) = configured(Quirks::documented(), &[]).await;
    let old = api.add_webhook(ACCOUNT, APP, "old", "https://example.com/old", &["x.y"]);
    let [target, unusual] = [&*old.id, "all"]
        .map(|id| object("account_id app_id webhook_id", &[("webhook_id", id.into())]));
    let path = format!("/accounts/{ACCOUNT}/realtime/kit/{APP}/webhooks/{}", old.id);

    live(&calls, true, true).await;
    calls.plan_action(ENABLE, &target).await.plainly();
    let unusual = calls.plan_action(ENABLE, &unusual).await;
    calls.generate(&bell("bell")).await;
    let metadata = succeed!(calls.get_metadata {});
    let schema = succeed!(calls.get_provider_schema {});
    let identities = succeed!(calls.get_resource_identity_schemas {});
    let functions = succeed!(calls.get_functions {});
    succeed!(calls.validate_provider_config { config: dynamic(&provider_block(&api, &[])) });
    succeed!(calls.upgrade_resource_identity {
        type_name: WEBHOOK.into(),
        raw_identity: raw(identity_of(&old.id).to_string()),
    });
    let moved = succeed!(calls.move_resource_state {
        source_provider_address: "registry.terraform.io/mastercard/restapi".into(),
        source_type_name: "restapi_object".into(),
        source_state: raw(json!({ "id": old.id, "path": path }).to_string()),
        target_type_name: WEBHOOK.into(),
    });
    succeed!(calls.validate_data_resource_config {
        type_name: WEBHOOK.into(),
        config: dynamic(&look_up("name", "old")),
    });
    let doubted = call!(calls.validate_list_resource_config {
        type_name: WEBHOOK.into(),
        config: dynamic(&query(&[("event", "meeting.strated".into())])),
    });
    succeed!(calls.validate_action_config {
        type_name: ENABLE.into(),
        config: dynamic(&target),
    });
    let (_, failures) = outcome(calls.invoke(ENABLE, &target).await).await;
    assert_eq!(failures, []);
    let called = call!(calls.call_function {
        name: "webhook_events".into(),
        arguments: vec![dynamic(&"recording.".into()).unwrap()],
    });
    calls.stop().await;
    drop(calls);
    let exit = terraform.stop().await;

    assert_eq!(metadata.functions.len(), functions.functions.len());
    assert!(schema.resource_schemas.contains_key(WEBHOOK));
    assert!(identities.identity_schemas.contains_key(WEBHOOK));
    assert!(moved.target_state.is_some());
    only(
        &unusual.diagnostics,
        "warning at webhook_id: Unusual Webhook ID",
    );
    only(&doubted.diagnostics, "warning at event: Unknown Event");
    let events = called.result.unwrap().msgpack;
    assert_eq!(events, b"\x91\xb6recording.statusUpdate");
    let expected = [
        ": ConfigureProvider GetFunctions GetMetadata GetProviderSchema \
         GetResourceIdentitySchemas ValidateProviderConfig",
        "tf_action_type=realtimekit_webhook_enable: InvokeAction PlanAction ValidateActionConfig",
        "tf_data_source_type=realtimekit_webhook: ReadDataSource ValidateDataResourceConfig",
        "tf_function_name=webhook_events: CallFunction",
        "tf_list_resource_type=realtimekit_webhook: ListResource ValidateListResourceConfig",
        "tf_resource_type=realtimekit_webhook: ApplyResourceChange GenerateResourceConfig \
         ImportResourceState MoveResourceState PlanResourceChange ReadResource \
         UpgradeResourceIdentity UpgradeResourceState ValidateResourceConfig",
    ];
    assert_eq!(logged_rpcs(&exit.stderr), expected);
}

/// The RPCs in the log, by the field that says what they were about.
fn logged_rpcs(log: &str) -> Vec<String> {
    let mut rpcs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in log.lines() {
        let mut record: BTreeMap<String, Json> = serde_json::from_str(line).unwrap();
        let Some(Json::String(rpc)) = record.remove("tf_rpc") else {
            continue;
        };
        assert!(record.remove("tf_req_id").is_some(), "{line}");
        let subject = record.iter().find(|(name, _)| name.starts_with("tf_"));
        let subject = subject.map(|(name, value)| format!("{name}={}", value.as_str().unwrap()));
        let rpcs = rpcs.entry(subject.unwrap_or_default()).or_default();
        rpcs.insert(rpc);
    }
    let lines = rpcs.into_iter().map(|(subject, rpcs)| {
        let rpcs = Vec::from_iter(rpcs).join(" ");
        format!("{subject}: {rpcs}")
    });
    lines.collect()
}
