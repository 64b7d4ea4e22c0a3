//! Where fuzzing starts from: files of `fixtures/`, blocks of the rules' pages and inputs that servers were asked about.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::run::root;

/// Kinds of files: how their names end, the targets that read them, and what the targets that read any kind call them.
const KINDS: [(&[&str], &[&str], u8); 9] = [
    (&["pg_hba.conf"], &["auth_file", "pg_hba"], 1),
    (&["pg_ident.conf"], &["auth_file", "pg_ident"], 2),
    (&[".sql"], &["sql", "sql_split"], 3),
    (&["pg_service.conf"], &["ini"], 4),
    (&["pgpass", "pgpass.conf"], &["passfile"], 5),
    (&["pgbouncer.ini"], &["ini"], 6),
    (&["userlist.txt"], &["userlist"], 7),
    (&["recovery.conf"], &["postgresql_conf"], 8),
    (&[".conf"], &["postgresql_conf"], 0),
];

/// Files of inputs: the column of the input, and the name of a file that would hold it.
const INPUTS: [(&str, usize, &str); 5] = [
    ("pg_hba.tsv", 4, "pg_hba.conf"),
    ("pg_ident.tsv", 4, "pg_ident.conf"),
    ("postgresql.conf.tsv", 4, "postgresql.conf"),
    ("statements.tsv", 2, "a.sql"),
    ("subscription.tsv", 2, "a.sql"),
];

/// Writes the seeds below `corpus`, each once; gives how many there are.
pub(crate) fn write(corpus: &Path) -> Result<usize> {
    let mut seeds = Seeds { corpus: corpus.to_owned(), count: 0 };
    for path in below(&root().join("fixtures"))? {
        // These are what was found, which libFuzzer has in the corpus already.
        if !path.starts_with(root().join("fixtures/fuzz")) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
            seeds.file(&name, &read(&path)?)?;
        }
    }
    for path in below(&root().join("rules"))? {
        if path.extension().is_some_and(|ext| ext == "md") {
            seeds.page(&String::from_utf8_lossy(&read(&path)?))?;
        }
    }
    let oracle = |name: &str| {
        Ok::<_, anyhow::Error>(String::from_utf8_lossy(&read(&root().join("fixtures/oracle").join(name))?).into_owned())
    };
    for (name, column, file) in INPUTS {
        for line in oracle(name)?.lines().skip(1) {
            let input = unescaped(line.split('\t').nth(column).unwrap_or_default());
            seeds.file(file, &input)?;
            for word in input.split(u8::is_ascii_whitespace).filter_map(|word| word.strip_prefix(b"/")) {
                seeds.add("pg_regex", &[], word)?;
            }
        }
    }
    for line in oracle("conninfo.tsv")?.lines().filter(|line| !line.starts_with('#')) {
        let input = unescaped(line.split('\t').next().unwrap_or_default());
        seeds.add("conninfo", &[], &input)?;
        for quoting in 0..6 {
            seeds.add("quoting", &[quoting, 7], &input)?;
        }
    }
    for (index, line) in oracle("values.tsv")?.lines().skip(1).enumerate() {
        let input = unescaped(line.split('\t').nth(1).unwrap_or_default());
        seeds.add("value", &(index as u16).to_be_bytes(), &input)?;
    }
    Ok(seeds.count)
}

struct Seeds {
    corpus: PathBuf,
    count: usize,
}

impl Seeds {
    /// A file for the targets that read files of its name.
    fn file(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        if name.ends_with("pgassay.toml") {
            return self.add("config", &[], bytes);
        }
        let Some((_, targets, number)) = KINDS.iter().find(|kind| kind.0.iter().any(|end| name.ends_with(end))) else {
            return Ok(());
        };
        for target in *targets {
            self.add(target, &[], bytes)?;
        }
        self.add("secret", &[0, 255], bytes)?;
        self.add("suppression", &[*number], bytes)?;
        self.add("pipeline", &[*number], bytes)
    }

    /// The blocks of a page, whose info strings start with a file's name.
    fn page(&mut self, text: &str) -> Result<()> {
        for block in text.split("\n```").skip(1).step_by(2) {
            let Some((info, text)) = block.split_once('\n') else { continue };
            let name = info.trim_start_matches('+').split_whitespace().next().unwrap_or_default();
            self.file(name, text.as_bytes())?;
        }
        Ok(())
    }

    fn add(&mut self, target: &str, before: &[u8], bytes: &[u8]) -> Result<()> {
        let seed = [before, bytes].concat();
        let mut hasher = DefaultHasher::new();
        seed.hash(&mut hasher);
        let folder = self.corpus.join(target);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let path = folder.join(format!("{:016x}", hasher.finish()));
        if !path.exists() {
            fs::write(&path, seed).with_context(|| format!("cannot write {}", path.display()))?;
        }
        self.count += 1;
        Ok(())
    }
}

/// `\n`, `\t`, `\xHH` and `\\` as the bytes that they stand for.
fn unescaped(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let (byte, length) = match tail {
            [b'n', ..] if *first == b'\\' => (b'\n', 2),
            [b't', ..] if *first == b'\\' => (b'\t', 2),
            [b'\\', ..] if *first == b'\\' => (b'\\', 2),
            [b'x', digits @ ..] if *first == b'\\' => {
                let digits = digits.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
                digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).map_or((b'\\', 1), |byte| (byte, 4))
            }
            _ => (*first, 1),
        };
        out.push(byte);
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Every file below a folder.
fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() { files.extend(below(&path)?) } else { files.push(path) }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::unescaped;

    #[test]
    fn escapes_of_the_tables() {
        assert_eq!(unescaped(r"a\n\\n\x00\xg"), b"a\n\\n\0\\xg");
    }
}
