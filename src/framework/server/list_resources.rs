//! List resources: a list as a stream of events.
//!
//! An event is made when Terraform asks for it, and Terraform may end the call early. A failure is
//! the last event, with an error in it: Terraform would show a gRPC status as a bare plugin error.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::{
    FutureExt, StreamExt,
    stream::{self, BoxStream},
};
use tonic::Status;

use super::{
    handler::{log_diagnostics, panicked, span},
    registry::{Entry, ProviderServer},
    wire::to_proto,
};
use crate::framework::{
    Diagnostics, DynResource, ListResult, ListResultStream, Object, Provider, plan::resolve_config,
};
use crate::proto::tfplugin6::list_resource::{self, Event};

const RPC: &str = "ListResource";

/// The answer to `ListResource`. No item is ever a status.
pub(super) type Events = BoxStream<'static, Result<Event, Status>>;

impl<P: Provider> ProviderServer<P> {
    pub(super) async fn list_resource(&self, request: list_resource::Request) -> Events {
        let span = span(RPC, Some(("tf_list_resource_type", &request.type_name)));
        let started = AssertUnwindSafe(self.start_list(&request)).catch_unwind();
        let started = tracing::Instrument::instrument(started, span.clone()).await;
        let mut events = match started.unwrap_or_else(|panic| Err(panicked(RPC, &*panic))) {
            Ok(events) => events,
            Err(diagnostics) => stream::once(async { failed(diagnostics) }).boxed(),
        };
        stream::poll_fn(move |context| span.in_scope(|| events.poll_next_unpin(context)))
            .map(Ok)
            .boxed()
    }

    async fn start_list(
        &self,
        request: &list_resource::Request,
    ) -> Result<BoxStream<'static, Event>, Diagnostics> {
        tracing::debug!("Received request");
        let Entry { item, codec, .. } = &**self.list_resources.find(&request.type_name)?;
        let resource = Arc::clone(self.resources.find(&request.type_name)?);
        let config = codec.read_config(request.config.as_ref())?;
        let configured = self.configured()?;
        let client = configured.client.as_ref().map_err(Clone::clone)?;
        let config = resolve_config(&codec.schema.attributes, &configured.defaults, config)?;
        // Zero means no results; Terraform never sends a negative limit.
        let limit = usize::try_from(request.limit).unwrap_or(0);
        let listing = match limit {
            0 => stream::empty().boxed(),
            _ => item.list(client, config).await?,
        };
        let include_resource = request.include_resource_object;
        Ok(events(listing, limit, move |listed| {
            event(&resource, include_resource, listed)
        }))
    }
}

fn events(
    listing: ListResultStream<Object>,
    limit: usize,
    event: impl Fn(ListResult<Object>) -> Result<Event, Diagnostics> + Send + 'static,
) -> BoxStream<'static, Event> {
    let written = listing.map(move |listed| event(listed?)).take(limit);
    let guarded = AssertUnwindSafe(written).catch_unwind();
    let events = stream::unfold(Some(guarded), |events| async {
        let mut events = events?;
        match events.next().await? {
            Ok(Ok(event)) => Some((event, Some(events))),
            Ok(Err(diagnostics)) => Some((failed(diagnostics), None)),
            Err(panic) => Some((failed(panicked(RPC, &*panic)), None)),
        }
    });
    events.boxed()
}

/// The event of one object, with the whole of it if Terraform wants that.
fn event<C>(
    resource: &Entry<dyn DynResource<C>>,
    include_resource: bool,
    ListResult {
        display_name,
        state,
    }: ListResult<Object>,
) -> Result<Event, Diagnostics> {
    let identity = resource
        .identity
        .write(resource.identity.of(Some(&state)))?;
    let object = include_resource.then(|| resource.codec.write(Some(state)));
    Ok(Event {
        identity,
        display_name,
        resource_object: object.transpose()?,
        diagnostic: Vec::new(),
    })
}

/// The last event of a listing that failed.
fn failed(diagnostics: Diagnostics) -> Event {
    let diagnostic = to_proto::diagnostics(diagnostics);
    log_diagnostics(&diagnostic);
    Event {
        diagnostic,
        ..Default::default()
    }
}
