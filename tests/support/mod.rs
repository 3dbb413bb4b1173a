//! Terraform's part: starts the provider, reads its handshake line, calls it and ends it.
//!
//! ```ignore
//! let mut terraform = Core::start().await;
//! let schema = terraform.provider.get_provider_schema(Request {}).await;
//! ```

mod calls;
mod core;
pub(crate) mod handshake;
mod identity;
pub(crate) mod launch;
mod plugin;
#[path = "../framework/wire.rs"]
pub(crate) mod wire;

pub(crate) use self::{
    calls::{
        ACCOUNT, APP, Answer, Calls, Instance, TOLD_NOTHING, WEBHOOK, bell, object, provider_block,
        webhook,
    },
    core::{Core, is_served, provider_client},
    handshake::{Handshake, Versions},
    identity::Identity,
    launch::Launch,
    plugin::Plugin,
};

use std::time::Duration;

/// How long a test waits for what is bound to happen, be the machine as busy as it may.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
