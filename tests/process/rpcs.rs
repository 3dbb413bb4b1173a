//! Every RPC of the service, once, through the whole program; what each does in every case is
//! tested in one process by `tests/framework`.

use std::collections::BTreeSet;

use realtimekit::{
    mock_api::MockApi,
    proto::tfplugin6::{
        RawState, apply_resource_change, call_function, configure_provider,
        generate_resource_config, get_functions, get_metadata, get_provider_schema,
        get_resource_identity_schemas, import_resource_state, invoke_action, list_resource,
        move_resource_state, plan_action, plan_resource_change, read_data_source, read_resource,
        stop_provider, upgrade_resource_identity, upgrade_resource_state, validate_action_config,
        validate_data_resource_config, validate_list_resource_config, validate_provider_config,
        validate_resource_config,
    },
};
use serde_json::{Value as Json, json};

use crate::support::{
    ACCOUNT, APP, Calls, Core, Instance, Launch, WEBHOOK, bell, object, provider_block, webhook,
    wire::{UNKNOWN, dynamic},
};

const ENABLE: &str = "realtimekit_webhook_enable";

fn raw(value: &Json) -> Option<RawState> {
    Some(RawState {
        json: value.to_string().into_bytes(),
        ..Default::default()
    })
}

/// Makes a call that must succeed.
macro_rules! succeed {
    ($terraform:ident, $rpc:ident { $($field:ident: $value:expr),* $(,)? }) => {{
        #[allow(clippy::needless_update, reason = "some requests have no other fields")]
        let request = $rpc::Request { $($field: $value,)* ..Default::default() };
        let answer = $terraform.provider.$rpc(request).await.unwrap().into_inner();
        assert_eq!(answer.diagnostics, [], stringify!($rpc));
        answer
    }};
}

