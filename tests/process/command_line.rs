//! What the program says to somebody who runs it by hand.

use crate::support::{Launch, MAGIC_COOKIE};

#[tokio::test]
async fn program_without_the_magic_cookie_explains_itself_and_fails() {
    let (cookie, _) = MAGIC_COOKIE;
    for launch in [Launch::bare(), Launch::new().env(cookie, "crumbs")] {
        let exit = launch.spawn().exit().await;

        exit.expect_failure(1, "is a Terraform plugin");
        exit.expect_failure(1, "required_providers");
    }
}

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
async fn unknown_argument_is_named() {
    for line in ["--frobnicate x", "--version x", "--debug --frobnicate"] {
        let launch = line.split(' ').fold(Launch::bare(), Launch::argument);

        let exit = launch.spawn().exit().await;

        exit.expect_failure(2, line);
        assert_eq!(exit.stderr.lines().count(), 1, "{}", exit.stderr);
    }
}
