//! A provider that does nothing: what Terraform takes for any plugin, and for so many attributes.
//!
//! It is this program, under the name that Terraform looks for: nothing else has to be built.

use std::{env, fs, path::Path};

use realtimekit::{
    framework::{
        ApplyError, Configured, Diagnostics, DynDataSource, DynResource, ImportTarget, Model,
        Object, Provider, Resource, Type, Value, ValueError, WithWarnings,
        schema::{ProviderDefaults, Schema, computed, optional},
        server::ProviderServer,
    },
    mock_api::{SAMPLE_ACCOUNT_ID, SAMPLE_APP_ID},
    plugin,
    provider::RealtimeKit,
};

use crate::Error;

/// Has two attributes.
pub(crate) const THING: &str = "bare_thing";
/// Has the attributes of a `realtimekit_webhook`.
pub(crate) const WEBHOOK: &str = "bare_webhook";

const PROGRAM: &str = "terraform-provider-bare";

/// Puts the plugin into `directory`.
pub(crate) fn install(directory: &Path) -> Result<(), Error> {
    fs::copy(env::current_exe()?, directory.join(PROGRAM))?;
    Ok(())
}

/// Whether this process is the plugin.
pub(crate) fn is_this() -> bool {
    env::current_exe().is_ok_and(|program| program.ends_with(PROGRAM))
}

pub(crate) fn serve() -> Result<(), Error> {
    let provider = ProviderServer::new(Bare);
    let tasks = provider.tasks();
    Ok(plugin::serve(provider, tasks)?)
}

struct Bare;

/// A resource that is as its state says.
struct Still {
    type_name: &'static str,
    schema: fn() -> Schema,
}

/// Whatever attributes there are.
struct Attributes(Object);

impl Model for Attributes {
    const FIELDS: &'static [&'static str] = &[];

    fn from_object(object: Object) -> Result<Self, ValueError> {
        Ok(Self(object))
    }

    fn into_object(self) -> Object {
        self.0
    }
}

impl Provider for Bare {
    type Client = ();
    type Config = Attributes;

    fn schema(&self) -> Schema {
        Schema::new("", [])
    }

    fn configure(&self, _: Attributes, _: &str) -> Result<Configured<()>, Diagnostics> {
        Ok(Configured {
            client: Ok(()),
            // as a webhook's state has them, which follow the provider block
            defaults: ProviderDefaults::from([
                ("account_id".to_owned(), Value::from(SAMPLE_ACCOUNT_ID)),
                ("app_id".to_owned(), Value::from(SAMPLE_APP_ID)),
            ]),
        })
    }

    fn stop(&self, (): &()) {}

    fn resources(&self) -> Vec<Box<dyn DynResource<()>>> {
        vec![
            Box::new(Still {
                type_name: THING,
                schema: two_attributes,
            }),
            Box::new(Still {
                type_name: WEBHOOK,
                schema: attributes_of_a_webhook,
            }),
        ]
    }

    fn data_sources(&self) -> Vec<Box<dyn DynDataSource<()>>> {
        Vec::new()
    }
}

fn two_attributes() -> Schema {
    let id = computed("id", Type::String, "").use_state_for_unknown();
    Schema::new("", [id, optional("input", Type::String, "")])
}

fn attributes_of_a_webhook() -> Schema {
    let resources = RealtimeKit::default().resources();
    let webhook = resources
        .iter()
        .map(|resource| resource.declaration())
        .find(|declared| declared.type_name == "realtimekit_webhook");
    webhook.expect("the provider has webhooks").schema
}

impl Resource for Still {
    type Client = ();
    type Plan = Attributes;
    type State = Attributes;

    fn type_name(&self) -> &'static str {
        self.type_name
    }

    fn schema(&self) -> Schema {
        (self.schema)()
    }

    async fn create(
        &self,
        (): &(),
        plan: Attributes,
    ) -> Result<WithWarnings<Attributes>, ApplyError<Attributes>> {
        Ok(plan.into())
    }

    async fn read(
        &self,
        (): &(),
        state: Attributes,
    ) -> Result<WithWarnings<Option<Attributes>>, Diagnostics> {
        Ok(Some(state).into())
    }

    async fn update(
        &self,
        (): &(),
        _: Attributes,
        plan: Attributes,
    ) -> Result<WithWarnings<Attributes>, ApplyError<Attributes>> {
        Ok(plan.into())
    }

    async fn delete(&self, (): &(), _: Attributes) -> Result<(), Diagnostics> {
        Ok(())
    }

    async fn import(
        &self,
        (): &(),
        _: &ProviderDefaults,
        _: ImportTarget,
    ) -> Result<WithWarnings<Attributes>, Diagnostics> {
        Err(Diagnostics::error("Could Not Import", "There is nothing."))
    }
}
