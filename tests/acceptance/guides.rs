//! What the guides show, file by file of `examples/guides`: it works as it stands.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use serde_json::json;

use crate::features::*;
use crate::support::*;

const MOCK_API: &str = env!("CARGO_BIN_EXE_realtimekit-mock-api");

/// The mock API as a process, killed when dropped.
struct Mock(Child);

impl Drop for Mock {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The name and the value of a line of shell.
fn exported(line: &str) -> Option<(String, String)> {
    let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
    Some((name.to_owned(), value.trim_matches('\'').to_owned()))
}

/// From `terraform init` to `terraform destroy`.
#[track_caller]
fn expect_a_first_webhook(mut w: Workspace, settings: Vec<(String, String)>) -> Workspace {
    assert!(!settings.is_empty());
    for (name, value) in settings {
        w.set(&name, &value);
    }
    w.install();
    w.put("main.tf", &guide("getting-started/main.tf"));

    for [script, words] in rows(
        "getting-started/apply.sh   | 1 added
         getting-started/look.sh    | No changes.
         getting-started/destroy.sh | 1 destroyed",
    ) {
        w.runs_script(&guide(script)).says(words);
    }
    w
}

#[test]
fn getting_started_with_the_mock_creates_a_webhook() {
    let script = guide("getting-started/mock.sh");
    assert_eq!(script, "cargo run --bin realtimekit-mock-api\n");
    let mut command = Command::new(MOCK_API);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut mock = Mock(command.spawn().unwrap());
    let lines = BufReader::new(mock.0.stdout.take().unwrap()).lines();
    let settings = lines.filter_map(|line| exported(&line.unwrap())).take(4);

    expect_a_first_webhook(Workspace::without_settings(), settings.collect());
}

#[test]
fn getting_started_with_an_account_creates_a_webhook() {
    let settings = guide("getting-started/settings.sh");
    let settings: Vec<_> = settings.lines().filter_map(exported).collect();
    let api = realtimekit::mock_api::MockApi::builder().token(&settings[0].1);

    let w = expect_a_first_webhook(Workspace::with(api), settings);

    assert!(!w.api.calls().is_empty());
}

#[test]
fn receivers_and_rate_limit_guides_apply() {
    let w = Workspace::new();
    let local = guide("receiving-deliveries/local.tf");
    let receivers = w.apply(guide("receiving-deliveries/webhook.tf") + &local);
    receivers.says("Warning: Unencrypted URL | 2 added");
    w.expect_no_changes();

    let w = Workspace::new();
    let provider = guide("rate-limits-and-large-deployments/provider.tf");
    w.write(provider + &guide("rate-limits-and-large-deployments/timeouts.tf"));
    w.runs_script(&guide("rate-limits-and-large-deployments/apply.sh"));
    w.expect_no_changes();
    assert_eq!(w.webhooks().len(), 1);
}

#[test]
fn import_guide_lists_and_imports_by_command() {
    let w = Workspace::new();
    let id = w.meetings();
    w.apply(guide("importing-existing-webhooks/all.tf"));
    assert_eq!(
        w.output("webhooks")[&id],
        "https://hooks.example.com/meetings"
    );

    w.write(guide("receiving-deliveries/webhook.tf"));
    w.runs_script(&guide("importing-existing-webhooks/cli.sh").replace(SAMPLE_ID, &id));

    assert_eq!(w.state(MEETINGS)["id"], id.as_str());
    assert!(w.writes().is_empty());
}

#[test]
fn import_guide_imports_with_generated_configuration() {
    requires!(IMPORT_BLOCKS);
    let w = Workspace::new();
    let id = w.meetings();
    w.write(guide("importing-existing-webhooks/one.tf").replace(SAMPLE_ID, &id));

    w.runs_script(&guide("importing-existing-webhooks/one.sh"));
    w.write(""); // the block is removed

    assert_eq!(w.state(MEETINGS)["id"], id.as_str());
    assert!(w.writes().is_empty());
    w.expect_no_changes();
}

#[test]
fn import_guide_for_each_imports_existing_and_creates_missing() {
    requires!(IMPORT_FOR_EACH);
    let w = Workspace::new();
    let events = ["meeting.ended", "meeting.started"];
    let url = "https://hooks.example.com/meetings";
    let id = w.api.add_webhook(ACCOUNT, APP, "meetings", url, &events).id;

    let ran = w.apply(guide("importing-existing-webhooks/for_each.tf"));

    ran.says("1 imported, 1 added, 0 changed, 0 destroyed.");
    let address = "realtimekit_webhook.this[\"meetings\"]";
    w.expect_state(address, json!({ "id": id }));
    assert_eq!(w.writes(), ["POST webhooks"]);
    w.expect_no_changes();
}

#[cfg(unix)]
#[test]
fn pipeline_tests_a_module_against_its_own_mock_and_stops_it() {
    use std::{env, fs, net::TcpStream, path::Path, thread, time::Duration};

    requires!(RUN_REFERENCES);
    let w = Workspace::without_settings();
    crate::modules::copy(&w, "one-app");
    let module = w.path().join("modules/one-app");
    let script = guide("testing-your-modules/ci.sh") + "echo \"$CLOUDFLARE_BASE_URL\" >address\n";
    fs::write(module.join("ci.sh"), script).unwrap();
    let mock = Path::new(MOCK_API).parent().unwrap().to_owned();
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([mock].into_iter().chain(env::split_paths(&path))).unwrap();
    let terraforms = w.command("");
    let environment = terraforms
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));

    let mut sh = Command::new("sh");
    sh.arg("ci.sh")
        .current_dir(&module)
        .env_clear()
        .envs(environment)
        .env("PATH", path);
    let ran = Ran::from(sh.output().unwrap());

    assert!(ran.succeeded, "{ran}");
    ran.says("Success!");
    let requests = w.get("modules/one-app/requests.log");
    assert!(requests.contains("DELETE"), "{requests}");
    let url = w.get("modules/one-app/address");
    let address = url.split('/').nth(2).unwrap();
    let mut tries = 0;
    while TcpStream::connect(address).is_ok() {
        tries += 1;
        assert!(tries < 1000, "it still runs");
        thread::sleep(Duration::from_millis(10));
    }
}