#[tokio::test]
async fn every_rpc_succeeds_and_is_logged_with_its_subject() {
    let api = MockApi::start().unwrap();
    let old = api.add_webhook(
        ACCOUNT,
        APP,
        "old",
        "https://example.com/old",
        &["meeting.ended"],
    );
    let mut terraform = Launch::new().env("TF_LOG", "DEBUG").connect().await;
    let block = provider_block(&api, &[]);
    let query = |names: &str, known: &[(&str, Json)]| {
        dynamic(&object(&names.split(' ').collect::<Vec<_>>(), known))
    };
    let webhook_id = ("webhook_id", old.id.as_str().into());
    let target = query("account_id app_id webhook_id", &[webhook_id]);
    let filter = query("account_id app_id enabled event name_prefix", &[]);
    let by_name = query(
        "id account_id app_id name url events enabled created_at updated_at",
        &[("name", "old".into())],
    );
    let type_name = || WEBHOOK.to_owned();
    let config = dynamic(&bell("bell"));
    let nothing = dynamic(&Json::Null);

    let metadata = succeed!(terraform, get_metadata {});
    let schema = succeed!(terraform, get_provider_schema {});
    let identities = succeed!(terraform, get_resource_identity_schemas {});
    let functions = succeed!(terraform, get_functions {});
    succeed!(
        terraform,
        validate_provider_config {
            config: dynamic(&block)
        }
    );
    succeed!(
        terraform,
        configure_provider {
            config: dynamic(&block)
        }
    );
    succeed!(
        terraform,
        validate_resource_config {
            type_name: type_name(),
            config: config.clone(),
        }
    );
    let planned = succeed!(
        terraform,
        plan_resource_change {
            type_name: type_name(),
            prior_state: nothing.clone(),
            proposed_new_state: config.clone(),
            config: config.clone(),
        }
    );
    let created = succeed!(
        terraform,
        apply_resource_change {
            type_name: type_name(),
            prior_state: nothing,
            planned_state: planned.planned_state,
            config: config,
        }
    );
    let read = succeed!(
        terraform,
        read_resource {
            type_name: type_name(),
            current_state: created.new_state,
        }
    );
    succeed!(
        terraform,
        generate_resource_config {
            type_name: type_name(),
            state: read.new_state,
        }
    );
    succeed!(
        terraform,
        upgrade_resource_state {
            type_name: type_name(),
            raw_state: raw(&bell("stored")),
        }
    );
    succeed!(
        terraform,
        upgrade_resource_identity {
            type_name: type_name(),
            raw_identity: raw(&json!({ "account_id": ACCOUNT, "app_id": APP, "id": old.id })),
        }
    );
    let imported = succeed!(
        terraform,
        import_resource_state {
            type_name: type_name(),
            id: old.id.clone(),
        }
    );
    let path = format!("/accounts/{ACCOUNT}/realtime/kit/{APP}/webhooks/{}", old.id);
    succeed!(
        terraform,
        move_resource_state {
            source_provider_address: "registry.terraform.io/mastercard/restapi".into(),
            source_type_name: "restapi_object".into(),
            source_state: raw(&json!({ "id": old.id, "path": path })),
            target_type_name: type_name(),
        }
    );
    succeed!(
        terraform,
        validate_data_resource_config {
            type_name: type_name(),
            config: by_name.clone(),
        }
    );
    succeed!(
        terraform,
        read_data_source {
            type_name: type_name(),
            config: by_name,
        }
    );
    succeed!(
        terraform,
        validate_list_resource_config {
            type_name: type_name(),
            config: filter.clone(),
        }
    );
    succeed!(
        terraform,
        validate_action_config {
            type_name: ENABLE.into(),
            config: target.clone(),
        }
    );
    succeed!(
        terraform,
        plan_action {
            action_type: ENABLE.into(),
            config: target.clone(),
        }
    );
    let request = invoke_action::Request {
        action_type: ENABLE.into(),
        config: target,
        client_capabilities: None,
    };
    let mut events = terraform
        .provider
        .invoke_action(request)
        .await
        .unwrap()
        .into_inner();
    while events.message().await.unwrap().is_some() {}
    let request = list_resource::Request {
        type_name: type_name(),
        config: filter,
        limit: 1,
        ..Default::default()
    };
    let mut events = terraform
        .provider
        .list_resource(request)
        .await
        .unwrap()
        .into_inner();
    let listed = events.message().await.unwrap().unwrap();
    let request = call_function::Request {
        name: "webhook_events".into(),
        arguments: vec![dynamic(&"recording.".into()).unwrap()],
    };
    let called = terraform
        .provider
        .call_function(request)
        .await
        .unwrap()
        .into_inner();
    let request = stop_provider::Request {};
    let stopped = terraform
        .provider
        .stop_provider(request)
        .await
        .unwrap()
        .into_inner();
    let (exit, ..) = terraform.stop().await;

    assert_eq!(metadata.functions.len(), functions.functions.len());
    assert!(schema.resource_schemas.contains_key(WEBHOOK));
    assert!(identities.identity_schemas.contains_key(WEBHOOK));
    assert_eq!(imported.imported_resources.len(), 1);
    assert_eq!(listed.display_name, "bell");
    assert_eq!(
        called.result.unwrap().msgpack,
        b"\x91\xb6recording.statusUpdate"
    );
    assert_eq!(stopped.error, "");
    let resource = Some(("tf_resource_type", WEBHOOK));
    let data_source = Some(("tf_data_source_type", WEBHOOK));
    let list = Some(("tf_list_resource_type", WEBHOOK));
    let action = Some(("tf_action_type", ENABLE));
    let function = Some(("tf_function_name", "webhook_events"));
    let expected = [
        ("ApplyResourceChange", resource),
        ("CallFunction", function),
        ("ConfigureProvider", None),
        ("GenerateResourceConfig", resource),
        ("GetFunctions", None),
        ("GetMetadata", None),
        ("GetProviderSchema", None),
        ("GetResourceIdentitySchemas", None),
        ("ImportResourceState", resource),
        ("InvokeAction", action),
        ("ListResource", list),
        ("MoveResourceState", resource),
        ("PlanAction", action),
        ("PlanResourceChange", resource),
        ("ReadDataSource", data_source),
        ("ReadResource", resource),
        ("UpgradeResourceIdentity", resource),
        ("UpgradeResourceState", resource),
        ("ValidateActionConfig", action),
        ("ValidateDataResourceConfig", data_source),
        ("ValidateListResourceConfig", list),
        ("ValidateProviderConfig", None),
        ("ValidateResourceConfig", resource),
    ];
    let expected = expected.map(|(rpc, subject)| {
        let subject = subject.map(|(field, name)| (field.to_owned(), name.to_owned()));
        (rpc.to_owned(), subject)
    });
    assert_eq!(subjects(&exit.stderr), BTreeSet::from(expected));
}

