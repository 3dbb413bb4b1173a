//! What the program says to somebody who runs it by hand, or cannot start it.

use crate::support::{Launch, MAGIC_COOKIE};

#[tokio::test]
async fn version_and_options_are_told_in_every_spelling() {
    let version = format!(
        "terraform-provider-realtimekit {} ",
        realtimekit::provider::VERSION
    );
    for (argument, expected) in [
        ("--version", version.as_str()),
        ("-version", &version),
        ("--help", "--debug"),
        ("-help", "--version"),
        ("-h", "TF_LOG_PROVIDER_REALTIMEKIT"),
    ] {
        let exit = Launch::bare().argument(argument).spawn().exit().await;

        assert!(exit.stdout.contains(expected), "{}", exit.stdout);
        assert_eq!((exit.status.success(), exit.stderr.as_str()), (true, ""));
    }
}

#[tokio::test]
async fn failed_start_exits_with_its_code_and_the_reason() {
    let (cookie, _) = MAGIC_COOKIE;
    let with = |name, value| Launch::new().env(name, value);
    let certificate = "PLUGIN_CLIENT_CERT";
    let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let arguments = |line: &str| line.split(' ').fold(Launch::bare(), Launch::argument);
    let by_hand = "is a Terraform plugin";
    for (launch, code, reason) in [
        (Launch::bare(), 1, by_hand),
        (Launch::bare(), 1, "required_providers"),
        (with(cookie, "crumbs"), 1, by_hand),
        (with(certificate, "crumbs"), 1, certificate),
        (with(certificate, no_certificate), 1, certificate),
        #[cfg(unix)]
        (with("PLUGIN_UNIX_SOCKET_DIR", "/nowhere"), 1, "/nowhere"),
        (arguments("--frobnicate x"), 2, "--frobnicate x"),
        (arguments("--version x"), 2, "--version x"),
        (arguments("--debug --frobnicate"), 2, "--debug --frobnicate"),
    ] {
        let exit = launch.spawn().exit().await;

        exit.expect_failure(code, reason);
        let is_short = code == 1 || exit.stderr.lines().count() == 1;
        assert!(is_short, "an argument gets one line: {}", exit.stderr);
    }
}
