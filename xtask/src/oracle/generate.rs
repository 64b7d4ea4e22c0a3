//! Files for the servers to judge: lines by grammar, and fixtures, with one defect or with many.
//!
//! A file is known by its kind, the seed and its index. Even indices have one defect, odd ones many.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::dice::Dice;
use super::{Kind, conninfo, grammar, sql, start, values};
use crate::servers;

/// What files are made of besides the grammar.
#[derive(Debug, Default)]
pub(super) struct Materials {
    /// Texts to start from, per kind.
    texts: Vec<(Kind, Vec<u8>)>,
    /// Settings with values, from the table of values.
    pub(super) settings: Vec<(String, String)>,
    /// Those of them that every major takes.
    taken: Vec<(String, String)>,
    /// Whether the builds that are asked have all methods of authentication.
    full: bool,
}

/// Bytes that mean something to a lexer, or should not.
const PIECES: &[&[u8]] = &[
    b"\"",
    b"\"\"",
    b"'",
    b"''",
    b",",
    b", ",
    b" ,",
    b"#",
    b"\\",
    b"\\\n",
    b"\\\r\n",
    b"\\ \n",
    b"\\\\\n",
    b"\r\n",
    b"\r",
    b"\n",
    b"\n\n",
    b"\t",
    b"\x0b",
    b"\x0c",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\xc3",
    b"\xc2\xa0",
    b"\xe2\x80\x9c",
    b"=",
    b" = ",
    b"@",
    b"@missing",
    b"/",
    b"+",
    b"-",
    b"*",
    b".",
    b":",
    b";",
    b"(",
    b"[",
    b"\x1b",
    b"\x7f",
    b"include missing\n",
    b"include_if_exists missing\n",
    b"include_dir missing\n",
    b" all",
    b" x=y",
    b"%",
    b"~",
];

const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1",
    "07",
    "0x1F",
    "1e3",
    "1.5",
    ".5",
    "5.",
    "-0",
    "+1",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999999",
    "1e308",
    "1e309",
    "nan",
    "inf",
    "08",
    "0x",
    "1_000",
    "1 000",
];

const UNITS: &[&str] = &[
    "B", "kB", "KB", "kb", "MB", "mb", "GB", "TB", "PB", "us", "ms", "MS", "s", "sec", "min", "m", "h", "H", "d", "w",
    "%",
];

const LENGTHS: &[usize] =
    &[60, 63, 64, 254, 255, 256, 257, 1023, 8180, 8191, 8192, 10238, 10239, 10240, 10241, 20477, 20480];

impl Materials {
    /// Reads the fixtures of the repository.
    pub(super) fn read(fixtures: &Path, full: bool) -> Result<Self> {
        let mut materials = Self { full, ..Self::default() };
        materials.collect(fixtures)?;
        for kind in Kind::ALL {
            let Some((table, column)) = kind.table() else { continue };
            let table = fixtures.join("oracle").join(table);
            let table = fs::read_to_string(&table).with_context(|| format!("cannot read {}", table.display()))?;
            for line in table.lines().filter(|line| !line.starts_with("# ")).skip(1) {
                let input = line.split('\t').nth(column).unwrap_or_default();
                // `\{` repeats a word; the lengths are tried by mutation as well.
                if !input.contains("\\{") && !input.ends_with(']') {
                    materials.texts.push((kind, unescape(input)));
                }
            }
        }
        for line in fs::read_to_string(fixtures.join("oracle/values.tsv"))?.lines().skip(1) {
            let mut columns = line.split('\t');
            if let (Some(name), Some(value), Some(majors), Some(verdict)) =
                (columns.next(), columns.next(), columns.next(), columns.next())
                && !value.contains('\\')
            {
                let setting = (name.to_owned(), value.to_owned());
                if verdict == "accept" && majors.split(',').count() == servers::majors().count() {
                    materials.taken.push(setting.clone());
                }
                materials.settings.push(setting);
            }
        }
        materials.settings.dedup();
        Ok(materials)
    }

