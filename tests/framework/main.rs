//! The protocol's calls, made on a [`ProviderServer`] in this process, as Terraform makes them.
//!
//! The providers served are `fake_provider`, which has doors, and `library`, with two resources as a
//! user would write them. What is sent and answered is written in JSON here and put into
//! MessagePack by `calls::wire`, which shares no code with the server's codec.
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
mod fake_list_resource;
mod fake_provider;
mod functions;
mod identities;
mod library;
mod lifecycle;
mod lists;
#[path = "../planning/terraform/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "only some of the rules are needed here"
)]
mod rules;
mod schema;
mod second_resource;
mod stored_states;
mod terraform;
mod unreadable;
