//! What every provider needs and none should write: values, schemas, planning, and the
//! conversation with Terraform.
//!
//! A provider implements [`Provider`], [`Resource`], [`DataSource`] and others with plain
//! types and hands the first to [`server::ProviderServer`]. It never meets a gRPC message, and an
//! unknown value only where its types say so ([`MaybeUnknown`], [`Object`]). `server` alone knows
//! the protocol's messages; everything else here is pure.

mod action;
pub mod config_generation;
pub mod consistency;
mod data_source;
mod declaration;
mod diagnostics;
mod function;
pub mod identity;
mod list_resource;
mod model;
mod nested;
mod number;
pub mod plan;
mod provider;
mod resource;
pub mod schema;
pub mod server;
mod stored_state;
pub mod timeouts;
pub mod validate;
mod value;
mod value_error;

pub use crate::model;

pub use self::{
    action::{Action, DynAction, Progress},
    data_source::{DataSource, DynDataSource},
    declaration::Declaration,
    diagnostics::{AttributePath, Diagnostic, Diagnostics, Severity, Step, WithWarnings},
    function::{Function, FunctionError, Parameter, Signature, check_argument},
    identity::IdentitySchema,
    list_resource::{DynListResource, ListResource, ListResult, ListResultStream},
    model::{Field, MaybeUnknown, Model, Nested, take_field},
    number::{Number, ParseNumberError},
    provider::{Configured, Provider},
    resource::{ApplyError, DynResource, ImportTarget, PlannedChange, Resource},
    stored_state::{MoveSource, StateMover, StateUpgrader},
    value::{Name, Object, Set, Type, Value},
    value_error::ValueError,
};
