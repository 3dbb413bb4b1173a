//! The resource of the house: a door, with every kind of attribute.

use std::collections::BTreeMap;

use realtimekit::framework::{
    ApplyError, Diagnostics, IdentitySchema, ImportTarget, MaybeUnknown, Nested, Number, Object,
    Resource, Type, WithWarnings,
    identity::{optional_for_import, required_for_import},
    model,
    schema::{AttributeType, Nesting, ProviderDefaults, Schema, computed, optional, required},
};

use crate::fake_provider::{Fault, Found, House, Stored, differs_from_house, not_blank};

pub(crate) struct DoorResource;

model! {
    pub(crate) struct DoorPlan {
        house: String,
        name: String,
        open: bool,
        /// The provider chooses a floor if the configuration does not.
        floor: MaybeUnknown<i64>,
        labels: Option<BTreeMap<String, String>>,
        locks: Option<Vec<Nested<LockPlan>>>,
    }
}

model! {
    #[derive(Debug, Clone)]
    pub(crate) struct Door {
        pub(crate) id: String,
        pub(crate) house: String,
        pub(crate) name: String,
        pub(crate) open: bool,
        floor: i64,
        labels: Option<BTreeMap<String, String>>,
        locks: Option<Vec<Nested<Lock>>>,
        coats: Number,
    }
}

model! {
    pub(crate) struct LockPlan {
        pins: i64,
    }
}

model! {
    #[derive(Debug, Clone)]
    pub(crate) struct Lock {
        pins: i64,
        serial: String,
    }
}

impl House {
    #[expect(clippy::result_large_err, reason = "a failure holds a whole door")]
    fn store(&self, id: String, plan: DoorPlan) -> Stored<Door> {
        let fault = self.fault()?;
        let mut rooms = self.rooms();
        rooms.paints += 1;
        let lock = |Nested(LockPlan { pins }): Nested<LockPlan>| {
            let serial = format!("{id}/{pins}");
            Nested(Lock { pins, serial })
        };
        let mut door = Door {
            house: plan.house,
            name: plan.name,
            open: plan.open && fault != Fault::Jammed,
            floor: match plan.floor {
                MaybeUnknown::Known(floor) => floor,
                MaybeUnknown::Null | MaybeUnknown::Unknown => rooms.ground_floor,
            },
            labels: plan.labels,
            locks: plan
                .locks
                .map(|locks| locks.into_iter().map(lock).collect()),
            coats: rooms.paints.into(),
            id,
        };
        if fault == Fault::Misspelled {
            door.name += "?";
        }
        rooms.doors.insert(door.id.clone(), door.clone());
        match fault {
            Fault::Swapped => Ok(door.swapped().into()),
            Fault::Jammed => Err(ApplyError {
                diagnostics: Diagnostics::error("Jammed", "The door does not open.").at("open"),
                state: Some(door),
            }),
            _ => Ok(door.with_warnings()),
        }
    }
}

impl Door {
    fn swapped(self) -> Self {
        let id = "door-9".to_owned();
        Self { id, ..self }
    }

    fn with_warnings(self) -> WithWarnings<Self> {
        let mut door = WithWarnings::from(self);
        if door.value.floor > 9 {
            door.warnings = Diagnostics::warning("High Door", "Mind the step.").at("floor");
        }
        door
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
            required("pins", Type::Integer, "How many pins it has."),
            computed("serial", Type::String, "Its serial number."),
        ];
        let locks = AttributeType::Nested(Nesting::List, lock);
        let floor = optional("floor", Type::Integer, "On which floor it is.").or_computed();
        Schema::new(
            "A door.",
            [
                computed("id", Type::String, "Its identifier.").use_state_for_unknown(),
                optional("house", Type::String, "Where it is.")
                    .default_from_provider("Set `house`.")
                    .requires_replace(),
                required("name", Type::String, "What it is called.").validate(not_blank),
                optional("open", Type::Bool, "Whether it is open.").default(true),
                floor.use_state_for_unknown(),
                optional("labels", Type::map(Type::String), "What is written on it."),
                computed("coats", Type::Number, "How often a door was painted."),
                optional("locks", locks, "Its locks."),
            ],
        )
    }

    fn identity(&self) -> Option<IdentitySchema> {
        Some(IdentitySchema::new([
            optional_for_import("house", Type::String, "Where it is."),
            required_for_import("id", Type::String, "Its identifier."),
        ]))
    }

    fn validate(&self, config: &Object) -> Diagnostics {
        differs_from_house(config, "name")
    }

    async fn create(&self, house: &House, plan: DoorPlan) -> Stored<Door> {
        house.wait_if_late().await;
        house.store(format!("door-{}", house.doors() + 1), plan)
    }

    async fn read(&self, house: &House, state: Door) -> Found<Option<Door>> {
        let fault = house.fault()?;
        let door = house.rooms().doors.get(&state.id).cloned();
        Ok(match (fault, door) {
            (_, None) => None.into(),
            (Fault::Swapped, Some(door)) => Some(door.swapped()).into(),
            (_, Some(door)) => door.with_warnings().map(Some),
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
        let door = door.map(Door::with_warnings);
        door.ok_or_else(|| Diagnostics::error("No Such Door", format!("There is no {id:?}.")))
    }
}
