//! The list resource of the house: its doors, by id.

use futures_util::{StreamExt, stream};
use realtimekit::framework::{
    Diagnostics, ListResource, ListResult, ListResultStream, Object, Type, model,
    schema::{Schema, optional},
};

use crate::{
    fake_provider::{House, not_blank, refused},
    fake_resource::Door,
};

pub(crate) struct DoorListResource;

model! {
    pub(crate) struct DoorFilter {
        house: String,
        open: Option<bool>,
    }
}

impl ListResource for DoorListResource {
    type Client = House;
    type Config = DoorFilter;
    type State = Door;

    fn type_name(&self) -> &'static str {
        "house_door"
    }

    fn schema(&self) -> Schema {
        let house = optional("house", Type::String, "Which house.").validate(not_blank);
        let open = optional("open", Type::Bool, "Whether they are open.");
        Schema::new(
            "The doors of a house.",
            [house.default_from_provider("Set `house`."), open],
        )
    }

    fn validate(&self, config: &Object) -> Diagnostics {
        match config["open"] == false.into() {
            true => Diagnostics::warning("Doubtful", "Who closes doors?").at("open"),
            false => Diagnostics::new(),
        }
    }

    /// A door named "rotten" cannot be looked at, and one named "burning" sets fire to the rest.
    async fn list(
        &self,
        house: &House,
        filter: DoorFilter,
    ) -> Result<ListResultStream<Door>, Diagnostics> {
        house.fault()?;
        let house = house.clone();
        let doors: Vec<Door> = house.rooms().doors.values().cloned().collect();
        let doors = doors.into_iter().filter(move |door| {
            door.house == filter.house && filter.open.is_none_or(|open| open == door.open)
        });
        let listed = doors.map(move |door| {
            house.rooms().looks += 1;
            assert_ne!(door.name, "burning", "the house is on fire");
            match door.name.as_str() {
                "rotten" => Err(refused()),
                name => Ok(ListResult {
                    display_name: format!("the {name} door"),
                    state: door,
                }),
            }
        });
        Ok(stream::iter(listed).boxed())
    }
}
