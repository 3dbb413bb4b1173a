//! A provider whose one function panics, to show what becomes of a bug.
#![allow(clippy::panic, reason = "this is what it is for")]

use std::process::ExitCode;

use realtimekit::{
    framework::{
        Configured, Diagnostics, DynDataSource, DynResource, Function, FunctionError, MaybeUnknown,
        Provider, Signature, Type, Value, model,
        schema::{ProviderDefaults, Schema, optional},
        server::ProviderServer,
    },
    plugin::{self, LogFormat},
};

struct Panicking;

struct Block {
    token: MaybeUnknown<String>,
}
model!(Block { token });

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
        Vec::new()
    }

    fn data_sources(&self) -> Vec<Box<dyn DynDataSource<()>>> {
        Vec::new()
    }

    fn functions(&self) -> Vec<Box<dyn Function>> {
        vec![Box::new(Panic)]
    }
}

struct Panic;

impl Function for Panic {
    fn name(&self) -> &'static str {
        "panic"
    }

    fn signature(&self) -> Signature {
        Signature {
            summary: String::new(),
            description: String::new(),
            parameters: Vec::new(),
            variadic: None,
            returns: Type::String,
        }
    }

    fn call(&self, _: Vec<Value>) -> Result<Value, FunctionError> {
        panic!("the hinges gave way")
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
