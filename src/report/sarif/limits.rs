//! What GitHub takes of a log: results, and bytes once it is compressed ("SARIF support for code scanning").

use std::io;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

use super::{MOST_RELATED, Results};

/// The most that a log may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) results: usize,
    /// Compressed by gzip.
    pub(crate) bytes: u64,
    /// A log of no more locations is within the limit of bytes, so that it need not be measured.
    pub(crate) unmeasured: usize,
}

impl Limits {
    pub(crate) const GITHUB: Self = Self { results: 25_000, bytes: 10_000_000, unmeasured: 2000 };

    /// How many results to try instead, if the log is too large.
    pub(super) fn fewer(&self, results: &Results<'_>, log: &impl Serialize) -> io::Result<Option<usize>> {
        let findings = || results.findings.iter().flatten().map(|(finding, _)| finding);
        let locations: usize = findings().map(|finding| 1 + finding.related.len().min(MOST_RELATED)).sum();
        if locations <= self.unmeasured {
            return Ok(None);
        }
        let size = compressed(log)?;
        if size <= self.bytes {
            return Ok(None);
        }
        // A tenth less than the share that would fit if all results were of one size.
        let share = findings().count() as u64 * self.bytes / size;
        Ok(Some((share * 9 / 10) as usize))
    }
}

/// The bytes of a gzip file; the best compression gives fewer.
fn compressed(log: &impl Serialize) -> io::Result<u64> {
    let encoder = GzEncoder::new(Counter(0), Compression::fast());
    let mut encoder = io::BufWriter::new(encoder);
    serde_json::to_writer(&mut encoder, log)?;
    let encoder = encoder.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(encoder.finish()?.0)
}

/// Counts what is written to it.
struct Counter(u64);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
