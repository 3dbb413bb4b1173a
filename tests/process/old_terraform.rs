//! The provider under Terraform 1.0 and OpenTofu 1.6, which know nothing of identities,
//! capabilities of clients, lists or generated configurations.

use realtimekit::{
    mock_api::MockApi,
    proto::tfplugin6::{
        DynamicValue, RawState, apply_resource_change, get_provider_schema, import_resource_state,
        plan_resource_change, read_data_source, read_resource, stop_provider,
        upgrade_resource_state, validate_data_resource_config, validate_provider_config,
        validate_resource_config,
    },
};
use serde_json::{Value as Json, json};

use crate::{
    support::Core,
    webhooks::{ACCOUNT, APP, WEBHOOK, config, configure, proposed},
    wire::{self, UNKNOWN, dynamic},
};

/// Whether the client has the provider plan a destruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Destruction {
    /// OpenTofu 1.6.
    Planned,
    /// Terraform 1.0.
    Unplanned,
}

/// A client of old. Every field that it knows is set; the rest is as if it did not exist.
struct Old {
    terraform: Core,
    api: MockApi,
}

impl Old {
    async fn start() -> Self {
        let api = MockApi::start().unwrap();
        let mut terraform = Core::start().await;
        let schema = terraform
            .provider
            .get_provider_schema(get_provider_schema::Request {})
            .await
            .unwrap()
            .into_inner();
        assert_eq!(schema.diagnostics, []);
        assert!(schema.provider.is_some() && schema.resource_schemas.contains_key(WEBHOOK));
        let block = json!({
            "api_token": null, "base_url": null, "account_id": null, "app_id": null,
            "max_retries": null, "requests_per_second": null,
        });
        let request = validate_provider_config::Request {
            config: dynamic(&block),
        };
        let answer = terraform.provider.validate_provider_config(request).await;
        assert_eq!(answer.unwrap().into_inner().diagnostics, []);
        configure(&mut terraform, &api).await;
        Self { terraform, api }
    }

    async fn validate(&mut self, config: &Json) {
        let request = validate_resource_config::Request {
            type_name: WEBHOOK.into(),
            config: dynamic(config),
            client_capabilities: None,
        };
        let answer = self.terraform.provider.validate_resource_config(request);
        assert_eq!(answer.await.unwrap().into_inner().diagnostics, []);
    }

    /// Reads a stored state, which is then refreshed.
    async fn refresh(&mut self, stored: &Json) -> Json {
        let request = upgrade_resource_state::Request {
            type_name: WEBHOOK.into(),
            version: 0,
            raw_state: Some(RawState {
                json: stored.to_string().into_bytes(),
                ..Default::default()
            }),
        };
        let answer = self.terraform.provider.upgrade_resource_state(request);
        let upgraded = answer.await.unwrap().into_inner();
        assert_eq!(upgraded.diagnostics, []);
        let request = read_resource::Request {
            type_name: WEBHOOK.into(),
            current_state: upgraded.upgraded_state,
            private: Vec::new(),
            provider_meta: None,
            client_capabilities: None,
            current_identity: None,
        };
        let read = self.terraform.provider.read_resource(request).await;
        let read = read.unwrap().into_inner();
        assert_eq!((read.diagnostics, read.deferred), (vec![], None));
        json_of(read.new_state)
    }

    /// In a run of its own: the provider compares all that is planned in one.
    async fn plan(&mut self, prior: &Json, config: &Json) -> Json {
        configure(&mut self.terraform, &self.api).await;
        let request = plan_resource_change::Request {
            type_name: WEBHOOK.into(),
            prior_state: dynamic(prior),
            proposed_new_state: dynamic(&proposed(prior, config)),
            config: dynamic(config),
            prior_private: Vec::new(),
            provider_meta: None,
            client_capabilities: None,
            prior_identity: None,
            planned_private: Vec::new(),
        };
        let answer = self.terraform.provider.plan_resource_change(request);
        let answer = answer.await.unwrap().into_inner();
        assert_eq!((answer.diagnostics, answer.deferred), (vec![], None));
        assert_eq!(answer.requires_replace, []);
        json_of(answer.planned_state)
    }

