//! Every RPC of the service, once, through the whole program; what each does in every case is
//! tested in one process by `tests/framework`.

use std::collections::{BTreeMap, BTreeSet};

use realtimekit::mock_api::Quirks;
use serde_json::{Value as Json, json};

use crate::support::{
    ACCOUNT, APP, Answer, Calls, WEBHOOK, bell, call, configured, identity_of, look_up, object,
    provider_block, query, raw,
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
    let stored = |answer: Answer| match knows_identities {
        true => answer,
        false => Answer {
            identity: Json::Null,
            ..answer
        },
    };
    let (first, second, nothing) = (bell("bell"), bell("gong"), Answer::default());

    assert_eq!(calls.validate(&first).await, []);
    let planned = calls.plan(&nothing, &first).await.plainly();
    assert_eq!(planned.state["id"], UNKNOWN);
    assert_eq!(planned.identity, Json::Null, "not known before the id is");
    let created = stored(calls.apply(&nothing, &planned, &first).await.plainly());
    let upgraded = Answer {
        state: calls.upgrade(&created.state).await.plainly().state,
        ..created.clone()
    };
    let refreshed = stored(calls.read(&upgraded).await.plainly());
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

    let mut destruction = nothing.clone();
    if plans_destruction {
        destruction = stored(calls.plan(&updated, &Json::Null).await.plainly());
        assert_eq!(destruction.state, Json::Null);
        assert_eq!(destruction.identity, updated.identity);
    }
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
    let webhook_id = ("webhook_id", old.id.as_str().into());
    let target = object("account_id app_id webhook_id", &[webhook_id]);
    let path = format!("/accounts/{ACCOUNT}/realtime/kit/{APP}/webhooks/{}", old.id);
    let type_name = || WEBHOOK.to_owned();

    live(&calls, true, true).await;
    calls.plan_action(ENABLE, &target).await.plainly();
    calls.generate(&bell("bell")).await;
    let metadata = succeed!(calls.get_metadata {});
    let schema = succeed!(calls.get_provider_schema {});
    let identities = succeed!(calls.get_resource_identity_schemas {});
    let functions = succeed!(calls.get_functions {});
    succeed!(calls.validate_provider_config { config: dynamic(&provider_block(&api, &[])) });
    succeed!(calls.upgrade_resource_identity {
        type_name: type_name(),
        version: 0,
        raw_identity: raw(identity_of(&old.id).to_string()),
    });
    let moved = succeed!(calls.move_resource_state {
        source_provider_address: "registry.terraform.io/mastercard/restapi".into(),
        source_type_name: "restapi_object".into(),
        source_state: raw(json!({ "id": old.id, "path": path }).to_string()),
        target_type_name: type_name(),
    });
    succeed!(calls.validate_data_resource_config {
        type_name: type_name(),
        config: dynamic(&look_up("name", "old")),
    });
    let doubted = call!(calls.validate_list_resource_config {
        type_name: type_name(),
        config: dynamic(&query(&[("event", "meeting.strated".into())])),
    });
    succeed!(calls.validate_action_config {
        type_name: ENABLE.into(),
        config: dynamic(&target),
    });
    let mut events = call!(calls.invoke_action {
        action_type: ENABLE.into(),
        config: dynamic(&target),
        client_capabilities: None,
    });
    while events.message().await.unwrap().is_some() {}
    let called = call!(calls.call_function {
        name: "webhook_events".into(),
        arguments: vec![dynamic(&"recording.".into()).unwrap()],
    });
    let stopped = call!(calls.stop_provider {});
    drop(calls);
    let exit = terraform.stop().await;

    assert_eq!(metadata.functions.len(), functions.functions.len());
    assert!(schema.resource_schemas.contains_key(WEBHOOK));
    assert!(identities.identity_schemas.contains_key(WEBHOOK));
    assert!(moved.target_state.is_some());
    let doubt = &doubted.diagnostics[0].detail;
    assert!(
        doubt.contains("Did you mean \"meeting.started\"?"),
        "{doubt}"
    );
    let events = called.result.unwrap().msgpack;
    assert_eq!(events, b"\x91\xb6recording.statusUpdate");
    assert_eq!(stopped.error, "");
    let expected = [
        (
            "tf_resource_type=realtimekit_webhook",
            "ApplyResourceChange GenerateResourceConfig ImportResourceState MoveResourceState \
             PlanResourceChange ReadResource UpgradeResourceIdentity UpgradeResourceState \
             ValidateResourceConfig",
        ),
        (
            "tf_action_type=realtimekit_webhook_enable",
            "InvokeAction PlanAction ValidateActionConfig",
        ),
        (
            "tf_data_source_type=realtimekit_webhook",
            "ReadDataSource ValidateDataResourceConfig",
        ),
        (
            "tf_list_resource_type=realtimekit_webhook",
            "ListResource ValidateListResourceConfig",
        ),
        ("tf_function_name=webhook_events", "CallFunction"),
        (
            "",
            "ConfigureProvider GetFunctions GetMetadata GetProviderSchema \
             GetResourceIdentitySchemas ValidateProviderConfig",
        ),
    ];
    let expected = expected.into_iter().flat_map(|(subject, rpcs)| {
        let rpcs = rpcs.split(' ');
        rpcs.map(move |rpc| (rpc.to_owned(), subject.to_owned()))
    });
    assert_eq!(subjects(&exit.stderr), expected.collect());
}

/// Each RPC in the log, with the field that says what it was about.
fn subjects(log: &str) -> BTreeSet<(String, String)> {
    let subject = |line: &str| {
        let mut record: BTreeMap<String, Json> = serde_json::from_str(line).unwrap();
        let rpc = record.remove("tf_rpc")?.as_str()?.to_owned();
        assert!(record.remove("tf_req_id").is_some(), "{line}");
        let mut fields = record.iter().filter(|(name, _)| name.starts_with("tf_"));
        let subject = fields
            .next()
            .map(|(name, value)| format!("{name}={}", value.as_str().unwrap()));
        Some((rpc, subject.unwrap_or_default()))
    };
    log.lines().filter_map(subject).collect()
}
