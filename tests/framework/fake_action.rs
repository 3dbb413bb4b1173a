//! The action that rings the bell of the house.

use realtimekit::framework::{
    Action, Diagnostics, Object, Progress, Type, model,
    schema::{Schema, optional, required},
};

use crate::fake_provider::{House, differs_from_house, not_blank};

pub(crate) struct Ring;

model! {
    pub(crate) struct Tune {
        house: String,
        tune: String,
    }
}

impl Action for Ring {
    type Client = House;
    type Config = Tune;

    fn type_name(&self) -> &'static str {
        "house_ring"
    }

    fn schema(&self) -> Schema {
        let house = optional("house", Type::String, "Where it is.");
        Schema::new(
            "Rings the bell.",
            [
                house.default_from_provider("Set `house`."),
                required("tune", Type::String, "What to play.").validate(not_blank),
            ],
        )
    }

    fn validate(&self, config: &Object) -> Diagnostics {
        differs_from_house(config, "tune")
    }

    async fn invoke(
        &self,
        house: &House,
        Tune { house: name, tune }: Tune,
        progress: &Progress,
    ) -> Result<(), Diagnostics> {
        progress.tell(format!("Playing {tune} in {name}…"));
        house.wait_if_late().await;
        house.fault()?;
        house.rooms().rings += 1;
        progress.tell("Somebody is coming.");
        Ok(())
    }
}
