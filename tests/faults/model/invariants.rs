//! The service, those who use it, and what must hold after everything that happens:
//!
//! - what exists and was made by us is in the state, once, or named in an error that was shown;
//! - no two webhooks exist for one resource;
//! - what others made is never changed or deleted by us;
//! - after an `apply` without errors the service has what is configured, and a plan is empty;
//! - without schedule, and without a URL that is taken, `apply` has no errors.
//!
//! That no call panics, shows the token or fails as a call is held by `provider`; and that
//! Terraform's own rules are kept, by `terraform`.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
};

use realtimekit::{
    api::same_url,
    mock_api::{Quirks, Webhook as Stored},
};

use super::{
    fault_schedule::FaultSchedule,
    operation::{Operation, Webhook},
    service::Service,
};
use crate::{
    api::{letters, stored},
    provider::{HURRY, PATIENCE},
    terraform::{Configuration, Interrupt, Said, Terraform, has_errors},
};

pub(super) struct Invariants {
    service: Service,
    terraform: Terraform,
}

impl Invariants {
    pub(super) fn new(quirks: &Quirks, retries: Option<u32>) -> Self {
        let service = Service::new(quirks);
        let mut terraform = Terraform::new(service.api.base_url());
        terraform.retries = retries;
        Self { service, terraform }
    }

    pub(super) async fn undergo(&mut self, operation: &Operation) {
        match operation {
            Operation::Apply(webhooks, schedule) => self.apply(webhooks, schedule).await,
            Operation::Destroy(schedule) => self.apply(&[], schedule).await,
            Operation::Refresh(schedule) => self.refresh(schedule).await,
            Operation::Elsewhere(elsewhere) => self.service.happen(elsewhere),
        }
    }

    async fn apply(&mut self, webhooks: &[Option<Webhook>], schedule: &FaultSchedule) {
        let configuration: Configuration = webhooks
            .iter()
            .enumerate()
            .filter_map(|(number, webhook)| {
                Some((format!("w{number}"), webhook.as_ref()?.config()))
            })
            .collect();
        let gives_up =
            self.service.quirks.rate_limit.is_some() && self.terraform.retries == Some(0);
        let must_succeed = schedule.is_none() && !gives_up && self.may_have(&configuration);
        let interrupt = self.begin(schedule);

        let command = self.terraform.apply(&configuration, &interrupt);
        let (said, undisturbed) = during(command, schedule, &mut self.service).await;

        self.end(&said, &configuration).await;
        assert!(
            !(must_succeed && has_errors(&said)),
            "without schedule: {said:#?}"
        );
        if !has_errors(&said) && !interrupt.has_come() && undisturbed {
            self.expect(&configuration).await;
        }
    }

    async fn refresh(&mut self, schedule: &FaultSchedule) {
        let interrupt = self.begin(schedule);
        let command = self.terraform.refresh(&interrupt);
        let (said, _) = during(command, schedule, &mut self.service).await;
        self.end(&said, &Configuration::new()).await;
    }

    fn begin(&mut self, schedule: &FaultSchedule) -> Interrupt {
        self.service.api.clear_calls();
        self.terraform.patience = if schedule.is_late() { HURRY } else { PATIENCE };
        // A request that the limit refuses is not acted upon, whatever a fault would have it seem.
        if self.service.quirks.rate_limit.is_none() {
            schedule.arm(&self.service.api);
        }
        match schedule.interrupt {
            Some(answers) => Interrupt::after(self.service.answered.clone(), answers),
            None => Interrupt::never(),
        }
    }

    /// What must hold after every command.
    async fn end(&mut self, said: &[Said], configuration: &Configuration) {
        self.service.settle().await;
        for webhook in self.service.all() {
            if let Some(other) = self.service.others.get(&webhook.1.id) {
                assert_eq!(
                    webhook.1,
                    *other,
                    "not ours, and changed: {}",
                    self.told(said)
                );
                continue;
            }
            self.account_for(webhook, said, configuration);
        }
        for instance in self.terraform.state.values() {
            let is_foreign = self.service.others.contains_key(instance.id());
            assert!(
                !is_foreign,
                "not ours, and in the state: {}",
                self.told(said)
            );
        }
        let exists = |id: &str| {
            self.service
                .all()
                .iter()
                .any(|(_, webhook)| webhook.id == id)
        };
        for id in self.service.others.keys() {
            assert!(exists(id), "not ours, and deleted: {}", self.told(said));
        }
    }

