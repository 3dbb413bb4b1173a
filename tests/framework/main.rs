//! The protocol's calls, made on a [`ProviderServer`] in this process, as Terraform makes them.
//!
//! The provider served is `fake_provider`, written as a user of the framework would write one. What
//! is sent and answered is written in JSON here and put into MessagePack by `calls::wire`, which
//! shares no code with the server's codec.
//!
//! [`ProviderServer`]: realtimekit::framework::server::ProviderServer
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod actions;
#[allow(dead_code, unused_imports, reason = "shared with tests of webhooks")]
#[path = "../support/calls/mod.rs"]
mod calls;
mod configuration;
mod failures;
mod fake_action;
mod fake_book;
mod fake_list_resource;
mod fake_provider;
mod fake_resource;
mod functions;
mod identities;
mod lifecycle;
mod lists;
mod schema;
mod stored_states;
mod terraform;
mod unreadable;
