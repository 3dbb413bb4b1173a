//! The first line on stdout.

use crate::support::Launch;

#[tokio::test]
async fn line_says_how_to_connect_and_the_socket_is_ready_by_then() {
    let mut plugin = Launch::new().env("PLUGIN_MULTIPLEX_GRPC", "true").spawn();

    let handshake = plugin.handshake().await;

    handshake.dial().await.unwrap();
    assert_eq!(handshake.multiplexing, Some(false));
    let other = Launch::new().spawn().handshake().await;
    assert!(handshake.certificate.is_some() && handshake.certificate != other.certificate);
    assert_eq!(other.multiplexing, None, "nobody asked");
}

#[tokio::test]
async fn client_without_a_certificate_is_served_without_encryption() {
    let empty = Launch::new().env("PLUGIN_CLIENT_CERT", "");
    for launch in [Launch::new().without_tls(), empty] {
        let terraform = launch.connect().await;

        assert_eq!(terraform.handshake.certificate, None);
        terraform.expect_served().await;
    }
}

/// Where the socket is, and who may reach it.
#[cfg(unix)]
pub(crate) mod socket {
    use std::{
        fs,
        os::unix::fs::{MetadataExt, PermissionsExt},
        path::Path,
    };

    use crate::support::Launch;

    pub(crate) fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn socket_is_where_the_client_wants_it_for_this_user_or_a_group() {
        let directory = tempfile::tempdir().unwrap();
        let wanted = directory.path().to_str().unwrap();
        let group = fs::metadata(directory.path()).unwrap().gid();
        let launch = || Launch::new().env("PLUGIN_UNIX_SOCKET_DIR", wanted);
        let mut alone = launch().spawn();
        let group_launch = launch().env("PLUGIN_UNIX_SOCKET_GROUP", &group.to_string());
        let mut shared = group_launch.spawn();

        let alone = alone.handshake().await.address;
        let shared = shared.handshake().await.address;

        assert!(alone.starts_with(wanted) && shared.starts_with(wanted));
        let (alone, shared) = (Path::new(&alone), Path::new(&shared));
        assert_eq!(mode(alone.parent().unwrap()), 0o700);
        let modes = [mode(shared), mode(shared.parent().unwrap())];
        assert_eq!(modes, [0o660, 0o710]);
        assert_eq!(fs::metadata(shared).unwrap().gid(), group);
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
}
