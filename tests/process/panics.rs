//! A bug in the provider is one failed call, not the end of the process.

use std::{env::consts::EXE_SUFFIX, path::PathBuf, process::Command};

use realtimekit::proto::tfplugin6::call_function;

use crate::support::{Launch, call};

/// The provider of `panicking_provider.rs`, built by Cargo as it builds this test.
fn panicking_provider() -> PathBuf {
    const NAME: &str = "panicking-provider";
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--locked", "--example", NAME]);
    assert!(build.status().unwrap().success());
    let built = PathBuf::from(env!("CARGO_BIN_EXE_terraform-provider-realtimekit"));
    let program = format!("{NAME}{EXE_SUFFIX}");
    built.with_file_name("examples").join(program)
}

#[tokio::test]
async fn panic_fails_its_call_and_is_logged_where_it_was() {
    let launch = Launch::new().program(panicking_provider());
    let terraform = launch.env("TF_LOG", "TRACE").connect().await;
    let mut calls = terraform.calls();

    let answer = call!(calls.call_function {
        name: "panic".into(),
        arguments: vec![],
    });

    let error = answer.error.unwrap().text;
    assert!(error.contains("the hinges gave way"), "{error}");
    terraform.expect_served().await;
    drop(calls);
    let exit = terraform.stop().await;
    exit.expect_success();
    let log = exit.stderr;
    assert!(log.contains("panicking_provider.rs"), "{log}");
    // which Terraform would take for the end of the process
    assert!(!log.starts_with("panic: ") && !log.contains("\npanic: "));
}
