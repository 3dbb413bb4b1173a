//! A Unix socket that only this user can reach.

use std::{
    env, fs, io,
    os::unix::fs::{DirBuilderExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

use tokio::net::UnixListener;
use uuid::Uuid;

use super::listener::{Address, Connection, Listener};

/// How long the path of a directory may be that a socket is made below, in bytes.
///
/// The path of a socket ends at some hundred bytes, of which its own directory needs thirty.
const MAX_PARENT: usize = 70;

/// Binds a socket in a fresh directory below the one that Terraform names, or the temporary one.
pub(super) fn bind() -> io::Result<UnixSocket> {
    let parent = variable("PLUGIN_UNIX_SOCKET_DIR").map_or_else(temporary, PathBuf::from);
    let group = variable("PLUGIN_UNIX_SOCKET_GROUP");
    UnixSocket::bind(&parent, group.as_deref())
}

fn temporary() -> PathBuf {
    let directory = env::temp_dir();
    if directory.as_os_str().len() > MAX_PARENT {
        PathBuf::from("/tmp")
    } else {
        directory
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// A bound socket and its directory.
pub(super) struct UnixSocket {
    socket: UnixListener,
    address: Address,
    _directory: PrivateDirectory,
}

impl UnixSocket {
    fn bind(parent: &Path, group: Option<&str>) -> io::Result<Self> {
        let directory = PrivateDirectory::create(parent)?;
        let path = directory.0.join("socket");
        let address = match path.to_str() {
            Some(path) if !path.contains(['|', '\n']) => path.to_owned(),
            _ => {
                return Err(invalid(format!(
                    "{path:?} does not fit into a handshake line"
                )));
            }
        };
        let socket = UnixListener::bind(&path).map_err(|error| at(&path, &error))?;
        if let Some(group) = group {
            let group = group_id(group)?;
            share(&directory.0, 0o710, group)?; // to pass through, not to list
            share(&path, 0o660, group)?;
        }
        let address = Address {
            network: "unix",
            address,
        };
        Ok(Self {
            socket,
            address,
            _directory: directory,
        })
    }
}

impl Listener for UnixSocket {
    fn address(&self) -> &Address {
        &self.address
    }

    async fn accept(&self) -> io::Result<Connection> {
        let (stream, _) = self.socket.accept().await?;
        Ok(Connection::new(stream))
    }
}

/// A directory of this user alone, removed with all that is in it when dropped.
///
/// The kernel checks the way to a socket, on some systems never the socket itself.
struct PrivateDirectory(PathBuf);

impl PrivateDirectory {
    fn create(parent: &Path) -> io::Result<Self> {
        let name = Uuid::new_v4().simple().to_string();
        // half a UUID is enough to be alone, and socket paths end at some hundred bytes
        let path = parent.join(format!("plugin-{}", &name[..16]));
        // fails if anything is there already
        fs::DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(|error| at(&path, &error))?;
        Ok(Self(path))
    }
}

impl Drop for PrivateDirectory {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, path = ?self.0, "could not remove the socket's directory");
        }
    }
}

fn share(path: &Path, mode: u32, group: u32) -> io::Result<()> {
    chown(path, None, Some(group))
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(mode)))
        .map_err(|error| at(path, &error))
}

/// The id of `group`, which is an id already or a name in the local database.
fn group_id(group: &str) -> io::Result<u32> {
    if let Ok(id) = group.parse() {
        return Ok(id);
    }
    let database = fs::read_to_string("/etc/group")?;
    find_group(&database, group).ok_or_else(|| invalid(format!("there is no group {group:?}")))
}

/// Looks `group` up in lines of `name:password:id:members`.
fn find_group(database: &str, group: &str) -> Option<u32> {
    database.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(group)).then(|| fields.nth(1)?.parse().ok())?
    })
}

/// Says where `error` happened, which the operating system does not.
fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATABASE: &str = "root:x:0:\nwheel:x:10:ann,bob\nbroken\nodd:x:none:\n";

    #[test]
    fn a_group_is_found_by_its_name() {
        assert_eq!(find_group(DATABASE, "wheel"), Some(10));
        assert_eq!(find_group(DATABASE, "root"), Some(0));
    }

    #[test]
    fn what_is_no_group_is_not_found() {
        for name in ["bob", "10", "x", "", "broken", "odd"] {
            assert_eq!(find_group(DATABASE, name), None, "{name:?}");
        }
    }

    #[test]
    fn a_number_is_a_group_already() {
        assert_eq!(group_id("42").unwrap(), 42);
    }

    #[tokio::test]
    async fn a_path_that_would_break_the_handshake_line_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let odd = parent.path().join("a|b");
        fs::create_dir(&odd).unwrap();

        let error = UnixSocket::bind(&odd, None).err().unwrap();

        assert!(error.to_string().contains("a|b"), "{error}");
        assert_eq!(fs::read_dir(&odd).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_listener_leaves_nothing_behind() {
        let parent = tempfile::tempdir().unwrap();
        let listener = UnixSocket::bind(parent.path(), None).unwrap();
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);

        drop(listener);

        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }
}
