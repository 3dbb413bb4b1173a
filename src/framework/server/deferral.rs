//! When a call is put off: the one rule for all calls that could not do their work yet.
//!
//! A provider block may depend on what is known only after an apply. Then there is no client,
//! and a call that needs one is deferred to a later run, if Terraform allows it; otherwise it
//! fails with what the practitioner can do. Where Terraform applies, the provider block is
//! known, so nothing is deferred there, although Terraform would seem to allow it.

use std::sync::atomic::Ordering;

use super::registry::ProviderServer;
use crate::framework::{Configured, Diagnostics, Provider};
use crate::proto::tfplugin6::{ClientCapabilities, Deferred, deferred::Reason};

impl<P: Provider> ProviderServer<P> {
    /// Whether the client takes a deferral. Old versions do not say, and take none.
    pub(super) fn may_defer(&self, capabilities: Option<ClientCapabilities>) -> bool {
        capabilities.is_some_and(|capabilities| capabilities.deferral_allowed)
            && !self.cannot_defer.load(Ordering::Relaxed)
    }
}

/// Whether a client offers deferrals although it cannot handle them: OpenTofu 1.11.0 to 1.11.3
/// ignore them or fail (<https://github.com/opentofu/opentofu/pull/3676>). Terraform has versions
/// with these numbers too, which lose deferrals in Stacks only.
pub(super) fn offers_deferrals_by_mistake(version: &str) -> bool {
    matches!(version, "1.11.0" | "1.11.1" | "1.11.2" | "1.11.3")
}

/// The client, or a deferral; an error if there is no client yet and Terraform takes no deferral.
pub(super) fn access<C>(
    configured: &Configured<C>,
    may_defer: bool,
) -> Result<Result<&C, Deferred>, Diagnostics> {
    match (&configured.client, deferral(configured, may_defer)) {
        (Ok(client), _) => Ok(Ok(client)),
        (Err(_), Some(deferred)) => Ok(Err(deferred)),
        (Err(diagnostics), None) => Err(diagnostics.clone()),
    }
}

/// The deferral of a call that can do without a client, but should wait for one.
pub(super) fn deferral<C>(configured: &Configured<C>, may_defer: bool) -> Option<Deferred> {
    (may_defer && configured.client.is_err()).then(provider_config_deferral)
}

/// Deferred until the provider block is known.
pub(super) fn provider_config_deferral() -> Deferred {
    Deferred {
        reason: Reason::ProviderConfigUnknown.into(),
    }
}
