//! A line on the terminal that says what a long run is at. It is written to standard error, where that is a terminal
//! and nobody's CI, from the first second on, and is gone when the run has something to say.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::cli::args::GlobalArgs;
use crate::cli::reporting::variable;
use crate::progress::{self, Now, Stage};
use crate::secret::printable;

/// A run shorter than this says nothing.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the line is written anew.
const EVERY: Duration = Duration::from_millis(100);

/// The watcher. It ends, and its line goes, when this is dropped.
pub(crate) struct Watch(Option<(Sender<()>, JoinHandle<()>)>);

impl Watch {
    /// Watches, where somebody sees it.
    pub(crate) fn start(global: &GlobalArgs) -> Self {
        let dumb = variable("TERM").is_none_or(|term| term == "dumb");
        let seen = !global.quiet && !dumb && variable("CI").is_none() && io::stderr().is_terminal();
        if !seen {
            return Self(None);
        }
        let columns = variable("COLUMNS").and_then(|columns| columns.to_str()?.parse().ok()).unwrap_or(80);
        Self::over(io::stderr(), columns, PATIENCE)
    }

    fn over(mut out: impl Write + Send + 'static, columns: usize, patience: Duration) -> Self {
        progress::watch(true);
        let (stop, stopped) = mpsc::channel();
        let watcher = thread::Builder::new().spawn(move || {
            let mut wait = patience;
            while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                // A terminal that takes no line takes none later.
                if write!(out, "\r\x1b[K{}", line(&progress::now(), columns)).and_then(|()| out.flush()).is_err() {
                    return;
                }
                wait = EVERY;
            }
            if wait == EVERY {
                let _ = write!(out, "\r\x1b[K").and_then(|()| out.flush());
            }
        });
        // Without a thread there is no line; the run is none the worse.
        Self(watcher.ok().map(|watcher| (stop, watcher)))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some((stop, watcher)) = self.0.take() {
            drop(stop);
            let _ = watcher.join();
            progress::watch(false);
        }
    }
}

/// The line, in fewer columns than there are.
fn line(now: &Now, columns: usize) -> String {
    let count = if now.total == 0 { String::new() } else { format!(" {} of {}", now.done.min(now.total), now.total) };
    let mut text = match now.stage {
        Stage::Looking => "looking for files".to_owned(),
        Stage::Reading => format!("reading{count} files"),
        Stage::Checking => format!("checking{count}"),
    };
    if let Some(path) = &now.path {
        let path = printable(path.as_str());
        let room = columns.saturating_sub(text.len() + 3);
        let length = path.chars().count();
        text.push_str(": ");
        if length > room {
            text.push_str("...");
            text.extend(path.chars().skip(length - room.saturating_sub(3).min(length)));
        } else {
            text.push_str(&path);
        }
    }
    text.chars().take(columns.saturating_sub(1)).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn the_line_fits() {
        let now = |stage, done, total, path: Option<&str>| Now { stage, done, total, path: path.map(Into::into) };
        assert_eq!(line(&now(Stage::Looking, 0, 0, None), 80), "looking for files");
        assert_eq!(
            line(&now(Stage::Reading, 3, 8, Some("db/a\n.conf")), 80),
            "reading 3 of 8 files: db/a\u{240a}.conf"
        );
        assert_eq!(line(&now(Stage::Checking, 9, 8, None), 80), "checking 8 of 8");
        let long = line(&now(Stage::Reading, 3, 8, Some(&"x/".repeat(60))), 40);
        assert_eq!((long.as_str(), long.len()), ("reading 3 of 8 files: ...x/x/x/x/x/x/x/", 39));
        assert!(line(&now(Stage::Reading, 3, 8, Some("abc")), 10).len() < 10);
    }

    #[derive(Clone, Default)]
    struct Terminal(Arc<Mutex<Vec<u8>>>);

    impl Write for Terminal {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_line_comes_and_goes() {
        let terminal = Terminal::default();
        let watch = Watch::over(terminal.clone(), 80, Duration::ZERO);
        while terminal.0.lock().unwrap().is_empty() {
            thread::yield_now();
        }
        drop(watch);
        let text = String::from_utf8(terminal.0.lock().unwrap().clone()).unwrap();
        assert!(text.len() > "\r\x1b[K".len() * 2 && text.ends_with("\r\x1b[K"), "{text:?}");
    }

    #[test]
    fn a_short_run_writes_nothing() {
        let terminal = Terminal::default();
        drop(Watch::over(terminal.clone(), 80, Duration::from_secs(600)));
        assert_eq!(*terminal.0.lock().unwrap(), b"");
    }
}
