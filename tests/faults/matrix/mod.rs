//! The fault matrix: what becomes of each operation under each fault, if it comes once and if
//! it stays.
//!
//! What is expected is written from the rules: GET, PUT and DELETE are sent again after what
//! may pass; a POST is not, unless the API cannot have acted on it, or the list does not show
//! what it would have made; a wait that is asked for is kept; nothing is concluded from what is
//! no answer of the API.

mod ambiguous_create;
mod cell;
mod expectations;
mod fault;
mod operation;
mod tables;
mod tcp_proxy;
