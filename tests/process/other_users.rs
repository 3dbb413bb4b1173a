//! Other users of the machine, and other processes of this one.
//!
//! As root a second user tries it; without root the modes must do.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    handshake::socket::mode,
    support::{Launch, launch::provider},
};

/// A user that owns nothing: `nobody`.
const STRANGER: u32 = 65534;

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Whether a shell of a user finds `condition` true.
fn holds_for(user: Option<u32>, condition: &str) -> bool {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", condition]).current_dir("/");
    if let Some(user) = user {
        shell.uid(user).gid(user);
    }
    let quiet = shell.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().unwrap().success()
}

#[tokio::test]
async fn another_user_reaches_neither_the_socket_nor_its_directory() {
    let temporary = tempfile::tempdir().unwrap();
    fs::set_permissions(temporary.path(), fs::Permissions::from_mode(0o777)).unwrap(); // as /tmp
    let wanted = temporary.path().to_str().unwrap();
    for launch in [Launch::new(), Launch::new().without_tls()] {
        let mut plugin = launch.temporary(wanted).spawn();

        let handshake = plugin.handshake().await;

        let socket = &handshake.address;
        let directory = Path::new(socket).parent().unwrap();
        assert_eq!(mode(directory), 0o700);
        let owner = fs::metadata(directory).unwrap().uid();
        assert_eq!(owner, rustix::process::geteuid().as_raw());
        // connect(2) asks for what `test -w` asks for
        let conditions = [
            format!("test -w {socket}"),
            format!("test -e {socket}"),
            format!("ls {}", directory.display()),
        ];
        for condition in &conditions {
            assert!(holds_for(None, condition), "{condition}: of the owner");
            if is_root() {
                assert!(!holds_for(Some(STRANGER), condition), "{condition}");
            }
        }
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn other_processes_of_the_user_read_neither_environment_nor_memory() {
    let program = tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(0o755))
        .tempfile()
        .unwrap()
        .into_temp_path();
    fs::copy(provider(), &program).unwrap();
    let temporary = tempfile::tempdir().unwrap();
    fs::set_permissions(temporary.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let mut launch = Launch::of(&program).env("CLOUDFLARE_API_TOKEN", "s3cret");
    let user = is_root().then_some(STRANGER);
    if let Some(user) = user {
        // As root's equal a process could hide nothing.
        let directory = temporary.path().to_str().unwrap();
        launch = launch.temporary(directory).user(user);
    }
    let mut plugin = launch.spawn();
    plugin.handshake().await;

    let condition = |id: &str, name: &str| format!("head -c 1 < /proc/{id}/{name}");
    assert!(holds_for(user, &condition("self", "environ")), "one's own");
    for name in ["environ", "mem", "fd/0", "maps"] {
        let id = plugin.id().to_string();
        assert!(!holds_for(user, &condition(&id, name)), "{name}");
    }
}
