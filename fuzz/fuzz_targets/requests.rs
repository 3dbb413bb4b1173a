//! Whole gRPC requests, to the provider's server and by way of it to the mock API.
//!
//! Input: which call, which resource, data source, function or action (or what the message
//! says), whether the provider is configured and what the API does wrong, and the message as it is
//! on the wire.
//!
//! Any panic ends the process, also one that the server would answer with a diagnostic.

#![no_main]

use std::{cell::RefCell, env, pin::Pin, sync::LazyLock, time::Duration};

use http::StatusCode;
use libfuzzer_sys::{Corpus, fuzz_target};
use prost::Message;
use realtimekit::{
    api::Timing,
    framework::{
        Provider as _, Type,
        server::{ProviderServer, fuzzing::read_msgpack},
    },
    mock_api::{Fault, MockApi, SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID, Seed},
    proto::tfplugin6::{
        self as proto, DynamicValue, invoke_action, provider_server::Provider as _, *,
    },
    provider::RealtimeKit,
};
use realtimekit_fuzz::{input::byte, names};
use tokio::runtime::{Builder, Runtime};
use tonic::{
    Request, Response, Status,
    codegen::tokio_stream::{Stream, StreamExt},
};

/// After so many inputs everything starts anew: an API holds what it was sent, a client what it
/// knows of each app.
const FRESH: u32 = 256;
/// A call that takes longer hangs.
const LONGEST: Duration = Duration::from_secs(5);
const TOKEN: &str = "Sesame-0123456789";

fuzz_target!(|input: &[u8]| -> Corpus {
    HARNESS.with_borrow_mut(|harness| {
        let harness = harness.get_or_insert_with(Harness::new);
        harness.count += 1;
        if harness.count % FRESH == 0 {
            harness.renew();
        }
        harness.take(input)
    })
});

thread_local! {
    static HARNESS: RefCell<Option<Harness>> = const { RefCell::new(None) };
}

static WEBHOOK: LazyLock<Type> = LazyLock::new(|| {
    RealtimeKit::default().resources()[0]
        .declaration()
        .schema
        .object_type()
});

struct Harness {
    api: MockApi,
    runtime: Runtime,
    configured: ProviderServer<RealtimeKit>,
    count: u32,
}

impl Harness {
    fn new() -> Self {
        keep_to_this_machine();
        let seed = Seed::from_json(Seed::EXAMPLE).expect("a seed");
        let api = MockApi::builder().token(TOKEN).seed(seed).keep_calls(16);
        let runtime = Builder::new_current_thread().enable_all().build();
        let mut harness = Self {
            api: api.start().expect("the API starts"),
            runtime: runtime.expect("a runtime"),
            configured: server(),
            count: 0,
        };
        harness.renew();
        harness
    }

    fn renew(&mut self) {
        self.api.reset();
        self.configured = server();
        let block = serde_json::json!({
            "api_token": TOKEN,
            "base_url": self.api.base_url(),
            "account_id": SAMPLE_ACCOUNT_ID,
            "app_id": SAMPLE_APP_ID,
            "max_retries": 0,
        });
        let request = configure_provider::Request {
            config: Some(DynamicValue {
                json: block.to_string().into_bytes(),
                ..DynamicValue::default()
            }),
            ..configure_provider::Request::default()
        };
        let configure = self.configured.configure_provider(Request::new(request));
        let response = self.runtime.block_on(configure).expect("an answer");
        assert_eq!(response.into_inner().diagnostics, []);
    }

    fn take(&mut self, input: &[u8]) -> Corpus {
        let (rpc, rest) = byte(input);
        let (name, rest) = byte(rest);
        let (state, message) = byte(rest);
        let fresh;
        // What a call configures or stops is its own: no other may follow it elsewhere.
        let server = match rpc % names::CALLS {
            names::CONFIGURE | names::STOP => {
                fresh = server();
                &fresh
            }
            _ if state % 8 == 7 => {
                fresh = server();
                &fresh
            }
            _ => &self.configured,
        };
        let fault = fault(state / 8);
        if let Some(fault) = &fault {
            self.api.fail_next(1, fault.clone());
        }
        let call = call(server, rpc % names::CALLS, name, message);
        let outcome = self.runtime.block_on(async {
            tokio::time::timeout(LONGEST, call)
                .await
                .expect("an answer in time")
        });
        if fault.is_some() {
            self.renew(); // a client remembers what it was told of the rate limit
        }
        match outcome {
            None => Corpus::Reject,
            Some(answer) => {
                check_text(&answer, message);
                Corpus::Keep
            }
        }
    }
}

