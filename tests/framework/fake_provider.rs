//! The provider under test: a house with doors, in memory.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, Mutex, MutexGuard},
};

use realtimekit::framework::{
    ApplyError, Configured, DataSource, Diagnostics, DynAction, DynDataSource, DynListResource,
    DynResource, Field, Function, IdentitySchema, ImportTarget, MaybeUnknown, Number, Object,
    Provider, Resource, Type, Value, WithWarnings,
    identity::{optional_for_import, required_for_import},
    model,
    schema::{ProviderDefaults, Schema, computed, optional, required},
};
use tokio::sync::Notify;

use crate::fake_action::Ring;
use crate::fake_list_resource::DoorListResource;

type Stored<S> = Result<WithWarnings<S>, ApplyError<S>>;
type Found<S> = Result<WithWarnings<S>, Diagnostics>;

/// The house, shared by the provider and the test.
#[derive(Debug, Clone, Default)]
pub(crate) struct House(Arc<Mutex<Rooms>>, Arc<Notify>);

#[derive(Debug, Default)]
pub(crate) struct Rooms {
    pub(crate) doors: BTreeMap<String, Door>,
    next: Fault,
    paints: i64,
    pub(crate) rings: usize,
    /// How many doors were looked at for a list.
    pub(crate) looks: usize,
}

/// What the next operation on the house comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Fault {
    #[default]
    None,
    /// Nothing happens.
    Refused,
    /// The door is made or changed, but ends up closed.
    Jammed,
    /// It succeeds, with another name than the one asked for.
    Misspelt,
    /// The answer is about another door.
    Swapped,
    /// A new door is made, or the bell rung, only after [`House::hurry`].
    Late,
    Panic,
}

impl House {
    pub(crate) fn rooms(&self) -> MutexGuard<'_, Rooms> {
        self.0.lock().unwrap()
    }

    pub(crate) fn next(&self, fault: Fault) {
        self.rooms().next = fault;
    }

    pub(crate) fn doors(&self) -> usize {
        self.rooms().doors.len()
    }

    /// Ends the wait of what is late.
    pub(crate) fn hurry(&self) {
        self.1.notify_one();
    }

    pub(crate) async fn wait_if_late(&self) {
        let is_late = self.rooms().next == Fault::Late;
        if is_late {
            self.1.notified().await;
        }
    }

    /// The fault of this operation, which happens if it is not refused.
    pub(crate) fn fault(&self) -> Result<Fault, Diagnostics> {
        let fault = mem::take(&mut self.rooms().next);
        assert_ne!(fault, Fault::Panic, "the house is on fire");
        match fault {
            Fault::Refused => Err(refused()),
            fault => Ok(fault),
        }
    }

    #[expect(clippy::result_large_err, reason = "a failure holds a whole door")]
    fn store(&self, id: String, plan: DoorPlan) -> Stored<Door> {
        let fault = self.fault()?;
        let mut rooms = self.rooms();
        rooms.paints += 1;
        let mut door = Door {
            id: id.clone(),
            house: plan.house,
            name: plan.name,
            open: plan.open && fault != Fault::Jammed,
            coats: rooms.paints.into(),
        };
        if fault == Fault::Misspelt {
            door.name += "?";
        }
        rooms.doors.insert(id, door.clone());
        match fault {
            Fault::Swapped => Ok(swapped(door).into()),
            Fault::Jammed => Err(ApplyError {
                diagnostics: Diagnostics::error("Jammed", "The door does not open.").at("open"),
                state: Some(door),
            }),
            _ => Ok(door.into()),
        }
    }
}

fn swapped(door: Door) -> Door {
    let id = "door-9".to_owned();
    Door { id, ..door }
}

pub(crate) fn refused() -> Diagnostics {
    Diagnostics::error("Refused", "The house does not want that.")
}

pub(crate) struct HouseProvider {
    pub(crate) house: House,
    /// How often it has the resource: once, or it is a mistake.
    pub(crate) door_resources: usize,
}

model! {
    pub(crate) struct HouseConfig {
        house: MaybeUnknown<String>,
        key: MaybeUnknown<String>,
    }
}

impl Provider for HouseProvider {
    type Client = House;
    type Config = HouseConfig;

    fn schema(&self) -> Schema {
        let house = optional("house", Type::String, "Which house.").validate(not_blank);
        let mut key = optional("key", Type::String, "Its key.").sensitive();
        key.deprecation = Some("Use the bell.".to_owned());
        Schema::new("A house.", [house, key])
    }

    fn configure(&self, config: HouseConfig, _: &str) -> Result<Configured<House>, Diagnostics> {
        let error = |summary: &str| Diagnostics::error(summary, "Find the right one.").at("key");
        let client = match config.key {
            MaybeUnknown::Known(key) => {
                assert_ne!(key, "fire", "the house is on fire");
                if key == "wrong" {
                    return Err(error("Wrong Key"));
                }
                Ok(self.house.clone())
            }
            MaybeUnknown::Null => return Err(error("Missing Key")),
            MaybeUnknown::Unknown => Err(error("Unknown Key")),
        };
        let defaults = match config.house {
            MaybeUnknown::Null => ProviderDefaults::new(),
            house => [("house", house.into_value())].into(),
        };
        Ok(Configured { client, defaults })
    }

    fn stop(&self, house: &House) {
        house.hurry();
    }

    fn resources(&self) -> Vec<Box<dyn DynResource<House>>> {
        let door = |_| -> Box<dyn DynResource<House>> { Box::new(DoorResource) };
        (0..self.door_resources).map(door).collect()
    }