    fn collect(&mut self, folder: &Path) -> Result<()> {
        let mut paths =
            fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
        paths.sort();
        for path in paths {
            if path.is_dir() {
                self.collect(&path)?;
            } else if let Some(kind) = Kind::ALL.into_iter().find(|kind| path.ends_with(kind.file())) {
                self.texts.push((kind, fs::read(&path)?));
            }
        }
        Ok(())
    }

    /// The file of that seed and index.
    pub(super) fn file(&self, kind: Kind, seed: u64, index: u64) -> Vec<u8> {
        let mut dice = Dice::new(seed.wrapping_add(kind as u64), index);
        let many = index % 2 == 1;
        let defects = if many { 1 + dice.below(8) } else { 1 };
        match kind {
            Kind::Recovery => {
                let mut text = start::text(&mut dice, &self.settings, many).into_bytes();
                // What a defect does to a line is held against servers without a start: few are enough here.
                if dice.once_in(8) {
                    mutate(&mut text, &mut dice);
                }
                return text;
            }
            Kind::Values => return values::text(&mut dice, &self.taken).into_bytes(),
            _ => {}
        }
        let mut text = if dice.once_in(2) { self.window(kind, &mut dice) } else { self.lines(kind, &mut dice, many) };
        match kind {
            // Most are left as they are: the grammar makes defects of its own.
            Kind::Sql | Kind::Conninfo if !dice.once_in(3) => {}
            Kind::Sql => sql::mutate(&mut text, &mut dice),
            Kind::Conninfo => mutate(&mut text, &mut dice),
            _ => (0..defects).for_each(|_| mutate(&mut text, &mut dice)),
        }
        text
    }

    /// Some lines of a fixture.
    fn window(&self, kind: Kind, dice: &mut Dice) -> Vec<u8> {
        let texts: Vec<&[u8]> = self.texts.iter().filter(|text| text.0 == kind).map(|text| text.1.as_slice()).collect();
        if texts.is_empty() {
            return Vec::new();
        }
        let lines: Vec<&[u8]> = dice.pick(&texts).split_inclusive(|&byte| byte == b'\n').collect();
        let start = dice.below(lines.len().saturating_sub(4));
        lines.iter().skip(start).take(3 + dice.below(10)).copied().collect::<Vec<_>>().concat()
    }

    fn lines(&self, kind: Kind, dice: &mut Dice, odd: bool) -> Vec<u8> {
        match kind {
            Kind::Conninfo => return conninfo::string(dice, odd).into_bytes(),
            Kind::Sql => return sql::statement(dice, odd).into_bytes(),
            _ => {}
        }
        let mut text = Vec::new();
        for _ in 0..=dice.below(6) {
            let line = match kind {
                Kind::Hba => grammar::hba(dice, odd, self.full),
                Kind::Ident => grammar::ident(dice, odd),
                _ => grammar::conf(dice, &self.settings),
            };
            text.extend(line.into_bytes());
            text.push(b'\n');
        }
        text
    }
}

