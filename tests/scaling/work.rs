//! Pieces of work of any size, each made ready so that the work alone can be counted.

use realtimekit::{
    framework::server::ProviderServer,
    mock_api::{MockApi, Quirks, SAMPLE_ACCOUNT_ID as ACCOUNT, SAMPLE_APP_ID as APP},
    proto::tfplugin6::{
        apply_resource_change, configure_provider, diagnostic::Severity, plan_resource_change,
        provider_server::Provider as _, read_data_source, read_resource, validate_resource_config,
    },
    provider::RealtimeKit,
};
use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;
use tonic::{Request, Response, Status};

use crate::wire::dynamic;

/// A piece of work: what it is, and what makes it ready in a size.
pub(crate) type Work = (&'static str, fn(usize) -> Ready);

/// Does the work that was made ready.
pub(crate) type Ready = Box<dyn FnOnce()>;

/// What must not take more than in proportion to its size.
pub(crate) const ALL: [Work; 6] = [
    ("plan a change of a webhook with N events", plan_events),
    ("apply a change of a webhook with N events", apply_events),
    ("validate a webhook with N unknown events", validate_events),
    ("read a list of N webhooks", list),
    ("refresh N webhooks of one app", refresh),
    ("plan N webhooks of one app", plan),
];

const TYPE_NAME: &str = "realtimekit_webhook";

fn plan_events(size: usize) -> Ready {
    let prior = webhook(0, &events(size));
    let (run, _) = Run::new(0);
    let request = change(&prior, "another name");
    Box::new(move || run.plan(request))
}

/// What Terraform alone stores changes, so the API is not asked.
fn apply_events(size: usize) -> Ready {
    let prior = webhook(0, &events(size));
    let mut planned = prior.clone();
    planned["timeouts"] = json!({ "create": "1m", "read": null, "update": null, "delete": null });
    let request = apply_resource_change::Request {
        type_name: TYPE_NAME.into(),
        prior_state: dynamic(&prior),
        planned_state: dynamic(&planned),
        config: dynamic(&config(&planned)),
        ..Default::default()
    };
    let (run, _) = Run::new(0);
    Box::new(move || {
        let answer = run.answer(run.provider.apply_resource_change(Request::new(request)));
        assert_eq!(answer.diagnostics, []);
    })
}

fn validate_events(size: usize) -> Ready {
    let request = validate_resource_config::Request {
        type_name: TYPE_NAME.into(),
        config: dynamic(&config(&webhook(0, &events(size)))),
        ..Default::default()
    };
    let (run, _) = Run::new(0);
    Box::new(move || {
        let request = Request::new(request);
        let said = run.answer(run.provider.validate_resource_config(request));
        let said = said.diagnostics;
        assert_eq!(said.len(), size);
        assert!(said.iter().all(|it| it.severity() == Severity::Warning));
    })
}

fn list(size: usize) -> Ready {
    let (run, _) = Run::new(size);
    Box::new(move || {
        let value = run.look_up(APP);
        assert!(value > size * 100, "{value} bytes");
    })
}

/// One after the other; Terraform asks for ten at a time, to the same end.
fn refresh(size: usize) -> Ready {
    let (run, states) = Run::new(size);
    let request = |state| read_resource::Request {
        type_name: TYPE_NAME.into(),
        current_state: dynamic(state),
        ..Default::default()
    };
    let requests: Vec<_> = states.iter().map(request).collect();
    Box::new(move || {
        for request in requests {
            let answer = run.answer(run.provider.read_resource(Request::new(request)));
            assert_eq!(answer.diagnostics, []);
        }
    })
}

fn plan(size: usize) -> Ready {
    let webhooks = (0..size).map(|number| webhook(number, &events(2)));
    let requests: Vec<_> = webhooks
        .map(|prior| change(&prior, "another name"))
        .collect();
    let (run, _) = Run::new(0);
    Box::new(move || requests.into_iter().for_each(|request| run.plan(request)))
}

/// A run of the provider that has called the API once.
struct Run {
    /// It serves for as long as the run lives.
    _api: MockApi,
    provider: ProviderServer<RealtimeKit>,
    runtime: Runtime,
}

impl Run {
    /// A run at an app with so many webhooks, and their states.
    fn new(size: usize) -> (Self, Vec<Json>) {
        let api = MockApi::builder()
            .quirks(Quirks::documented())
            .keep_calls(10);
        let api = api.start().expect("a mock API");
        let states = (0..size).map(|number| {
            let mut state = webhook(number, &events(1));
            let url = state["url"].as_str().unwrap_or_default();
            let stored = api.add_webhook(ACCOUNT, APP, "bell", url, &["event.000000"]);
            state["id"] = stored.id.into();
            state["created_at"] = stored.created_at.into();
            state["updated_at"] = stored.updated_at.into();
            state
        });
        let states = states.collect();
        let block = json!({
            "api_token": api.token(), "base_url": api.base_url(), "account_id": ACCOUNT,
            "app_id": APP, "max_retries": null, "requests_per_second": null,
        });
        let request = configure_provider::Request {
            terraform_version: "1.11.4".into(),
            config: dynamic(&block),
            ..Default::default()
        };
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let run = Self {
            _api: api,
            provider: ProviderServer::new(RealtimeKit::default()),
            runtime: runtime.enable_all().build().expect("a runtime"),
        };
        let answer = run.answer(run.provider.configure_provider(Request::new(request)));
        assert_eq!(answer.diagnostics, []);
        run.look_up("another-app");
        (run, states)
    }

    /// Lists the webhooks of an app, and says how large the answer is.
    fn look_up(&self, app: &str) -> usize {
        let request = read_data_source::Request {
            type_name: "realtimekit_webhooks".into(),
            config: dynamic(&json!({ "account_id": null, "app_id": app, "webhooks": null })),
            ..Default::default()
        };
        let answer = self.answer(self.provider.read_data_source(Request::new(request)));
        assert_eq!(answer.diagnostics, []);
        answer.state.map_or(0, |state| state.msgpack.len())
    }

    fn plan(&self, request: plan_resource_change::Request) {
        let request = Request::new(request);
        let answer = self.answer(self.provider.plan_resource_change(request));
        assert_eq!(answer.diagnostics, []);
        assert_eq!(answer.requires_replace, []);
    }

    /// Makes a call, which must be answered.
    fn answer<T>(&self, call: impl Future<Output = Result<Response<T>, Status>>) -> T {
        self.runtime.block_on(call).expect("an answer").into_inner()
    }
}

/// A change of the name, as Terraform asks to have it planned.
fn change(prior: &Json, name: &str) -> plan_resource_change::Request {
    let mut proposed = prior.clone();
    proposed["name"] = name.into();
    plan_resource_change::Request {
        type_name: TYPE_NAME.into(),
        prior_state: dynamic(prior),
        config: dynamic(&config(&proposed)),
        proposed_new_state: dynamic(&proposed),
        ..Default::default()
    }
}

/// The configuration of a webhook in this state.
fn config(state: &Json) -> Json {
    let mut config = state.clone();
    for name in ["id", "account_id", "app_id", "created_at", "updated_at"] {
        config[name] = Json::Null;
    }
    config
}

fn webhook(number: usize, events: &[String]) -> Json {
    json!({
        "id": format!("0d1f069d-43bb-489a-ad8c-{number:012}"), "account_id": ACCOUNT,
        "app_id": APP, "name": "bell", "url": format!("https://example.com/{number}"),
        "events": events, "enabled": true, "created_at": "2020-02-02T02:02:02Z",
        "updated_at": "2020-02-02T02:02:02Z", "timeouts": null,
    })
}

fn events(size: usize) -> Vec<String> {
    let events = (0..size).map(|number| format!("event.{number:06}"));
    events.collect()
}
