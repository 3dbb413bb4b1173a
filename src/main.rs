//! The program that Terraform starts: the RealtimeKit provider, served as a plugin.

use std::{
    env,
    error::Error,
    io::{self, Write},
    iter,
    process::ExitCode,
};

use realtimekit::{
    framework::server::ProviderServer,
    plugin::{self, LogFormat},
    provider::{RealtimeKit, VERSION},
};

const NAME: &str = env!("CARGO_PKG_NAME");

/// Source address that the provider has in debug mode, unless another is given.
const ADDRESS: &str = "registry.terraform.io/realtimekit/realtimekit";

/// The crates whose events are logged: the library and this program.
const CRATES: &[&str] = &["realtimekit", "terraform_provider_realtimekit"];

fn main() -> ExitCode {
    plugin::install_panic_hook();
    let arguments: Vec<_> = env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => serve(),
        ["-debug" | "--debug"] => serve_debug(ADDRESS),
        ["-debug" | "--debug", address] if !address.starts_with('-') => serve_debug(address),
        ["-version" | "--version"] => print(&version()),
        ["-h" | "-help" | "--help"] => print(&help()),
        _ => usage_error(&arguments),
    }
}

fn serve() -> ExitCode {
    plugin::start_logging("realtimekit", CRATES, LogFormat::Json);
    plugin::keep_memory_private();
    let provider = ProviderServer::new(RealtimeKit::default());
    let tasks = provider.tasks();
    exit_code(plugin::serve(provider, tasks))
}

fn serve_debug(address: &str) -> ExitCode {
    plugin::start_logging("realtimekit", CRATES, LogFormat::Text);
    plugin::forbid_core_dumps(); // a debugger is welcome
    let provider = ProviderServer::new(RealtimeKit::default());
    let tasks = provider.tasks();
    exit_code(plugin::serve_debug(provider, tasks, address))
}

fn exit_code(result: Result<(), plugin::Error>) -> ExitCode {
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    let mut message = error.to_string();
    for cause in iter::successors(error.source(), |&cause| cause.source()) {
        message += &format!(": {cause}");
    }
    print_error(&message);
    ExitCode::FAILURE
}

fn usage_error(arguments: &[&str]) -> ExitCode {
    print_error(&format!(
        "{NAME}: invalid arguments `{}`; see --help",
        arguments.join(" ")
    ));
    ExitCode::from(2)
}

fn print(text: &str) -> ExitCode {
    match writeln!(io::stdout(), "{text}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE, // broken pipe
    }
}

fn print_error(text: &str) {
    let _ = writeln!(io::stderr(), "{text}"); // stderr is the last resort
}

fn version() -> String {
    format!(
        "{NAME} {VERSION} (Terraform plugin protocol {})",
        plugin::PROTOCOL_VERSION
    )
}

fn help() -> String {
    format!(
        "\
{version}
{description}.

Terraform starts this program without arguments; name the provider in a
configuration to have it started:

  terraform {{
    required_providers {{
      realtimekit = {{
        source = \"realtimekit/realtimekit\"
      }}
    }}
  }}

Usage: {NAME} [option]

  --debug [ADDRESS]  Serve until Ctrl-C and print what Terraform needs to use this
                     process. ADDRESS is the provider's source address, by default
                     {ADDRESS}.
  --version          Print the version.
  --help             Print this text.

TF_LOG, TF_LOG_PROVIDER or TF_LOG_PROVIDER_REALTIMEKIT set how much is logged:
TRACE, DEBUG, INFO, WARN, ERROR or OFF.",
        version = version(),
        description = env!("CARGO_PKG_DESCRIPTION"),
    )
}
