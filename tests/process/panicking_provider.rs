//! A provider whose one resource panics, to show what becomes of a bug.
#![allow(clippy::panic, reason = "this is what it is for")]

use std::process::ExitCode;

use realtimekit::{
    framework::{
        ApplyError, Configured, Diagnostics, DynDataSource, DynResource, ImportTarget,
        MaybeUnknown, Provider, Resource, Type, WithWarnings, model,
        schema::{ProviderDefaults, Schema, optional, required},
        server::ProviderServer,
    },
    plugin::{self, LogFormat},
};

struct Panicking;

struct Block {
    token: MaybeUnknown<String>,
}
model!(Block { token });

struct Door;

struct DoorState {
    name: String,
}
model!(DoorState { name });

impl Provider for Panicking {
    type Client = ();
    type Config = Block;

    fn schema(&self) -> Schema {
        Schema::new("", [optional("token", Type::String, "")])
    }

    fn configure(&self, _: Block, _: &str) -> Result<Configured<()>, Diagnostics> {
        Ok(Configured {
            client: Ok(()),
            defaults: ProviderDefaults::new(),
        })
    }

    fn stop(&self, (): &()) {}

    fn resources(&self) -> Vec<Box<dyn DynResource<()>>> {
        vec![Box::new(Door)]
    }

    fn data_sources(&self) -> Vec<Box<dyn DynDataSource<()>>> {
        Vec::new()
    }
}

impl Resource for Door {
    type Client = ();
    type Plan = DoorState;
    type State = DoorState;

    fn type_name(&self) -> &'static str {
        "panicking_door"
    }

    fn schema(&self) -> Schema {
        Schema::new("", [required("name", Type::String, "")])
    }

    async fn create(
        &self,
        (): &(),
        _: DoorState,
    ) -> Result<WithWarnings<DoorState>, ApplyError<DoorState>> {
        panic!("the hinges gave way")
    }

    async fn read(
        &self,
        (): &(),
        state: DoorState,
    ) -> Result<WithWarnings<Option<DoorState>>, Diagnostics> {
        Ok(Some(state).into())
    }

    async fn update(
        &self,
        (): &(),
        _: DoorState,
        plan: DoorState,
    ) -> Result<WithWarnings<DoorState>, ApplyError<DoorState>> {
        Ok(plan.into())
    }

    async fn delete(&self, (): &(), _: DoorState) -> Result<(), Diagnostics> {
        Ok(())
    }

    async fn import(
        &self,
        (): &(),
        _: &ProviderDefaults,
        target: ImportTarget,
    ) -> Result<WithWarnings<DoorState>, Diagnostics> {
        match target {
            ImportTarget::Id(name) => Ok(DoorState { name }.into()),
            ImportTarget::Identity(_) => panic!("a door without an identity has one"),
        }
    }
}

fn main() -> ExitCode {
    plugin::install_panic_hook();
    plugin::start_logging("panicking", &["realtimekit"], LogFormat::Json);
    let provider = ProviderServer::new(Panicking);
    let tasks = provider.tasks();
    match plugin::serve(provider, tasks) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