/// What the first request to the API meets; mostly nothing.
fn fault(choice: u8) -> Option<Fault> {
    let nonsense = "{\"data\": {\"id\": 1}}";
    match choice {
        1 => Some(Fault::status(StatusCode::NOT_FOUND)),
        2 => Some(Fault::status(StatusCode::CONFLICT)),
        3 => Some(Fault::status(StatusCode::TOO_MANY_REQUESTS)),
        4 => Some(Fault::status(StatusCode::OK)),
        5 => Some(Fault::html(StatusCode::BAD_GATEWAY)),
        6 => Some(Fault::drop_connection()),
        7 => Some(Fault::drop_connection().after_storing()),
        8 => Some(Fault::truncate(20)),
        9 => Some(Fault::empty(StatusCode::CREATED)),
        10 => Some(Fault::body(StatusCode::OK, nonsense)),
        _ => None,
    }
}

/// No request may leave this machine, whatever a message says: there is no proxy at this port.
fn keep_to_this_machine() {
    // SAFETY: no other thread runs yet.
    unsafe {
        for name in [
            "CLOUDFLARE_API_TOKEN",
            "CLOUDFLARE_BASE_URL",
            "NO_PROXY",
            "no_proxy",
        ] {
            env::remove_var(name);
        }
        for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            env::set_var(name, "http://127.0.0.1:9");
        }
        env::set_var("SSL_CERT_FILE", "/dev/null");
    }
}

fn server() -> ProviderServer<RealtimeKit> {
    let millisecond = Duration::from_millis(1);
    ProviderServer::new(RealtimeKit {
        timing: Timing {
            request_timeout: Duration::from_secs(1),
            first_backoff: millisecond,
            longest_backoff: millisecond,
            window_margin: millisecond,
            shutdown_grace: millisecond,
            visibility_backoff: millisecond,
            batch_window: Duration::ZERO,
            operation_timeout: Duration::from_secs(1),
            url_wait: millisecond,
        },
    })
}

/// What was answered, for a look at all of it.
type Answered = Vec<u8>;

/// Makes one call; nothing if the bytes are no such message.
async fn call(
    server: &ProviderServer<RealtimeKit>,
    rpc: u8,
    name: u8,
    bytes: &[u8],
) -> Option<Answered> {
    macro_rules! call {
        ($message:ident, $method:ident) => {{
            let request = $message::Request::decode(bytes).ok()?;
            unary(server.$method(Request::new(request)).await)
        }};
        ($message:ident, $method:ident, $field:ident in $names:expr) => {{
            let mut request = $message::Request::decode(bytes).ok()?;
            names::choose(&mut request.$field, $names, name);
            unary(server.$method(Request::new(request)).await)
        }};
    }
    use names::{ACTIONS, DATA_SOURCES, FUNCTIONS, RESOURCES};
    Some(match rpc {
        0 => call!(get_metadata, get_metadata).1,
        1 => call!(get_provider_schema, get_provider_schema).1,
        2 => call!(get_resource_identity_schemas, get_resource_identity_schemas).1,
        3 => call!(get_functions, get_functions).1,
        4 => {
            let (answer, shown) = call!(call_function, call_function, name in FUNCTIONS);
            assert!(answer.is_none_or(|answer| answer.result.is_some() != answer.error.is_some()));
            shown
        }
        5 => call!(validate_provider_config, validate_provider_config).1,
        names::CONFIGURE => call!(configure_provider, configure_provider).1,
        names::STOP => call!(stop_provider, stop_provider).1,
        8 => call!(validate_resource_config, validate_resource_config, type_name in RESOURCES).1,
        9 => {
            let (answer, shown) =
                call!(upgrade_resource_state, upgrade_resource_state, type_name in RESOURCES);
            answer.inspect(|answer| check_state(answer.upgraded_state.as_ref()));
            shown
        }
        10 => call!(upgrade_resource_identity, upgrade_resource_identity, type_name in RESOURCES).1,
        11 => {
            let (answer, shown) = call!(read_resource, read_resource, type_name in RESOURCES);
            answer.inspect(|answer| check_state(answer.new_state.as_ref()));
            shown
        }
        12 => {
            let (answer, shown) =
                call!(plan_resource_change, plan_resource_change, type_name in RESOURCES);
            answer.inspect(|answer| check_state(answer.planned_state.as_ref()));
            shown
        }
        13 => {
            let (answer, shown) =
                call!(apply_resource_change, apply_resource_change, type_name in RESOURCES);
            answer.inspect(|answer| check_state(answer.new_state.as_ref()));
            shown
        }
        14 => {
            let (answer, shown) =
                call!(import_resource_state, import_resource_state, type_name in RESOURCES);
            let imported = answer.map(|answer| answer.imported_resources);
            imported.iter().flatten().for_each(|it| check_state(it.state.as_ref()));
            shown
        }
        15 => {
            let (answer, shown) =
                call!(move_resource_state, move_resource_state, target_type_name in RESOURCES);
            answer.inspect(|answer| check_state(answer.target_state.as_ref()));
            shown
        }
        16 => call!(generate_resource_config, generate_resource_config, type_name in RESOURCES).1,
        17 => {
            call!(validate_list_resource_config, validate_list_resource_config, type_name in RESOURCES)
                .1
        }
        18 => {
            let mut request = list_resource::Request::decode(bytes).ok()?;
            names::choose(&mut request.type_name, RESOURCES, name);
            listed(server.list_resource(Request::new(request)).await).await
        }
        19 => {
            call!(validate_data_resource_config, validate_data_resource_config, type_name in DATA_SOURCES)
                .1
        }
        20 => call!(read_data_source, read_data_source, type_name in DATA_SOURCES).1,
        21 => call!(validate_action_config, validate_action_config, type_name in ACTIONS).1,
        22 => call!(plan_action, plan_action, action_type in ACTIONS).1,
        _ => {
            let mut request = invoke_action::Request::decode(bytes).ok()?;
            names::choose(&mut request.action_type, ACTIONS, name);
            invoked(server.invoke_action(Request::new(request)).await).await
        }
    })
}

