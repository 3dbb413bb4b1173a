//! The messages and services of `proto/`, as generated. Nothing here is written by hand.
#![allow(missing_docs, unreachable_pub, clippy::all)]

/// Terraform's plugin protocol, version 6.
pub mod tfplugin6 {
    tonic::include_proto!("tfplugin6");
}

/// The services that go-plugin expects of every plugin.
pub mod plugin {
    tonic::include_proto!("plugin");
}

/// gRPC's health protocol.
pub mod health {
    tonic::include_proto!("grpc.health.v1");
}
