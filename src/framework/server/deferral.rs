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
    /// The capabilities of the client, without deferrals where it offers them by mistake.
    pub(super) fn client_capabilities(
        &self,
        capabilities: Option<ClientCapabilities>,
    ) -> Option<ClientCapabilities> {
        capabilities.filter(|_| !self.cannot_defer.load(Ordering::Relaxed))
    }
}

/// Whether a client offers deferrals although it cannot handle them: OpenTofu 1.11.0 to 1.11.3
/// ignore them or fail (<https://github.com/opentofu/opentofu/pull/3676>). Terraform has versions
/// with these numbers too, which lose deferrals in Stacks only.
pub(super) fn offers_deferrals_by_mistake(version: &str) -> bool {
    matches!(version, "1.11.0" | "1.11.1" | "1.11.2" | "1.11.3")
}

/// What a call that needs the client gets.
pub(super) enum Access<'c, C> {
    Client(&'c C),
    Deferred(Deferred),
}

/// The client, or a deferral.
///
/// # Errors
/// There is no client yet, and Terraform takes no deferral.
pub(super) fn access<C>(
    configured: &Configured<C>,
    capabilities: Option<ClientCapabilities>,
) -> Result<Access<'_, C>, Diagnostics> {
    match (&configured.client, deferral(configured, capabilities)) {
        (Ok(client), _) => Ok(Access::Client(client)),
        (Err(_), Some(deferred)) => Ok(Access::Deferred(deferred)),
        (Err(diagnostics), None) => Err(diagnostics.clone()),
    }
}

/// The deferral of a call that can do without a client, but had better wait for one.
pub(super) fn deferral<C>(
    configured: &Configured<C>,
    capabilities: Option<ClientCapabilities>,
) -> Option<Deferred> {
    let waits = configured.client.is_err();
    (waits && is_allowed(capabilities)).then(provider_config_deferral)
}

/// Whether Terraform takes a deferral. Old versions do not say, and take none.
pub(super) fn is_allowed(capabilities: Option<ClientCapabilities>) -> bool {
    capabilities.is_some_and(|capabilities| capabilities.deferral_allowed)
}

/// Deferred until the provider block is known.
pub(super) fn provider_config_deferral() -> Deferred {
    Deferred {
        reason: Reason::ProviderConfigUnknown.into(),
    }
}
