//! Terraform and the service, and what must hold after everything that happens:
//!
//! - what exists and was made by us is in the state, once, or named in an error that was shown;
//! - no two webhooks exist for one resource;
//! - what others made is never changed or deleted by us;
//! - after an `apply` without errors the service has what is configured, and a plan is empty;
//! - without faults, and without a URL that is taken, `apply` has no errors.
//!
//! That no call panics or shows the token is checked by `provider`, Terraform's own rules by
//! `terraform`.

use std::future::pending;

use realtimekit::{
    api::same_url,
    mock_api::{Quirks, Webhook as Stored},
};
use serde_json::Value as Json;
use tokio_util::sync::CancellationToken;

use super::{
    operation::{FaultSchedule, Operation},
    service::{Service, place},
};
use crate::{
    api::stored,
    terraform::{Configuration, Said, Terraform, has_errors},
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
            Operation::Elsewhere(elsewhere) => self.service.happen(elsewhere),
            Operation::Refresh(schedule) => {
                self.run(None, schedule).await;
            }
            Operation::Apply(webhooks, schedule) => {
                let webhooks = webhooks.iter().enumerate();
                let configured = webhooks
                    .filter_map(|(number, config)| Some((format!("w{number}"), config.clone()?)));
                let configuration = configured.collect();
                let is_possible = self.is_possible(&configuration) && schedule.is_empty();

                let (said, undisturbed) = self.run(Some(&configuration), schedule).await;

                let failed = has_errors(&said);
                assert!(!(is_possible && failed), "without faults: {said:#?}");
                if !failed && undisturbed {
                    self.check_converged(&configuration).await;
                }
            }
        }
    }

    /// Applies a configuration or refreshes; also returns whether neither the user nor others
    /// interfered.
    async fn run(
        &mut self,
        configuration: Option<&Configuration>,
        schedule: &FaultSchedule,
    ) -> (Vec<Said>, bool) {
        let Self { service, terraform } = self;
        service.api.clear_calls();
        // A request that the limit refuses is not acted upon, whatever a fault would pretend.
        if service.quirks.rate_limit.is_none() {
            for rule in schedule.faults.clone() {
                service.api.fail(rule.matcher, rule.times, rule.fault);
            }
        }
        let (answered, before) = (service.answered.clone(), *service.answered.borrow());
        let answers = async |count: u64| {
            let reached = |answered: &u64| *answered >= before + count;
            drop(answered.clone().wait_for(reached).await.unwrap());
        };
        let mut undisturbed = true;
        terraform.interrupt = CancellationToken::new();
        let interrupt = terraform.interrupt.clone();
        let interrupted = async {
            if let Some(count) = schedule.interrupt {
                answers(count).await;
                interrupt.cancel();
            }
        };
        let meanwhile = async {
            if let Some((count, elsewhere)) = &schedule.meanwhile {
                answers(*count).await;
                service.happen(elsewhere);
                undisturbed = false;
            }
        };
        let command = async {
            match configuration {
                Some(configuration) => terraform.apply(configuration).await,
                None => terraform.refresh().await,
            }
        };
        let said = tokio::select! {
            biased;
            said = command => said,
            () = async { tokio::join!(interrupted, meanwhile); pending().await } => Vec::new(),
        };
        self.service.settle().await;
        self.check(&said, configuration.unwrap_or(&Configuration::new()));
        (said, undisturbed && !interrupt.is_cancelled())
    }

    /// What must hold after every command.
    fn check(&mut self, said: &[Said], configuration: &Configuration) {
        let told = self.told(said);
        for instance in self.terraform.state.values() {
            let is_ours = !self.service.others.contains_key(instance.id());
            assert!(is_ours, "not ours, and in the state: {told}");
        }
        for id in self.service.others.keys() {
            let is_there = self.service.find(id).is_some();
            assert!(is_there, "not ours, and deleted: {told}");
        }
        for (app, webhook) in self.service.all() {
            if let Some(other) = self.service.others.get(&webhook.id) {
                assert_eq!(webhook, *other, "not ours, and changed: {told}");
                continue;
            }
            let ids = self.terraform.state.values().map(|instance| instance.id());
            let count = ids.filter(|id| *id == webhook.id).count();
            assert!(count <= 1, "{count} resources have {webhook:?}: {told}");
            if count == 1 {
                continue;
            }
            let is_named = |it: &Said| is_named(it, app, &webhook, configuration);
            let is_known = said.iter().any(is_named);
            assert!(is_known, "nobody knows of {webhook:?}: {told}");
            let is_doubled = self.is_doubled(app, &webhook, configuration);
            assert!(!is_doubled, "two for one resource: {webhook:?}: {told}");
            self.service.others.insert(webhook.id.clone(), webhook);
        }
    }

    /// Whether each resource that may have made this webhook has another one.
    fn is_doubled(&self, app: &str, webhook: &Stored, configuration: &Configuration) -> bool {
        let is_wanted = |config: &Json| is_place(config, app, &webhook.url);
        let mut wanted = configuration.iter().filter(|it| is_wanted(it.1)).peekable();
        let has_another = |(name, _): (&String, _)| {
            let instance = self.terraform.state.get(name);
            instance.is_some_and(|it| self.service.find(it.id()).is_some_and(|it| it.0 == app))
        };
        wanted.peek().is_some() && wanted.all(has_another)
    }

    /// What must hold after an `apply` without errors.
    async fn check_converged(&self, configuration: &Configuration) {
        let all = self.service.all();
        let ours = all.len() - self.service.others.len();
        assert_eq!(ours, configuration.len(), "made by us: {all:#?}");
        for (name, config) in configuration {
            let instance = &self.terraform.state[name];
            let (app, webhook) = self.service.find(instance.id()).unwrap();
            assert!(is_place(config, app, &webhook.url), "{name}: {webhook:?}");
            let mut expected = stored(app, &webhook);
            expected["url"] = config["url"].clone();
            // A late request may have written the same again since.
            expected["updated_at"] = instance.stored.state["updated_at"].clone();
            assert_eq!(instance.stored.state, expected, "{name}");
            for attribute in ["name", "events"] {
                assert_eq!(expected[attribute], config[attribute], "{name}");
            }
            let enabled = config["enabled"].as_bool().unwrap_or(true);
            assert_eq!(webhook.enabled, enabled, "{name}");
        }
        let plan = self.terraform.plan(configuration).await;
        assert_eq!(plan.actions(), [], "after an apply without errors");
    }

    /// Whether an apply without faults must succeed: no other webhook has a configured URL now,
    /// and the rate limit can be waited for.
    fn is_possible(&self, configuration: &Configuration) -> bool {
        let quirks = &self.service.quirks;
        let is_free = |(name, config): (&String, &Json)| {
            let (app, url) = place(config);
            let own = self.terraform.state.get(name).map(|instance| instance.id());
            let same = configuration.values();
            let count = same.filter(|other| is_place(other, app, url)).count();
            self.service.is_free(app, url, own) && (count == 1 || !quirks.unique_url)
        };
        let gives_up = quirks.rate_limit.is_some() && self.terraform.retries == Some(0);
        !gives_up && configuration.iter().all(is_free)
    }

    /// What happened in a command, for the message of a failure.
    fn told(&self, said: &[Said]) -> String {
        let calls = self.service.api.calls();
        format!("{calls:#?}\n{said:#?}\n{:#?}", self.terraform.state)
    }
}

/// Whether an error has the webhook's identifier, or its URL and is about its app.
fn is_named(said: &Said, app: &str, webhook: &Stored, configuration: &Configuration) -> bool {
    let detail = &said.diagnostic.detail;
    let mut words = detail.split(|c: char| c.is_whitespace() || c == '"');
    let config = configuration.get(&said.resource);
    let has_url = config.is_some_and(|config| config["app_id"] == app)
        && words.any(|word| same_url(word.trim_end_matches(['.', ',']), &webhook.url));
    said.is_error() && (has_url || detail.contains(&webhook.id))
}

fn is_place(config: &Json, app: &str, url: &str) -> bool {
    let (its_app, its_url) = place(config);
    its_app == app && same_url(its_url, url)
}
