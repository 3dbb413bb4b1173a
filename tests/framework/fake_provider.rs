//! The provider under test: a house with doors, in memory.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, Mutex},
};

use realtimekit::{
    framework::{
        ApplyError, Configured, DataSource, Diagnostics, DynAction, DynDataSource, DynListResource,
        DynResource, Function, IdentitySchema, ImportTarget, MaybeUnknown, Nested, Number, Object,
        Provider, Resource, Type, Value, WithWarnings,
        identity::{optional_for_import, required_for_import},
        schema::{AttributeType, Nesting, ProviderDefaults, Schema, computed, optional, required},
    },
    model,
};
use tokio::sync::Notify;

use crate::fake_action::Ring;
use crate::fake_list_resource::DoorListResource;

/// The house, shared by the provider and the test.
#[derive(Debug, Clone, Default)]
pub(crate) struct House(pub(crate) Arc<Mutex<Rooms>>, pub(crate) Arc<Notify>);

#[derive(Debug, Default)]
pub(crate) struct Rooms {
    doors: BTreeMap<String, Door>,
    pub(crate) next: Fault,
    paints: i64,
    pub(crate) rings: usize,
    /// How many doors were looked at for a list.
    looks: usize,
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
    /// A new door is made, or the bell rung, only after [`House::hurry`].
    /// The answer is about another door.
    Swapped,
    /// A new door is made only after [`House::hurry`].
    Late,
    Panic,
}

impl House {
    pub(crate) fn next(&self, fault: Fault) {
        self.0.lock().unwrap().next = fault;
    }

    pub(crate) fn doors(&self) -> usize {
        self.0.lock().unwrap().doors.len()
    }

    pub(crate) fn looks(&self) -> usize {
        self.0.lock().unwrap().looks
    }

    pub(crate) fn look_at_a_door(&self) {
        self.0.lock().unwrap().looks += 1;
    }

    pub(crate) fn all_doors(&self) -> Vec<Door> {
        self.0.lock().unwrap().doors.values().cloned().collect()
    }

    /// Behind Terraform's back.
    pub(crate) fn remove_all_doors(&self) {
        self.0.lock().unwrap().doors.clear();
    }

    /// Ends the wait of a door that is late.
    pub(crate) fn hurry(&self) {
        self.1.notify_one();
    }

    pub(crate) fn fault(&self) -> Fault {
        let fault = mem::take(&mut self.0.lock().unwrap().next);
        assert_ne!(fault, Fault::Panic, "the house is on fire");
        fault
    }

    #[expect(clippy::result_large_err, reason = "a failure holds a whole door")]
    fn store(&self, id: String, plan: DoorPlan) -> Result<Door, ApplyError<Door>> {
        let fault = self.fault();
        if fault == Fault::Refused {
            return Err(refused().into());
        }
        let mut rooms = self.0.lock().unwrap();
        rooms.paints += 1;
        let DoorPlan {
            house,
            name,
            open,
            locks,
        } = plan;
        let locks = locks.map(|locks| locks.into_iter().map(Nested::<LockPlan>::fitted).collect());
        let name = if fault == Fault::Misspelt {
            format!("{name}?")
        } else {
            name
        };
        let open = open && fault != Fault::Jammed;
        let coats = rooms.paints.into();
        let door = Door {
            id: id.clone(),
            house,
            name,
            open,
            coats,
            locks,
        };
        rooms.doors.insert(id, door.clone());
        if fault == Fault::Swapped {
            return Ok(swapped(door));
        }
        if fault == Fault::Jammed {
            let diagnostics = Diagnostics::error("Jammed", "The door does not open.").at("open");
            return Err(ApplyError {
                diagnostics,
                state: Some(door),
            });
        }
        Ok(door)
    }
}

fn swapped(door: Door) -> Door {
    let id = "door-9".to_owned();
    Door { id, ..door }
}

pub(crate) fn refused() -> Diagnostics {
    Diagnostics::error("Refused", "The house does not want that.")
}

pub(crate) struct HouseProvider(pub(crate) House);

pub(crate) struct HouseConfig {
    house: MaybeUnknown<String>,
    key: MaybeUnknown<String>,
}
model!(HouseConfig { house, key });

impl Provider for HouseProvider {
    type Client = House;
    type Config = HouseConfig;

    fn schema(&self) -> Schema {
        Schema::new(
            "A house.",
            [
                optional("house", Type::String, "Which house.").validate(not_blank),
                optional("key", Type::String, "Its key.").sensitive(),
            ],
        )
    }

    fn configure(
        &self,
        config: HouseConfig,
        _terraform_version: &str,
    ) -> Result<Configured<House>, Diagnostics> {
        assert_ne!(
            config.key,
            MaybeUnknown::Known("fire".to_owned()),
            "the house is on fire"
        );
        let client = match config.key {
            MaybeUnknown::Known(key) if key == "wrong" => {
                return Err(Diagnostics::error("Wrong Key", "Find the right one.").at("key"));
            }
            MaybeUnknown::Known(_) => Ok(self.0.clone()),
            MaybeUnknown::Null => {
                return Err(Diagnostics::error("Missing Key", "Set `key`.").at("key"));
            }
            MaybeUnknown::Unknown => {
                Err(Diagnostics::error("Unknown Key", "Wait for it.").at("key"))
            }
        };
        let defaults = match config.house {
            MaybeUnknown::Null => ProviderDefaults::new(),
            house => [(
                "house".to_owned(),
                realtimekit::framework::Field::into_value(house),
            )]
            .into(),
        };
        Ok(Configured { client, defaults })
    }

    fn stop(&self, house: &House) {
        house.hurry();
    }