/// Each RPC in the log, with the field that says what it was about.
fn subjects(log: &str) -> BTreeSet<(String, Option<(String, String)>)> {
    let records = log
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap());
    let subject = |record: Json| {
        let rpc = record["tf_rpc"].as_str()?.to_owned();
        assert!(record["tf_req_id"].is_string(), "{record}");
        let fields = record.as_object().unwrap().iter();
        let mut subjects = fields.filter_map(|(name, value)| {
            let is_subject =
                name.starts_with("tf_") && !["tf_rpc", "tf_req_id"].contains(&name.as_str());
            is_subject.then(|| (name.clone(), value.as_str().unwrap().to_owned()))
        });
        Some((rpc, subjects.next()))
    };
    records.filter_map(subject).collect()
}

/// Terraform 1.0 and OpenTofu 1.6 know nothing of identities and capabilities of clients. The
/// former plans no destruction.
#[tokio::test]
async fn webhook_lives_its_whole_life_under_an_old_client() {
    for plans_destruction in [true, false] {
        let api = MockApi::start().unwrap();
        let terraform = Core::start().await;
        let mut old = terraform.calls();
        old.configure("1.0.11", &provider_block(&api, &[])).await;
        let (first, second) = (bell("bell"), bell("gong"));
        let nothing = Instance::default();

        assert_eq!(old.validate(&first).await, []);
        let planned = forget_identity(old.plan(&nothing, &first).await.plainly());
        let created = forget_identity(old.apply(&nothing, &planned, &first).await.plainly());
        let upgraded = Instance {
            state: old.upgrade(&created.state).await,
            ..nothing.clone()
        };
        let refreshed = forget_identity(old.read(&upgraded).await.plainly());
        let unchanged = forget_identity(old.plan(&refreshed, &first).await.plainly());
        let updated = forget_identity(old.change(&refreshed, &second).await.plainly());
        let id = updated.state["id"].as_str().unwrap();
        let import = json!(format!("{ACCOUNT}/{APP}/{id}"));
        let imported = forget_identity(old.import(&import).await.plainly());
        let found = look_up(&mut old, "gong").await;

        assert_eq!(planned.state["id"], UNKNOWN);
        assert_eq!((&refreshed, &unchanged), (&created, &created));
        assert_eq!(
            (&imported, &updated.state["name"]),
            (&updated, &json!("gong"))
        );
        assert_eq!(found["id"], updated.state["id"]);
        if plans_destruction {
            assert_eq!(
                old.plan(&updated, &Json::Null).await.plainly().state,
                Json::Null
            );
        }
        assert_eq!(
            old.apply(&updated, &nothing, &Json::Null).await.plainly(),
            nothing
        );
        assert_eq!(api.webhooks(ACCOUNT, APP), []);
        assert_eq!(old.read(&updated).await.plainly(), nothing);
    }
}

fn forget_identity(instance: Instance) -> Instance {
    Instance {
        identity: Json::Null,
        ..instance
    }
}

async fn look_up(calls: &mut Calls, name: &str) -> Json {
    let mut query = webhook(&[("name", name.into())]);
    query.as_object_mut().unwrap().remove("timeouts");
    calls.look_up(WEBHOOK, &query).await.plainly().state
}
