//! [`Workspace`]: a mock API, a configuration directory, and the commands that are run in it.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{self, Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::LazyLock,
};

use http::Method;
use realtimekit::mock_api::{Builder, Envelope, Fault, Matcher, MockApi, Quirks, Webhook};
use serde_json::Value;
use tempfile::TempDir;

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

const DEFAULTS: &str = r#"name = "door bell"
url = "https://example.com/bell"
events = ["meeting.started", "meeting.ended"]
"#;

/// A block of HCL: its type and its labels, and what is in it, where `'` stands for a quote.
pub(crate) fn block(head: &str, body: &str) -> String {
    let (kind, labels) = head.split_once(' ').unwrap_or((head, ""));
    let labels = labels.split(' ').filter(|label| !label.is_empty());
    let labels: String = labels.map(|label| format!(" \"{label}\"")).collect();
    format!("{kind}{labels} {{\n{}\n}}\n", body.replace('\'', "\""))
}

/// A resource with this label: these attributes, one a line, and the default ones that are not
/// among them.
pub(crate) fn webhook(label: &str, attributes: &str) -> String {
    let names: Vec<&str> = attributes.lines().map(first_word).collect();
    let is_default = |line: &&str| !names.contains(&first_word(line));
    let lines = DEFAULTS.lines().filter(is_default).chain([attributes]);
    let body = lines.collect::<Vec<_>>().join("\n");
    block(&format!("resource realtimekit_webhook {label}"), &body)
}

fn first_word(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or_default()
}

/// The webhook at [`BELL`].
pub(crate) fn bell(attributes: &str) -> String {
    webhook("bell", attributes)
}

/// The block that imports [`BELL`].
pub(crate) fn import_block(id: &str) -> String {
    block("import", &format!("  to = {BELL}\n  id = \"{id}\""))
}

pub(crate) fn builder() -> Builder {
    MockApi::builder().token(TOKEN)
}

/// Runs a test against the API as documented and as met, with each envelope. `tests/client` has all
/// combinations.
#[track_caller]
pub(crate) fn in_every_mode(test: impl Fn(&Workspace)) {
    for (mode, envelope) in [
        (Quirks::documented(), Envelope::Data),
        (Quirks::live(), Envelope::ResultData),
        (Quirks::live(), Envelope::Result),
    ] {
        test(&Workspace::of(Quirks { envelope, ..mode }));
    }
}

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

