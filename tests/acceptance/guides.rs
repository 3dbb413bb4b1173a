//! What the guides show, file by file of `examples/guides`: it works as it stands.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};
#[cfg(unix)]
use std::{
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::shown::{read, run};
use crate::support::*;
#[cfg(unix)]
use crate::{features::*, modules};

fn write(terraform: &Terraform, file: &str) {
    let name = Path::new(file).file_name().unwrap();
    fs::write(terraform.path().join(name), read(file)).unwrap();
}

/// Lets `terraform init` find the provider, as it finds one of the Registry.
fn install(terraform: &Terraform) {
    let version = terraform.succeeds(&["version", "-json"]).stdout;
    let version: Value = serde_json::from_str(&version).unwrap();
    let mirror = terraform.path().join("mirror");
    for host in ["registry.terraform.io", "registry.opentofu.org"] {
        let directory = mirror
            .join(host)
            .join("realtimekit/realtimekit")
            .join(env!("CARGO_PKG_VERSION"))
            .join(version["platform"].as_str().unwrap());
        fs::create_dir_all(&directory).unwrap();
        let binary = Path::new(env!("CARGO_BIN_EXE_terraform-provider-realtimekit"));
        let installed = directory.join(binary.file_name().unwrap());
        let linked = fs::hard_link(binary, &installed);
        linked
            .or_else(|_| fs::copy(binary, &installed).map(drop))
            .unwrap();
    }
    let rc = format!("provider_installation {{\n  filesystem_mirror {{ path = {mirror:?} }}\n}}\n");
    fs::write(terraform.path().join("cli.tfrc"), rc).unwrap();
}

/// The mock API, run as a guide says.
struct Mock {
    process: Child,
    settings: Vec<(String, String)>,
}

impl Mock {
    fn start(script: &str) -> Self {
        assert_eq!(read(script), "cargo run --bin realtimekit-mock-api\n");
        let mut process = Command::new(env!("CARGO_BIN_EXE_realtimekit-mock-api"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let lines = lines.map(Result::unwrap);
        let settings = lines.filter_map(|line| exported(&line)).take(4);
        Self {
            settings: settings.collect(),
            process,
        }
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The name and the value of a line of shell.
fn exported(line: &str) -> Option<(String, String)> {
    let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
    Some((name.to_owned(), value.trim_matches('\'').to_owned()))
}

/// From `terraform init` to `terraform destroy`.
#[track_caller]
fn expect_a_first_webhook(settings: &[(String, String)]) {
    let mut terraform = Terraform::new(&live());
    for (name, value) in settings {
        terraform.set(name, value);
    }
    install(&terraform);
    write(&terraform, "getting-started/main.tf");

    let applied = run(&terraform, "getting-started/apply.sh");
    let looked = run(&terraform, "getting-started/look.sh");
    let destroyed = run(&terraform, "getting-started/destroy.sh");

    applied.says(&["1 added", "webhook_id ="]);
    looked.says(&["No changes."]);
    destroyed.says(&["1 destroyed"]);
}

#[test]
fn getting_started_with_the_mock_creates_a_webhook() {
    let mock = Mock::start("getting-started/mock.sh");

    assert_eq!(mock.settings.len(), 4);
    expect_a_first_webhook(&mock.settings);
}

#[test]
fn getting_started_with_an_account_creates_a_webhook() {
    let settings = read("getting-started/settings.sh");
    let mut settings: Vec<_> = settings.lines().filter_map(exported).collect();
    let api = realtimekit::mock_api::MockApi::builder().token(&settings[0].1);
    let api = api.start().unwrap();
    settings.push(("CLOUDFLARE_BASE_URL".to_owned(), api.base_url()));

    expect_a_first_webhook(&settings);

    assert!(!api.calls().is_empty());
}

#[test]
fn receivers_guide_configuration_applies() {
    let (_api, terraform) = setup();
    let webhook = read("receiving-deliveries/webhook.tf");
    let local = read("receiving-deliveries/local.tf");

    let ran = terraform.apply(&format!("{webhook}{local}"));

    ran.says(&["Warning: Unencrypted URL", "2 added"]);
    terraform.expect_no_changes();
}

#[test]
fn rate_limit_guide_configuration_applies() {
    let (api, terraform) = setup();
    let provider = read("rate-limits-and-large-deployments/provider.tf");
    let webhook = read("rate-limits-and-large-deployments/timeouts.tf");
    terraform.write(&format!("{provider}{webhook}"));

    run(&terraform, "rate-limits-and-large-deployments/apply.sh");

    terraform.expect_no_changes();
    assert_eq!(api.webhooks(ACCOUNT, APP).len(), 1);
}

#[cfg(unix)]
#[test]
fn pipeline_tests_a_module_against_its_own_mock_and_stops_it() {
    requires!(RUN_REFERENCES);
    let terraform = Terraform::new(&live());
    let module = modules::copy(&terraform, "one-app");
    let script = read("testing-your-modules/ci.sh") + "echo \"$CLOUDFLARE_BASE_URL\" >address\n";
    fs::write(module.join("ci.sh"), script).unwrap();
    let binaries = Path::new(env!("CARGO_BIN_EXE_realtimekit-mock-api")).parent();
    let path = env::var_os("PATH").unwrap_or_default();
    // OpenTofu is found under the name that the guide uses.
    let hosts = terraform.path().join("hosts");
    fs::create_dir(&hosts).unwrap();
    let script = format!(
        "#!/bin/sh\nexec '{}' \"$@\"\n",
        crate::support::terraform().display()
    );
    let shim = hosts.join("terraform");
    fs::write(&shim, script).unwrap();
    fs::set_permissions(&shim, fs::Permissions::from_mode(0o755)).unwrap();
    let paths = [hosts].into_iter().chain(binaries.map(PathBuf::from));
    let path = paths.chain(env::split_paths(&path));

    let ran = Command::new("sh")
        .arg("ci.sh")
        .current_dir(&module)
        .env_clear()
        .env("PATH", env::join_paths(path).unwrap())
        .env("HOME", terraform.path())
        .env("TF_CLI_CONFIG_FILE", terraform.path().join("cli.tfrc"))
        .env("CHECKPOINT_DISABLE", "1")
        .output()
        .unwrap();

    let ran = Ran::from(ran);
    assert!(ran.succeeded, "{ran}");
    ran.says(&["Success!"]);
    let requests = fs::read_to_string(module.join("requests.log")).unwrap();
    assert!(requests.contains("DELETE"), "{requests}");
    let url = fs::read_to_string(module.join("address")).unwrap();
    let address = url.split('/').nth(2).unwrap();
    let is_up = || TcpStream::connect(address).is_ok();
    let deadline = Instant::now() + Duration::from_secs(10);
    while is_up() {
        assert!(Instant::now() < deadline, "it still runs");
        thread::sleep(Duration::from_millis(10));
    }
}
