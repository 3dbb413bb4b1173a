//! What the program says to somebody who runs it by hand.

use crate::support::Launch;

#[tokio::test]
async fn program_without_the_magic_cookie_explains_itself_and_fails() {
    let cookie = "TF_PLUGIN_MAGIC_COOKIE";
    for launch in [
        Launch::new().without_env(cookie),
        Launch::new().env(cookie, "crumbs"),
    ] {
        let mut plugin = launch.spawn();

        let exit = plugin.exit().await;

        exit.expect_failure(1, "is a Terraform plugin");
        exit.expect_failure(1, "required_providers");
        plugin.expect_no_files();
    }
}

#[tokio::test]
async fn version_and_options_are_told_in_every_spelling() {
    let version = concat!(
        "terraform-provider-realtimekit ",
        env!("CARGO_PKG_VERSION"),
        " "
    );
    let options = [
        "--debug",
        "--version",
        "--help",
        "TF_LOG_PROVIDER_REALTIMEKIT",
    ];
    for (arguments, expected) in [
        (["--version", "-version"].as_slice(), [version].as_slice()),
        (&["--help", "-help", "-h"], &options),
    ] {
        for argument in arguments {
            let exit = Launch::by_hand().argument(argument).spawn().exit().await;

            for text in expected {
                assert!(exit.stdout.contains(text), "{}", exit.stdout);
            }
            assert!(exit.status.success());
            assert_eq!(exit.stderr, "");
        }
    }
}

#[tokio::test]
async fn unknown_argument_is_named() {
    for arguments in [
        ["--frobnicate", "x"],
        ["--version", "x"],
        ["--debug", "--frobnicate"],
    ] {
        let launch = arguments
            .into_iter()
            .fold(Launch::by_hand(), Launch::argument);

        let exit = launch.spawn().exit().await;

        exit.expect_failure(2, &arguments.join(" "));
        assert_eq!(exit.stderr.lines().count(), 1, "{}", exit.stderr);
    }
}
