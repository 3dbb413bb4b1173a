//! `terraform rpcapi`, a go-plugin server by which Stacks are planned.
//!
//! Only the calls that lead to a plan are made, with the fields that they need, so the messages
//! are declared here (Terraform: internal/rpcapi).

use std::{path::Path, process::Stdio, time::Duration};

use http::uri::PathAndQuery;
use hyper_util::rt::TokioIo;
use prost::Message;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::UnixStream,
    process::{Child, Command},
    time::timeout,
};
use tonic::{Request, client::Grpc, transport::Channel};
use tonic_prost::ProstCodec;

use crate::support::Workspace;

const SOURCE: &str = "registry.terraform.io/realtimekit/realtimekit";
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Where the stack is said to come from; the bundle says where it is.
const STACK: &str = "git::https://example.com/stack.git";
const COOKIE: &str = "fba0991c9bcd453982f0d88e2da95940";
const PATIENCE: Duration = Duration::from_secs(60);

/// Declares messages, with the fields that are needed.
macro_rules! messages {
    ($($name:ident { $($field:ident: $type:ty = $prost:tt),* })*) => {
        $(
            #[derive(Clone, PartialEq, Message)]
            pub(crate) struct $name {
                $(#[prost $prost] pub(crate) $field: $type),*
            }
        )*
    };
}

messages! {
    Empty {}
    Location { path: String = (string, tag = "1") }
    Selections { providers: Vec<Package> = (message, repeated, tag = "1") }
    Package {
        source: String = (string, tag = "1"),
        version: String = (string, tag = "2"),
        hashes: Vec<String> = (string, repeated, tag = "3")
    }
    OpenConfiguration {
        bundle: i64 = (int64, tag = "1"),
        source: Option<Location> = (message, optional, tag = "2")
    }
    Opened {
        handle: i64 = (int64, tag = "1"),
        diagnostics: Vec<Diagnostic> = (message, repeated, tag = "2")
    }
    Diagnostic {
        summary: String = (string, tag = "2"),
        detail: String = (string, tag = "3")
    }
    PlanRequest {
        configuration: i64 = (int64, tag = "2"),
        locks: i64 = (int64, tag = "4"),
        cache: i64 = (int64, tag = "5")
    }
    Event {
        planned: Option<PlannedChange> = (message, optional, tag = "1"),
        diagnostic: Option<Diagnostic> = (message, optional, tag = "2")
    }
    PlannedChange { descriptions: Vec<Description> = (message, repeated, tag = "2") }
    Description {
        planned: Option<Instance> = (message, optional, tag = "2"),
        deferred: Option<DeferredInstance> = (message, optional, tag = "5")
    }
    DeferredInstance {
        instance: Option<Instance> = (message, optional, tag = "1"),
        deferred: Option<Reason> = (message, optional, tag = "2")
    }
    Reason { reason: i32 = (int32, tag = "1") }
    Instance { address: Option<Address> = (message, optional, tag = "1") }
    Address {
        component: String = (string, tag = "1"),
        resource: String = (string, tag = "2")
    }
}

/// A running `terraform rpcapi`, killed when dropped.
pub(crate) struct RpcApi {
    _process: Child,
    grpc: Grpc<Channel>,
}

impl RpcApi {
    pub(crate) async fn start(w: &Workspace) -> Self {
        let like = w.command(""); // which takes an argument, as rpcapi does not
        let environment = like
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?)));
        let mut command = Command::new(like.get_program());
        command
            .arg("rpcapi")
            .current_dir(w.path())
            .env_clear()
            .envs(environment);
        command
            .env("TF_CLI_CONFIG_FILE", "none.tfrc")
            .env("TMPDIR", w.path()) // for the socket, which is not removed otherwise
            .env("TERRAFORM_RPCAPI_COOKIE", COOKIE);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = command.kill_on_drop(true).spawn().unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let read = timeout(PATIENCE, stdout.read_line(&mut line)).await;
        read.unwrap().unwrap();
        let socket = line.split('|').nth(3).expect(&line).to_owned();
        let connector = tower::service_fn(move |_| {
            let socket = socket.clone();
            async move { UnixStream::connect(socket).await.map(TokioIo::new) }
        });
        let endpoint = Channel::from_static("http://localhost");
        let channel = endpoint.connect_with_connector(connector).await.unwrap();
        let mut api = Self {
            _process: process,
            grpc: Grpc::new(channel),
        };
        let handshake = "/terraform1.setup.Setup/Handshake";
        let _: Empty = api.call(handshake, Empty {}).await;
        api
    }

    async fn call<Q, A>(&mut self, method: &'static str, request: Q) -> A
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
    {
        self.grpc.ready().await.unwrap();
        let (path, codec) = (PathAndQuery::from_static(method), ProstCodec::default());
        let answer = self.grpc.unary(Request::new(request), path, codec);
        let answer = timeout(PATIENCE, answer).await.unwrap();
        answer.unwrap().into_inner()
    }

    async fn open<Q: Message + 'static>(&mut self, method: &'static str, request: Q) -> i64 {
        let opened: Opened = self.call(method, request).await;
        assert_eq!(opened.diagnostics, [], "{method}");
        opened.handle
    }

    /// Plans the stack of a bundle, from nothing, with the provider in a cache.
    pub(crate) async fn plan(&mut self, bundle: &Path, cache: &Path, hash: String) -> Vec<Event> {
        const DEPENDENCIES: [&str; 3] = [
            "/terraform1.dependencies.Dependencies/OpenSourceBundle",
            "/terraform1.dependencies.Dependencies/OpenProviderPluginCache",
            "/terraform1.dependencies.Dependencies/CreateDependencyLocks",
        ];
        let [open_bundle, open_cache, create_locks] = DEPENDENCIES;
        let bundle = self.open(open_bundle, location(bundle)).await;
        let cache = self.open(open_cache, location(cache)).await;
        let provider = Package {
            source: SOURCE.to_owned(),
            version: VERSION.to_owned(),
            hashes: vec![hash],
        };
        let providers = vec![provider];
        let locks = self.open(create_locks, Selections { providers }).await;
        let source = Some(Location {
            path: STACK.to_owned(),
        });
        let open = "/terraform1.stacks.Stacks/OpenStackConfiguration";
        let request = OpenConfiguration { bundle, source };
        let configuration = self.open(open, request).await;
        let plan = PlanRequest {
            configuration,
            locks,
            cache,
        };
        let path = PathAndQuery::from_static("/terraform1.stacks.Stacks/PlanStackChanges");
        let codec = ProstCodec::<PlanRequest, Event>::default();
        self.grpc.ready().await.unwrap();
        let answer = self.grpc.server_streaming(Request::new(plan), path, codec);
        let mut stream = answer.await.unwrap().into_inner();
        let mut events = Vec::new();
        while let Some(event) = timeout(PATIENCE, stream.message()).await.unwrap().unwrap() {
            events.push(event);
        }
        events
    }
}

fn location(path: &Path) -> Location {
    Location {
        path: path.to_str().unwrap().to_owned(),
    }
}
