//! What every provider needs and none should write: values, schemas, planning, and the
//! conversation with Terraform.
//!
//! A provider implements [`Provider`], [`Resource`], [`DataSource`] and others with plain
//! types and hands the first to [`server::ProviderServer`]. It never meets a gRPC message or an
//! unknown value. `server` alone knows the protocol's messages; everything else here is pure.

mod action;
pub mod conform;
mod data_source;
mod diagnostics;
pub mod docs;
mod function;
pub mod generate;
pub mod identity;
mod list_resource;
mod model;
mod moves;
mod nested;
mod number;
mod object;
pub mod plan;
mod provider;
mod replace;
mod resource;
pub mod schema;
pub mod server;
pub mod timeouts;
mod upgrade;
pub mod validate;
mod value;

pub use crate::model;

pub use self::{
    action::{Action, DynAction, Progress},
    data_source::{DataSource, DynDataSource},
    diagnostics::{AttributePath, Diagnostic, Diagnostics, Severity, Step, WithWarnings},
    function::{Function, FunctionError, Parameter, Signature, check_argument},
    identity::IdentitySchema,
    list_resource::{DynListResource, ListResource, Listed, Listing},
    model::{Field, Model, ModelError, Nested, Setting, take_field},
    moves::{MoveSource, Mover},
    number::{Number, ParseNumberError},
    provider::{Configured, Provider},
    resource::{DynResource, Failure, ImportTarget, PlannedChange, Resource},
    upgrade::Upgrade,
    value::{Name, Object, Promises, Refinement, Set, Type, Value},
};
