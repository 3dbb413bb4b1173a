//! Actions: plan, invoke.

use std::pin::Pin;

use tokio::sync::mpsc;
use tokio_stream::{Stream, StreamExt, wrappers::UnboundedReceiverStream};
use tonic::Status;

use super::{
    deferral::deferral,
    handler::{run_handler, span},
    registry::{Entry, ProviderServer},
    wire::to_proto,
};
use crate::framework::{
    Configured, Diagnostics, DynAction, Object, Progress, Provider,
    plan::{apply_defaults, resolve_config},
};
use crate::proto::tfplugin6::{
    DynamicValue,
    invoke_action::{self, Event, event},
    plan_action,
};

const RPC: &str = "InvokeAction";

/// Any number of progress, then one completed.
pub(super) type Events = Pin<Box<dyn Stream<Item = Result<Event, Status>> + Send>>;

impl<P: Provider> ProviderServer<P> {
    /// Needs no client: all that can be known of an action beforehand is in its configuration.
    pub(super) async fn plan_action(
        &self,
        request: plan_action::Request,
    ) -> Result<plan_action::Response, Diagnostics> {
        let action = self.actions.find(&request.action_type)?;
        let configured = self.configured()?;
        let config = action.codec.read_config(request.config.as_ref())?;
        let mut found = problems(action, &config);
        let attributes = &action.codec.schema.attributes;
        if let Err(missing) = apply_defaults(attributes, &configured.defaults, config) {
            found.extend(missing);
        }
        Ok(plan_action::Response {
            diagnostics: to_proto::diagnostics(found),
            deferred: deferral(&configured, self.may_defer(request.client_capabilities)),
        })
    }

    /// Starts an action on a task of its own: it may have changed something already when
    /// Terraform stops listening, so it goes on to its end, or to that of the process.
    pub(super) fn invoke_action(&self, request: invoke_action::Request) -> Events {
        let (sender, events) = mpsc::unbounded_channel();
        let action = self.actions.find(&request.action_type).cloned();
        let configured = self.configured();
        let span = span(RPC, Some(("tf_action_type", &request.action_type)));
        self.tasks.spawn(async move {
            // Without a receiver, the client is gone. Terraform panics at an event of no type.
            let send = move |kind| drop(sender.send(Event { r#type: Some(kind) }));
            let tell = send.clone();
            let progress = Progress::new(move |message| {
                tell(event::Type::Progress(event::Progress { message }));
            });
            let invocation = async {
                invoke(&*action?, &*configured?, request.config, &progress).await?;
                Ok(event::Completed::default())
            };
            send(event::Type::Completed(
                run_handler(RPC, span, invocation).await,
            ));
        });
        Box::pin(UnboundedReceiverStream::new(events).map(Ok))
    }
}

async fn invoke<C>(
    action: &Entry<dyn DynAction<C>>,
    configured: &Configured<C>,
    config: Option<DynamicValue>,
    progress: &Progress,
) -> Result<(), Diagnostics> {
    let config = action.codec.read_config(config.as_ref())?;
    // What was unknown in the plan is checked here for the first time.
    problems(action, &config).into_result()?;
    let client = configured.client.as_ref().map_err(Clone::clone)?;
    let attributes = &action.codec.schema.attributes;
    let config = resolve_config(attributes, &configured.defaults, config)?;
    action.item.invoke(client, config, progress).await
}

fn problems<C>(action: &Entry<dyn DynAction<C>>, config: &Object) -> Diagnostics {
    let mut found = action.codec.validate(config);
    found.extend(action.item.validate(config));
    found
}