fn unary<M: Message>(answer: Result<Response<M>, Status>) -> (Option<M>, Answered) {
    match answer {
        Ok(answer) => {
            let answer = answer.into_inner();
            let shown = answer.encode_to_vec();
            (Some(answer), shown)
        }
        Err(status) => (None, status.message().as_bytes().to_vec()),
    }
}

type Events<E> = Pin<Box<dyn Stream<Item = Result<E, Status>> + Send>>;

async fn listed<S>(answer: Result<Response<S>, Status>) -> Answered
where
    S: Stream<Item = Result<list_resource::Event, Status>> + Send + 'static,
{
    let events = events(answer).await;
    for event in &events {
        let failed = event.diagnostic.iter().any(is_error);
        assert!(failed || event.identity.is_some(), "{event:?}");
        check_state(event.resource_object.as_ref());
    }
    events.iter().flat_map(Message::encode_to_vec).collect()
}

async fn invoked<S>(answer: Result<Response<S>, Status>) -> Answered
where
    S: Stream<Item = Result<invoke_action::Event, Status>> + Send + 'static,
{
    use invoke_action::event::Type::{Completed, Progress};
    let events = events(answer).await;
    let (last, before) = events.split_last().expect("an end");
    assert!(matches!(last.r#type, Some(Completed(_))), "{last:?}");
    assert!(
        before
            .iter()
            .all(|event| matches!(event.r#type, Some(Progress(_))))
    );
    events.iter().flat_map(Message::encode_to_vec).collect()
}

async fn events<E, S>(answer: Result<Response<S>, Status>) -> Vec<E>
where
    S: Stream<Item = Result<E, Status>> + Send + 'static,
{
    let Ok(answer) = answer else {
        return Vec::new();
    };
    let mut events: Events<E> = Box::pin(answer.into_inner());
    let mut all = Vec::new();
    while let Some(event) = events.next().await {
        all.extend(event.ok());
    }
    all
}

fn is_error(diagnostic: &proto::Diagnostic) -> bool {
    diagnostic.severity == i32::from(diagnostic::Severity::Error) && !diagnostic.summary.is_empty()
}

/// A state in an answer is one that Terraform can read.
fn check_state(state: Option<&DynamicValue>) {
    if let Some(state) = state {
        assert!(state.json.is_empty());
        read_msgpack(&state.msgpack, &WEBHOOK).expect("a state of the schema");
    }
}

/// No answer tells the token, or of a bug.
fn check_text(answer: &[u8], message: &[u8]) {
    let holds = |text: &str| {
        answer
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    let said = message
        .windows(TOKEN.len())
        .any(|part| part == TOKEN.as_bytes());
    assert!(said || !holds(TOKEN), "the token");
    assert!(!holds("panicked"), "a panic");
}
