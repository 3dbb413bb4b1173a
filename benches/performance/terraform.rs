//! Terraform's own commands, run and watched.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use realtimekit::mock_api::{
    Fault, Matcher, MockApi, Quirks, SAMPLE_ACCOUNT_ID as ACCOUNT, SAMPLE_APP_ID as APP, Webhook,
};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::{
    Error, PROVIDER, bare_provider,
    process::{self, Usage, Watch},
};

/// A plugin that has a resource with the attributes of a webhook.
pub(crate) struct Plugin {
    name: &'static str,
    webhook: &'static str,
}

pub(crate) const OURS: Plugin = Plugin {
    name: "realtimekit",
    webhook: "realtimekit_webhook",
};

pub(crate) const BARE: Plugin = Plugin {
    name: "bare",
    webhook: bare_provider::WEBHOOK,
};

/// Most webhooks in one resource block: Terraform copies the state of a whole block for each of
/// them, so that its time grows with their square.
const BLOCK: usize = 1_000;

/// What one command took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) wall: Duration,
    /// Terraform's own time, without that of its plugins.
    pub(crate) terraform: Duration,
    pub(crate) provider: Usage,
    pub(crate) requests: usize,
}

/// A directory with a configuration and a state.
pub(crate) struct Directory {
    directory: TempDir,
    environment: Vec<(&'static str, String)>,
}

/// So many resources of Terraform's own that do nothing: what Terraform takes at least.
pub(crate) fn floor(count: usize) -> Result<Directory, Error> {
    let instance = |number| {
        let input = json!({ "value": format!("hook {number}"), "type": "string" });
        json!({ "id": identifier(number), "input": input, "output": input,
            "triggers_replace": null })
    };
    let configuration = nothings("terraform_data", count);
    let resource = resource(
        ("terraform_data", "hook"),
        "terraform.io/builtin/terraform",
        (0..count).map(instance),
    );
    Directory::new(&configuration, Some(vec![resource]), Vec::new())
}

/// As many of a plugin that does nothing: what Terraform takes for any plugin.
pub(crate) fn bare(count: usize) -> Result<Directory, Error> {
    let instance = |number| json!({ "id": identifier(number), "input": format!("hook {number}") });
    let configuration = BARE.required() + &nothings(bare_provider::THING, count);
    let resource = resource(
        (bare_provider::THING, "hook"),
        &BARE.address(),
        (0..count).map(instance),
    );
    Directory::new(&configuration, Some(vec![resource]), Vec::new())
}

/// A block of resources that have an input and nothing else.
fn nothings(type_name: &str, count: usize) -> String {
    format!(
        "resource \"{type_name}\" \"hook\" {{\n  count = {count}\n  input = \"hook ${{count.index}}\"\n}}\n"
    )
}

fn identifier(number: usize) -> String {
    format!("0d1f069d-43bb-489a-ad8c-{number:012}")
}

/// A data source of all the webhooks of an app, of which there are so many.
pub(crate) fn list(api: &MockApi, count: usize) -> Result<Directory, Error> {
    for number in 0..count {
        add(api, number);
    }
    let configuration = OURS.required() + "data \"realtimekit_webhooks\" \"all\" {}\n";
    Directory::new(&configuration, None, environment(api))
}

/// As many webhooks in one app of `api`; with a state, if they are there already.
pub(crate) fn webhooks(
    plugin: &Plugin,
    api: &MockApi,
    count: usize,
    exist: bool,
) -> Result<Directory, Error> {
    let mut configuration = plugin.required();
    let mut resources = Vec::new();
    for first in (0..count).step_by(BLOCK) {
        let numbers = first..count.min(first + BLOCK);
        let name = format!("hook_{first}");
        configuration += &format!(
            "resource \"{}\" \"{name}\" {{\n  count  = {}\n  name   = \"hook\"\n  \
             url    = \"https://example.com/${{{first} + count.index}}\"\n  \
             events = [\"meeting.started\"]\n}}\n",
            plugin.webhook,
            numbers.len()
        );
        if exist {
            resources.push(resource(
                (plugin.webhook, &name),
                &plugin.address(),
                numbers.map(|number| stored(&add(api, number))),
            ));
        }
    }
    Directory::new(&configuration, exist.then_some(resources), environment(api))
}

/// Adds the webhook of this number.
fn add(api: &MockApi, number: usize) -> Webhook {
    let url = format!("https://example.com/{number}");
    api.add_webhook(ACCOUNT, APP, "hook", &url, &["meeting.started"])
}

/// What points the provider to `api`.
fn environment(api: &MockApi) -> Vec<(&'static str, String)> {
    vec![
        ("CLOUDFLARE_BASE_URL", api.base_url()),
        ("CLOUDFLARE_API_TOKEN", api.token()),
        ("CLOUDFLARE_ACCOUNT_ID", ACCOUNT.to_owned()),
        ("REALTIMEKIT_APP_ID", APP.to_owned()),
    ]
}

/// The documented API, which answers after `latency`.
pub(crate) fn api(latency: Duration) -> Result<MockApi, Error> {
    let api = MockApi::builder().quirks(Quirks::documented()).start()?;
    if !latency.is_zero() {
        api.fail(Matcher::any(), usize::MAX, Fault::delay(latency));
    }
    Ok(api)
}

impl Plugin {
    fn address(&self) -> String {
        format!("registry.terraform.io/realtimekit/{}", self.name)
    }

