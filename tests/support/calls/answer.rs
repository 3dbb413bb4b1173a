//! What a provider answers, and its messages as text.

use std::slice;

use realtimekit::proto::tfplugin6::{
    AttributePath, Deferred, Diagnostic, ResourceIdentityData, attribute_path::step::Selector,
    deferred::Reason, diagnostic::Severity,
};
use serde_json::Value as Json;

use super::wire::{self, UNKNOWN};

/// An answer of the provider, and what Terraform stores of it. Values are null if there are none:
/// Terraform makes no difference.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Answer {
    pub(crate) state: Json,
    pub(crate) identity: Json,
    pub(crate) private: Vec<u8>,
    /// Attributes whose change requires replacement, as paths in HCL.
    pub(crate) requires_replace: Vec<String>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) deferred: bool,
}

impl Answer {
    /// The answer, in which nothing may be said and nothing deferred.
    #[track_caller]
    pub(crate) fn plainly(self) -> Self {
        assert_eq!((told(&self.diagnostics), self.deferred), (vec![], false));
        self
    }

    pub(crate) fn failed(&self) -> bool {
        failed(&self.diagnostics)
    }
}

/// An identity, which must be as Terraform demands (package `terraform`: `validateIdentityKnown`).
#[track_caller]
pub(super) fn identity(message: Option<ResourceIdentityData>) -> Json {
    let identity = wire::json(message.and_then(|it| it.identity_data));
    let mut parts = identity.as_object().into_iter().flat_map(|it| it.values());
    let is_whole = parts.all(|part| part.is_string() && part != UNKNOWN);
    assert!(is_whole, "Terraform: invalid {identity}");
    identity
}

/// Whether a call is deferred: for the one reason that Terraform takes for each kind of call.
#[track_caller]
pub(super) fn is_deferred(message: Option<Deferred>) -> bool {
    let reason = message.map(|it| it.reason());
    assert!(reason.is_none_or(|it| it == Reason::ProviderConfigUnknown));
    reason.is_some()
}

/// Fails unless a message is complete and shows nothing that it must not show.
#[track_caller]
pub(super) fn check_message(message: &Diagnostic, never_shown: &[&str]) {
    let is_complete = !message.summary.is_empty() && !message.detail.is_empty();
    assert!(is_complete, "{message:?}");
    let shown = text(slice::from_ref(message));
    for never in never_shown {
        assert!(!shown.contains(never), "{shown}");
    }
}

/// Whether there is an error among the messages.
pub(crate) fn failed(diagnostics: &[Diagnostic]) -> bool {
    let mut severities = diagnostics.iter().map(Diagnostic::severity);
    severities.any(|severity| severity == Severity::Error)
}

/// Severity, path and summary of each message.
pub(crate) fn told(diagnostics: &[Diagnostic]) -> Vec<String> {
    let told = diagnostics.iter().map(|diagnostic| {
        let severity = format!("{:?}", diagnostic.severity()).to_lowercase();
        let place = diagnostic.attribute.as_ref().map(path);
        let place = place.map(|path| format!(" at {path}")).unwrap_or_default();
        format!("{severity}{place}: {}", diagnostic.summary)
    });
    told.collect()
}

/// Fails unless the only message is this one; returns its detail.
#[track_caller]
pub(crate) fn only<'d>(diagnostics: &'d [Diagnostic], expected: &str) -> &'d str {
    assert_eq!(told(diagnostics), [expected]);
    check_message(&diagnostics[0], &[]);
    &diagnostics[0].detail
}

/// All messages in full.
pub(crate) fn text(diagnostics: &[Diagnostic]) -> String {
    let details = diagnostics.iter().map(|it| it.detail.as_str());
    let messages = told(diagnostics).into_iter().zip(details);
    let messages = messages.map(|(told, detail)| format!("{told}\n{detail}"));
    messages.collect::<Vec<_>>().join("\n\n")
}

/// A path as in HCL.
pub(crate) fn path(path: &AttributePath) -> String {
    let steps = path.steps.iter();
    let steps = steps.map(|step| match step.selector.as_ref().expect("a selector") {
        Selector::AttributeName(name) => format!(".{name}"),
        Selector::ElementKeyString(key) => format!("[{key:?}]"),
        Selector::ElementKeyInt(index) => format!("[{index}]"),
    });
    steps.collect::<String>().trim_start_matches('.').to_owned()
}