/// Makes one defect, or what may be one.
fn mutate(text: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.below(text.len() + 1);
    match dice.below(15) {
        0 => set(text, at, dice.below(256) as u8),
        1 => drop(text.splice(at..(at + 1).min(text.len()), [])),
        2..=4 => drop(text.splice(at..at, dice.pick(PIECES).iter().copied())),
        5 => {
            let (from, to) = token(text, at);
            text.drain(from..to);
        }
        6 => {
            let (from, to) = token(text, at);
            let copy = text[from..to].to_vec();
            let (from, to) = token(text, dice.below(text.len() + 1));
            text.splice(from..to, copy);
        }
        7 => {
            let (from, to) = token(text, at);
            let case = dice.below(3);
            for byte in &mut text[from..to] {
                match case {
                    0 => byte.make_ascii_uppercase(),
                    1 => byte.make_ascii_lowercase(),
                    _ => *byte ^= u8::from(byte.is_ascii_alphabetic()) << 5,
                }
            }
        }
        8 => {
            let (from, to) = token(text, at);
            let long = vec![b'a'; LENGTHS[dice.below(LENGTHS.len())]];
            // Mostly in place of a token, else glued to it.
            let from = if dice.once_in(3) { to } else { from };
            text.splice(from..to, long);
        }
        9 => replace_token(text, at, dice.pick(NUMBERS)),
        10 => {
            let value = format!("{}{}", dice.pick(NUMBERS), dice.pick(UNITS));
            replace_token(text, at, &value);
        }
        11 => {
            let (from, to) = token(text, at);
            let quote = if dice.once_in(2) { b'"' } else { b'\'' };
            text.insert(to, quote);
            text.insert(from, quote);
        }
        12 => {
            while text.last() == Some(&b'\n') {
                text.pop();
            }
        }
        13 => {
            let lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').collect();
            *text = lines.join(&b"\r\n"[..]);
        }
        _ => {
            let (from, to) = token(text, at);
            let copy = text[from..to].to_vec();
            text.splice(to..to, [b" ".to_vec(), copy].concat());
        }
    }
}

fn set(text: &mut [u8], at: usize, byte: u8) {
    if let Some(place) = text.get_mut(at) {
        *place = byte;
    }
}

fn replace_token(text: &mut Vec<u8>, at: usize, with: &str) {
    let (from, to) = token(text, at);
    text.splice(from..to, with.bytes());
}

/// The word around a place, which may be empty: what stands between blanks, commas, quotes and equals signs.
fn token(text: &[u8], at: usize) -> (usize, usize) {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b'=' | b'"' | b'\'');
    let at = at.min(text.len());
    let from = text[..at].iter().rposition(ends).map_or(0, |end| end + 1);
    let to = text[at..].iter().position(ends).map_or(text.len(), |end| at + end);
    (from, to)
}

/// The bytes of an input in the tables of cases.
fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let (b'\\', [kind, tail @ ..]) = (first, tail) else {
            out.push(*first);
            continue;
        };
        rest = tail;
        let digits = match kind {
            b'x' => 2,
            b'u' => 4,
            _ => 0,
        };
        let code = rest.get(..digits).and_then(|digits| std::str::from_utf8(digits).ok());
        let code = code.and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or_default();
        rest = rest.get(digits..).unwrap_or_default();
        match kind {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'0' => out.push(0),
            b'f' => out.push(12),
            b'x' => out.push(code as u8),
            b'u' => out.extend(char::from_u32(code).unwrap_or_default().to_string().bytes()),
            other => out.push(*other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn materials() -> Materials {
        Materials::read(&crate::run::root().join("fixtures"), false).unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_files() {
        let (one, two) = (materials(), materials());
        for kind in Kind::ALL {
            for index in 0..50 {
                assert_eq!(one.file(kind, 7, index), two.file(kind, 7, index));
            }
        }
    }

    #[test]
    fn another_seed_gives_other_files() {
        let materials = materials();
        for kind in Kind::ALL {
            let alike = (0..50).filter(|&index| materials.file(kind, 7, index) == materials.file(kind, 8, index));
            assert!(alike.count() < 5);
        }
    }

    #[test]
    fn one_defect_is_one_step() {
        let mut text = b"local all all trust\n".to_vec();
        mutate(&mut text, &mut Dice::new(1, 1));
        assert_ne!(text, b"");
        let mut empty = Vec::new();
        for index in 0..500 {
            mutate(&mut empty, &mut Dice::new(3, index));
        }
    }

    #[test]
    fn escapes_of_the_tables_are_read() {
        assert_eq!(unescape(r"a\tb\n\x00\\x\u00a0\0"), b"a\tb\n\0\\x\xc2\xa0\0");
    }
}
