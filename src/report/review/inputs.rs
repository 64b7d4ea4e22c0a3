//! What was read: every file with its kind, size and SHA-256, so that a review says of what it is one.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{Page, count};
use crate::source::Span;

/// More files than these are told by one digest of theirs.
const MOST: usize = 2000;

impl Page<'_> {
    pub(super) fn inputs(&mut self) {
        let sources = self.review.sources;
        let mut files = sources.iter().filter(|(_, file)| !file.is_fragment()).collect::<Vec<_>>();
        files.sort_by_key(|(id, file)| (file.path(), *id));
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for (_, file) in &files {
            *kinds.entry(file.kind().to_string()).or_default() += 1;
        }
        if files.is_empty() {
            self.note("No file was read.");
        } else {
            let kinds = kinds.iter().map(|(kind, number)| format!("{number} {kind}")).collect::<Vec<_>>().join(", ");
            self.note(&format!("{}: {kinds}.", count(files.len(), "file")));
            self.note(
                "Of a file that holds secrets the digest is of its text with `****` in their places: one of the secrets \
                 could be tried against a list of passwords.",
            );
        }
        for beside in self.review.beside {
            self.out.push_str("<p>");
            self.prose("span", &beside.what);
            self.out.push_str(": ");
            let path = self.path(&beside.path);
            self.element("code", &path);
            self.out.push_str(", SHA-256 ");
            self.element("code class=\"digest\"", &beside.sha256);
            self.out.push_str("</p>\n");
        }
        let digests = files.iter().map(|(id, file)| {
            let whole = Span::new(*id, 0, file.bytes().len());
            let hidden = self.view.redactor.hides(whole);
            let digest = match hidden {
                true => sha256(self.view.redactor.show(whole).text().as_bytes()),
                false => sha256(file.bytes()),
            };
            (self.path(file.path()), file.kind().to_string(), file.bytes().len(), digest, hidden)
        });
        let digests = digests.collect::<Vec<_>>();
        if digests.len() > MOST {
            let mut all = Sha256::new();
            for (path, _, _, digest, _) in &digests {
                all.update(format!("{digest}  {path}\n"));
            }
            let shown = hexadecimal(&all.finalize());
            self.note(&format!(
                "Shown are the first {MOST}; the SHA-256 of the lines `digest  path` of all {} is {shown}.",
                digests.len()
            ));
        }
        if digests.is_empty() {
            return;
        }
        self.out.push_str("<details>\n<summary>All files</summary>\n");
        self.table("stack inputs", &["File", "Kind", "Bytes", "SHA-256"]);
        for (path, kind, bytes, digest, hidden) in digests.iter().take(MOST) {
            self.out.push_str("<tr>");
            self.code_cell("File", path);
            self.cell("Kind", kind);
            self.cell("Bytes", &bytes.to_string());
            self.out.push_str("<td data-of=\"SHA-256\">");
            self.element("code class=\"digest\"", digest);
            if *hidden {
                self.element("span class=\"less\"", " with secrets masked");
            }
            self.out.push_str("</td></tr>\n");
        }
        self.end_table();
        self.out.push_str("</details>\n");
    }
}

/// The SHA-256 of bytes, as hexadecimal digits.
#[must_use]
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(digest: &[u8]) -> String {
    use std::fmt::Write as _;
    digest.iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
