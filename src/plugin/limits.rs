//! What a plugin may use up, and the accounts that are kept of it while it runs.
//!
//! Time is kept by the engine's epoch (see `engine`), the size of what crosses the boundary by wasmtime's fuel for host
//! calls; memory and the rest are counted here.

use std::fmt;
use std::time::Duration;

use wasmtime::ResourceLimiter;

/// A plugin's file is at most this long, in bytes.
pub const LARGEST_FILE: u64 = 64 << 20;
/// What the wasm stack of a call may take, in bytes. Plugins run on threads with stacks several times as large.
pub const STACK: usize = 1 << 20;
/// So many bytes of a plugin's log are kept.
pub const LOG: usize = 64 << 10;

/// Python's components have some 40 core instances and a dozen tables each.
const INSTANCES: usize = 100;
const TABLES: usize = 100;
const MEMORIES: usize = 16;
/// Elements of one table; each takes a pointer.
const TABLE_ELEMENTS: usize = 200_000;

/// What a user can set per plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a call may run: `describe`, `configure` and `check` each.
    pub time: Duration,
    /// The linear memories together, in bytes.
    pub memory: usize,
    /// What an answer may hold, in bytes; a call of a host function likewise.
    pub output: usize,
    /// How many findings a plugin may have.
    pub findings: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(5), memory: 256 << 20, output: 16 << 20, findings: 10_000 }
    }
}

/// A limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::time`].
    Time(Duration),
    /// [`Limits::memory`].
    Memory(usize),
    /// [`Limits::output`].
    Output(usize),
    /// [`STACK`].
    Stack,
    /// Instances, tables, memories or elements of a table; which, and how many are allowed.
    Count(&'static str, usize),
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(time) => write!(f, "ran longer than {} (limit `time`)", shown_time(*time)),
            Self::Memory(bytes) => write!(f, "wanted more than {} of memory (limit `memory`)", shown_size(*bytes)),
            Self::Output(bytes) => {
                write!(f, "handed over more than {} at once (limit `output`)", shown_size(*bytes))
            }
            Self::Stack => write!(f, "recursed too deeply: its stack is {}", shown_size(STACK)),
            Self::Count(what, most) => write!(f, "wanted more than {most} {what}"),
        }
    }
}

/// The limit on how many there may be of `what`: instances, tables or memories.
pub(super) fn count(what: &str) -> Limit {
    match what {
        "instance" => Limit::Count("core instances", INSTANCES),
        "table" => Limit::Count("tables", TABLES),
        _ => Limit::Count("memories", MEMORIES),
    }
}

/// `5s`, `250ms`.
pub(crate) fn shown_time(time: Duration) -> String {
    if time.subsec_nanos() == 0 { format!("{}s", time.as_secs()) } else { format!("{}ms", time.as_millis()) }
}

/// `256MiB`, `64KiB`, `100B`.
pub(crate) fn shown_size(bytes: usize) -> String {
    match bytes {
        bytes if bytes >= 1 << 20 && bytes % (1 << 20) == 0 => format!("{}MiB", bytes >> 20),
        bytes if bytes >= 1 << 10 && bytes % (1 << 10) == 0 => format!("{}KiB", bytes >> 10),
        bytes => format!("{bytes}B"),
    }
}

/// Reads `5s`, `250ms`.
///
/// # Errors
/// Another form, or a time of nothing or of more than an hour.
pub fn parse_time(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no time such as `5s` or `250ms`, of at most an hour");
    let (number, unit) = parts(text);
    let number = number.parse::<u64>().map_err(|_| wrong())?;
    let time = match unit {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        _ => return Err(wrong()),
    };
    if time.is_zero() || time > Duration::from_secs(3600) { Err(wrong()) } else { Ok(time) }
}

/// Reads `256MiB`, `64KiB`, `1GiB`.
///
/// # Errors
/// Another form, or more than 4 GiB.
pub fn parse_size(text: &str) -> Result<usize, String> {
    let wrong = || format!("`{text}` is no size such as `256MiB`, of at most 4GiB");
    let (number, unit) = parts(text);
    let number = number.parse::<usize>().map_err(|_| wrong())?;
    let shift = match unit {
        "B" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        _ => return Err(wrong()),
    };
    let bytes = number.checked_mul(1 << shift).ok_or_else(wrong)?;
    if bytes == 0 || bytes > 4 << 30 { Err(wrong()) } else { Ok(bytes) }
}

/// The digits at the start, and what follows them.
fn parts(text: &str) -> (&str, &str) {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (&text[..digits], text[digits..].trim_start())
}

/// The account of one store. wasmtime asks before it gives.
#[derive(Debug)]
pub(super) struct Account {
    memory: usize,
    used: usize,
    /// The limit that was reached, for the message; wasmtime's own text does not name the setting.
    pub(super) reached: Option<Limit>,
}

impl Account {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { memory: limits.memory, used: 0, reached: None }
    }

    /// How many bytes of linear memory the store has.
    pub(super) fn used(&self) -> usize {
        self.used
    }

    fn refuse(&mut self, limit: Limit) -> wasmtime::Result<bool> {
        self.reached = Some(limit);
        // An error traps at once; a `false` would show as `unreachable` somewhere in the guest's allocator.
        Err(wasmtime::Error::msg(limit.to_string()))
    }
}

impl ResourceLimiter for Account {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let used = self.used.saturating_sub(current).saturating_add(desired);
        if used > self.memory {
            return self.refuse(Limit::Memory(self.memory));
        }
        self.used = used;
        Ok(true)
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        if desired > TABLE_ELEMENTS {
            return self.refuse(Limit::Count("elements in a table", TABLE_ELEMENTS));
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        INSTANCES
    }

    fn tables(&self) -> usize {
        TABLES
    }

    fn memories(&self) -> usize {
        MEMORIES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_as_users_write_them() {
        assert_eq!(parse_time("5s"), Ok(Duration::from_secs(5)));
        assert_eq!(parse_time("250 ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_size("256MiB"), Ok(256 << 20));
        assert_eq!(parse_size("4GiB"), Ok(4 << 30));
        for text in ["", "5", "0s", "s", "-1s", "2h", "3601s", "99999999999999999999s"] {
            assert!(parse_time(text).is_err(), "{text}");
        }
        for text in ["", "5", "0MiB", "5MB", "5GiB", "99999999999GiB"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
        assert_eq!(
            (shown_time(Duration::from_millis(1500)).as_str(), shown_size(1 << 20).as_str()),
            ("1500ms", "1MiB")
        );
    }

    #[test]
    fn memories_count_together() {
        let mut account = Account::new(&Limits { memory: 3 << 20, ..Limits::default() });
        assert!(account.memory_growing(0, 1 << 20, None).is_ok());
        assert!(account.memory_growing(0, 1 << 20, None).is_ok(), "a second memory");
        assert!(account.memory_growing(1 << 20, 2 << 20, None).is_ok());
        assert_eq!(account.used(), 3 << 20);
        assert!(account.memory_growing(0, 1 << 16, None).is_err());
        assert_eq!(account.reached, Some(Limit::Memory(3 << 20)));
    }
}
