//! What all calls share: a span for their log records, and an answer in every case.
//!
//! A failure is an answer with diagnostics, never a gRPC status, which Terraform would show
//! as a bare "Plugin error". That includes a panic: unwinding out of a handler would reset
//! the stream and lose what the practitioner needs to know.

use std::{any::Any, panic::AssertUnwindSafe};

use futures_util::FutureExt;
use tonic::{Response, Status};
use tracing::{Instrument, Span};

use super::to_proto;
use crate::framework::{Diagnostics, Severity};
use crate::proto::tfplugin6::{self as proto, invoke_action};

/// A response message that can say what went wrong.
pub(super) trait Answer: Default {
    /// Where the diagnostics go.
    fn diagnostics(&mut self) -> &mut Vec<proto::Diagnostic>;
}

macro_rules! answers {
    ($($rpc:ident),+ $(,)?) => {
        $(impl Answer for proto::$rpc::Response {
            fn diagnostics(&mut self) -> &mut Vec<proto::Diagnostic> {
                &mut self.diagnostics
            }
        })+
    };
}

answers!(
    apply_resource_change,
    configure_provider,
    generate_resource_config,
    get_functions,
    get_metadata,
    get_provider_schema,
    get_resource_identity_schemas,
    import_resource_state,
    move_resource_state,
    plan_action,
    plan_resource_change,
    read_data_source,
    read_resource,
    upgrade_resource_identity,
    upgrade_resource_state,
    validate_action_config,
    validate_data_resource_config,
    validate_list_resource_config,
    validate_provider_config,
    validate_resource_config,
);

/// What a call that is answered by a stream ends with.
impl Answer for invoke_action::event::Completed {
    fn diagnostics(&mut self) -> &mut Vec<proto::Diagnostic> {
        &mut self.diagnostics
    }
}

/// Runs the handler of a call that has one answer.
pub(super) async fn respond<A: Answer>(
    rpc: &'static str,
    type_name: &str,
    handler: impl Future<Output = Result<A, Diagnostics>>,
) -> Result<Response<A>, Status> {
    Ok(Response::new(answer(rpc, type_name, handler).await))
}

/// Runs the handler of one call. `type_name` is that of the resource, data source or action,
/// or "".
///
/// The answer to a failure is empty but for its diagnostics: Terraform then keeps the state
/// that it has.
pub(super) async fn answer<A: Answer>(
    rpc: &'static str,
    type_name: &str,
    handler: impl Future<Output = Result<A, Diagnostics>>,
) -> A {
    let logged = async {
        log_trace!("Received request");
        let outcome = AssertUnwindSafe(handler).catch_unwind().await;
        let result = outcome.unwrap_or_else(|panic| Err(panicked(rpc, &*panic)));
        let mut answer = A::default();
        match result {
            Ok(whole) => answer = whole,
            Err(diagnostics) => *answer.diagnostics() = to_proto::diagnostics(diagnostics),
        }
        log_diagnostics(answer.diagnostics());
        log_trace!("Served request");
        answer
    };
    logged.instrument(span(rpc, type_name)).await
}

/// What the log records of one call have in common. `type_name` may be "".
pub(super) fn span(rpc: &'static str, type_name: &str) -> Span {
    with_request_id(tracing::info_span!(
        "call",
        tf_req_id = tracing::field::Empty,
        tf_rpc = rpc,
        tf_resource_type = type_name
    ))
}

/// The span of the call of a function.
pub(super) fn function_span(rpc: &'static str, name: &str) -> Span {
    let span = tracing::info_span!(
        "call",
        tf_req_id = tracing::field::Empty,
        tf_rpc = rpc,
        tf_function_name = name
    );
    with_request_id(span)
}

fn with_request_id(span: Span) -> Span {
    if !span.is_disabled() {
        span.record("tf_req_id", uuid::Uuid::new_v4().to_string());
    }
    span
}

/// What a panic says.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message")
}

pub(super) fn panicked(rpc: &str, panic: &(dyn Any + Send)) -> Diagnostics {
    let text = panic_text(panic);
    Diagnostics::bug(format!(
        "The provider panicked while it handled {rpc}: {text}. If this was a change, it may \
         have been made all the same: run terraform plan before you apply again"
    ))
}

/// Summaries alone: a detail may quote what a practitioner configured.
pub(super) fn log_diagnostics(diagnostics: &[proto::Diagnostic]) {
    for diagnostic in diagnostics {
        let summary = diagnostic.summary.as_str();
        if diagnostic.severity == to_proto::severity(Severity::Error) {
            tracing::error!(
                diagnostic_summary = summary,
                "Response contains error diagnostic"
            );
        } else {
            tracing::warn!(
                diagnostic_summary = summary,
                "Response contains warning diagnostic"
            );
        }
    }
}
