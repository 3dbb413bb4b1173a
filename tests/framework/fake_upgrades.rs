//! The provider of the stored states: a garage, whose gates were stored in other ways before.
//!
//! Nothing can be done with its gates: an upgrade and a move work on an unconfigured provider.

use realtimekit::{
    framework::{
        ApplyError, Configured, Diagnostics, DynDataSource, DynResource, ImportTarget,
        MaybeUnknown, MoveSource, Number, Provider, Resource, StateMover, StateUpgrader, Type,
        WithWarnings,
        schema::{ProviderDefaults, Schema, computed, optional, required},
        server::ProviderServer,
    },
    model,
};

/// The schema version of today.
pub(crate) const TODAY: i64 = 3;

pub(crate) fn server() -> ProviderServer<GarageProvider> {
    ProviderServer::new(GarageProvider)
}

pub(crate) struct GarageProvider;

pub(crate) struct GarageConfig {
    garage: MaybeUnknown<String>,
}
model!(GarageConfig { garage });

impl Provider for GarageProvider {
    type Client = ();
    type Config = GarageConfig;

    fn schema(&self) -> Schema {
        Schema::new("A garage.", [optional("garage", Type::String, "Which.")])
    }

    fn configure(&self, _: GarageConfig, _: &str) -> Result<Configured<()>, Diagnostics> {
        panic!("nothing here needs a configured provider")
    }

    fn stop(&self, (): &()) {}

    fn resources(&self) -> Vec<Box<dyn DynResource<()>>> {
        vec![Box::new(GateResource), Box::new(FenceResource)]
    }

    fn data_sources(&self) -> Vec<Box<dyn DynDataSource<()>>> {
        Vec::new()
    }
}

struct GateResource;

/// Version 3. The width may be null: a door does not show it.
pub(crate) struct Gate {
    name: String,
    width: Option<Number>,
    open: bool,
}
model!(Gate { name, width, open });

/// Version 2: the width was text, and in it the unit.
struct GateOfText {
    name: String,
    width: String,
}
model!(GateOfText { name, width });

/// What the configuration decides.
pub(crate) struct GatePlan {
    name: String,
    width: Option<Number>,
}
model!(GatePlan { name, width });

impl GatePlan {
    fn into_gate(self) -> Gate {
        Gate {
            name: self.name,
            width: self.width,
            open: false,
        }
    }
}

impl Resource for GateResource {
    type Client = ();
    type Plan = GatePlan;
    type State = Gate;

    fn type_name(&self) -> &'static str {
        "garage_gate"
    }

    fn schema(&self) -> Schema {
        let attributes = [
            required("name", Type::String, "What it is called."),
            optional("width", Type::Number, "In metres."),
            computed("open", Type::Bool, "Whether it is open."),
        ];
        Schema {
            version: TODAY,
            ..Schema::new("A gate.", attributes)
        }
    }

    fn state_upgraders(&self) -> Vec<StateUpgrader<Gate>> {
        let attributes = [("name", Type::String), ("width", Type::String)];
        vec![StateUpgrader::new(2, attributes, |old: GateOfText| {
            let width = old.width.trim_end_matches(" m").parse();
            let width = width.map_err(|_| {
                Diagnostics::error("Strange Width", "The width is not in metres.").at("width")
            })?;
            Ok(Gate {
                name: old.name,
                width: Some(width),
                open: false,
            })
        })]
    }

    fn state_movers(&self) -> Vec<StateMover<Gate>> {
        vec![StateMover::new("house_door", from_door)]
    }

    async fn create(
        &self,
        (): &(),
        plan: GatePlan,
    ) -> Result<WithWarnings<Gate>, ApplyError<Gate>> {
        Ok(plan.into_gate().into())
    }

    async fn read(&self, (): &(), state: Gate) -> Result<WithWarnings<Option<Gate>>, Diagnostics> {
        Ok(Some(state).into())
    }

    async fn update(
        &self,
        (): &(),
        _: Gate,
        plan: GatePlan,
    ) -> Result<WithWarnings<Gate>, ApplyError<Gate>> {
        Ok(plan.into_gate().into())
    }

    async fn delete(&self, (): &(), _: Gate) -> Result<(), Diagnostics> {
        Ok(())
    }

    async fn import(
        &self,
        (): &(),
        _: &ProviderDefaults,
        _: ImportTarget,
    ) -> Result<WithWarnings<Gate>, Diagnostics> {
        Err(Diagnostics::error(
            "Nothing There",
            "A gate is not imported.",
        ))
    }
}

fn from_door(source: &MoveSource) -> Result<Gate, Diagnostics> {
    let name = source.state.get("name").and_then(|name| name.as_str());
    let name = name.ok_or_else(|| source.refused("It has no name."))?;
    Ok(Gate {
        name: name.to_owned(),
        width: None,
        open: false,
    })
}

/// Has always been stored as it is, and takes nothing over.
struct FenceResource;

pub(crate) struct Fence {
    name: String,
}
model!(Fence { name });

impl Resource for FenceResource {
    type Client = ();
    type Plan = Fence;
    type State = Fence;

    fn type_name(&self) -> &'static str {
        "garage_fence"
    }

    fn schema(&self) -> Schema {
        Schema::new("A fence.", [required("name", Type::String, "Its name.")])
    }

    async fn create(&self, (): &(), plan: Fence) -> Result<WithWarnings<Fence>, ApplyError<Fence>> {
        Ok(plan.into())
    }

    async fn read(
        &self,
        (): &(),
        state: Fence,
    ) -> Result<WithWarnings<Option<Fence>>, Diagnostics> {
        Ok(Some(state).into())
    }

    async fn update(
        &self,
        (): &(),
        _: Fence,
        plan: Fence,
    ) -> Result<WithWarnings<Fence>, ApplyError<Fence>> {
        Ok(plan.into())
    }

    async fn delete(&self, (): &(), _: Fence) -> Result<(), Diagnostics> {
        Ok(())
    }

    async fn import(
        &self,
        (): &(),
        _: &ProviderDefaults,
        _: ImportTarget,
    ) -> Result<WithWarnings<Fence>, Diagnostics> {
        Err(Diagnostics::error(
            "Nothing There",
            "A fence is not imported.",
        ))
    }
}