/// A file of the repository.
#[track_caller]
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The first configuration in a page.
pub(crate) fn shown_in(page: &str) -> String {
    let page = read(page);
    let (_, rest) = page.split_once("```terraform\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

/// A file of a guide.
#[track_caller]
pub(crate) fn guide(file: &str) -> String {
    read(&format!("examples/guides/{file}"))
}

/// The Terraform commands of a script, without questions.
pub(crate) fn commands(script: &str) -> Vec<String> {
    let lines = script.lines();
    let commands = lines.filter_map(|line| line.strip_prefix("terraform "));
    let commands = commands.map(|line| match line.split_once(' ').unwrap_or((line, "")) {
        (name @ ("apply" | "destroy"), rest) => format!("{name} -auto-approve {rest}"),
        _ => line.to_owned(),
    });
    commands.collect()
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
        Self::of(Quirks::live())
    }

    /// With an API that behaves so.
    pub(crate) fn of(quirks: Quirks) -> Self {
        Self::with(builder().quirks(quirks))
    }

    /// With an API, to which the environment points the provider, account and app included.
    pub(crate) fn with(api: Builder) -> Self {
        let api = api.start().expect("the mock API starts");
        let mut workspace = Self {
            directory: TempDir::new().unwrap(),
            environment: BTreeMap::new(),
            api,
        };
        let base_url = workspace.api.base_url();
        workspace.set("CLOUDFLARE_BASE_URL", &base_url);
        workspace.set("CLOUDFLARE_API_TOKEN", TOKEN);
        workspace.set("CLOUDFLARE_ACCOUNT_ID", ACCOUNT);
        workspace.set("REALTIMEKIT_APP_ID", APP);
        workspace.override_providers(&[("realtimekit/realtimekit", provider().parent().unwrap())]);
        workspace
    }

    /// With an environment that says nothing to the provider.
    pub(crate) fn without_settings() -> Self {
        let mut workspace = Self::new();
        workspace.environment.clear();
        workspace
    }

    /// Lets Terraform find these providers in these directories.
    pub(crate) fn override_providers(&self, providers: &[(&str, &Path)]) {
        let line = |(name, path): &(&str, &Path)| format!("{name:?} = {path:?}\n");
        let overrides: String = providers.iter().map(line).collect();
        let overrides = block("dev_overrides", &overrides);
        let installation = block("provider_installation", &format!("{overrides}direct {{}}"));
        self.put("cli.tfrc", &installation);
    }

    /// Lets `terraform init` find the provider in a directory, as it finds one of the Registry.
    pub(crate) fn install(&self) {
        let version = self.succeeds("version -json").json();
        let platform = version["platform"].as_str().unwrap();
        for host in ["registry.terraform.io", "registry.opentofu.org"] {
            let version = env!("CARGO_PKG_VERSION");
            let package = format!("mirror/{host}/realtimekit/realtimekit/{version}/{platform}");
            let installed = self.path().join(package);
            fs::create_dir_all(&installed).unwrap();
            let installed = installed.join(provider().file_name().unwrap());
            let linked = fs::hard_link(provider(), &installed);
            linked
                .or_else(|_| fs::copy(provider(), &installed).map(drop))
                .unwrap();
        }
        let mirror = format!(
            "filesystem_mirror {{ path = {:?} }}",
            self.path().join("mirror")
        );
        self.put("cli.tfrc", &block("provider_installation", &mirror));
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

    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(terraform());
        command.args(arguments.split_whitespace()).arg("-no-color");
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

    /// Runs a command that may fail.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// Starts a command in a process group of its own.
    #[cfg(unix)]
    pub(crate) fn start(&self, arguments: &str) -> std::process::Child {
        use std::os::unix::process::CommandExt;

        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0).spawn().unwrap()
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
        let commands = commands(script).into_iter();
        let mut ran: Vec<Ran> = commands.map(|command| self.succeeds(&command)).collect();
        ran.pop().expect("no command in the script")
    }

    #[track_caller]
    pub(crate) fn apply(&self, configuration: impl AsRef<str>) -> Ran {
        self.write(configuration);
        self.succeeds(APPLY)
    }

    #[track_caller]
    pub(crate) fn apply_fails(&self, configuration: impl AsRef<str>, words: &str) -> Ran {
        self.write(configuration);
        self.fails(APPLY, words)
    }

    #[track_caller]
    pub(crate) fn destroy(&self) {
        self.succeeds("destroy -auto-approve");
    }

    /// What is planned, as Terraform's own JSON tells it; `apply plan` does it.
    #[track_caller]
    pub(crate) fn plan(&self, configuration: impl AsRef<str>) -> Plan {
        self.write(configuration);
        self.succeeds("plan -out=plan");
        Plan(self.succeeds("show -json plan").json())
    }

    #[track_caller]
    pub(crate) fn plan_fails(&self, configuration: impl AsRef<str>, words: &str) -> Ran {
        self.write(configuration);
        self.fails("plan", words)
    }

    /// The attributes of a resource or data source in the state; null if it is not there.
    #[track_caller]
    pub(crate) fn state(&self, address: &str) -> Value {
        self.resource(address)["values"].take()
    }

    /// What Terraform stores of a resource or data source.
    #[track_caller]
    pub(crate) fn resource(&self, address: &str) -> Value {
        let mut state = self.succeeds("show -json").json();
        let resources = state["values"]["root_module"]["resources"].take();
        let resources = resources.as_array().cloned().unwrap_or_default();
        let mut found = resources.into_iter().filter(|it| it["address"] == address);
        found.next().unwrap_or_default()
    }

    /// Fails unless the attributes of a resource or data source in the state are these, or of
    /// others also these.
    #[track_caller]
    pub(crate) fn expect_state(&self, address: &str, expected: Value) {
        let mut state = self.state(address);
        let all = state.as_object_mut().expect(address);
        all.retain(|name, _| expected.get(name).is_some());
        assert_eq!(state, expected, "{address}");
    }

    /// The value of an output.
    #[track_caller]
    pub(crate) fn output(&self, name: &str) -> Value {
        self.succeeds(&format!("output -json {name}")).json()
    }

    /// Fails if the configuration, as it was last applied, is not what there is.
    #[track_caller]
    pub(crate) fn expect_no_changes(&self) {
        let ran = self.run("plan -detailed-exitcode");
        assert!(ran.succeeded && ran.stdout.contains("No changes."), "{ran}");
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

    /// Adds a webhook of another app.
    pub(crate) fn add_to(&self, account: &str, app: &str, name: &str, url: &str) -> Webhook {
        let events = ["meeting.ended"];
        self.api.add_webhook(account, app, name, url, &events)
    }

    /// Adds a webhook that Terraform does not manage to the provider's app.
    pub(crate) fn add(&self, name: &str, url: &str) -> Webhook {
        self.add_to(ACCOUNT, APP, name, url)
    }

    /// Adds the webhook that [`bell`] describes, and returns its ID.
    pub(crate) fn existing(&self) -> String {
        self.existing_as("door bell", "https://example.com/bell")
    }

    /// Adds the webhook that the examples describe, and returns its ID.
    pub(crate) fn meetings(&self) -> String {
        self.existing_as("Meeting log", "https://hooks.example.com/meetings")
    }

    fn existing_as(&self, name: &str, url: &str) -> String {
        let events = ["meeting.ended", "meeting.started"];
        self.api.add_webhook(ACCOUNT, APP, name, url, &events).id
    }

    /// Answers the next requests of a method with a fault.
    pub(crate) fn fail(&self, method: Method, times: usize, fault: impl Into<Fault>) {
        self.api.fail(Matcher::method(method), times, fault);
    }

    /// The requests, each as its method and the last part of its path.
    pub(crate) fn requests(&self) -> Vec<String> {
        let calls = self.api.calls().into_iter();
        let requests = calls.map(|call| match call.path.ends_with("/webhooks") {
            true => format!("{} webhooks", call.method),
            false => format!("{} webhooks/ID", call.method),
        });
        requests.collect()
    }

    /// The requests that change something.
    pub(crate) fn writes(&self) -> Vec<String> {
        let requests = self.requests().into_iter();
        requests.filter(|it| !it.starts_with("GET")).collect()
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

    /// The change of a resource: `after`, `after_unknown`, `replace_paths` and others.
    #[track_caller]
    pub(crate) fn change(&self, address: &str) -> &Value {
        let changes = self.0["resource_changes"].as_array().unwrap();
        let change = changes.iter().find(|change| change["address"] == address);
        &change.unwrap_or_else(|| panic!("{address} is not in the plan: {}", self.0))["change"]
    }
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
    /// Fails unless all `words`, separated by ` | `, were printed, however Terraform broke lines.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        for part in words.split(" | ") {
            assert!(self.text.contains(part), "{part:?} is not said: {self}");
        }
        self
    }

    /// Fails if any of the `words`, separated by ` | `, was printed.
    #[track_caller]
    pub(crate) fn lacks(self, words: &str) -> Self {
        for part in words.split(" | ") {
            assert!(!self.text.contains(part), "{part:?} is said: {self}");
        }
        self
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\n{}\n{}", self.stdout, self.stderr)
    }
}

/// Waits for something that must happen while a process runs; answers whether it still runs.
#[cfg(unix)]
pub(crate) fn wait_for(
    child: &mut std::process::Child,
    mut happened: impl FnMut() -> bool,
) -> bool {
    while !happened() {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    true
}

/// Sends a signal to a process, or to a group if the target starts with `-`; it may have ended.
#[cfg(unix)]
pub(crate) fn signal(name: &str, target: &str) -> bool {
    let mut kill = Command::new("kill");
    kill.args(["-s", name, "--", target]).stderr(Stdio::null());
    kill.status().unwrap().success()
}

/// The provider that Cargo built for the tests.
pub(crate) fn provider() -> &'static Path {
    static PROVIDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let built = env!("CARGO_BIN_EXE_terraform-provider-realtimekit");
        path::absolute(built).unwrap() // with a drive, if it was built for Windows elsewhere
    });
    &PROVIDER
}

/// `terraform` or `tofu` of the first directory on PATH that has one.
pub(crate) fn terraform() -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path)
        .flat_map(|directory| ["terraform", "tofu"].map(|name| directory.join(name)))
        .map(|file| file.with_extension(env::consts::EXE_EXTENSION))
        .find(|file| file.is_file());
    found.expect(
        "neither terraform nor tofu is on PATH, and these tests run one of them: install Terraform \
         (https://developer.hashicorp.com/terraform/install) or OpenTofu \
         (https://opentofu.org/docs/intro/install)",
    )
}
