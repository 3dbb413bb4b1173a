//! The wire format: framework types to and from the protocol's messages.

#[cfg(test)]
pub(super) mod arbitrary;
pub(super) mod codec_error;
pub(super) mod from_proto;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
mod json;
mod msgpack;
pub(super) mod to_proto;
mod type_constraint;
