//! The bell of the house, and the action that rings it.

use realtimekit::framework::{
    Action, Diagnostics, Object, Progress, Type, model,
    schema::{Schema, optional, required},
};

use crate::house::{House, not_blank};

pub(crate) struct Ring;

pub(crate) struct Tune {
    house: String,
    tune: String,
}
model!(Tune { house, tune });

impl Action for Ring {
    type Client = House;
    type Config = Tune;

    fn type_name(&self) -> &'static str {
        "house_ring"
    }

    fn schema(&self) -> Schema {
        Schema::new(
            "Rings the bell.",
            [
                optional("house", Type::String, "Where it is.").follows_provider("Set `house`."),
                required("tune", Type::String, "What to play.").validate(not_blank),
            ],
        )
    }

    fn validate(&self, config: &Object) -> Diagnostics {
        if config["tune"] == config["house"] {
            return Diagnostics::error("Ambiguous", "A tune is no house.").at("tune");
        }
        Diagnostics::new()
    }

    async fn invoke(
        &self,
        house: &House,
        Tune { house: name, tune }: Tune,
        progress: &Progress,
    ) -> Result<(), Diagnostics> {
        progress.tell(format!("Playing {tune} in {name}…"));
        house.ring().await?;
        progress.tell("Somebody is coming.");
        Ok(())
    }
}
