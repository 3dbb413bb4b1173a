//! List resources: validate, and list as a stream of events.
//!
//! An event is made when Terraform asks for it, and Terraform may hang up before the end. What
//! fails is an event with an error, and the last: a gRPC status would be shown as it is.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::{
    FutureExt, StreamExt,
    stream::{self, BoxStream},
};
use tonic::Status;

use super::{
    handler::{Subject, log_diagnostics, panicked, span},
    identity::no_identity,
    registry::{Entry, ProviderServer, find},
    wire::to_proto,
};
use crate::framework::{
    Diagnostics, DynResource, ListResult, ListResultStream, Object, Provider, plan::resolve_config,
};
use crate::proto::tfplugin6::{list_resource, validate_list_resource_config};

const RPC: &str = "ListResource";

/// The answer to `ListResource`. No item is ever a status.
pub(super) type Events = BoxStream<'static, Result<list_resource::Event, Status>>;

/// Makes events of what was found.
struct Writer<C> {
    resource: Arc<Entry<dyn DynResource<C>>>,
    /// Whether Terraform wants the whole object.
    include_resource: bool,
}

impl<C> Writer<C> {
    fn event(&self, listed: ListResult<Object>) -> Result<list_resource::Event, Diagnostics> {
        let ListResult {
            display_name,
            state,
        } = listed;
        let Entry {
            codec, identity, ..
        } = &*self.resource;
        let identity = identity.write(identity.of(Some(&state)))?;
        let object = self.include_resource.then(|| codec.write(Some(state)));
        Ok(list_resource::Event {
            identity,
            display_name,
            resource_object: object.transpose()?,
            diagnostic: Vec::new(),
        })
    }
}

impl<P: Provider> ProviderServer<P> {
    pub(super) async fn validate_list_resource_config(
        &self,
        request: validate_list_resource_config::Request,
    ) -> Result<validate_list_resource_config::Response, Diagnostics> {
        let entry = find(&self.list_resources, &request.type_name)?;
        let diagnostics = entry.validate_message(request.config.as_ref())?;
        Ok(validate_list_resource_config::Response { diagnostics })
    }

    pub(super) async fn list_resource(&self, request: list_resource::Request) -> Events {
        let span = span(RPC, Subject::ListResource(&request.type_name));
        let started = AssertUnwindSafe(self.start_list(&request)).catch_unwind();
        let started = tracing::Instrument::instrument(started, span.clone()).await;
        let limit = limit(request.limit);
        let mut events = match started.unwrap_or_else(|panic| Err(panicked(RPC, &*panic))) {
            Ok((listing, writer)) => events(listing, writer, limit),
            Err(diagnostics) => stream::once(async { failed(diagnostics) }).boxed(),
        };
        stream::poll_fn(move |context| span.in_scope(|| events.poll_next_unpin(context)))
            .map(Ok)
            .boxed()
    }

    async fn start_list(
        &self,
        request: &list_resource::Request,
    ) -> Result<(ListResultStream<Object>, Writer<P::Client>), Diagnostics> {
        tracing::debug!("Received request");
        let Entry { item, codec, .. } = &**find(&self.list_resources, &request.type_name)?;
        let resource = Arc::clone(self.resource(&request.type_name)?);
        if !resource.identity.exists() {
            return Err(no_identity(&request.type_name));
        }
        let writer = Writer {
            resource,
            include_resource: request.include_resource_object,
        };
        let config = codec.read_config(request.config.as_ref())?;
        let configured = self.configured()?;
        let client = configured.client.as_ref().map_err(Clone::clone)?;
        let config = resolve_config(&codec.schema.attributes, &configured.defaults, config)?;
        if limit(request.limit) == 0 {
            return Ok((stream::empty().boxed(), writer));
        }
        Ok((item.list(client, config).await?, writer))
    }
}

/// How many events Terraform reads. None at zero; it never sends less.
fn limit(limit: i64) -> usize {
    usize::try_from(limit).unwrap_or(0)
}

fn events<C: Send + Sync + 'static>(
    listing: ListResultStream<Object>,
    writer: Writer<C>,
    limit: usize,
) -> BoxStream<'static, list_resource::Event> {
    let written = listing.map(move |listed| writer.event(listed?)).take(limit);
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

/// The last event of a listing that failed.
fn failed(diagnostics: Diagnostics) -> list_resource::Event {
    let diagnostic = to_proto::diagnostics(diagnostics);
    log_diagnostics(&diagnostic);
    list_resource::Event {
        diagnostic,
        ..Default::default()
    }
}
