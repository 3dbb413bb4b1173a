//! What the provider does, shown with real Terraform against the mock API: `cargo run --example demo`.
//!
//! Each step is announced, run and checked: the exit code, and what the API holds afterwards.
//! Nothing but a temporary directory is written, and it is gone at the end, on Ctrl-C too.

mod cli;
mod stop;

use std::{
    fmt,
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use realtimekit::mock_api::{
    Call, MockApi, Quirks, SAMPLE_ACCOUNT_ID as ACCOUNT, SAMPLE_APP_ID as APP, Webhook,
};
use serde_json::json;

use cli::Cli;
use stop::Stop;

const CONFIGURATION: &str = include_str!("main.tf");
const LOOK_UP: &str = include_str!("look_up.tf");

/// Exit codes of `terraform plan -detailed-exitcode`.
const NO_CHANGES: i32 = 0;
const CHANGES: i32 = 2;

/// Why the demo ends before its end.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("interrupted; everything is cleaned up")]
    Interrupted,
    #[error("{0}")]
    Failed(String),
    #[error(transparent)]
    Io(#[from] io::Error),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match demo().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            writeln!(io::stderr(), "\nThe demo has ended early: {error}").ok(); // stderr is the last resort
            match error {
                Error::Interrupted => ExitCode::from(130), // as a shell says of Ctrl-C
                _ => ExitCode::FAILURE,
            }
        }
    }
}

async fn demo() -> Result<(), Error> {
    let stop = Stop::new()?;
    let binary = cli::find()?;
    let api = MockApi::builder().quirks(Quirks::live()).start()?;
    let mut terraform = Cli::set_up(binary, &api, stop).await?;
    story(&mut terraform, &api).await?;

    terraform.clean_up()?;
    say("Requests that the API received")?;
    let app = format!("/client/v4/accounts/{ACCOUNT}/realtime/kit/{APP}");
    for call in api.calls() {
        let line = call.to_string().replace(&app, "…");
        writeln!(io::stdout(), "{line}")?;
    }
    say("Done. All steps succeeded, and everything that the demo created is removed")
}

async fn story(terraform: &mut Cli, api: &MockApi) -> Result<(), Error> {
    let webhooks = || api.webhooks(ACCOUNT, APP);

    say("Install the provider")?;
    terraform.write("main.tf", CONFIGURATION)?;
    terraform.run(&["init"]).await?;

    say("Plan a webhook")?;
    plan(terraform, &["-out=create.plan"], CHANGES).await?;
    check("a plan creates nothing", webhooks().is_empty())?;

    say("Create it")?;
    terraform.run(&["apply", "create.plan"]).await?;
    let created = only(webhooks())?;
    check("it is named as configured", created.name == "Meeting log")?;
    check("it is enabled by default", created.enabled)?;

    say("Change its name and events in the configuration")?;
    let changed = CONFIGURATION
        .replace("Meeting log", "Meeting minutes")
        .replace("meeting.started", "meeting.summary");
    terraform.write("main.tf", &changed)?;
    apply(terraform).await?;
    let renamed = only(webhooks())?;
    check("it was changed in place", renamed.id == created.id)?;
    check("it has the new name", renamed.name == "Meeting minutes")?;
    check("it has the new event", reports(&renamed, "meeting.summary"))?;

    say("Plan again: no changes")?;
    plan(terraform, &[], NO_CHANGES).await?;

    say("Restore it after it was disabled and lost an event outside of Terraform")?;
    let drifted = api.edit_webhook(&renamed.id, |webhook| {
        webhook.enabled = false;
        webhook.events.truncate(1);
    });
    check(
        "the webhook can be edited outside of Terraform",
        drifted.is_some(),
    )?;
    apply(terraform).await?;
    let repaired = only(webhooks())?;
    check("it is enabled again", repaired.enabled)?;
    check("it has its events again", repaired.events == renamed.events)?;

    say("Generate the configuration of a webhook that already exists")?;
    let (url, events) = ("https://hooks.example.com/old", ["recording.statusUpdate"]);
    let old = api.add_webhook(ACCOUNT, APP, "Recordings", url, &events);
    let calls_before = api.calls().len();
    terraform.write(
        "import.tf",
        &import_block(&old.id, "\n  provider = realtimekit"),
    )?;
    let options = ["-generate-config-out=recordings.tf", "-out=import.plan"];
    plan(terraform, &options, CHANGES).await?;

    say("Import it")?;
    terraform.run(&["apply", "import.plan"]).await?;
    check("both webhooks exist", webhooks().len() == 2)?;
    check(
        "nothing was written",
        api.calls()[calls_before..].iter().all(is_read),
    )?;
    // The generated resource has no provider argument, so its import block must not have one.
    terraform.write("import.tf", &import_block(&old.id, ""))?;

    say("Plan again: no changes")?;
    plan(terraform, &[], NO_CHANGES).await?;

    say("List all webhooks of the app with a data source")?;
    terraform.write("look_up.tf", LOOK_UP)?;
    apply(terraform).await?;
    let names = terraform.json(&["output", "-json", "names"]).await?;
    check(
        "both were found",
        names == json!(["Meeting minutes", "Recordings"]),
    )?;

    say("Destroy everything")?;
    terraform.run(&["destroy", "-auto-approve"]).await?;
    check("no webhook is left", webhooks().is_empty())
}

async fn plan(terraform: &mut Cli, options: &[&str], expected: i32) -> Result<(), Error> {
    let arguments = [&["plan", "-detailed-exitcode"], options].concat();
    let code = terraform.exit_code(&arguments).await?;
    let promise = format!("the exit code of the plan is {expected}, not {code}");
    check(&promise, code == expected)
}

async fn apply(terraform: &mut Cli) -> Result<(), Error> {
    terraform.run(&["apply", "-auto-approve"]).await
}

/// Without `provider`, Terraform 1.16.0 to 1.16.2 look for the provider of a resource that is not
/// written yet in the namespace hashicorp.
fn import_block(id: &str, provider: &str) -> String {
    format!(
        "import {{\n  to = realtimekit_webhook.recordings\n  id = \"{ACCOUNT}/{APP}/{id}\"\
         {provider}\n}}\n"
    )
}

fn only(webhooks: Vec<Webhook>) -> Result<Webhook, Error> {
    let count = webhooks.len();
    let [webhook] = <[Webhook; 1]>::try_from(webhooks)
        .map_err(|_| Error::Failed(format!("the API holds {count} webhooks instead of one")))?;
    Ok(webhook)
}

fn reports(webhook: &Webhook, event: &str) -> bool {
    webhook.events.iter().any(|name| name == event)
}

fn is_read(call: &Call) -> bool {
    call.method.is_safe()
}

fn check(promise: &str, kept: bool) -> Result<(), Error> {
    match kept {
        true => Ok(()),
        false => Err(Error::Failed(format!("this check failed: {promise}"))),
    }
}

/// Announces what comes.
fn say(text: impl fmt::Display) -> Result<(), Error> {
    let (bold, plain) = match in_color() {
        true => ("\x1b[1;36m", "\x1b[0m"),
        false => ("", ""),
    };
    Ok(writeln!(io::stdout(), "\n{bold}==> {text}.{plain}")?)
}

fn in_color() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}