    fn resources(&self) -> Vec<Box<dyn DynResource<House>>> {
        vec![Box::new(DoorResource)]
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

struct DoorResource;

pub(crate) struct DoorPlan {
    house: String,
    name: String,
    open: bool,
    locks: Option<Vec<Nested<LockPlan>>>,
}
model!(DoorPlan {
    house,
    name,
    open,
    locks
});

#[derive(Debug, Clone)]
pub(crate) struct Door {
    id: String,
    pub(crate) house: String,
    pub(crate) name: String,
    pub(crate) open: bool,
    coats: Number,
    locks: Option<Vec<Nested<Lock>>>,
}
model!(Door {
    id,
    house,
    name,
    open,
    coats,
    locks
});

#[derive(Debug, Clone)]
pub(crate) struct LockPlan {
    cut: String,
}
model!(LockPlan { cut });

#[derive(Debug, Clone)]
pub(crate) struct Lock {
    cut: String,
    serial: String,
}
model!(Lock { cut, serial });

trait Fitted {
    fn fitted(self) -> Nested<Lock>;
}

impl Fitted for Nested<LockPlan> {
    fn fitted(self) -> Nested<Lock> {
        let serial = format!("#{}", self.0.cut);
        Nested(Lock {
            cut: self.0.cut,
            serial,
        })
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
        let lock = vec![
            required("cut", Type::String, "How its key is cut.").validate(not_blank),
            computed("serial", Type::String, "Its number."),
        ];
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
                optional(
                    "locks",
                    AttributeType::Nested(Nesting::List, lock),
                    "Its locks.",
                ),
            ],
        )
    }

    fn identity(&self) -> Option<IdentitySchema> {
        Some(IdentitySchema::new([
            optional_for_import("house", Type::String, "Where it is."),
            required_for_import("id", Type::String, "Its identifier."),
        ]))
    }

    async fn create(
        &self,
        house: &House,
        plan: DoorPlan,
    ) -> Result<WithWarnings<Door>, ApplyError<Door>> {
        if house.0.lock().unwrap().next == Fault::Late {
            house.1.notified().await;
        }
        let id = format!("door-{}", house.doors() + 1);
        house.store(id, plan).map(WithWarnings::from)
    }

    async fn read(
        &self,
        house: &House,
        state: Door,
    ) -> Result<WithWarnings<Option<Door>>, Diagnostics> {
        let fault = house.fault();
        if fault == Fault::Refused {
            return Err(refused());
        }
        let door = house.0.lock().unwrap().doors.get(&state.id).cloned();
        let door = door.map(|door| match fault {
            Fault::Swapped => swapped(door),
            _ => door,
        });
        Ok(door.into())
    }

    async fn update(
        &self,
        house: &House,
        state: Door,
        plan: DoorPlan,
    ) -> Result<WithWarnings<Door>, ApplyError<Door>> {
        house.store(state.id, plan).map(WithWarnings::from)
    }

    async fn delete(&self, house: &House, state: Door) -> Result<(), Diagnostics> {
        if house.fault() == Fault::Refused {
            return Err(refused());
        }
        house.0.lock().unwrap().doors.remove(&state.id);
        Ok(())
    }

    async fn import(
        &self,
        house: &House,
        defaults: &ProviderDefaults,
        target: ImportTarget,
    ) -> Result<WithWarnings<Door>, Diagnostics> {
        if house.fault() == Fault::Refused {
            return Err(refused());
        }
        let (id, said) = match target {
            ImportTarget::Id(id) => (id, None),
            ImportTarget::Identity(mut identity) => (
                identity["id"].as_str().unwrap_or_default().to_owned(),
                identity.remove("house").filter(|house| !house.is_null()),
            ),
        };
        let place = said.or_else(|| defaults.get("house").cloned());
        let door = house.0.lock().unwrap().doors.get(&id).cloned();
        let door = door.filter(|door| place == Some(door.house.as_str().into()));
        let door = door.map(WithWarnings::from);
        door.ok_or_else(|| Diagnostics::error("No Such Door", format!("There is no {id:?}.")))
    }
}

struct DoorDataSource;

pub(crate) struct DoorQuery {
    house: String,
    name: String,
}
model!(DoorQuery { house, name });

pub(crate) struct FoundDoor {
    house: String,
    name: String,
    id: String,
}
model!(FoundDoor { house, name, id });

impl DataSource for DoorDataSource {
    type Client = House;
    type Config = DoorQuery;
    type State = FoundDoor;

    fn type_name(&self) -> &'static str {
        "house_door"
    }

    fn schema(&self) -> Schema {
        Schema::new(
            "A door, by its name.",
            [
                optional("house", Type::String, "Where it is.")
                    .default_from_provider("Set `house`."),
                required("name", Type::String, "What it is called.").validate(not_blank),
                computed("id", Type::String, "Its identifier."),
            ],
        )
    }

    fn validate(&self, config: &Object) -> Diagnostics {
        if config["name"] == config["house"] {
            return Diagnostics::error("Ambiguous", "A door is no house.").at("name");
        }
        Diagnostics::new()
    }

    async fn read(
        &self,
        house: &House,
        query: DoorQuery,
    ) -> Result<WithWarnings<FoundDoor>, Diagnostics> {
        if house.fault() == Fault::Refused {
            return Err(refused());
        }
        let rooms = house.0.lock().unwrap();
        let door = rooms.doors.values().find(|door| door.name == query.name);
        let door =
            door.ok_or_else(|| Diagnostics::error("No Such Door", "Build it.").at("name"))?;
        let is_open = door.open;
        Ok(WithWarnings {
            value: FoundDoor {
                house: query.house,
                name: query.name,
                id: door.id.clone(),
            },
            warnings: match is_open {
                true => Diagnostics::new(),
                false => Diagnostics::warning("Closed Door", "Knock."),
            },
        })
    }
}
