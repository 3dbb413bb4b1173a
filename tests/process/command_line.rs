//! What the program says to somebody who runs it by hand.

use crate::support::Launch;

#[tokio::test]
async fn without_the_magic_cookie_it_explains_itself_and_fails() {
    let mut plugin = Launch::new().without_env("TF_PLUGIN_MAGIC_COOKIE").spawn();

    let exit = plugin.exit().await;

    assert_eq!(exit.status.code(), Some(1));
    assert_eq!(exit.stdout, "");
    assert!(
        exit.stderr.contains("is a Terraform plugin"),
        "{}",
        exit.stderr
    );
    assert!(
        exit.stderr.contains("required_providers"),
        "{}",
        exit.stderr
    );
    plugin.expect_no_files();
}

#[tokio::test]
async fn another_magic_cookie_is_none() {
    let mut plugin = Launch::new()
        .env("TF_PLUGIN_MAGIC_COOKIE", "crumbs")
        .spawn();

    let exit = plugin.exit().await;

    assert_eq!(exit.status.code(), Some(1));
    assert_eq!(exit.stdout, "");
}

#[tokio::test]
async fn it_tells_its_version() {
    for argument in ["--version", "-version"] {
        let mut plugin = Launch::by_hand().argument(argument).spawn();

        let exit = plugin.exit().await;

        let expected = concat!(
            "terraform-provider-realtimekit ",
            env!("CARGO_PKG_VERSION"),
            " "
        );
        assert!(exit.stdout.starts_with(expected), "{}", exit.stdout);
        assert!(exit.status.success());
        assert_eq!(exit.stderr, "");
    }
}

#[tokio::test]
async fn it_tells_its_options() {
    for argument in ["--help", "-help", "-h"] {
        let mut plugin = Launch::by_hand().argument(argument).spawn();

        let exit = plugin.exit().await;

        for option in [
            "--debug",
            "--version",
            "--help",
            "TF_LOG_PROVIDER_REALTIMEKIT",
        ] {
            assert!(exit.stdout.contains(option), "{}", exit.stdout);
        }
        assert!(exit.status.success());
        assert_eq!(exit.stderr, "");
    }
}

#[tokio::test]
async fn an_argument_it_does_not_know_is_named() {
    for arguments in [
        ["--frobnicate", "x"],
        ["--version", "x"],
        ["--debug", "--frobnicate"],
    ] {
        let launch = Launch::by_hand()
            .argument(arguments[0])
            .argument(arguments[1]);

        let exit = launch.spawn().exit().await;

        assert_eq!(exit.status.code(), Some(2));
        assert_eq!(exit.stdout, "");
        assert!(
            exit.stderr.contains(&arguments.join(" ")),
            "{}",
            exit.stderr
        );
        assert_eq!(exit.stderr.lines().count(), 1, "{}", exit.stderr);
    }
}
