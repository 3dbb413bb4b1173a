//! The wire format: framework types to and from the protocol's messages.

pub(super) mod from_proto;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
mod json;
mod msgpack;
#[cfg(test)]
mod tests;
pub(super) mod to_proto;
mod type_constraint;
