//! What every provider needs and none should write: values, schemas, planning, and the
//! conversation with Terraform.
//!
//! A provider implements [`Provider`], [`Resource`], [`DataSource`] and [`Function`] with plain
//! types and hands the first to [`server::ProviderServer`]. It never meets a gRPC message or an
//! unknown value. `server` alone knows the protocol's messages; everything else here is pure.

pub mod conform;
mod data_source;
mod diagnostics;
pub mod docs;
mod function;
mod model;
mod nested;
mod number;
pub mod plan;
mod provider;
mod replace;
mod resource;
pub mod schema;
pub mod server;
pub mod validate;
mod value;

pub use crate::model;

pub use self::{
    data_source::{DataSource, DynDataSource},
    diagnostics::{AttributePath, Diagnostic, Diagnostics, Severity, Step},
    function::{Function, FunctionError, Parameter, Signature, check_argument},
    model::{Field, Model, ModelError, Nested, Setting, take_field},
    number::{Number, ParseNumberError},
    provider::{Configured, Provider},
    resource::{DynResource, Failure, PlannedChange, Resource},
    value::{Object, Promises, Refinement, Set, Type, Value},
};
