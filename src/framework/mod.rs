//! What every provider needs and none should write: values, schemas, planning, and the
//! conversation with Terraform.
//!
//! A provider implements [`Provider`], [`Resource`], [`DataSource`] and [`ListResource`] with
//! plain types and hands the first to [`server::ProviderServer`]. It never meets a gRPC message or an unknown
//! value. `server` alone knows the protocol's messages; everything else here is pure.

pub mod conform;
mod data_source;
mod diagnostics;
pub mod docs;
pub mod generate;
pub mod identity;
mod list_resource;
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
    identity::IdentitySchema,
    list_resource::{DynListResource, ListResource, Listed, Listing},
    model::{Field, Model, ModelError, Nested, Setting, take_field},
    number::{Number, ParseNumberError},
    provider::{Configured, Provider},
    resource::{DynResource, Failure, ImportTarget, PlannedChange, Resource},
    value::{Object, Promises, Refinement, Set, Type, Value},
};
