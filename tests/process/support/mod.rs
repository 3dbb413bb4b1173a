//! Terraform's part: starts the provider, reads its handshake line, calls it and ends it.
//!
//! ```ignore
//! let mut terraform = Core::start().await;
//! let schema = terraform.provider.get_provider_schema(Request {}).await;
//! ```

mod core;
mod handshake;
mod identity;
mod launch;
mod plugin;
pub(crate) mod realtimekit;

pub(crate) use self::{
    core::{Core, provider_client},
    handshake::Handshake,
    handshake::Versions,
    identity::Identity,
    launch::{Launch, provider},
    plugin::Plugin,
};

use std::time::Duration;

/// How long a test waits for what is bound to happen, be the machine as busy as it may.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