    /// A webhook that we made is in the state, or it is named.
    fn account_for(&mut self, found: (&str, Stored), said: &[Said], configuration: &Configuration) {
        let (app, webhook) = found;
        let instances = self.terraform.state.values();
        match instances
            .filter(|instance| instance.id() == webhook.id)
            .count()
        {
            1 => return,
            0 => {}
            more => panic!("{more} resources have webhook {webhook:?}"),
        }
        let is_named = said.iter().any(|said| {
            let detail = &said.diagnostic.detail;
            let of_app = configuration
                .get(&said.resource)
                .is_some_and(|config| config["app_id"] == app);
            has_errors(std::slice::from_ref(said))
                && (detail.contains(&webhook.id) || (of_app && names_url(detail, &webhook.url)))
        });
        assert!(is_named, "nobody knows of {webhook:?}: {}", self.told(said));
        let exist: BTreeSet<String> = self
            .service
            .all()
            .into_iter()
            .map(|(_, webhook)| webhook.id)
            .collect();
        let mut wanted = configuration
            .iter()
            .filter(|(_, config)| {
                config["app_id"] == app && same_url(config["url"].as_str().unwrap(), &webhook.url)
            })
            .peekable();
        let has_another = |(name, _): (&String, _)| {
            let instance = self.terraform.state.get(name);
            instance.is_some_and(|instance| {
                instance.state["app_id"] == app && exist.contains(instance.id())
            })
        };
        let is_doubled = wanted.peek().is_some() && wanted.all(has_another);
        assert!(
            !is_doubled,
            "two for one resource: {webhook:?}: {}",
            self.told(said)
        );
        self.service.others.insert(webhook.id.clone(), webhook);
    }

    /// After an `apply` without errors.
    async fn expect(&self, configuration: &Configuration) {
        let exist: BTreeMap<String, (&str, Stored)> = self
            .service
            .all()
            .into_iter()
            .map(|(app, webhook)| (webhook.id.clone(), (app, webhook)))
            .collect();
        assert_eq!(
            exist.len() - self.service.others.len(),
            configuration.len(),
            "made by us: {exist:#?}"
        );
        for (name, config) in configuration {
            let instance = &self.terraform.state[name];
            let (app, webhook) = &exist[instance.id()];
            let mut expected = stored(app, webhook);
            assert!(
                same_url(config["url"].as_str().unwrap(), &webhook.url),
                "{name}: {webhook:?}"
            );
            expected["url"] = config["url"].clone();
            // A late request may have written the same again since.
            expected["updated_at"] = instance.state["updated_at"].clone();
            assert_eq!(instance.state, expected, "{name}");
            for attribute in ["app_id", "name", "events"] {
                assert_eq!(expected[attribute], config[attribute], "{name}");
            }
            assert_eq!(
                webhook.enabled,
                config["enabled"].as_bool().unwrap_or(true),
                "{name}"
            );
        }
        let plan = self.terraform.plan(configuration).await;
        assert_eq!(plan.actions(), [], "after an apply without errors");
    }

    /// Whether nothing stands in the way of a configuration: no webhook that has its URL now.
    fn may_have(&self, configuration: &Configuration) -> bool {
        let place = |config: &serde_json::Value| {
            let url = config["url"].as_str().unwrap().to_lowercase();
            (config["app_id"].to_string(), url)
        };
        let mut places: Vec<_> = configuration.values().map(place).collect();
        places.sort_unstable();
        let twice = places.windows(2).any(|two| two[0] == two[1]);
        let held = configuration.iter().any(|(name, config)| {
            let own = self
                .terraform
                .state
                .get(name)
                .map(|instance| instance.id().to_owned());
            self.service.all().iter().any(|(app, webhook)| {
                config["app_id"] == *app
                    && same_url(config["url"].as_str().unwrap(), &webhook.url)
                    && own.as_ref() != Some(&webhook.id)
            })
        });
        !self.service.quirks.unique_url || !(twice || held)
    }

    /// What happened in a command, for who has to find out why.
    fn told(&self, said: &[Said]) -> String {
        let calls = self.service.api.calls();
        let lines: Vec<String> = calls.iter().map(ToString::to_string).collect();
        format!(
            "{}\n{}\n{said:#?}\n{:#?}",
            letters(&calls),
            lines.join("\n"),
            self.terraform.state
        )
    }
}

/// A command, and what others do while it runs; whether they did nothing.
async fn during<T>(
    command: impl Future<Output = T>,
    schedule: &FaultSchedule,
    service: &mut Service,
) -> (T, bool) {
    let Some((answers, elsewhere)) = &schedule.meanwhile else {
        return (command.await, true);
    };
    let count = *service.answered.borrow() + answers;
    let mut answered = service.answered.clone();
    let mut command = pin!(command);
    tokio::select! {
        biased;
        result = &mut command => return (result, true),
        moment = answered.wait_for(|answered| *answered >= count) => drop(moment.unwrap()),
    }
    service.happen(elsewhere);
    (command.await, false)
}

/// Whether a text has the URL, in one of its spellings.
fn names_url(text: &str, url: &str) -> bool {
    text.split(|c: char| c.is_whitespace() || c == '"')
        .any(|word| same_url(word.trim_end_matches(['.', ',']), url))
}
