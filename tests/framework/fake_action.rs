//! The action that rings the bell of the house.

use realtimekit::framework::{
    Action, Diagnostics, Nested, Object, Progress, Type, model,
    schema::{AttributeType, Nesting, Schema, optional, required},
};

use crate::fake_provider::{House, differs_from_house, not_blank};

pub(crate) struct Ring;

model! {
    pub(crate) struct Tune {
        house: String,
        tune: String,
        bells: Option<Vec<Nested<Bell>>>,
    }
}

model! {
    pub(crate) struct Bell {
        times: i64,
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
        let times = optional("times", Type::Integer, "How often to ring it.").default(2);
        let bells = AttributeType::Nested(Nesting::List, vec![times]);
        Schema::new(
            "Rings the bell.",
            [
                house.default_from_provider("Set `house`."),
                required("tune", Type::String, "What to play.").validate(not_blank),
                optional("bells", bells, "On which bells."),
            ],
        )
    }

    fn validate(&self, config: &Object) -> Diagnostics {
        differs_from_house(config, "tune")
    }

    async fn invoke(
        &self,
        house: &House,
        config: Tune,
        progress: &Progress,
    ) -> Result<(), Diagnostics> {
        let Tune {
            house: name,
            tune,
            bells,
        } = config;
        progress.tell(format!("Playing {tune} in {name}…"));
        house.wait_if_late().await;
        house.fault()?;
        for Nested(Bell { times }) in bells.into_iter().flatten() {
            progress.tell(format!("Rang {times} times."));
        }
        house.rooms().rings += 1;
        progress.tell("Somebody is coming.");
        Ok(())
    }
}
