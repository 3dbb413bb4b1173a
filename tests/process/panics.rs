//! A bug in a handler is one failed call, not the end of the provider.

use std::{env, path::PathBuf, process::Command};

use realtimekit::proto::tfplugin6::{
    DynamicValue, apply_resource_change, configure_provider, read_resource,
};

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
    let binaries = PathBuf::from(env!("CARGO_BIN_EXE_terraform-provider-realtimekit"));
    binaries
        .with_file_name("examples")
        .join("panicking-provider")
}

fn json(text: &str) -> Option<DynamicValue> {
    Some(DynamicValue {
        json: text.into(),
        msgpack: Vec::new(),
    })
}

#[tokio::test]
async fn a_panic_is_answered_with_a_diagnostic_and_the_provider_lives_on() {
    let launch = Launch::new()
        .program(panicking_provider())
        .env("TF_LOG", "TRACE");
    let mut terraform = launch.connect().await;
    let configure = configure_provider::Request {
        config: json("{}"),
        ..Default::default()
    };
    terraform
        .provider
        .configure_provider(configure)
        .await
        .unwrap();

    let request = apply_resource_change::Request {
        type_name: "panicking_door".into(),
        planned_state: json(r#"{"name":"front"}"#),
        config: json(r#"{"name":"front"}"#),
        ..Default::default()
    };
    let answer = terraform
        .provider
        .apply_resource_change(request)
        .await
        .unwrap()
        .into_inner();

    let [diagnostic] = answer.diagnostics.try_into().unwrap();
    assert_eq!(diagnostic.summary, "Bug in the Provider");
    assert!(
        diagnostic.detail.contains("the hinges gave way"),
        "{}",
        diagnostic.detail
    );
    assert!(
        diagnostic
            .detail
            .contains("terraform plan before you apply"),
        "{}",
        diagnostic.detail
    );

    let request = read_resource::Request {
        type_name: "panicking_door".into(),
        current_state: json(r#"{"name":"front"}"#),
        ..Default::default()
    };
    let answer = terraform
        .provider
        .read_resource(request)
        .await
        .unwrap()
        .into_inner();

    assert!(answer.diagnostics.is_empty());
    let (exit, _, _) = terraform.stop().await;
    assert!(exit.status.success());
    assert!(
        exit.stderr.contains("panicking_provider.rs"),
        "the log says where: {}",
        exit.stderr
    );
    assert!(!exit.stderr.starts_with("panic: ") && !exit.stderr.contains("\npanic: "));
}
