//! The protocol's calls, made on a [`ProviderServer`] in this process, as Terraform makes them.
//!
//! The provider served is `house`, which has doors; and `garage`, where states come from
//! elsewhere. What is sent and answered is written in
//! JSON here and put into MessagePack by `wire`, which shares no code with the server's codec.
//!
//! [`ProviderServer`]: realtimekit::framework::server::ProviderServer
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod actions;
mod config_generation;
mod configuration;
mod deferral;
mod failures;
mod fake_action;
mod fake_list_resource;
mod fake_provider;
mod fake_upgrades;
mod functions;
mod identities;
mod lifecycle;
mod lists;
mod moves;
mod panics;
mod schema;
mod terraform;
mod unreadable;
mod upgrades;
mod wire;
