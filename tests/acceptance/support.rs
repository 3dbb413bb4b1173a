//! [`Terraform`]: a configuration directory of its own, and the commands that are run in it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use realtimekit::mock_api::{Builder, Call, Envelope, MockApi, Quirks, Webhook};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const ACCOUNT: &str = "023e105f4ecef8ad9ca31a8372d0c353";
pub(crate) const APP: &str = "14a396e7-ca44-4937-bf1f-050a69118543";
pub(crate) const OTHER_APP: &str = "5d9c2b1a-0f7e-4c66-9a3b-2f1e8d7c6b5a";
/// Occurs nowhere else, so that it can be searched for in everything that was written.
pub(crate) const TOKEN: &str = "v1.0-acceptance-4f9d2c7be1a863";
/// Address of the webhook in [`bell`].
pub(crate) const BELL: &str = "realtimekit_webhook.bell";

/// The API as clients met it.
pub(crate) fn live() -> MockApi {
    start(Quirks::live())
}

/// The API as clients met it, and a directory for it.
pub(crate) fn setup() -> (MockApi, Terraform) {
    let api = live();
    let terraform = Terraform::new(&api);
    (api, terraform)
}

pub(crate) fn start(quirks: Quirks) -> MockApi {
    builder()
        .quirks(quirks)
        .start()
        .expect("the mock API starts")
}

pub(crate) fn builder() -> Builder {
    MockApi::builder().token(TOKEN)
}

/// Runs a test against the API as documented and as met, with each envelope.
#[track_caller]
pub(crate) fn in_every_mode(test: impl Fn(&MockApi)) {
    for quirks in [Quirks::documented(), Quirks::live()] {
        for envelope in [Envelope::Data, Envelope::ResultData, Envelope::Result] {
            let quirks = Quirks {
                envelope,
                ..quirks.clone()
            };
            test(&start(quirks));
        }
    }
}

/// A resource `realtimekit_webhook.bell` of the provider's app.
pub(crate) fn bell(attributes: &str) -> String {
    format!("resource \"realtimekit_webhook\" \"bell\" {{\n{attributes}\n}}\n")
}

pub(crate) const BELL_ATTRIBUTES: &str = r#"
  name   = "door bell"
  url    = "https://example.com/bell"
  events = ["meeting.started", "meeting.ended"]
"#;

/// Adds a webhook that Terraform does not manage to the provider's app.
pub(crate) fn add(api: &MockApi, name: &str, url: &str) -> Webhook {
    api.add_webhook(ACCOUNT, APP, name, url, &["meeting.ended"])
}

/// Adds the webhook that [`BELL_ATTRIBUTES`] describe, and returns its ID.
pub(crate) fn existing(api: &MockApi) -> String {
    let url = "https://example.com/bell";
    let events = ["meeting.ended", "meeting.started"];
    api.add_webhook(ACCOUNT, APP, "door bell", url, &events).id
}

/// The block that imports [`BELL`].
pub(crate) fn import_block(id: &str) -> String {
    format!("import {{\n  to = {BELL}\n  id = \"{id}\"\n}}\n")
}

/// What every message about a missing app says to do.
pub(crate) const MISSING_APP: [&str; 3] = [
    "check account_id and app_id",
    "terraform state rm",
    "removed block",
];

/// The rows of a table, a line each, with cells between ` | `.
#[track_caller]
pub(crate) fn rows<const N: usize>(table: &str) -> Vec<[&str; N]> {
    let lines = table.lines().filter(|line| !line.trim().is_empty());
    let rows = lines.map(|line| {
        let cells: Vec<&str> = line.split(" | ").map(str::trim).collect();
        <[&str; N]>::try_from(cells).unwrap_or_else(|cells| panic!("{} cells: {line}", cells.len()))
    });
    rows.collect()
}

/// Requests, each as its method and the last part of its path.
pub(crate) fn requests(calls: &[Call]) -> Vec<String> {
    let last = |path: &str| match path.rsplit('/').next() {
        Some("webhooks") => "webhooks".to_owned(),
        _ => "webhooks/ID".to_owned(),
    };
    calls
        .iter()
        .map(|call| format!("{} {}", call.method, last(&call.path)))
        .collect()
}

