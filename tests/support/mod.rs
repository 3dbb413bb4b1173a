//! Terraform's part: starts the provider, reads its handshake line, calls it and ends it.
//!
//! ```ignore
//! let terraform = Core::start().await;
//! let created = terraform.calls().change(&Answer::default(), &bell("bell")).await.plainly();
//! ```

pub(crate) mod calls;
mod core;
pub(crate) mod handshake;
mod identity;
pub(crate) mod launch;
mod plugin;
mod webhook;

pub(crate) use self::{
    calls::{Answer, Calls, PATIENCE, WEBHOOK, call, raw, wire},
    core::{Core, configured, is_served},
    handshake::{Handshake, Versions},
    identity::Identity,
    launch::{Launch, MAGIC_COOKIE},
    plugin::{Plugin, until},
    webhook::{ACCOUNT, APP, bell, identity_of, look_up, object, provider_block, query, webhook},
};
