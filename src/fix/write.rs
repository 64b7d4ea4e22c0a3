//! Files are replaced whole: a new one is written beside the old one and takes its name, so that nobody ever sees a half.

use std::fs::{self, Metadata};
use std::io::{self, Write as _};

use camino::Utf8Path;
use thiserror::Error;

use crate::source;

/// Why a file is not written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// Replacing the name would leave the file that it leads to as it was.
    #[error("it is a symbolic link; name the file that it leads to")]
    Link,
    /// It is no file.
    #[error("it is not a file")]
    NoFile,
    /// Its mode says so, whoever asks.
    #[error("it is read-only")]
    ReadOnly,
    /// Its other names would keep the old text.
    #[error("it has {0} names (hard links), of which only one would change")]
    Names(u64),
    /// Somebody else wrote it meanwhile.
    #[error("it has changed since it was read")]
    Changed,
    /// The new file cannot be made the old one's owner's.
    #[error("its owner cannot be kept: {0}")]
    Owner(io::Error),
    /// What the system says.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Whether a file can be written in place, without writing it.
///
/// # Errors
/// Why not.
pub fn check(path: &Utf8Path) -> Result<(), WriteError> {
    let metadata = fs::symlink_metadata(path)?;
    if metadata.is_symlink() {
        return Err(WriteError::Link);
    }
    if !metadata.is_file() {
        return Err(WriteError::NoFile);
    }
    if is_read_only(&metadata) {
        return Err(WriteError::ReadOnly);
    }
    if let Some(names) = names(&metadata).filter(|&names| names > 1) {
        return Err(WriteError::Names(names));
    }
    // Renaming asks for no right on the file itself, so it is asked for here.
    fs::OpenOptions::new().write(true).open(path)?;
    Ok(())
}

/// Puts `new` in place of `old`, with the same mode and owner.
///
/// # Errors
/// Why the file is as it was.
pub fn write(path: &Utf8Path, old: &[u8], new: &[u8]) -> Result<(), WriteError> {
    check(path)?;
    let metadata = fs::symlink_metadata(path)?;
    let folder = path.parent().filter(|folder| !folder.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".pgassay-").tempfile_in(folder)?;
    file.write_all(new)?;
    keep_owner(file.as_file(), &metadata).map_err(WriteError::Owner)?;
    // A change of the owner clears bits of the mode, so the mode comes second.
    file.as_file().set_permissions(metadata.permissions())?;
    file.as_file().sync_all()?;
    if source::read(path)? != old {
        return Err(WriteError::Changed);
    }
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(folder);
    Ok(())
}

#[cfg(unix)]
fn is_read_only(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o222 == 0
}

#[cfg(not(unix))]
fn is_read_only(metadata: &Metadata) -> bool {
    metadata.permissions().readonly()
}

#[cfg(unix)]
fn names(metadata: &Metadata) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    Some(metadata.nlink())
}

#[cfg(not(unix))]
fn names(_: &Metadata) -> Option<u64> {
    None
}

#[cfg(unix)]
fn keep_owner(file: &fs::File, metadata: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let own = file.metadata()?;
    if (own.uid(), own.gid()) == (metadata.uid(), metadata.gid()) {
        return Ok(());
    }
    fchown(file, Some(metadata.uid()), Some(metadata.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_: &fs::File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

/// The new name survives a crash once the folder is on the disk. File systems that cannot do it are none the worse.
#[cfg(unix)]
fn sync_folder(folder: &Utf8Path) {
    if let Ok(folder) = fs::OpenOptions::new().read(true).open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(not(unix))]
fn sync_folder(_: &Utf8Path) {}

#[cfg(test)]
#[cfg(unix)]
#[allow(clippy::disallowed_methods, reason = "tests look at the files that were written")]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use camino::Utf8PathBuf;

    use super::*;

    fn folder() -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(folder.path().join("a.conf")).unwrap();
        fs::write(&path, "old").unwrap();
        (folder, path)
    }

    fn entries(folder: &tempfile::TempDir) -> usize {
        fs::read_dir(folder.path()).unwrap().count()
    }

    #[test]
    fn the_file_is_replaced_with_its_mode() {
        let (folder, path) = folder();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let inode = fs::metadata(&path).unwrap().ino();
        write(&path, b"old", b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o7777, 0o640);
        assert_ne!(metadata.ino(), inode, "it was written in place");
        assert_eq!(entries(&folder), 1);
    }

    #[test]
    fn what_changed_meanwhile_stays() {
        let (folder, path) = folder();
        assert!(matches!(write(&path, b"older", b"new"), Err(WriteError::Changed)));
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(entries(&folder), 1);
    }

    #[test]
    fn links_and_read_only_files_stay() {
        let (folder, path) = folder();
        let link = path.with_file_name("link.conf");
        symlink(&path, &link).unwrap();
        assert!(matches!(write(&link, b"old", b"new"), Err(WriteError::Link)));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        assert!(matches!(write(&path, b"old", b"new"), Err(WriteError::ReadOnly)));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        fs::hard_link(&path, path.with_file_name("other.conf")).unwrap();
        assert!(matches!(write(&path, b"old", b"new"), Err(WriteError::Names(2))));
        assert!(matches!(check(&path.with_file_name("none")), Err(WriteError::Io(_))));
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(entries(&folder), 3);
    }
}
