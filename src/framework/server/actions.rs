//! Actions: validate, plan, invoke.

use std::pin::Pin;

use tokio::sync::mpsc;
use tokio_stream::{Stream, StreamExt, wrappers::UnboundedReceiverStream};
use tonic::Status;

use super::{
    deferral::deferral,
    handler::{Subject, run_handler, span},
    registry::{Entry, ProviderServer, find},
    wire::to_proto,
};
use crate::framework::{
    Configured, Diagnostics, DynAction, Progress, Provider,
    plan::{apply_defaults, resolve_config},
};
use crate::proto::tfplugin6::{
    DynamicValue,
    invoke_action::{self, Event, event},
    plan_action, validate_action_config,
};

type ActionEntry<C> = Entry<dyn DynAction<C>>;

const RPC: &str = "InvokeAction";

/// Any number of progress, then one completed.
pub(super) type Events = Pin<Box<dyn Stream<Item = Result<Event, Status>> + Send>>;

impl<P: Provider> ProviderServer<P> {
    pub(super) async fn validate_action_config(
        &self,
        request: validate_action_config::Request,
    ) -> Result<validate_action_config::Response, Diagnostics> {
        let action = find(&self.actions, &request.type_name)?;
        let diagnostics = action.validate_message(request.config.as_ref())?;
        Ok(validate_action_config::Response { diagnostics })
    }

    /// Needs no client: all that can be known of an action beforehand is in its configuration.
    pub(super) async fn plan_action(
        &self,
        request: plan_action::Request,
    ) -> Result<plan_action::Response, Diagnostics> {
        let action = find(&self.actions, &request.action_type)?;
        let configured = self.configured()?;
        let config = action.codec.read_config(request.config.as_ref())?;
        let mut found = action.validate(&config);
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
        let action = find(&self.actions, &request.action_type).cloned();
        let configured = self.configured();
        let span = span(RPC, Subject::Action(&request.action_type));
        self.tasks.spawn(async move {
            let progress = progress(sender.clone());
            let invocation = async {
                invoke(&*action?, &*configured?, request.config, &progress).await?;
                Ok(event::Completed::default())
            };
            let completed = run_handler(RPC, span, invocation).await;
            // Without a receiver, the client is gone.
            sender.send(event(event::Type::Completed(completed))).ok();
        });
        Box::pin(UnboundedReceiverStream::new(events).map(Ok))
    }
}

fn progress(sender: mpsc::UnboundedSender<Event>) -> Progress {
    Progress::new(move |message| {
        let progress = event::Type::Progress(event::Progress { message });
        sender.send(event(progress)).ok(); // as above
    })
}

/// Terraform panics at an event of no type: here alone are events made.
fn event(kind: event::Type) -> Event {
    Event { r#type: Some(kind) }
}

async fn invoke<C>(
    action: &ActionEntry<C>,
    configured: &Configured<C>,
    config: Option<DynamicValue>,
    progress: &Progress,
) -> Result<(), Diagnostics> {
    let Entry { item, codec, .. } = action;
    let config = codec.read_config(config.as_ref())?;
    // What was unknown in the plan is checked here for the first time.
    action.validate(&config).into_result()?;
    let client = configured.client.as_ref().map_err(Clone::clone)?;
    let config = resolve_config(&codec.schema.attributes, &configured.defaults, config)?;
    item.invoke(client, config, progress).await
}
