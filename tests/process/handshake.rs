//! The first line on stdout.

use crate::support::{Core, Handshake, Launch};

#[tokio::test]
async fn line_says_how_to_connect_and_the_socket_is_ready_by_then() {
    let mut plugin = Launch::new().spawn();

    let line = plugin.line().await;

    let handshake = Handshake::parse(&line);
    assert_eq!((handshake.core_version, handshake.protocol_version), (1, 6));
    handshake.dial().await.unwrap();
    let certificate = line.split('|').nth(5).unwrap();
    assert!(certificate.len() > 50, "Terraform ignores it: {line:?}");
    assert!(
        !certificate.contains('='),
        "Terraform cannot read it: {line:?}"
    );
    let other = Launch::new().spawn().handshake().await;
    assert_ne!(handshake.certificate, other.certificate);
}

#[tokio::test]
async fn seventh_field_is_there_only_when_asked_for() {
    let asked = |value| Launch::new().env("PLUGIN_MULTIPLEX_GRPC", value);
    for (launch, expected) in [
        (Launch::new(), None),
        (asked(""), None),
        (asked("true"), Some(false)),
    ] {
        let handshake = launch.spawn().handshake().await;

        assert_eq!(handshake.multiplexing, expected);
    }
}

#[tokio::test]
async fn version_6_is_announced_whatever_is_offered() {
    let offers = ["6", "6,5", "5", "", "garbage", ",,6,x"];
    let launches = offers.map(|offered| Launch::new().env("PLUGIN_PROTOCOL_VERSIONS", offered));
    let silent = Launch::new().without_env("PLUGIN_PROTOCOL_VERSIONS");
    for launch in launches.into_iter().chain([silent]) {
        let handshake = launch.spawn().handshake().await;

        assert_eq!(handshake.protocol_version, 6);
    }
}

#[tokio::test]
async fn without_a_client_certificate_the_connection_is_not_encrypted() {
    for launch in [
        Launch::new().without_tls(),
        Launch::new().env("PLUGIN_CLIENT_CERT", ""),
    ] {
        let mut terraform: Core = launch.connect().await;

        assert_eq!(terraform.handshake.certificate, None);
        terraform.expect_served().await;
    }
}

#[tokio::test]
async fn client_certificate_that_cannot_be_read_ends_the_start() {
    let no_pem = "crumbs";
    let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for certificate in [no_pem, no_certificate] {
        let mut plugin = Launch::new().env("PLUGIN_CLIENT_CERT", certificate).spawn();

        let exit = plugin.exit().await;

        exit.expect_failure(1, "PLUGIN_CLIENT_CERT");
        plugin.expect_no_files();
    }
}

/// Where the socket is, and who may reach it.
#[cfg(unix)]
mod socket {
    use std::{
        fs,
        os::unix::fs::{MetadataExt, PermissionsExt},
        path::Path,
    };

    use crate::support::Launch;

    #[tokio::test]
    async fn socket_is_where_the_client_wants_it_for_this_user_alone() {
        let directory = tempfile::tempdir().unwrap();
        let wanted = directory.path().to_str().unwrap();
        let mut plugin = Launch::new().env("PLUGIN_UNIX_SOCKET_DIR", wanted).spawn();

        let socket = plugin.handshake().await.address;

        assert!(socket.starts_with(wanted), "{socket}");
        assert_eq!(mode(Path::new(&socket).parent().unwrap()), 0o700);
        plugin.expect_no_files();
    }

    #[tokio::test]
    async fn temporary_directory_with_a_path_too_long_for_sockets_is_not_used() {
        let directory = tempfile::tempdir().unwrap();
        let long = directory.path().join("x".repeat(80));
        fs::create_dir(&long).unwrap();
        let mut plugin = Launch::new().temporary(long.to_str().unwrap()).spawn();

        let handshake = plugin.handshake().await;

        handshake.dial().await.unwrap();
        plugin.signal("TERM");
        plugin.exit().await;
        assert!(!Path::new(&handshake.address).exists());
    }

    #[tokio::test]
    async fn directory_that_is_not_there_is_named() {
        let nowhere = "/nowhere/at/all";
        let launch = Launch::new().env("PLUGIN_UNIX_SOCKET_DIR", nowhere);

        launch.spawn().exit().await.expect_failure(1, nowhere);
    }

    #[tokio::test]
    async fn group_can_be_let_in() {
        let directory = tempfile::tempdir().unwrap();
        let group = fs::metadata(directory.path()).unwrap().gid();
        let launch = Launch::new().env("PLUGIN_UNIX_SOCKET_GROUP", &group.to_string());
        let mut plugin = launch.spawn();

        let handshake = plugin.handshake().await;

        let socket = Path::new(&handshake.address);
        assert_eq!(mode(socket), 0o660);
        assert_eq!(mode(socket.parent().unwrap()), 0o710);
        assert_eq!(fs::metadata(socket).unwrap().gid(), group);
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }
}
