//! What Terraform does with a plan, and what it demands of one.
//!
//! Written from the behaviour of Terraform 1.16 (package `plans/objchange`, and the planning
//! of a resource instance), for schemas without blocks and without nested sets, as this
//! framework has them. It shares nothing with the framework but the types of its arguments,
//! and each rule has a test in which it refuses something.

mod action;
mod compatible;
mod config;
mod plan_valid;
mod proposed_new;
mod values;

pub(crate) use self::{
    action::{Action, action, required_replaces},
    compatible::assert_object_compatible,
    config::config_problems,
    plan_valid::assert_plan_valid,
    proposed_new::proposed_new,
    values::conforms,
};
