//! Files are replaced whole: a new one is written beside the old one and takes its name, so that nobody ever sees a half.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::io::{self, Write as _};

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::NamedTempFile;
use thiserror::Error;

use crate::load::{Text, Texts};
use crate::source::{self, SourceMap};

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
    /// Something of that name is there.
    #[error("something of that name is there already")]
    Exists,
    /// What it held may have moved to a file that could not be written.
    #[error("not all other files could be written")]
    Others,
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

/// Whether a file can become a text, without a change of anything.
///
/// # Errors
/// Why not.
pub fn check(path: &Utf8Path, text: &Text) -> Result<(), WriteError> {
    match text {
        Text::Changed(_) => check_file(path, true),
        Text::Removed => check_file(path, false),
        Text::Created { like, .. } => {
            check_file(like, false)?;
            match fs::symlink_metadata(path) {
                Ok(_) => Err(WriteError::Exists),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                Err(error) => Err(error.into()),
            }
        }
    }
}

/// Whether it is a file that nothing else is a name of; `opened` also asks whether it can be written.
fn check_file(path: &Utf8Path, opened: bool) -> Result<(), WriteError> {
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
    if opened {
        // Renaming asks for no right on the file itself, so it is asked for here.
        fs::OpenOptions::new().write(true).open(path)?;
    }
    Ok(())
}

/// What came of writing.
#[derive(Debug, Default)]
pub struct Written {
    /// The files that were changed, made or taken away.
    pub files: Vec<Utf8PathBuf>,
    /// The files that are as they were, and why.
    pub failed: Vec<(Utf8PathBuf, WriteError)>,
}

/// Writes what became of files that were read as `old` has them. Each is written whole or not at all. Files go last, and
/// only if all else was done: what they held may have moved.
#[must_use]
pub fn write(texts: &Texts, old: &SourceMap) -> Written {
    let files = old.iter().filter(|(_, file)| !file.is_fragment());
    let old = files.map(|(_, file)| (file.path(), file.bytes())).collect::<HashMap<_, _>>();
    let bytes = |path: &Utf8Path| old.get(path).copied().unwrap_or_default();
    let mut written = Written::default();
    let (last, first): (Vec<_>, Vec<_>) = texts.iter().partition(|(_, text)| **text == Text::Removed);
    for (path, text) in first.into_iter().chain(last) {
        let done = match text {
            Text::Changed(new) => replace(path, bytes(path), new),
            Text::Created { bytes, like } => create(path, bytes, like),
            Text::Removed if written.failed.is_empty() => remove(path, bytes(path)),
            Text::Removed => Err(WriteError::Others),
        };
        match done {
            Ok(()) => written.files.push(path.clone()),
            Err(error) => written.failed.push((path.clone(), error)),
        }
    }
    written
}

/// Puts `new` in place of `old`, with the same mode and owner.
fn replace(path: &Utf8Path, old: &[u8], new: &[u8]) -> Result<(), WriteError> {
    check_file(path, true)?;
    let file = beside(path, new, &fs::symlink_metadata(path)?)?;
    if source::read(path)? != old {
        return Err(WriteError::Changed);
    }
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(folder(path));
    Ok(())
}

/// Makes a file with the mode and owner of another one.
fn create(path: &Utf8Path, bytes: &[u8], like: &Utf8Path) -> Result<(), WriteError> {
    let file = beside(path, bytes, &fs::symlink_metadata(like)?)?;
    file.persist_noclobber(path).map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => WriteError::Exists,
        _ => error.error.into(),
    })?;
    sync_folder(folder(path));
    Ok(())
}

fn remove(path: &Utf8Path, old: &[u8]) -> Result<(), WriteError> {
    check_file(path, false)?;
    if source::read(path)? != old {
        return Err(WriteError::Changed);
    }
    fs::remove_file(path)?;
    sync_folder(folder(path));
    Ok(())
}

/// A new file that has no name yet, in the folder of `path`.
fn beside(path: &Utf8Path, bytes: &[u8], like: &Metadata) -> Result<NamedTempFile, WriteError> {
    let mut file = tempfile::Builder::new().prefix(".pgassay-").tempfile_in(folder(path))?;
    file.write_all(bytes)?;
    keep_owner(file.as_file(), like).map_err(WriteError::Owner)?;
    // A change of the owner clears bits of the mode, so the mode comes second.
    file.as_file().set_permissions(like.permissions())?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn folder(path: &Utf8Path) -> &Utf8Path {
    path.parent().filter(|folder| !folder.as_str().is_empty()).unwrap_or(Utf8Path::new("."))
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
        replace(&path, b"old", b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o7777, 0o640);
        assert_ne!(metadata.ino(), inode, "it was written in place");
        assert_eq!(entries(&folder), 1);
    }

    #[test]
    fn what_changed_meanwhile_stays() {
        let (folder, path) = folder();
        assert!(matches!(replace(&path, b"older", b"new"), Err(WriteError::Changed)));
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(entries(&folder), 1);
    }

    #[test]
    fn links_and_read_only_files_stay() {
        let (folder, path) = folder();
        let link = path.with_file_name("link.conf");
        symlink(&path, &link).unwrap();
        assert!(matches!(replace(&link, b"old", b"new"), Err(WriteError::Link)));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        assert!(matches!(replace(&path, b"old", b"new"), Err(WriteError::ReadOnly)));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        fs::hard_link(&path, path.with_file_name("other.conf")).unwrap();
        assert!(matches!(replace(&path, b"old", b"new"), Err(WriteError::Names(2))));
        assert!(matches!(check(&path.with_file_name("none"), &Text::Removed), Err(WriteError::Io(_))));
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(entries(&folder), 3);
    }

    #[test]
    fn files_are_made_and_taken_away_after_all_others() {
        let (folder, path) = folder();
        let mut sources = SourceMap::default();
        sources.add(path.clone(), crate::discover::Kind::PostgresqlConf, b"old".to_vec()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let new = path.with_file_name("standby.signal");
        let created = Text::Created { bytes: b"new".to_vec(), like: path.clone() };
        let texts = Texts::from([(path.clone(), Text::Removed), (new.clone(), created.clone())]);
        let written = write(&texts, &sources);
        assert!(written.failed.is_empty() && written.files == [new.clone(), path.clone()], "{written:?}");
        assert!(!path.exists() && fs::read_to_string(&new).unwrap() == "new");
        assert_eq!(fs::metadata(&new).unwrap().permissions().mode() & 0o7777, 0o640);
        // Nothing is replaced, and then nothing goes.
        fs::write(&path, "old").unwrap();
        assert!(matches!(check(&new, &created), Err(WriteError::Exists)));
        let created = Text::Created { bytes: b"other".to_vec(), like: path.clone() };
        let written = write(&Texts::from([(path.clone(), Text::Removed), (new.clone(), created)]), &sources);
        assert!(matches!(written.failed[..], [(_, WriteError::Exists), (_, WriteError::Others)]), "{written:?}");
        assert_eq!(
            (fs::read_to_string(&path).unwrap(), fs::read_to_string(&new).unwrap()),
            ("old".into(), "new".into())
        );
        assert_eq!(entries(&folder), 2);
    }
}
