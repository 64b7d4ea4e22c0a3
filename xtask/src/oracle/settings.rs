//! postgresql.conf by `pg_file_settings`, and by what a start says where the view cannot tell.
//!
//! The server looks for syntax errors first, and shows one per file; only where there is none does it look at names,
//! and only where all names are known at values. So what it refuses is taken out of the file, and it is asked again.

use std::collections::BTreeSet;
use std::fs;

use anyhow::Result;

use super::Kind;
use super::ask::{Oracle, Verdict, bytes as decode};
use super::compare::{Compared, Disagreement};
use super::ours::Refusal;

/// Settings whose values the view judges otherwise than a start: by the catalogs, or by its own transaction.
const BY_SESSION: &[&str] = &[
    "session_authorization",
    "role",
    "transaction_isolation",
    "transaction_read_only",
    "transaction_deferrable",
    "default_tablespace",
    "temp_tablespaces",
    "default_table_access_method",
    "default_text_search_config",
];

/// A row of the view about a line of our file.
#[derive(Debug)]
struct Row {
    line: u32,
    name: Option<String>,
    error: Option<String>,
}

pub(super) fn verdict(oracle: &mut Oracle<'_>, bytes: &[u8]) -> Result<Verdict> {
    let mut text = bytes.to_vec();
    // At the end of a file without a line feed the server counts one too few; a line feed changes nothing else.
    if text.last().is_some_and(|&last| last != b'\n') {
        text.push(b'\n');
    }
    let mut verdict = Verdict::default();
    let mut refused_names = BTreeSet::new();
    // Each pass takes at least one line out.
    for _ in 0..=text.split(|&byte| byte == b'\n').count() {
        let rows = ask(oracle, &text)?;
        let broken: Vec<&Row> = rows.iter().filter(|row| row.name.is_none() && row.error.is_some()).collect();
        let unknown: Vec<&Row> = rows
            .iter()
            .filter(|row| row.error.as_deref().is_some_and(|error| error.contains("unrecognized")))
            .collect();
        let taken = if broken.is_empty() { unknown } else { broken };
        if taken.is_empty() {
            for row in rows.iter().filter(|row| row.error.is_some()) {
                value(oracle, &text, row, &mut verdict, &mut refused_names)?;
            }
            return Ok(verdict);
        }
        let mut lines = BTreeSet::new();
        for row in taken {
            verdict.refused.insert(row.line, row.error.clone().unwrap_or_default());
            lines.insert(row.line);
        }
        if !lines.iter().any(|&line| take_out(&mut text, line)) {
            return Ok(verdict);
        }
        for line in lines {
            take_out(&mut text, line);
        }
    }
    Ok(verdict)
}

/// A value that cannot be applied. Of a setting that only a start changes the view says so of any new value.
fn value(
    oracle: &mut Oracle<'_>,
    text: &[u8],
    row: &Row,
    verdict: &mut Verdict,
    seen: &mut BTreeSet<String>,
) -> Result<()> {
    let name = row.name.clone().unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    let by_start = oracle.at_start.contains(&lower) || BY_SESSION.contains(&lower.as_str());
    if by_start && accepts(oracle, &line_of(text, row.line))? {
        return Ok(());
    }
    if seen.insert(name.clone()) {
        verdict.refused.insert(row.line, format!("{}: {name}", row.error.as_deref().unwrap_or_default()));
    }
    Ok(())
}

/// Whether a server starts with this line as its postgresql.conf, as far as the file is concerned.
pub(super) fn accepts(oracle: &mut Oracle<'_>, line: &[u8]) -> Result<bool> {
    if let Some(&known) = oracle.lines_at_start.get(line) {
        return Ok(known);
    }
    let folder = oracle.server.scratch.join("start");
    fs::create_dir_all(&folder)?;
    let path = folder.join(Kind::Conf.file());
    fs::write(&path, line)?;
    let accepted = oracle.server.judge_file(&path)?.status.success();
    oracle.lines_at_start.insert(line.to_vec(), accepted);
    Ok(accepted)
}

/// Asks a start about what the view cannot tell. A line that the view and pgassay judge otherwise is asked alone:
/// where the start agrees with pgassay, it is the view that differs. A file that neither refuses is asked as a whole.
pub(super) fn settle(oracle: &mut Oracle<'_>, bytes: &[u8], ours: &[Refusal], compared: &mut Compared) -> Result<()> {
    let mut left = Vec::new();
    for found in std::mem::take(&mut compared.disagreements) {
        let line = line_of(bytes, found.line);
        // What is refused because of another line shows only where both are there.
        let accepted = accepts(oracle, &line)? && (found.ours.is_none() || accepts(oracle, bytes)?);
        if accepted == found.ours.is_none() {
            let name = line.trim_ascii_start().split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').next();
            let name = String::from_utf8_lossy(name.unwrap_or_default()).to_ascii_lowercase();
            *compared.set_aside.entry(format!("the view differs from a start on {name}")).or_default() += 1;
        } else {
            left.push(found);
        }
    }
    compared.disagreements = left;
    if compared.refused == 0 && ours.is_empty() {
        let path = oracle.live.join(Kind::Conf.file());
        fs::write(&path, bytes)?;
        let output = oracle.server.judge_file(&path)?;
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr);
            let message = message.lines().next().unwrap_or_default();
            let server = Some(format!("at a start: {message}"));
            compared.disagreements.push(Disagreement { line: 0, server, ours: None });
        }
    }
    Ok(())
}

pub(super) fn line_of(text: &[u8], line: u32) -> Vec<u8> {
    text.split_inclusive(|&byte| byte == b'\n').nth(line.saturating_sub(1) as usize).unwrap_or_default().to_vec()
}

fn ask(oracle: &mut Oracle<'_>, text: &[u8]) -> Result<Vec<Row>> {
    oracle.write(Kind::Conf, text)?;
    let path = oracle.live.join(Kind::Conf.file());
    let rows = oracle.session.query(&format!(
        "select sourceline, encode(textsend(name), 'hex'), encode(textsend(error), 'hex') from pg_file_settings \
         where sourcefile = '{}'",
        path.display()
    ))?;
    let decode = |digits: &Option<String>| -> Result<Option<String>> {
        digits.as_deref().map(|digits| Ok(String::from_utf8_lossy(&decode(digits)?).into_owned())).transpose()
    };
    rows.iter()
        .filter_map(|row| match row.as_slice() {
            [Some(line), name, error] => Some((line, name, error)),
            _ => None,
        })
        .map(|(line, name, error)| Ok(Row { line: line.parse()?, name: decode(name)?, error: decode(error)? }))
        .collect()
}

/// Puts a comment in the place of a line; whether anything changed.
fn take_out(text: &mut Vec<u8>, line: u32) -> bool {
    let mut lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').collect();
    let Some(place) = lines.get_mut(line.saturating_sub(1) as usize) else { return false };
    if place.is_empty() {
        return false;
    }
    *place = b"";
    *text = lines.join(&b'\n');
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_out_and_keep_their_numbers() {
        let mut text = b"a\nb\nc\n".to_vec();
        assert!(take_out(&mut text, 2) && !take_out(&mut text, 2) && !take_out(&mut text, 9));
        assert_eq!((text.as_slice(), line_of(&text, 3)), (&b"a\n\nc\n"[..], b"c\n".to_vec()));
    }
}
