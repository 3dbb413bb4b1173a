//! What the guides show, file by file of `examples/guides`: it works as it stands.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use realtimekit::mock_api::MockApi;

use crate::support::*;

/// The mock API as a process, killed when dropped.
struct Mock(Child);

impl Drop for Mock {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Follows the guide from `terraform init` to `terraform destroy`, with the variables that these
/// lines of shell set.
#[track_caller]
fn get_started(w: &mut Workspace, lines: impl Iterator<Item = String>) {
    let exported = |line: String| {
        let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
        Some((name.to_owned(), value.trim_matches('\'').to_owned()))
    };
    for (name, value) in lines.filter_map(exported).take(4) {
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
}

#[test]
fn getting_started_with_the_mock_creates_a_webhook() {
    let script = guide("getting-started/mock.sh");
    assert_eq!(script, "cargo run --bin realtimekit-mock-api\n");
    let mut command = Command::new(env!("CARGO_BIN_EXE_realtimekit-mock-api"));
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut mock = Mock(command.spawn().unwrap());
    let lines = BufReader::new(mock.0.stdout.take().unwrap()).lines();
    let mut w = Workspace::without_settings();

    get_started(&mut w, lines.map(Result::unwrap));
}

#[test]
fn getting_started_with_an_account_creates_a_webhook() {
    let settings = guide("getting-started/settings.sh");
    let (_, token) = settings.lines().next().unwrap().split_once('=').unwrap();
    let mut w = Workspace::with(MockApi::builder().token(token));

    get_started(&mut w, settings.lines().map(str::to_owned));

    assert_eq!(w.writes(), ["POST", "DELETE"]);
}

#[test]
fn receivers_and_rate_limit_guides_apply() {
    let w = Workspace::new();
    let local = guide("receiving-deliveries/local.tf");
    let receivers = w.apply(guide("receiving-deliveries/webhook.tf") + &local);
    receivers.says("Warning: Unencrypted URL | 2 added");

    let w = Workspace::new();
    let provider = guide("rate-limits-and-large-deployments/provider.tf");
    w.write(provider + &guide("rate-limits-and-large-deployments/timeouts.tf"));
    w.runs_script(&guide("rate-limits-and-large-deployments/apply.sh"));
    w.expect_no_changes();
    assert_eq!(w.webhooks().len(), 1);
}
