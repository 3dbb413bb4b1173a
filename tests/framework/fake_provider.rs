//! The provider under test: a house in memory, with doors and books.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, Mutex, MutexGuard},
};

use realtimekit::framework::{
    ApplyError, Configured, DataSource, Diagnostics, DynAction, DynDataSource, DynListResource,
    DynResource, Field, Function, MaybeUnknown, Object, Provider, Type, Value, WithWarnings, model,
    schema::{Schema, computed, optional, required},
};
use tokio::sync::Notify;

use crate::{
    fake_action::Ring,
    fake_book::BookResource,
    fake_list_resource::DoorListResource,
    fake_resource::{Door, DoorResource},
    functions::Knock,
};

pub(crate) type Stored<S> = Result<WithWarnings<S>, ApplyError<S>>;
pub(crate) type Found<S> = Result<WithWarnings<S>, Diagnostics>;

/// The house, shared by the provider and the test.
#[derive(Debug, Clone, Default)]
pub(crate) struct House(Arc<Mutex<Rooms>>, Arc<Notify>);

#[derive(Debug, Default)]
pub(crate) struct Rooms {
    pub(crate) doors: BTreeMap<String, Door>,
    next: Fault,
    pub(crate) paints: i64,
    /// The floor of the doors for which no configuration says one.
    pub(crate) ground_floor: i64,
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
    Misspelled,
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
}

pub(crate) fn refused() -> Diagnostics {
    Diagnostics::error("Refused", "The house does not want that.")
}

pub(crate) struct HouseProvider {
    pub(crate) house: House,
    /// How often it has the resource for doors: once, or it is a mistake.
    pub(crate) door_resources: usize,
}

model! {
    pub(crate) struct HouseConfig {
        house: MaybeUnknown<String>,
        key: MaybeUnknown<String>,
        floor: MaybeUnknown<i64>,
    }
}

impl Provider for HouseProvider {
    type Client = House;
    type Config = HouseConfig;

    fn schema(&self) -> Schema {
        let house = optional("house", Type::String, "Which house.").validate(not_blank);
        let mut key = optional("key", Type::String, "Its key.").sensitive();
        key.deprecation = Some("Use the bell.".to_owned());
        let floor = optional("floor", Type::Integer, "Its ground floor.").default(1);
        Schema::new("A house.", [house, floor, key])
    }

    fn configure(&self, config: HouseConfig, _: &str) -> Result<Configured<House>, Diagnostics> {
        let error = |summary: &str| Diagnostics::error(summary, "Find the right one.").at("key");
        let client = match config.key {
            MaybeUnknown::Null => return Err(error("Missing Key")),
            MaybeUnknown::Unknown => Err(error("Unknown Key")),
            MaybeUnknown::Known(key) => {
                assert_ne!(key, "fire", "the house is on fire");
                Ok(self.house.clone())
            }
        };
        if let MaybeUnknown::Known(floor) = config.floor {
            self.house.rooms().ground_floor = floor;
        }
        let defaults = [("house", config.house.into_value())].into();
        Ok(Configured { client, defaults })
    }

    fn stop(&self, house: &House) {
        house.hurry();
    }

    fn resources(&self) -> Vec<Box<dyn DynResource<House>>> {
        let door = |_| -> Box<dyn DynResource<House>> { Box::new(DoorResource) };
        let mut resources: Vec<_> = (0..self.door_resources).map(door).collect();
        resources.push(Box::new(BookResource));
        resources
    }

    fn data_sources(&self) -> Vec<Box<dyn DynDataSource<House>>> {
        vec![Box::new(DoorDataSource)]
    }

    fn functions(&self) -> Vec<Box<dyn Function>> {
        vec![Box::new(Knock)]
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

/// Checks that the attribute called `name` is not the house.
pub(crate) fn differs_from_house(config: &Object, name: &str) -> Diagnostics {
    match config[name] == config["house"] {
        true => Diagnostics::error("Ambiguous", "It is no house.").at(name),
        false => Diagnostics::new(),
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
