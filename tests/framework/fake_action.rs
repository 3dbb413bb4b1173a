//! The bell of the house, and the action that rings it.

use realtimekit::framework::{
    Action, Diagnostics, Object, Progress, Type, model,
    schema::{Schema, optional, required},
};

use crate::fake_provider::{Fault, House, not_blank, refused};

impl House {
    /// How often the bell was rung.
    pub(crate) fn rings(&self) -> usize {
        self.0.lock().unwrap().rings
    }

    async fn ring(&self) -> Result<(), Diagnostics> {
        if self.0.lock().unwrap().next == Fault::Late {
            self.1.notified().await;
        }
        if self.fault() == Fault::Refused {
            return Err(refused());
        }
        self.0.lock().unwrap().rings += 1;
        Ok(())
    }
}

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
                optional("house", Type::String, "Where it is.")
                    .default_from_provider("Set `house`."),
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
