//! What all calls share: a span for their log records, and an answer in every case.
//!
//! A failure is an answer with diagnostics, never a gRPC status, which Terraform would show
//! as a bare "Plugin error". That includes a panic: unwinding out of a handler would reset
//! the stream and lose what the practitioner needs to know.

use std::{any::Any, panic::AssertUnwindSafe};

use futures_util::FutureExt;
use tracing::{Instrument, Span};

use super::wire::to_proto;
use crate::framework::{Diagnostics, Severity};
use crate::proto::tfplugin6::{self as proto, invoke_action};

/// A response message that can say what went wrong.
pub(super) trait HasDiagnostics: Default {
    /// Where the diagnostics go.
    fn diagnostics(&mut self) -> &mut Vec<proto::Diagnostic>;
}

/// What a call that is answered by a stream ends with.
impl HasDiagnostics for invoke_action::event::Completed {
    fn diagnostics(&mut self) -> &mut Vec<proto::Diagnostic> {
        &mut self.diagnostics
    }
}

/// Runs the handler of one RPC within its `span`.
///
/// The response to a failure is empty but for its diagnostics: Terraform then keeps the state
/// that it has.
pub(super) async fn run_handler<R: HasDiagnostics>(
    rpc: &'static str,
    span: Span,
    handler: impl Future<Output = Result<R, Diagnostics>>,
) -> R {
    let logged = async {
        tracing::debug!("Received request");
        let outcome = AssertUnwindSafe(handler).catch_unwind().await;
        let result = outcome.unwrap_or_else(|panic| Err(panicked(rpc, &*panic)));
        let mut response = R::default();
        match result {
            Ok(complete) => response = complete,
            Err(diagnostics) => *response.diagnostics() = to_proto::diagnostics(diagnostics),
        }
        log_diagnostics(response.diagnostics());
        tracing::debug!("Served request");
        response
    };
    logged.instrument(span).await
}

/// The fields that all log records of one call have, named as terraform-plugin-go names them
/// (internal/logging/keys.go). `subject` is such a name with what the call is about, as in HCL.
pub(super) fn span(rpc: &'static str, subject: Option<(&'static str, &str)>) -> Span {
    use tracing::field::Empty;
    let span = tracing::info_span!(
        "call",
        tf_req_id = Empty,
        tf_rpc = rpc,
        tf_resource_type = Empty,
        tf_data_source_type = Empty,
        tf_list_resource_type = Empty,
        tf_action_type = Empty,
        tf_function_name = Empty,
    );
    if !span.is_disabled() {
        span.record("tf_req_id", uuid::Uuid::new_v4().to_string());
        if let Some((field, name)) = subject {
            span.record(field, name);
        }
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
