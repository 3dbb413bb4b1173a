//! The services that go-plugin and gRPC expect beside the provider's own.

use std::future;

use futures_util::stream::{self, StreamExt};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming, codegen::BoxStream};

use crate::proto::{
    health::{
        HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus,
        health_server,
    },
    plugin::{
        ConnInfo, Empty, StdioData, grpc_broker_server::GrpcBroker,
        grpc_controller_server::GrpcController, grpc_stdio_server::GrpcStdio,
    },
};

/// Ends the process when Terraform has no more use for it.
pub(super) struct Controller(pub(super) CancellationToken);

#[tonic::async_trait]
impl GrpcController for Controller {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.0.cancel();
        Ok(Response::new(Empty {}))
    }
}

/// Would carry our stdout and stderr, but Terraform warns about anything that comes this way.
pub(super) struct Stdio(pub(super) CancellationToken);

#[tonic::async_trait]
impl GrpcStdio for Stdio {
    async fn stream_stdio(&self, _: Request<()>) -> Result<Response<BoxStream<StdioData>>, Status> {
        let silence = stream::pending().take_until(self.0.clone().cancelled_owned());
        Ok(Response::new(Box::pin(silence)))
    }
}

/// Would arrange further connections, which no provider needs: listens and says nothing.
pub(super) struct Broker(pub(super) CancellationToken);

#[tonic::async_trait]
impl GrpcBroker for Broker {
    async fn start_stream(
        &self,
        request: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<BoxStream<ConnInfo>>, Status> {
        let silence = request
            .into_inner()
            .take_while(|message| future::ready(message.is_ok()))
            .filter_map(async |_| None)
            .take_until(self.0.clone().cancelled_owned());
        Ok(Response::new(Box::pin(silence)))
    }
}

/// Says that the process serves, which is so from its first connection to its last.
pub(super) struct Health(pub(super) CancellationToken);

#[tonic::async_trait]
impl health_server::Health for Health {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let service = request.into_inner().service;
        match serving_status(&service) {
            status @ ServingStatus::Serving => Ok(Response::new(answer(status))),
            _ => Err(Status::not_found(format!(
                "there is no service {service:?}"
            ))),
        }
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<BoxStream<HealthCheckResponse>>, Status> {
        let status = serving_status(&request.into_inner().service);
        let watched = stream::once(async move { Ok(answer(status)) })
            .chain(stream::pending()) // it never changes
            .take_until(self.0.clone().cancelled_owned());
        Ok(Response::new(Box::pin(watched)))
    }
}

/// go-plugin asks for `plugin`, and gRPC calls the server as a whole the empty name.
fn serving_status(service: &str) -> ServingStatus {
    match service {
        "" | "plugin" => ServingStatus::Serving,
        _ => ServingStatus::ServiceUnknown,
    }
}

fn answer(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse {
        status: status.into(),
    }
}
