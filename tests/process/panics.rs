//! A bug in the provider is one failed call, not the end of the process.

use std::{env::consts::EXE_SUFFIX, path::PathBuf, process::Command};

use realtimekit::proto::tfplugin6::call_function;

use crate::support::Launch;

/// The provider of `panicking_provider.rs`, built by Cargo as it builds this test.
fn panicking_provider() -> PathBuf {
    let mut build = Command::new(env!("CARGO"));
    build.args([
        "build",
        "--quiet",
        "--locked",
        "--example",
        "panicking-provider",
    ]);
    assert!(build.status().unwrap().success());
    let provider = PathBuf::from(env!("CARGO_BIN_EXE_terraform-provider-realtimekit"));
    let name = format!("panicking-provider{EXE_SUFFIX}");
    provider.with_file_name("examples").join(name)
}

#[tokio::test]
async fn panic_fails_its_call_and_is_logged_where_it_was() {
    let launch = Launch::new()
        .program(panicking_provider())
        .env("TF_LOG", "TRACE");
    let mut terraform = launch.connect().await;

    let request = call_function::Request {
        name: "panic".into(),
        arguments: vec![],
    };
    let answer = terraform.provider.call_function(request).await.unwrap();

    let error = answer.into_inner().error.unwrap();
    assert!(error.text.contains("the hinges gave way"), "{}", error.text);
    terraform.expect_served().await;
    let (exit, ..) = terraform.stop().await;
    assert!(exit.status.success());
    assert!(
        exit.stderr.contains("panicking_provider.rs"),
        "{}",
        exit.stderr
    );
    // which Terraform would take for the end of the process
    assert!(!exit.stderr.starts_with("panic: ") && !exit.stderr.contains("\npanic: "));
}
