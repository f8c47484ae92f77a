//! What `doctor` looks at outside: files and who may read them, the terminal, names and connections.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::{Host, Url};

/// How long a name or a connection may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What something in a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A link, wherever it leads.
    Link,
    /// A pipe, a device.
    Other,
}

/// What is known of a file or folder without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// What it is itself.
    pub kind: Kind,
    /// Its size, of what it leads to where it is a link.
    pub size: u64,
    /// Who may do what with it; the same.
    pub mode: u32,
}

/// Whether a file can be written into a folder: one is, and removed again.
///
/// # Errors
/// What the system says, also that nothing has room there.
pub fn try_write(folder: &Path) -> std::io::Result<()> {
    let path = folder.join(format!("doctor-{}", std::process::id()));
    let written =
        File::create_new(&path).and_then(|mut file| file.write_all(&[b'.'; 4096]).and_then(|()| file.sync_all()));
    // One that could not be made is not there.
    let removed = if path.exists() { fs::remove_file(&path) } else { Ok(()) };
    written.and(removed)
}

/// What a file or folder is, for people; nothing where there is none.
#[must_use]
pub fn about(path: &Path) -> Option<About> {
    let own = fs::symlink_metadata(path).ok()?;
    let kind = match own.file_type() {
        kind if kind.is_symlink() => Kind::Link,
        kind if kind.is_dir() => Kind::Folder,
        kind if kind.is_file() => Kind::File,
        _ => Kind::Other,
    };
    // A link may lead nowhere.
    let led_to = fs::metadata(path).unwrap_or(own);
    #[cfg(unix)]
    let mode = std::os::unix::fs::PermissionsExt::mode(&led_to.permissions()) & 0o777;
    #[cfg(not(unix))]
    let mode = 0o600;
    Some(About { kind, size: led_to.len(), mode })
}

/// How long it took to find the host of a URL and to connect to it, or what went wrong.
///
/// # Errors
/// A sentence.
pub async fn reach(url: &Url) -> Result<(Option<Duration>, Duration, String), String> {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let begun = Instant::now();
    let found = timeout(PATIENCE, lookup_host((host.as_str(), port))).await;
    let address = match found {
        Ok(Ok(mut addresses)) => addresses.next().ok_or_else(|| format!("{host} has no address"))?,
        Ok(Err(error)) => return Err(format!("{host} was not found ({error})")),
        Err(_) => return Err(format!("{host} was not found within {} s", PATIENCE.as_secs())),
    };
    // An address needs no looking up, and what did not happen took no time at all.
    let resolved = matches!(url.host(), Some(Host::Domain(_))).then(|| begun.elapsed());
    let begun = Instant::now();
    match timeout(PATIENCE, TcpStream::connect(address)).await {
        Ok(Ok(_)) => Ok((resolved, begun.elapsed(), address.ip().to_string())),
        Ok(Err(error)) => Err(format!("no connection to {host}, {address} ({error})")),
        Err(_) => Err(format!("{host}, {address} did not take the connection within {} s", PATIENCE.as_secs())),
    }
}

/// The proxy that the variables name, and which variable: its host and port, never who goes through it.
#[must_use]
pub fn proxy() -> Option<(&'static str, String)> {
    let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let (name, value) = names.into_iter().find_map(|name| Some((name, given(name)?)))?;
    let url = Url::parse(&value).or_else(|_| Url::parse(&format!("http://{value}"))).ok();
    let host = url.as_ref().and_then(Url::host_str).map(|host| match url.as_ref().and_then(Url::port) {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    });
    Some((name, host.unwrap_or_else(|| "something that is no address".to_owned())))
}

/// A variable that is set to something.
#[must_use]
pub fn given(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_leaves_nothing_behind() {
        let folder = std::env::temp_dir().join(format!("pleoscope-doctor-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        try_write(&folder).unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        fs::remove_dir(&folder).unwrap();
        assert!(try_write(&folder).is_err());
    }
}