    fn data_sources(&self) -> Vec<Box<dyn DynDataSource<House>>> {
        vec![Box::new(DoorDataSource)]
    }

    fn functions(&self) -> Vec<Box<dyn Function>> {
        vec![Box::new(crate::functions::Knock)]
    }

    fn actions(&self) -> Vec<Box<dyn DynAction<House>>> {
        vec![Box::new(Ring)]
    }

    fn list_resources(&self) -> Vec<Box<dyn DynListResource<House>>> {
        vec![Box::new(DoorListResource)]
    }
}

pub(crate) fn not_blank(value: &Value) -> Diagnostics {
    assert_ne!(value.as_str(), Some("fire"), "the house is on fire");
    match value.as_str() {
        Some("") => Diagnostics::error("Blank", "Write something."),
        _ => Diagnostics::new(),
    }
}

/// The check of a data source or action whose attribute `name` may not be the house.
pub(crate) fn differs_from_house(config: &Object, name: &str) -> Diagnostics {
    match config[name] == config["house"] {
        true => Diagnostics::error("Ambiguous", "It is no house.").at(name),
        false => Diagnostics::new(),
    }
}

struct DoorResource;

model! {
    struct DoorPlan {
        house: String,
        name: String,
        open: bool,
    }
}

model! {
    #[derive(Debug, Clone)]
    pub(crate) struct Door {
        id: String,
        pub(crate) house: String,
        pub(crate) name: String,
        pub(crate) open: bool,
        coats: Number,
    }
}

impl Resource for DoorResource {
    type Client = House;
    type Plan = DoorPlan;
    type State = Door;

    fn type_name(&self) -> &'static str {
        "house_door"
    }

    fn schema(&self) -> Schema {
        Schema::new(
            "A door.",
            [
                computed("id", Type::String, "Its identifier.").use_state_for_unknown(),
                optional("house", Type::String, "Where it is.")
                    .default_from_provider("Set `house`.")
                    .requires_replace(),
                required("name", Type::String, "What it is called.").validate(not_blank),
                optional("open", Type::Bool, "Whether it is open.").default(true),
                computed("coats", Type::Number, "How often a door was painted."),
            ],
        )
    }

    fn identity(&self) -> Option<IdentitySchema> {
        Some(IdentitySchema::new([
            optional_for_import("house", Type::String, "Where it is."),
            required_for_import("id", Type::String, "Its identifier."),
        ]))
    }

    async fn create(&self, house: &House, plan: DoorPlan) -> Stored<Door> {
        house.wait_if_late().await;
        house.store(format!("door-{}", house.doors() + 1), plan)
    }

    async fn read(&self, house: &House, state: Door) -> Found<Option<Door>> {
        let fault = house.fault()?;
        let door = house.rooms().doors.get(&state.id).cloned();
        Ok(match fault {
            Fault::Swapped => door.map(swapped).into(),
            _ => door.into(),
        })
    }

    async fn update(&self, house: &House, state: Door, plan: DoorPlan) -> Stored<Door> {
        house.store(state.id, plan)
    }

    async fn delete(&self, house: &House, state: Door) -> Result<(), Diagnostics> {
        house.fault()?;
        house.rooms().doors.remove(&state.id);
        Ok(())
    }

    async fn import(
        &self,
        house: &House,
        defaults: &ProviderDefaults,
        target: ImportTarget,
    ) -> Found<Door> {
        house.fault()?;
        let (id, said) = match target {
            ImportTarget::Id(id) => (id, None),
            ImportTarget::Identity(mut identity) => (
                identity["id"].as_str().unwrap_or_default().to_owned(),
                identity.remove("house").filter(|house| !house.is_null()),
            ),
        };
        let place = said.or_else(|| defaults.get("house").cloned());
        let door = house.rooms().doors.get(&id).cloned();
        let door = door.filter(|door| place == Some(door.house.as_str().into()));
        let door = door.map(WithWarnings::from);
        door.ok_or_else(|| Diagnostics::error("No Such Door", format!("There is no {id:?}.")))
    }
}

struct DoorDataSource;

model! {
    struct DoorQuery {
        house: String,
        name: String,
    }
}

model! {
    struct FoundDoor {
        house: String,
        name: String,
        id: String,
    }
}

impl DataSource for DoorDataSource {
    type Client = House;
    type Config = DoorQuery;
    type State = FoundDoor;

    fn type_name(&self) -> &'static str {
        "house_door"
    }

    fn schema(&self) -> Schema {
        let house = optional("house", Type::String, "Where it is.");
        let name = required("name", Type::String, "What it is called.");
        Schema::new(
            "A door, by its name.",
            [
                house.default_from_provider("Set `house`."),
                name.validate(not_blank),
                computed("id", Type::String, "Its identifier."),
            ],
        )
    }

    fn validate(&self, config: &Object) -> Diagnostics {
        differs_from_house(config, "name")
    }

    async fn read(
        &self,
        house: &House,
        DoorQuery { house: place, name }: DoorQuery,
    ) -> Found<FoundDoor> {
        house.fault()?;
        let rooms = house.rooms();
        let door = rooms.doors.values().find(|door| door.name == name);
        let door =
            door.ok_or_else(|| Diagnostics::error("No Such Door", "Build it.").at("name"))?;
        let warnings = match door.open {
            true => Diagnostics::new(),
            false => Diagnostics::warning("Closed Door", "Knock."),
        };
        let (house, id) = (place, door.id.clone());
        let value = FoundDoor { house, name, id };
        Ok(WithWarnings { value, warnings })
    }
}
