//! Compiled code of plugins, kept per user and found by what it was compiled from.
//!
//! An entry is native code that is mapped and run, so only what nobody else can have written is loaded: the folder and the
//! file belong to the user and can be written by no other. The name of an entry is the SHA-256 of the plugin and what else
//! its code depends on; a sum over the entry tells damage. Whatever is wrong with an entry, the plugin is compiled anew.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use wasmtime::Engine;
use wasmtime::component::Component;

/// The entries together take at most this many bytes; the oldest make room.
const MOST: u64 = 1 << 30;

/// What an entry starts with in its companion file: the length and the CRC-32 of the code.
type Sum = (u64, u32);

/// A folder of compiled plugins.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The cache in `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// It cannot be made, or others can write it.
    pub(super) fn open(folder: PathBuf) -> io::Result<Self> {
        make_private(&folder)?;
        let found = fs::symlink_metadata(&folder)?;
        if !found.is_dir() {
            return Err(io::Error::other("it is no folder"));
        }
        only_ours(&found)?;
        Ok(Self { folder })
    }

    /// The component compiled from what `key` names; none where there is no sound entry.
    pub(super) fn load(&self, engine: &Engine, key: &str) -> Option<Component> {
        let path = self.path(key);
        let found = self.sound(&path).and_then(|mut file| {
            let shown = reopened(&mut file, &path);
            // SAFETY: the file is native code that `store` wrote for this engine: the folder and the file belong to the
            // user, nobody else can write them, the name holds what the code depends on, and the sum is right.
            #[expect(unsafe_code, reason = "mapping compiled code is what the cache is for")]
            let component = unsafe { Component::deserialize_file(engine, shown) };
            component.map_err(|error| io::Error::other(error.to_string()))
        });
        match found {
            Ok(component) => Some(component),
            Err(error) => {
                // What is wrong with the entry is one of our own errors; what the system says may pass.
                if error.kind() == io::ErrorKind::Other {
                    let _ = fs::remove_file(&path);
                    let _ = fs::remove_file(companion(&path));
                }
                None
            }
        }
    }

    /// Keeps compiled code.
    ///
    /// # Errors
    /// What the file system says; the cache is then as it was.
    pub(super) fn store(&self, key: &str, code: &[u8]) -> io::Result<()> {
        let path = self.path(key);
        let sum = format!("{} {:08x}\n", code.len(), crc32fast::hash(code));
        // The code comes last: without it the entry is not there.
        self.write(&companion(&path), sum.as_bytes())?;
        self.write(&path, code)?;
        self.make_room(&path)
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.cwasm"))
    }

    /// Opens an entry that is ours and whole.
    fn sound(&self, path: &Path) -> io::Result<File> {
        let mut file = open(path)?;
        only_ours(&file.metadata()?)?;
        let expected = self.sum(path)?;
        let mut hasher = crc32fast::Hasher::new();
        let length = super::each_block(&mut file, |block| hasher.update(block))?;
        if (length, hasher.finalize()) == expected { Ok(file) } else { Err(io::Error::other("the sum is wrong")) }
    }

    fn sum(&self, path: &Path) -> io::Result<Sum> {
        let mut file = open(&companion(path))?;
        only_ours(&file.metadata()?)?;
        let mut text = String::new();
        (&mut file).take(64).read_to_string(&mut text)?;
        let sum = text.trim_end().split_once(' ');
        let sum = sum.and_then(|(length, sum)| Some((length.parse().ok()?, u32::from_str_radix(sum, 16).ok()?)));
        sum.ok_or_else(|| io::Error::other("the sum cannot be read"))
    }

    /// Writes a file beside its place, then moves it there.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(&self.folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_data()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    /// Removes the oldest entries, and what runs that were cut off left behind, until the rest is small enough. The
    /// entry `newest` stays, and so does whatever else somebody keeps in the folder.
    fn make_room(&self, newest: &Path) -> io::Result<()> {
        let mut entries = Vec::new();
        for entry in read_dir(&self.folder)? {
            let entry = entry?;
            let found = entry.metadata()?;
            if !found.is_file() || !entry.file_name().to_str().is_some_and(is_ours) {
                continue;
            }
            entries.push((found.modified().unwrap_or(SystemTime::UNIX_EPOCH), found.len(), entry.path()));
        }
        entries.sort();
        let mut size = entries.iter().map(|(_, size, _)| size).sum::<u64>();
        for (_, length, path) in entries {
            if size <= MOST {
                break;
            }
            if path != newest && path != companion(newest) {
                let _ = fs::remove_file(&path);
                size -= length;
            }
        }
        Ok(())
    }
}

/// What the names of files start with that are being written.
const TEMPORARY: &str = ".pgassay-";

/// Whether a file of this name is an entry, the sum of one, or on its way to become one of them.
fn is_ours(name: &str) -> bool {
    let key = name.strip_suffix(".cwasm").or_else(|| name.strip_suffix(".sum"));
    let hex = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_key = |key: &str| {
        key.split_once('-').is_some_and(|(plugin, engine)| plugin.len() == 64 && hex(plugin) && hex(engine))
    };
    name.starts_with(TEMPORARY) || key.is_some_and(is_key)
}

/// The file that holds the sum of an entry.
fn companion(path: &Path) -> PathBuf {
    path.with_extension("sum")
}

#[expect(clippy::disallowed_methods, reason = "the cache is the plugins' own")]
fn read_dir(folder: &Path) -> io::Result<fs::ReadDir> {
    fs::read_dir(folder)
}

#[cfg(unix)]
fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Whether nobody but the user can have written it. Where there are no Unix permissions, the user's own folder for
/// caches is trusted.
#[cfg(unix)]
fn only_ours(found: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::other("it belongs to another user"));
    }
    if found.mode() & 0o022 != 0 {
        return Err(io::Error::other("others can write it"));
    }
    Ok(())
}

#[cfg(not(unix))]
fn only_ours(_found: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// Opens a file for reading, but follows no symbolic link at the end of the path.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits() as i32);
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is no file")) }
}

/// A path that leads to the file that was looked at, whatever lies at `path` by now.
fn reopened(file: &mut File, path: &Path) -> PathBuf {
    #[cfg(target_os = "linux")]
    {
        use std::os::fd::AsRawFd;
        let own = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
        if own.exists() {
            return own;
        }
    }
    let _ = file;
    path.to_owned()
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn only_entries_make_room() {
        let key = format!("{}-0123456789abcdef", "a1".repeat(32));
        for name in [format!("{key}.cwasm"), format!("{key}.sum"), ".pgassay-x1".to_owned()] {
            assert!(is_ours(&name), "{name}");
        }
        for name in ["thesis.txt", "a.cwasm", "video.mkv", ".bashrc", &key, &format!("{key}.txt"), &key[..60]] {
            assert!(!is_ours(name), "{name}");
        }
    }
}
