//! Files that pgassay makes: reports and baselines. Each is there whole, or as it was before.

use std::fs;
use std::io::{self, BufWriter, Write};

use camino::{Utf8Path, Utf8PathBuf};

/// Writes a file whole: beside its place first, then under its name. A pipe or a device is written to as it is.
///
/// # Errors
/// Why it is as it was: the folder does not exist, or what the system or `write` says.
pub fn put(path: &Utf8Path, write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    can_put(path)?;
    // The name of a link stays one.
    let target = if path.exists() { path.canonicalize_utf8()? } else { path.to_owned() };
    let metadata = fs::symlink_metadata(&target).ok();
    if metadata.as_ref().is_some_and(|metadata| !metadata.is_file()) {
        return in_place(&target, write);
    }
    match beside(&target, metadata.as_ref(), write) {
        // A file that is mounted by itself has no folder that could give it another one.
        Err(error) if metadata.is_some() && is_of_the_folder(&error) => in_place(&target, write),
        result => result,
    }
}

/// Whether a file could be made there, without making it.
///
/// # Errors
/// Why not.
pub fn can_put(path: &Utf8Path) -> io::Result<()> {
    let folder = folder(path);
    if !folder.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("the folder `{folder}` does not exist")));
    }
    if path.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    if path.is_symlink() && !path.exists() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "it is a symbolic link that leads nowhere"));
    }
    Ok(())
}

fn folder(path: &Utf8Path) -> &Utf8Path {
    path.parent().filter(|folder| !folder.as_str().is_empty()).unwrap_or(Utf8Path::new("."))
}

fn beside(
    path: &Utf8PathBuf,
    metadata: Option<&fs::Metadata>,
    write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    if metadata.is_some_and(|metadata| metadata.permissions().readonly()) {
        return Err(io::Error::new(io::ErrorKind::ReadOnlyFilesystem, "it is read-only"));
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".pgassay-");
    // Others read reports too, as far as the umask lets them.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file = builder.tempfile_in(folder(path))?;
    let mut out = BufWriter::new(file);
    write(&mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    if let Some(metadata) = metadata {
        file.as_file().set_permissions(metadata.permissions())?;
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn is_of_the_folder(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices
    )
}

fn in_place(path: &Utf8Path, write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(fs::OpenOptions::new().write(true).truncate(true).open(path)?);
    write(&mut out)?;
    out.flush()
}

#[cfg(test)]
#[cfg(unix)]
#[allow(clippy::disallowed_methods, reason = "tests look at the files that were written")]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn text(text: &'static str) -> impl FnMut(&mut dyn Write) -> io::Result<()> {
        move |out| out.write_all(text.as_bytes())
    }

    #[test]
    fn a_file_is_whole_or_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(folder.path().join("report.json")).unwrap();
        put(&path, &mut text("one")).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0o044 & !umask(), "others may read it");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let failed = put(&path, &mut |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("no"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "no");
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        let link = path.with_file_name("link.json");
        symlink(&path, &link).unwrap();
        put(&link, &mut text("two")).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside");
        put(Utf8Path::new("/dev/null"), &mut text("three")).unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    fn umask() -> u32 {
        let file = tempfile::tempdir().unwrap();
        let path = file.path().join("a");
        fs::File::create(&path).unwrap();
        0o666 & !fs::metadata(&path).unwrap().permissions().mode()
    }

    #[test]
    fn where_no_file_can_be_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
        let error = |path: &Utf8Path| put(path, &mut text("")).unwrap_err().to_string();
        assert_eq!(error(&path), "it is a folder");
        assert_eq!(error(&path.join("no/a.json")), format!("the folder `{path}/no` does not exist"));
        symlink(path.join("nowhere"), path.join("link")).unwrap();
        assert_eq!(error(&path.join("link")), "it is a symbolic link that leads nowhere");
        fs::write(path.join("a"), "").unwrap();
        fs::set_permissions(path.join("a"), fs::Permissions::from_mode(0o444)).unwrap();
        assert_eq!(error(&path.join("a")), "it is read-only");
    }
}