/// The requests that change something.
pub(crate) fn writes(api: &MockApi) -> Vec<String> {
    requests(&api.calls())
        .into_iter()
        .filter(|request| !request.starts_with("GET"))
        .collect()
}

/// One configuration and its state.
pub(crate) struct Terraform {
    directory: TempDir,
    environment: Vec<(String, String)>,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) succeeded: bool,
    /// Standard output and standard error, without Terraform's frames and line breaks.
    pub(crate) text: String,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Terraform {
    /// A directory whose environment points the provider to `api`, account and app included.
    pub(crate) fn new(api: &MockApi) -> Self {
        let directory = TempDir::new().unwrap();
        let binary = Path::new(env!("CARGO_BIN_EXE_terraform-provider-realtimekit"));
        let rc = format!(
            "provider_installation {{\n  dev_overrides {{ \"realtimekit/realtimekit\" = {:?} }}\n  \
             direct {{}}\n}}\n",
            binary.parent().unwrap()
        );
        fs::write(directory.path().join("cli.tfrc"), rc).unwrap();
        let environment = [
            ("CLOUDFLARE_BASE_URL", api.base_url()),
            ("CLOUDFLARE_API_TOKEN", TOKEN.to_owned()),
            ("CLOUDFLARE_ACCOUNT_ID", ACCOUNT.to_owned()),
            ("REALTIMEKIT_APP_ID", APP.to_owned()),
        ];
        let environment = environment
            .map(|(name, value)| (name.to_owned(), value))
            .to_vec();
        Self {
            directory,
            environment,
        }
    }

    /// A directory whose environment says nothing to the provider.
    pub(crate) fn without_settings() -> Self {
        Self {
            environment: Vec::new(),
            ..Self::new(&live())
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Sets a variable for the commands to come.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.environment.retain(|(known, _)| known != name);
    }

    /// Makes `configuration` the one that the next commands see.
    pub(crate) fn write(&self, configuration: &str) {
        let preamble = "terraform {\n  required_providers {\n    realtimekit = { source = \
                        \"realtimekit/realtimekit\" }\n  }\n}\n";
        fs::write(
            self.path().join("main.tf"),
            format!("{preamble}{configuration}"),
        )
        .unwrap();
    }

    /// Runs a command that may fail.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(terraform());
        command
            .args(arguments)
            .arg("-no-color")
            .current_dir(self.path())
            .env_clear();
        // What a shell has that Terraform may need, and nothing of the developer's own accounts.
        command.envs(env::vars_os().filter(|(name, _)| name == "PATH" || name == "TMPDIR"));
        command
            .env("HOME", self.path())
            .env("TF_CLI_CONFIG_FILE", self.path().join("cli.tfrc"))
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_INPUT", "0")
            .env("CHECKPOINT_DISABLE", "1")
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    #[track_caller]
    pub(crate) fn succeeds(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert!(ran.succeeded, "terraform {arguments:?} failed: {ran}");
        ran
    }

    #[track_caller]
    pub(crate) fn fails(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert!(!ran.succeeded, "terraform {arguments:?} succeeded: {ran}");
        ran
    }

    #[track_caller]
    pub(crate) fn apply(&self, configuration: &str) -> Ran {
        self.write(configuration);
        self.succeeds(&["apply", "-auto-approve"])
    }

    #[track_caller]
    pub(crate) fn apply_fails(&self, configuration: &str) -> Ran {
        self.write(configuration);
        self.fails(&["apply", "-auto-approve"])
    }

    #[track_caller]
    pub(crate) fn destroy(&self) {
        self.succeeds(&["destroy", "-auto-approve"]);
    }

    /// What a plan comes to, as Terraform's own JSON tells it.
    #[track_caller]
    pub(crate) fn plan(&self, configuration: &str) -> Plan {
        self.write(configuration);
        self.succeeds(&["plan", "-out=plan"]);
        let shown = self.succeeds(&["show", "-json", "plan"]);
        Plan(serde_json::from_str(&shown.stdout).unwrap())
    }

    #[track_caller]
    pub(crate) fn plan_fails(&self, configuration: &str) -> Ran {
        self.write(configuration);
        self.fails(&["plan"])
    }

    /// The attributes of a resource or data source in the state; null if it is not there.
    #[track_caller]
    pub(crate) fn state(&self, address: &str) -> Value {
        let resource = self.resource(address);
        resource.get("values").cloned().unwrap_or_default()
    }

    /// Whether Terraform will replace the resource because its creation did not end well.
    #[track_caller]
    pub(crate) fn is_tainted(&self, address: &str) -> bool {
        self.resource(address)["tainted"] == true
    }

    #[track_caller]
    fn resource(&self, address: &str) -> Value {
        let shown = self.succeeds(&["show", "-json"]);
        let state: Value = serde_json::from_str(&shown.stdout).unwrap();
        let resources = state["values"]["root_module"]["resources"]
            .as_array()
            .cloned();
        let mut resources = resources.unwrap_or_default().into_iter();
        resources
            .find(|resource| resource["address"] == address)
            .unwrap_or_default()
    }

    /// Fails if the configuration, as it was last applied, is not what there is.
    #[track_caller]
    pub(crate) fn expect_no_changes(&self) {
        let ran = self.run(&["plan", "-detailed-exitcode"]);
        assert!(ran.succeeded && ran.stdout.contains("No changes."), "{ran}");
    }
}

/// A plan in Terraform's JSON.
pub(crate) struct Plan(Value);

impl Plan {
    /// What is to be done to a resource: `["update"]`, `["delete", "create"]`, …
    #[track_caller]
    pub(crate) fn actions(&self, address: &str) -> Vec<&str> {
        let actions = self.change(address)["actions"].as_array().unwrap();
        actions.iter().filter_map(Value::as_str).collect()
    }

    /// The planned value of an attribute; null if it is unknown.
    #[track_caller]
    pub(crate) fn after(&self, address: &str, attribute: &str) -> &Value {
        &self.change(address)["after"][attribute]
    }

    /// Whether an attribute will be known only after the change.
    #[track_caller]
    pub(crate) fn is_unknown(&self, address: &str, attribute: &str) -> bool {
        self.change(address)["after_unknown"][attribute] == true
    }

    /// The attributes whose change forces a replacement.
    #[track_caller]
    pub(crate) fn forces_replacement(&self, address: &str) -> Vec<&str> {
        let paths = self.change(address)["replace_paths"].as_array();
        let paths = paths.into_iter().flatten();
        paths.filter_map(|path| path[0].as_str()).collect()
    }

    #[track_caller]
    fn change(&self, address: &str) -> &Value {
        let changes = self.0["resource_changes"].as_array().unwrap();
        let change = changes.iter().find(|change| change["address"] == address);
        &change.unwrap_or_else(|| panic!("{address} is not in the plan: {}", self.0))["change"]
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let text = format!("{stdout}\n{stderr}").replace(['│', '╷', '╵'], " ");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self {
            succeeded: output.status.success(),
            text,
            stdout,
            stderr,
        }
    }
}

impl Ran {
    /// Fails unless each of `parts` was printed, in this order, however Terraform broke lines.
    #[track_caller]
    pub(crate) fn says(&self, parts: &[&str]) {
        let mut rest = self.text.as_str();
        for part in parts {
            match rest.split_once(part) {
                Some((_, after)) => rest = after,
                None => panic!("{part:?} is not said, or not in this order: {self}"),
            }
        }
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\n{}\n{}", self.stdout, self.stderr)
    }
}

/// `terraform` or `tofu` of the first directory on PATH that has one.
pub(crate) fn terraform() -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path)
        .flat_map(|directory| ["terraform", "tofu"].map(|name| directory.join(name)))
        .find(|file| file.is_file());
    found.unwrap_or_else(|| {
        panic!(
            "neither terraform nor tofu is on PATH, and these tests run one of them: install \
             Terraform (https://developer.hashicorp.com/terraform/install) or OpenTofu \
             (https://opentofu.org/docs/intro/install)"
        )
    })
}
