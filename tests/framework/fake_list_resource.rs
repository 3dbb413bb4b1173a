//! The list resource of the house: its doors, by id.

use futures_util::{StreamExt, stream};
use realtimekit::framework::{
    Diagnostics, ListResource, ListResult, ListResultStream, Object, Type, Value, model,
    schema::{Schema, optional},
};

use crate::fake_provider::{Door, Fault, House, not_blank, refused};

pub(crate) struct DoorListResource;

pub(crate) struct DoorFilter {
    house: String,
    open: Option<bool>,
}
model!(DoorFilter { house, open });

impl ListResource for DoorListResource {
    type Client = House;
    type Config = DoorFilter;
    type State = Door;

    fn type_name(&self) -> &'static str {
        "house_door"
    }

    fn schema(&self) -> Schema {
        Schema::new(
            "The doors of a house.",
            [
                optional("house", Type::String, "Which house.")
                    .default_from_provider("Set `house`.")
                    .validate(not_blank),
                optional("open", Type::Bool, "Whether they are open.").validate(doubtful),
            ],
        )
    }

    fn validate(&self, config: &Object) -> Diagnostics {
        if config["house"] == "tent".into() && config["open"] == true.into() {
            return Diagnostics::error("No Such Door", "A tent has none that is open.").at("open");
        }
        Diagnostics::new()
    }

    /// A door named "rotten" cannot be looked at, and one named "burning" sets fire to the rest.
    async fn list(
        &self,
        house: &House,
        filter: DoorFilter,
    ) -> Result<ListResultStream<Door>, Diagnostics> {
        if house.fault() == Fault::Refused {
            return Err(refused());
        }
        let house = house.clone();
        let doors = house.all_doors().into_iter();
        let doors = doors.filter(move |door| {
            door.house == filter.house && filter.open.is_none_or(|open| open == door.open)
        });
        let listed = doors.map(move |door| {
            house.look_at_a_door();
            assert_ne!(door.name, "burning", "the house is on fire");
            match door.name.as_str() {
                "rotten" => Err(refused()),
                _ => Ok(ListResult {
                    display_name: format!("the {} door", door.name),
                    state: door,
                }),
            }
        });
        Ok(stream::iter(listed).boxed())
    }
}

fn doubtful(open: &Value) -> Diagnostics {
    match open {
        Value::Bool(false) => Diagnostics::warning("Doubtful", "Who closes doors?"),
        _ => Diagnostics::new(),
    }
}
