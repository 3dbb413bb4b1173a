//! List resources: validate, and list as a stream of events.
//!
//! An event is made when Terraform asks for it, and Terraform may hang up before the end. What
//! fails is an event with an error, and the last: a gRPC status would be shown as it is.

use std::panic::AssertUnwindSafe;

use futures_util::{
    FutureExt, StreamExt,
    stream::{self, BoxStream},
};
use tonic::Status;

use super::{
    Entry, ProviderServer,
    described::Described,
    identity::{Identified, no_identity},
    respond::{log_diagnostics, panicked, span},
    to_proto,
};
use crate::framework::{Diagnostics, Listed, Listing, Object, Provider, plan::settle};
use crate::proto::tfplugin6::{list_resource, validate_list_resource_config};

const RPC: &str = "ListResource";

/// The answer to `ListResource`. No item is ever a status.
pub(super) type Events = BoxStream<'static, Result<list_resource::Event, Status>>;

/// Makes events of what was found.
struct Writer {
    identified: Identified,
    /// Of the whole object, if Terraform wants it.
    resource: Option<Described>,
}

impl Writer {
    fn event(&self, listed: Listed<Object>) -> Result<list_resource::Event, Diagnostics> {
        let Listed {
            display_name,
            state,
        } = listed;
        let identity = Some(self.identified.message(&state)?);
        let resource = self.resource.as_ref();
        let object = resource.map(|resource| resource.write(Some(state)));
        Ok(list_resource::Event {
            identity,
            display_name,
            resource_object: object.transpose()?,
            diagnostic: Vec::new(),
        })
    }
}

impl<P: Provider> ProviderServer<P> {
    pub(super) async fn validate_list(
        &self,
        request: validate_list_resource_config::Request,
    ) -> Result<validate_list_resource_config::Response, Diagnostics> {
        let described = &self.list_resource(&request.type_name)?.described;
        let config = described.read_config(request.config.as_ref())?;
        let diagnostics = to_proto::diagnostics(described.validate(&config));
        Ok(validate_list_resource_config::Response { diagnostics })
    }

    pub(super) async fn list(&self, request: list_resource::Request) -> Events {
        let span = span(RPC, &request.type_name);
        let started = AssertUnwindSafe(self.start_list(&request)).catch_unwind();
        let started = tracing::Instrument::instrument(started, span.clone()).await;
        let limit = most(request.limit);
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
    ) -> Result<(Listing<Object>, Writer), Diagnostics> {
        log_trace!("Received request");
        let Entry { item, described } = self.list_resource(&request.type_name)?;
        let resource = &self.resource(&request.type_name)?.described;
        let identified = self.identities.get(request.type_name.as_str());
        let writer = Writer {
            identified: identified
                .cloned()
                .ok_or_else(|| no_identity(&request.type_name))?,
            resource: request.include_resource_object.then(|| resource.clone()),
        };
        let config = described.read_config(request.config.as_ref())?;
        let configured = self.configured()?;
        let client = configured.client.as_ref().map_err(Clone::clone)?;
        let config = settle(&described.schema.attributes, &configured.defaults, config)?;
        if most(request.limit) == 0 {
            return Ok((stream::empty().boxed(), writer));
        }
        Ok((item.list(client, config).await?, writer))
    }
}

/// How many events Terraform reads. None at zero; it never sends less.
fn most(limit: i64) -> usize {
    usize::try_from(limit).unwrap_or(0)
}

fn events(
    listing: Listing<Object>,
    writer: Writer,
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
