//! Terraform's part: starts the provider, reads its handshake line, calls it and ends it.
//!
//! ```ignore
//! let mut terraform = Core::start().await;
//! let created = terraform.calls().change(&Answer::default(), &bell("bell")).await.plainly();
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
        ACCOUNT, APP, Answer, Calls, WEBHOOK, bell, call, identity_of, look_up, object,
        provider_block, query, raw, webhook,
    },
    core::{Core, configured, is_served},
    handshake::{Handshake, Versions},
    identity::Identity,
    launch::{Launch, MAGIC_COOKIE},
    plugin::{Plugin, until},
};

use std::time::Duration;

/// How long a test waits for what is bound to happen, be the machine as busy as it may.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