    async fn apply(&mut self, prior: &Json, planned: &Json, config: &Json) -> Json {
        let request = apply_resource_change::Request {
            type_name: WEBHOOK.into(),
            prior_state: dynamic(prior),
            planned_state: dynamic(planned),
            config: dynamic(config),
            planned_private: Vec::new(),
            provider_meta: None,
            planned_identity: None,
        };
        let answer = self.terraform.provider.apply_resource_change(request);
        let answer = answer.await.unwrap().into_inner();
        assert_eq!(answer.diagnostics, []);
        json_of(answer.new_state)
    }

    async fn import(&mut self, id: &str) -> Json {
        let request = import_resource_state::Request {
            type_name: WEBHOOK.into(),
            id: id.into(),
            client_capabilities: None,
            identity: None,
        };
        let answer = self.terraform.provider.import_resource_state(request);
        let answer = answer.await.unwrap().into_inner();
        assert_eq!((answer.diagnostics, answer.deferred), (vec![], None));
        let [imported] = answer.imported_resources.try_into().unwrap();
        assert_eq!(imported.type_name, WEBHOOK);
        json_of(imported.state)
    }

    async fn look_up(&mut self, name: &str) -> Json {
        let query = json!({
            "id": null, "account_id": null, "app_id": null, "name": name, "url": null,
            "events": null, "enabled": null, "created_at": null, "updated_at": null,
        });
        let request = validate_data_resource_config::Request {
            type_name: WEBHOOK.into(),
            config: dynamic(&query),
        };
        let answer = self
            .terraform
            .provider
            .validate_data_resource_config(request);
        assert_eq!(answer.await.unwrap().into_inner().diagnostics, []);
        let request = read_data_source::Request {
            type_name: WEBHOOK.into(),
            config: dynamic(&query),
            provider_meta: None,
            client_capabilities: None,
        };
        let answer = self.terraform.provider.read_data_source(request).await;
        let answer = answer.unwrap().into_inner();
        assert_eq!((answer.diagnostics, answer.deferred), (vec![], None));
        json_of(answer.state)
    }
}

fn json_of(value: Option<DynamicValue>) -> Json {
    wire::json(value.as_ref())
}

#[tokio::test]
async fn a_webhook_lives_its_whole_life_under_a_client_of_old() {
    for destruction in [Destruction::Planned, Destruction::Unplanned] {
        let mut old = Old::start().await;
        let bell = config("bell", "https://example.com/bell", &["meeting.started"]);
        let mut gong = bell.clone();
        gong["name"] = "gong".into();

        old.validate(&bell).await;
        let planned = old.plan(&Json::Null, &bell).await;
        let created = old.apply(&Json::Null, &planned, &bell).await;
        let refreshed = old.refresh(&created).await;
        let unchanged = old.plan(&refreshed, &bell).await;
        let planned_update = old.plan(&refreshed, &gong).await;
        let updated = old.apply(&refreshed, &planned_update, &gong).await;
        let id = updated["id"].as_str().unwrap().to_owned();
        let imported = old.import(&format!("{ACCOUNT}/{APP}/{id}")).await;
        let found = old.look_up("gong").await;

        assert_eq!(planned["id"], UNKNOWN);
        assert_eq!((&refreshed, &unchanged), (&created, &created));
        assert_eq!(imported, updated);
        assert_eq!(
            (&updated["name"], &found["id"]),
            (&json!("gong"), &updated["id"])
        );
        if destruction == Destruction::Planned {
            assert_eq!(old.plan(&updated, &Json::Null).await, Json::Null);
        }
        assert_eq!(
            old.apply(&updated, &Json::Null, &Json::Null).await,
            Json::Null
        );
        assert_eq!(old.api.webhooks(ACCOUNT, APP), []);
        assert_eq!(old.refresh(&updated).await, Json::Null);
        let stopped = old
            .terraform
            .provider
            .stop_provider(stop_provider::Request {});
        assert_eq!(stopped.await.unwrap().into_inner().error, "");
    }
}
