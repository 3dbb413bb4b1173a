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

use crate::support::{Workspace, terraform};

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

/// Plans the stack `source` of the bundle in a directory, from nothing, with the provider that was
/// installed there.
pub(crate) async fn plan_stack(w: &Workspace, source: &str) -> Vec<Event> {
    const HANDSHAKE: &str = "/terraform1.setup.Setup/Handshake";
    const BUNDLE: &str = "/terraform1.dependencies.Dependencies/OpenSourceBundle";
    const CACHE: &str = "/terraform1.dependencies.Dependencies/OpenProviderPluginCache";
    const LOCKS: &str = "/terraform1.dependencies.Dependencies/OpenDependencyLockFile";
    const CONFIGURATION: &str = "/terraform1.stacks.Stacks/OpenStackConfiguration";
    const PLAN: &str = "/terraform1.stacks.Stacks/PlanStackChanges";
    let path = |path: &str| w.path().join(path).to_str().unwrap().to_owned();
    let (_process, grpc) = &mut start(w).await;

    call::<(), ()>(grpc, HANDSHAKE, ()).await;
    let bundle = open(grpc, BUNDLE, path("")).await;
    let cache = open(grpc, CACHE, path(".terraform/providers")).await;
    let of_bundle = |source: String| OpenSource {
        bundle,
        source: Some(source),
    };
    let lock_file = format!("{source}//.terraform.lock.hcl");
    let locks = open(grpc, LOCKS, of_bundle(lock_file)).await;
    let configuration = open(grpc, CONFIGURATION, of_bundle(source.to_owned())).await;
    let request = PlanRequest {
        configuration,
        locks,
        cache,
    };
    call(grpc, PLAN, request).await
}

/// A running `terraform rpcapi`, killed when dropped, and a connection to it.
async fn start(w: &Workspace) -> (Child, Grpc<Channel>) {
    let mut rpcapi = w.program(terraform());
    rpcapi
        .arg("rpcapi")
        .env("TMPDIR", w.path()) // for the socket, which is not removed otherwise
        .env("TERRAFORM_RPCAPI_COOKIE", COOKIE)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut process = Command::from(rpcapi).kill_on_drop(true).spawn().unwrap();
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
    (process, Grpc::new(channel))
}

/// Opens something that other calls need, and returns its handle.
async fn open<Q>(grpc: &mut Grpc<Channel>, method: &'static str, request: Q) -> i64
where
    Q: Message + 'static,
{
    let opened: Opened = call(grpc, method, request).await.remove(0);
    assert_eq!(opened.diagnostics, [], "{method}");
    opened.handle
}

/// Makes a call, and returns its messages: one, unless it is a stream.
async fn call<Q, A>(grpc: &mut Grpc<Channel>, method: &'static str, request: Q) -> Vec<A>
where
    Q: Message + 'static,
    A: Message + Default + 'static,
{
    grpc.ready().await.unwrap();
    let (path, codec) = (PathAndQuery::from_static(method), ProstCodec::default());
    let call = grpc.server_streaming(Request::new(request), path, codec);
    let mut stream = call.await.unwrap().into_inner();
    let mut messages = Vec::new();
    while let Some(message) = stream.message().await.unwrap() {
        messages.push(message);
    }
    messages
}
