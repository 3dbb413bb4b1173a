//! The fault matrix: what becomes of each operation under each fault, if it comes once and if
//! it stays.
//!
//! What is expected follows from the rules: GET, PUT and DELETE are sent again after a failure that
//! may pass; a POST is not, unless the API cannot have acted on it, or the list does not show what
//! it would have made; a `Retry-After` is obeyed; nothing is concluded from an answer that is not
//! the API's.

mod ambiguous_create;
mod cell;
mod expectations;
mod fault;
mod operation;
mod tables;
