//! Modes of files on a host: configuration that others can change or read, private keys that the server refuses, and
//! password files that libpq ignores.
//!
//! Which files are on a host is told by `load::Modes`; of a checkout nothing is.

use crate::catalog::Majors;
use crate::checks::ask::{is_on, text};
use crate::discover::Kind;
use crate::finding::{Finding, Label, Subject};
use crate::load::Key;
use crate::rule::{Context, Sink, id};
use crate::source::FileId;

/// The bits for the group and all others.
const OTHERS: u32 = 0o077;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let most = u32::from_str_radix(out.text(id::CONF_FILE_MODE, "most"), 8).unwrap_or(0o640);
    for (&file, rights) in &cx.cluster.modes.files {
        let (source, mode) = (cx.sources.file(file), rights.mode);
        let name = source.path().file_name().unwrap_or_default();
        if source.kind() == Kind::Passfile {
            if mode & OTHERS != 0 {
                out.push(passfile(cx, file, mode));
            }
        } else if let Some(deed) = deed(mode & !most & 0o066) {
            let message = format!("`{name}` has mode {mode:04o}: {deed}");
            let label = Label::absent(file, "the mode of the file");
            let finding = Finding::new(id::CONF_FILE_MODE, Subject::File, cx.cluster.majors, label, message);
            out.push(finding.help(format!("`chmod {:04o}` it", mode & most)));
        }
    }
    keys(cx, out);
}

/// What the bits that are too many allow, the worst of it.
fn deed(bits: u32) -> Option<&'static str> {
    Some(match bits {
        _ if bits & 0o002 != 0 => "every user of the machine can change it",
        _ if bits & 0o020 != 0 => "its group can change it",
        _ if bits & 0o004 != 0 => "every user of the machine can read it",
        _ if bits & 0o040 != 0 => "its group can read it",
        _ => return None,
    })
}

fn passfile(cx: &Context<'_>, file: FileId, mode: u32) -> Finding {
    let message = format!("libpq ignores the file, whose mode is {mode:04o}: others than its owner have access");
    let label = Label::absent(file, "the mode of the file");
    Finding::new(id::PASSFILE_MODE, Subject::File, cx.cluster.majors, label, message).help("`chmod 0600` it")
}

/// Private keys that the server does not load (`check_ssl_key_file_permissions`; tried on servers of 10, 12, 15 and 18).
fn keys(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in cx.cluster.nodes.iter().filter(|node| node.data_directory) {
        let key = |major: u8| {
            let name = text(node, "ssl_key_file", major).filter(|_| is_on(node, "ssl", major))?;
            let key = cx.cluster.modes.key(&node.folder, &name)?;
            Some((name, key, refusal(key)?))
        };
        let majors = node.targets.majors.iter().filter(|&major| key(major).is_some()).collect::<Majors>();
        let Some((name, key, why)) = majors.last().and_then(key) else { continue };
        let file = node.settings.winner("ssl_key_file").or_else(|| node.settings.winner("ssl"));
        let Some(span) = file.map(|definition| definition.span) else { continue };
        let message = format!("the server refuses the key `{name}`, {why}");
        let label = Label::new(span, "does not start with TLS");
        let subject = Subject::Setting("ssl_key_file".to_owned());
        let help = if key.rights.owner == key.server || key.rights.owner == 0 {
            "`chmod 0600` the key, or `0640` where root owns it"
        } else {
            "have the key owned by the user of the server, with mode 0600"
        };
        out.push(Finding::new(id::TLS_KEY_MODE, subject, majors, label, message).help(help));
    }
}

/// Why the server refuses a key.
fn refusal(key: Key) -> Option<String> {
    let Key { rights, server } = key;
    // The group may read what root owns, so that a group of those who need the key can.
    let allowed = if rights.owner == 0 { 0o740 } else { 0o700 };
    if rights.owner != 0 && rights.owner != server {
        return Some("which neither its own user nor root owns".to_owned());
    }
    (rights.mode & !allowed != 0)
        .then(|| format!("whose mode is {:04o}: others than its owner have access", rights.mode))
}

#[cfg(test)]
mod tests;
