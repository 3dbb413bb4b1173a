//! `terraform rpcapi`, a go-plugin server by which Stacks are planned.
//!
//! Only the calls that lead to a plan are made, with the fields that they need, so the messages
//! are declared here (Terraform: internal/rpcapi). A message with one field of a plain type is
//! that type, as prost has it.

use std::process::Stdio;

use http::uri::PathAndQuery;
use hyper_util::rt::TokioIo;
use prost::Message;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::UnixStream,
    process::{Child, Command},
};
use tonic::{Request, client::Grpc, transport::Channel};
use tonic_prost::ProstCodec;

use crate::support::Workspace;

const COOKIE: &str = "fba0991c9bcd453982f0d88e2da95940";

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
    OpenSource {
        bundle: i64 = (int64, tag = "1"),
        source: Option<String> = (message, optional, tag = "2")
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
        reason: Option<i32> = (message, optional, tag = "2")
    }
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
        let like = w.command(""); // which has an argument, and rpcapi takes none
        let variables = like.get_envs();
        let mut process = Command::new(like.get_program())
            .arg("rpcapi")
            .current_dir(w.path())
            .env_clear()
            .envs(variables.filter_map(|(name, value)| Some((name, value?))))
            .env("TMPDIR", w.path()) // for the socket, which is not removed otherwise
            .env("TERRAFORM_RPCAPI_COOKIE", COOKIE)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        stdout.read_line(&mut line).await.unwrap();
        let socket = line.split('|').nth(3).expect(&line).to_owned();
        let connector = tower::service_fn(move |_| {
            let socket = socket.clone();
            async move { UnixStream::connect(socket).await.map(TokioIo::new) }
        });
        let endpoint = Channel::from_static("http://localhost");
        let channel = endpoint.connect_with_connector(connector).await.unwrap();
        Self {
            _process: process,
            grpc: Grpc::new(channel),
        }
    }

    /// Makes a call, and returns its messages: one, unless it is a stream.
    async fn call<Q, A>(&mut self, method: &'static str, request: Q) -> Vec<A>
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
    {
        self.grpc.ready().await.unwrap();
        let (path, codec) = (PathAndQuery::from_static(method), ProstCodec::default());
        let call = self
            .grpc
            .server_streaming(Request::new(request), path, codec);
        let mut stream = call.await.unwrap().into_inner();
        let mut messages = Vec::new();
        while let Some(message) = stream.message().await.unwrap() {
            messages.push(message);
        }
        messages
    }

    async fn open<Q: Message + 'static>(&mut self, method: &'static str, request: Q) -> i64 {
        let opened: Opened = self.call(method, request).await.remove(0);
        assert_eq!(opened.diagnostics, [], "{method}");
        opened.handle
    }

    /// Plans the stack `source` of the bundle in a directory, from nothing, with the provider that
    /// was installed there.
    pub(crate) async fn plan(&mut self, w: &Workspace, source: &str) -> Vec<Event> {
        const HANDSHAKE: &str = "/terraform1.setup.Setup/Handshake";
        const BUNDLE: &str = "/terraform1.dependencies.Dependencies/OpenSourceBundle";
        const CACHE: &str = "/terraform1.dependencies.Dependencies/OpenProviderPluginCache";
        const LOCKS: &str = "/terraform1.dependencies.Dependencies/OpenDependencyLockFile";
        const CONFIGURATION: &str = "/terraform1.stacks.Stacks/OpenStackConfiguration";
        const PLAN: &str = "/terraform1.stacks.Stacks/PlanStackChanges";
        let path = |path: &str| w.path().join(path).to_str().unwrap().to_owned();

        self.call::<(), ()>(HANDSHAKE, ()).await;
        let bundle = self.open(BUNDLE, path("")).await;
        let cache = self.open(CACHE, path(".terraform/providers")).await;
        let open = |source: String| OpenSource {
            bundle,
            source: Some(source),
        };
        let lock_file = format!("{source}//.terraform.lock.hcl");
        let locks = self.open(LOCKS, open(lock_file)).await;
        let configuration = self.open(CONFIGURATION, open(source.to_owned())).await;
        let request = PlanRequest {
            configuration,
            locks,
            cache,
        };
        self.call(PLAN, request).await
    }
}
