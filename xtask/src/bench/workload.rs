//! Writes the trees that are measured, below target/bench. What is there from an earlier run stays.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::bench::text::{self, Dump, Numbers};

/// Changes whenever the texts do, so that trees of an earlier form are not taken for these.
const FORM: &str = "1";

/// What there is to measure on.
#[derive(Debug)]
pub(crate) struct Workloads {
    folder: PathBuf,
}

impl Workloads {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.join(FORM) }
    }

    /// A folder with nothing in it.
    pub(crate) fn empty(&self) -> Result<PathBuf> {
        self.once("empty", |_| Ok(()))
    }

    /// What a pre-commit hook meets: 28 files.
    pub(crate) fn small(&self) -> Result<PathBuf> {
        self.once("small", |folder| {
            let mut numbers = Numbers::new(42);
            for node in 0..4 {
                let place = folder.join(format!("env{node}"));
                save(&place.join("postgresql.conf"), text::conf(&mut numbers, 815).as_bytes())?;
                write(&place.join("pg_hba.conf"), |out| text::hba(&mut numbers, 94, out))?;
            }
            for migration in 0..20 {
                let statements = numbers.between(2, 15);
                let path = folder.join(format!("migrations/V{migration:03}__m.sql"));
                save(&path, text::script(&mut numbers, statements).as_bytes())?;
            }
            Ok(())
        })
    }

    /// What a job on a monorepo meets, in parts of a hundred: 58,000 files, of which 8,000 are of interest.
    pub(crate) fn mono(&self, percent: usize) -> Result<PathBuf> {
        self.once(&format!("mono{percent}"), |folder| {
            let mut numbers = Numbers::new(43);
            let of = |count: usize| count * percent / 100;
            for node in 0..of(2000) {
                let place = place(&mut numbers, folder).join(format!("env{node}"));
                let (settings, rows) = (numbers.between(60, 800), numbers.between(20, 200));
                save(&place.join("postgresql.conf"), text::conf(&mut numbers, settings).as_bytes())?;
                write(&place.join("pg_hba.conf"), |out| text::hba(&mut numbers, rows, out))?;
            }
            for migration in 0..of(4000) {
                let place = place(&mut numbers, folder).join(format!("V{migration}__m.sql"));
                let statements = numbers.between(1, 50);
                save(&place, text::script(&mut numbers, statements).as_bytes())?;
            }
            for other in 0..of(50_000) {
                let ending = numbers.pick(&["md", "py", "json", "txt", "go", "js"]);
                let place = place(&mut numbers, folder).join(format!("n{other}.{ending}"));
                save(&place, text::prose(&mut numbers).as_bytes())?;
            }
            Ok(())
        })
    }

    /// pg_hba.conf of so many lines, in a folder of its own.
    pub(crate) fn hba(&self, lines: usize) -> Result<PathBuf> {
        let folder = self.once(&format!("hba{lines}"), |folder| {
            write(&folder.join("pg_hba.conf"), |out| text::hba(&mut Numbers::new(44), lines, out))
        })?;
        Ok(folder.join("pg_hba.conf"))
    }

    /// pg_hba.conf of so many rows, of which none is like another.
    pub(crate) fn distinct(&self, lines: usize) -> Result<PathBuf> {
        let folder = self.once(&format!("distinct{lines}"), |folder| {
            write(&folder.join("pg_hba.conf"), |out| text::distinct(lines, out))
        })?;
        Ok(folder.join("pg_hba.conf"))
    }

    /// A dump of so many million bytes.
    pub(crate) fn dump(&self, form: Dump, megabytes: usize) -> Result<PathBuf> {
        let folder = self.once(&format!("dump-{form:?}-{megabytes}"), |folder| {
            write(&folder.join("dump.sql"), |out| text::dump(form, megabytes * 1_000_000, out))
        })?;
        Ok(folder.join("dump.sql"))
    }

    /// postgresql.conf that includes so many files.
    pub(crate) fn includes(&self, count: usize) -> Result<PathBuf> {
        self.once(&format!("includes{count}"), |folder| {
            let mut main = String::new();
            for file in 0..count {
                save(&folder.join(format!("part{file}.conf")), text::conf(&mut Numbers::new(45), 200).as_bytes())?;
                main += &format!("include 'part{file}.conf'\n");
            }
            save(&folder.join("postgresql.conf"), main.as_bytes())
        })
    }

    /// Makes a folder unless it is there; one whose making was cut short is made anew.
    fn once(&self, name: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        if folder.is_dir() {
            return Ok(folder);
        }
        let begun = self.folder.join(format!(".{name}"));
        if begun.exists() {
            fs::remove_dir_all(&begun).with_context(|| format!("cannot remove {}", begun.display()))?;
        }
        fs::create_dir_all(&begun).with_context(|| format!("cannot make {}", begun.display()))?;
        make(&begun)?;
        fs::rename(&begun, &folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(folder)
    }
}

/// One of the folders of a monorepo.
fn place(numbers: &mut Numbers, folder: &Path) -> PathBuf {
    let (team, service) = (numbers.below(20), numbers.below(50));
    folder.join(format!("team{team:02}/svc{service:02}/{}", numbers.pick(&["a", "b", "deploy", "src/db"])))
}

fn save(path: &Path, text: &[u8]) -> Result<()> {
    write(path, |out| out.write_all(text))
}

fn write(path: &Path, text: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let write = || -> io::Result<()> {
        let mut out = BufWriter::new(File::create(path)?);
        text(&mut out)?;
        out.flush()
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// The files below a folder whose name ends like that, sorted.
pub(crate) fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if entry.file_name().to_string_lossy().ends_with(ending) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}