    /// The block that requires it.
    fn required(&self) -> String {
        format!(
            "terraform {{\n  required_providers {{\n    {name} = {{ source = \"realtimekit/{name}\" }}\n  }}\n}}\n",
            name = self.name
        )
    }
}

impl Directory {
    fn new(
        configuration: &str,
        resources: Option<Vec<Json>>,
        environment: Vec<(&'static str, String)>,
    ) -> Result<Self, Error> {
        let directory = TempDir::new()?;
        let plugins = Path::new(PROVIDER)
            .parent()
            .ok_or("the provider is nowhere")?;
        let settings = format!(
            "provider_installation {{\n  dev_overrides {{\n    \"realtimekit/realtimekit\" = {plugins:?}\n    \
             \"realtimekit/bare\" = {:?}\n  }}\n  direct {{}}\n}}\n",
            directory.path(),
        );
        bare_provider::install(directory.path())?;
        fs::write(directory.path().join("cli.tfrc"), settings)?;
        fs::write(directory.path().join("main.tf"), configuration)?;
        if let Some(resources) = resources {
            let state = state(resources).to_string();
            fs::write(directory.path().join("terraform.tfstate"), state)?;
        }
        Ok(Self {
            directory,
            environment,
        })
    }

    /// Plans, and fails unless nothing is to be changed.
    pub(crate) fn plan(&self, api: Option<&MockApi>) -> Result<Run, Error> {
        self.run(api, &["plan", "-detailed-exitcode", "-lock=false"])
    }

    pub(crate) fn apply(&self, api: Option<&MockApi>) -> Result<Run, Error> {
        self.run(api, &["apply", "-auto-approve", "-lock=false"])
    }

    fn run(&self, api: Option<&MockApi>, arguments: &[&str]) -> Result<Run, Error> {
        api.inspect(|api| api.clear_calls());
        let path = self.directory.path();
        let mut command = Command::new(program()?);
        command
            .args(arguments)
            .args(["-no-color", "-input=false"])
            .current_dir(path)
            .env_clear()
            .envs(env::vars_os().filter(|(name, _)| name == "PATH" || name == "TMPDIR"))
            .env("HOME", path)
            .env("TF_CLI_CONFIG_FILE", path.join("cli.tfrc"))
            .env("CHECKPOINT_DISABLE", "1")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::null())
            .stderr(fs::File::create(path.join("errors"))?);
        let start = Instant::now();
        let mut child = command.spawn()?;
        let mut watch = Watch::default();
        let mut terraform = Duration::ZERO;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            watch.look(child.id());
            terraform = process::coarse_cpu(child.id()).unwrap_or(terraform);
            thread::sleep(Duration::from_millis(4));
        };
        let wall = start.elapsed();
        if !status.success() {
            let errors = fs::read_to_string(path.join("errors"))?;
            return Err(format!("{arguments:?} ended with {status}: {errors}").into());
        }
        Ok(Run {
            wall,
            terraform,
            provider: watch.total(),
            requests: api.map_or(0, |api| api.calls().len()),
        })
    }
}

fn state(resources: Vec<Json>) -> Json {
    json!({
        "version": 4, "terraform_version": "1.11.0", "serial": 1, "outputs": {},
        "lineage": "0d1f069d-43bb-489a-ad8c-7eb95592ba8e", "check_results": null,
        "resources": resources,
    })
}

/// A resource block in a state, of which there are so many instances.
fn resource(
    (type_name, name): (&str, &str),
    provider: &str,
    instances: impl Iterator<Item = Json>,
) -> Json {
    let instances = instances.enumerate().map(|(number, attributes)| {
        json!({ "index_key": number, "schema_version": 0, "attributes": attributes,
            "sensitive_attributes": [] })
    });
    json!({
        "mode": "managed", "type": type_name, "name": name, "each": "list",
        "provider": format!("provider[\"{provider}\"]"),
        "instances": instances.collect::<Vec<_>>(),
    })
}

fn stored(webhook: &Webhook) -> Json {
    json!({
        "id": webhook.id, "account_id": ACCOUNT, "app_id": APP, "name": webhook.name,
        "url": webhook.url, "events": webhook.events, "enabled": webhook.enabled,
        "created_at": webhook.created_at, "updated_at": webhook.updated_at, "timeouts": null,
    })
}

/// `terraform` or `tofu` of the first directory on PATH that has one.
pub(crate) fn program() -> Result<PathBuf, Error> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path)
        .flat_map(|directory| ["terraform", "tofu"].map(|name| directory.join(name)))
        .find(|file| file.is_file());
    found.ok_or_else(|| "neither terraform nor tofu is on PATH".into())
}
