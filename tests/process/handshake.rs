//! The first line on stdout.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
};

use realtimekit::proto::tfplugin6::get_provider_schema::Request;

use crate::support::{Handshake, Launch};

#[tokio::test]
async fn the_line_says_how_to_connect_and_the_socket_is_ready_by_then() {
    let mut plugin = Launch::new().spawn();

    let line = plugin.line().await;

    let handshake = Handshake::parse(&line);
    assert_eq!(handshake.core_version, 1);
    assert_eq!(handshake.protocol_version, 6);
    handshake.dial().await.unwrap();
}

#[tokio::test]
async fn the_certificate_is_base64_without_padding() {
    let mut plugin = Launch::new().spawn();

    let line = plugin.line().await;

    let certificate = line.split('|').nth(5).unwrap();
    assert!(certificate.len() > 50, "Terraform ignores it: {line:?}");
    assert!(
        !certificate.contains('='),
        "Terraform cannot read it: {line:?}"
    );
}

#[tokio::test]
async fn each_process_has_its_own_certificate() {
    let first = Launch::new().spawn().handshake().await;
    let second = Launch::new().spawn().handshake().await;

    assert_ne!(first.certificate, second.certificate);
}

#[tokio::test]
async fn the_seventh_field_is_there_only_when_asked_for() {
    let silent = Launch::new().spawn().handshake().await;
    let empty = Launch::new()
        .env("PLUGIN_MULTIPLEX_GRPC", "")
        .spawn()
        .handshake()
        .await;
    let asked = Launch::new()
        .env("PLUGIN_MULTIPLEX_GRPC", "true")
        .spawn()
        .handshake()
        .await;

    assert_eq!(silent.multiplexing, None);
    assert_eq!(empty.multiplexing, None);
    assert_eq!(asked.multiplexing, Some(false));
}

#[tokio::test]
async fn version_6_is_announced_whatever_is_offered() {
    for offered in [
        "6", "5,6", "6,5", "5,6,7", "5", "4,5", "", "garbage", ",,6,x",
    ] {
        let launch = Launch::new().env("PLUGIN_PROTOCOL_VERSIONS", offered);

        let handshake = launch.spawn().handshake().await;

        assert_eq!(handshake.protocol_version, 6, "{offered:?}");
    }
}

#[tokio::test]
async fn a_client_that_offers_no_versions_is_told_ours() {
    let launch = Launch::new().without_env("PLUGIN_PROTOCOL_VERSIONS");

    let handshake = launch.spawn().handshake().await;

    assert_eq!(handshake.protocol_version, 6);
}

#[tokio::test]
async fn without_a_client_certificate_the_connection_is_not_encrypted() {
    for launch in [
        Launch::new().without_tls(),
        Launch::new().env("PLUGIN_CLIENT_CERT", ""),
    ] {
        let mut terraform = launch.connect().await;

        let answer = terraform.provider.get_provider_schema(Request {}).await;

        assert_eq!(terraform.handshake.certificate, None);
        answer.unwrap();
    }
}

#[tokio::test]
async fn a_client_certificate_that_cannot_be_read_ends_the_start() {
    let no_pem = "crumbs";
    let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for certificate in [no_pem, no_certificate] {
        let mut plugin = Launch::new().env("PLUGIN_CLIENT_CERT", certificate).spawn();

        let exit = plugin.exit().await;

        assert_eq!(exit.status.code(), Some(1));
        assert_eq!(exit.stdout, "");
        assert!(
            exit.stderr.contains("PLUGIN_CLIENT_CERT"),
            "{}",
            exit.stderr
        );
        plugin.expect_no_files();
    }
}

#[tokio::test]
async fn only_this_user_can_reach_the_socket() {
    let mut plugin = Launch::new().spawn();

    let handshake = plugin.handshake().await;

    assert_eq!(mode(handshake.socket.parent().unwrap()), 0o700);
}

#[tokio::test]
async fn the_socket_is_where_the_client_wants_it() {
    let directory = tempfile::tempdir().unwrap();
    let wanted = directory.path().to_str().unwrap();
    let mut plugin = Launch::new().env("PLUGIN_UNIX_SOCKET_DIR", wanted).spawn();

    let handshake = plugin.handshake().await;

    assert!(
        handshake.socket.starts_with(directory.path()),
        "{:?}",
        handshake.socket
    );
    plugin.expect_no_files();
}

#[tokio::test]
async fn a_temporary_directory_with_a_path_too_long_for_sockets_is_not_used() {
    let directory = tempfile::tempdir().unwrap();
    let long = directory.path().join("x".repeat(80));
    fs::create_dir(&long).unwrap();
    let mut plugin = Launch::new().env("TMPDIR", long.to_str().unwrap()).spawn();

    let handshake = plugin.handshake().await;

    handshake.dial().await.unwrap();
    plugin.signal("TERM");
    plugin.exit().await;
    assert!(!handshake.socket.exists());
}

#[tokio::test]
async fn a_directory_that_is_not_there_is_named() {
    let mut plugin = Launch::new()
        .env("PLUGIN_UNIX_SOCKET_DIR", "/nowhere/at/all")
        .spawn();

    let exit = plugin.exit().await;

    assert_eq!(exit.status.code(), Some(1));
    assert_eq!(exit.stdout, "");
    assert!(exit.stderr.contains("/nowhere/at/all"), "{}", exit.stderr);
}

#[tokio::test]
async fn a_group_can_be_let_in() {
    let directory = tempfile::tempdir().unwrap();
    let group = fs::metadata(directory.path()).unwrap().gid();
    let mut plugin = Launch::new()
        .env("PLUGIN_UNIX_SOCKET_GROUP", &group.to_string())
        .spawn();

    let handshake = plugin.handshake().await;

    assert_eq!(mode(&handshake.socket), 0o660);
    assert_eq!(mode(handshake.socket.parent().unwrap()), 0o710);
    assert_eq!(fs::metadata(&handshake.socket).unwrap().gid(), group);
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
