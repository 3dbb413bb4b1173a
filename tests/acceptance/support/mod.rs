//! [`Workspace`]: a mock API, a configuration directory, and the commands that are run in it.

mod command;
mod hcl;
#[cfg(unix)] // Windows has no signal for another process
mod signals;
mod texts;

use std::{
    collections::BTreeMap,
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use http::Method;
use realtimekit::mock_api::{Builder, Fault, Matcher, MockApi, Quirks, Webhook};
use serde_json::Value;
use tempfile::TempDir;

#[cfg(unix)]
#[allow(unused_imports, reason = "not every program sends signals")]
pub(crate) use self::signals::*;
pub(crate) use self::{command::*, hcl::*, texts::*};

pub(crate) const ACCOUNT: &str = "023e105f4ecef8ad9ca31a8372d0c353";
pub(crate) const APP: &str = "14a396e7-ca44-4937-bf1f-050a69118543";
pub(crate) const OTHER_APP: &str = "5d9c2b1a-0f7e-4c66-9a3b-2f1e8d7c6b5a";
/// Occurs nowhere else, so that it can be searched for in everything that was written.
pub(crate) const TOKEN: &str = "v1.0-acceptance-4f9d2c7be1a863";
/// Stands for the ID of a webhook in the examples; no webhook has it.
pub(crate) const SAMPLE_ID: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";

/// Address of the webhook in [`bell`].
pub(crate) const BELL: &str = "realtimekit_webhook.bell";
/// Address of the webhook in the examples.
pub(crate) const MEETINGS: &str = "realtimekit_webhook.meetings";
/// The command that makes changes without a question.
pub(crate) const APPLY: &str = "apply -auto-approve";
/// What every message about a missing app says to do.
pub(crate) const MISSING_APP: &str =
    "check account_id and app_id | terraform state rm | removed block";

pub(crate) fn builder() -> Builder {
    MockApi::builder().token(TOKEN)
}

/// An API, and a configuration with its state.
pub(crate) struct Workspace {
    pub(crate) api: MockApi,
    directory: TempDir,
    environment: BTreeMap<String, String>,
}

impl Workspace {
    /// With the API as clients met it.
    pub(crate) fn new() -> Self {
        Self::with(builder().quirks(Quirks::live()))
    }

    /// With an API, to which the environment points the provider, account and app included.
    pub(crate) fn with(api: Builder) -> Self {
        let api = api.start().expect("the mock API starts");
        let settings = [
            ("CLOUDFLARE_BASE_URL", &*api.base_url()),
            ("CLOUDFLARE_API_TOKEN", TOKEN),
            ("CLOUDFLARE_ACCOUNT_ID", ACCOUNT),
            ("REALTIMEKIT_APP_ID", APP),
        ];
        let environment = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let workspace = Self {
            directory: TempDir::new().unwrap(),
            environment: environment.into(),
            api,
        };
        workspace.override_providers("");
        workspace
    }

    /// With a configuration that was applied.
    #[track_caller]
    pub(crate) fn applied(configuration: impl AsRef<str>) -> Self {
        let workspace = Self::new();
        workspace.apply(configuration);
        workspace
    }

    /// With an environment that says nothing to the provider.
    pub(crate) fn without_settings() -> Self {
        let mut workspace = Self::new();
        workspace.environment.clear();
        workspace
    }

    /// Lets Terraform find the provider where Cargo built it, and others as these lines say.
    pub(crate) fn override_providers(&self, others: &str) {
        let directory = provider().parent().unwrap();
        let overrides = format!("'realtimekit/realtimekit' = {directory:?}\n{others}");
        let installation = block("dev_overrides", &overrides) + "direct {}";
        self.put("cli.tfrc", &block("provider_installation", &installation));
    }

    /// Lets `terraform init` look for providers in a mirror, and returns a directory of it.
    pub(crate) fn use_mirror(&self, package: &str) -> PathBuf {
        let mirror = self.path().join("mirror");
        let installation = format!("filesystem_mirror {{ path = {mirror:?} }}");
        self.put("cli.tfrc", &block("provider_installation", &installation));
        let package = mirror.join(package);
        fs::create_dir_all(&package).unwrap();
        package
    }

    /// Lets `terraform init` find the provider in a directory, as it finds one of the Registry.
    pub(crate) fn install(&self) {
        let version = self.succeeds("version -json").json();
        let platform = version["platform"].as_str().unwrap();
        for host in ["registry.terraform.io", "registry.opentofu.org"] {
            let version = env!("CARGO_PKG_VERSION");
            let package = format!("{host}/realtimekit/realtimekit/{version}/{platform}");
            let package = self.use_mirror(&package);
            link_provider(&package.join(provider().file_name().unwrap()));
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Writes a file of the directory.
    pub(crate) fn put(&self, file: &str, text: &str) {
        fs::write(self.path().join(file), text).unwrap();
    }

    /// What there is in a file of the directory.
    pub(crate) fn get(&self, file: &str) -> String {
        fs::read_to_string(self.path().join(file)).unwrap()
    }

    /// Sets a variable for the commands to come.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.environment.remove(name);
    }

    /// Makes `configuration` the one that the next commands see.
    pub(crate) fn write(&self, configuration: impl AsRef<str>) {
        let source = "realtimekit = { source = \"realtimekit/realtimekit\" }";
        let settings = block("terraform", &block("required_providers", source));
        self.put("main.tf", &(settings + configuration.as_ref()));
    }

    /// A program in the directory, with an environment of its own.
    pub(crate) fn program(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path()).env_clear();
        // What a shell has that Terraform may need, and nothing of the developer's own accounts.
        command.envs(env::vars_os().filter(|(name, _)| name == "PATH" || name == "TMPDIR"));
        command
            .env("HOME", self.path())
            .env("TF_CLI_CONFIG_FILE", self.path().join("cli.tfrc"))
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_INPUT", "0")
            .env("CHECKPOINT_DISABLE", "1")
            .envs(&self.environment)
            .stdin(Stdio::null());
        command
    }

    /// A command of Terraform.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = self.program(terraform());
        command.args(arguments.split_whitespace()).arg("-no-color");
        command
    }

    /// Runs a command that may fail.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    #[track_caller]
    pub(crate) fn succeeds(&self, arguments: &str) -> Ran {
        let ran = self.run(arguments);
        assert!(ran.succeeded, "terraform {arguments} failed: {ran}");
        ran
    }

    /// Runs a command that must fail with these words.
    #[track_caller]
    pub(crate) fn fails(&self, arguments: &str, words: &str) -> Ran {
        let ran = self.run(arguments);
        assert!(!ran.succeeded, "terraform {arguments} succeeded: {ran}");
        ran.says(words)
    }

    /// Runs the commands of a script, and returns what the last one printed.
    #[track_caller]
    pub(crate) fn runs_script(&self, script: &str) -> Ran {
        let ran = commands(script).into_iter().map(|it| self.succeeds(&it));
        ran.reduce(|_, last| last).expect("a command in the script")
    }

    /// Applies a configuration, and fails if a plan then shows changes.
    #[track_caller]
    pub(crate) fn apply(&self, configuration: impl AsRef<str>) -> Ran {
        self.write(configuration);
        let ran = self.succeeds(APPLY);
        self.expect_no_changes();
        ran
    }

    #[track_caller]
    pub(crate) fn apply_fails(&self, configuration: impl AsRef<str>, words: &str) -> Ran {
        self.write(configuration);
        self.fails(APPLY, words)
    }

    /// The planned change of [`BELL`] in Terraform's JSON: `actions`, `after`, `after_unknown` and
    /// others; `apply plan` makes it.
    #[track_caller]
    pub(crate) fn plan(&self, configuration: impl AsRef<str>) -> Value {
        self.write(configuration);
        self.succeeds("plan -out=plan");
        let mut plan = self.succeeds("show -json plan").json();
        let changes = plan["resource_changes"].as_array_mut().unwrap();
        let change = changes.iter_mut().find(|change| change["address"] == BELL);
        change.expect("a change of the webhook")["change"].take()
    }

    #[track_caller]
    pub(crate) fn plan_fails(&self, configuration: impl AsRef<str>, words: &str) -> Ran {
        self.write(configuration);
        self.fails("plan", words)
    }

    /// Plans a configuration and applies the plan, as [`Workspace::plan`] and
    /// [`Workspace::apply`] do.
    #[track_caller]
    pub(crate) fn apply_planned(&self, configuration: impl AsRef<str>) -> Value {
        let change = self.plan(configuration);
        self.succeeds("apply plan");
        self.expect_no_changes();
        change
    }

    #[track_caller]
    pub(crate) fn destroy(&self) {
        self.succeeds("destroy -auto-approve");
    }

    /// Fails if the configuration, as it was last applied, is not what there is.
    #[track_caller]
    pub(crate) fn expect_no_changes(&self) {
        let ran = self.run("plan -detailed-exitcode");
        assert!(ran.succeeded && ran.stdout.contains("No changes."), "{ran}");
    }

    /// The state file; null before the first apply.
    fn state_file(&self) -> Value {
        let exists = self.path().join("terraform.tfstate").exists();
        let state = exists.then(|| self.get("terraform.tfstate"));
        state.map_or(Value::Null, |state| serde_json::from_str(&state).unwrap())
    }

    /// The first instance of a resource or data source in the state; null if there is none.
    pub(crate) fn instance(&self, address: &str) -> Value {
        let (kind, name) = address.trim_start_matches("data.").split_once('.').unwrap();
        let mode = ["managed", "data"][usize::from(address.starts_with("data."))];
        let mut state = self.state_file();
        let mut resources = state["resources"].as_array_mut().into_iter().flatten();
        let found =
            resources.find(|it| [&it["mode"], &it["type"], &it["name"]] == [mode, kind, name]);
        found.map_or(Value::Null, |it| it["instances"][0].take())
    }

    /// The attributes of a resource or data source in the state; null if it is not there.
    pub(crate) fn state(&self, address: &str) -> Value {
        self.instance(address)["attributes"].take()
    }

    /// Fails unless a resource or data source in the state has these attributes, among others.
    #[track_caller]
    pub(crate) fn expect_state(&self, address: &str, expected: Value) {
        let state = self.state(address);
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&state[name], value, "{address}: {name}");
        }
    }

    /// The value of an output in the state.
    pub(crate) fn output(&self, name: &str) -> Value {
        self.state_file()["outputs"][name]["value"].take()
    }

    /// The webhooks of the provider's app.
    pub(crate) fn webhooks(&self) -> Vec<Webhook> {
        self.api.webhooks(ACCOUNT, APP)
    }

    /// The one webhook of the provider's app.
    #[track_caller]
    pub(crate) fn webhook(&self) -> Webhook {
        let [webhook] = self.webhooks().try_into().expect("one webhook");
        webhook
    }

    /// Adds a webhook that Terraform does not manage to the provider's app, and returns its ID.
    pub(crate) fn add(&self, name: &str, url: &str) -> String {
        let events = ["meeting.ended", "meeting.started"];
        self.api.add_webhook(ACCOUNT, APP, name, url, &events).id
    }

    /// Adds the webhook that [`bell`] describes, and returns its ID.
    pub(crate) fn existing(&self) -> String {
        self.add("door bell", "https://example.com/bell")
    }

    /// Adds the webhook that the examples describe, and returns its ID.
    pub(crate) fn meetings(&self) -> String {
        self.add("Meeting log", "https://hooks.example.com/meetings")
    }

    /// Answers the next requests of a method with a fault.
    pub(crate) fn fail(&self, method: Method, times: usize, fault: impl Into<Fault>) {
        self.api.fail(Matcher::method(method), times, fault);
    }

    /// The methods of the requests that change something.
    pub(crate) fn writes(&self) -> Vec<String> {
        let calls = self.api.calls().into_iter();
        let methods = calls.map(|call| call.method.to_string());
        methods.filter(|method| method != "GET").collect()
    }
}
