//! The mock API over real HTTP: what a client gets to see of each route, quirk and fault.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a failed helper fails its test"
)]

mod receiver;
mod support;

mod binary;
mod control;
mod deliveries;
mod faults;
mod quirks;
mod routes;
