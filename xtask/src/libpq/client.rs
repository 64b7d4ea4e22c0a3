//! What a real libpq says of a connection string.
//!
//! `PQconninfoParse` tells syntax and keywords; values are looked at by `PQconnectStart`, which also begins to connect.
//! So a string is only started if it can lead nowhere but to this machine.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char, c_void};
use std::net::IpAddr;
use std::path::Path;
use std::ptr::null_mut;

use anyhow::{Context as _, Result, ensure};
use libloading::Library;

use super::ConninfoOption;

/// A library to ask.
#[derive(Debug)]
pub(crate) struct Client {
    library: Library,
}

/// What it says of a string.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// It cannot be read, and why.
    Unread(String),
    /// It was read, and might lead to another machine.
    Abroad,
    /// A connection was begun, with this message.
    Started(String),
}

impl Client {
    /// Loads the library at `path`.
    ///
    /// # Errors
    /// It cannot be loaded.
    #[expect(unsafe_code, reason = "a C library is loaded")]
    pub(crate) fn open(path: &Path) -> Result<Self> {
        // SAFETY: libpq's initialisers only set up its own state.
        let library = unsafe { Library::new(path) }.with_context(|| format!("loading {}", path.display()))?;
        Ok(Self { library })
    }

    /// Whether it reads variables that the environment has, which take the place of defaults.
    pub(crate) fn is_swayed() -> bool {
        std::env::vars_os().any(|(name, _)| {
            let name = name.to_string_lossy();
            name.starts_with("PG") && !name.starts_with("PGASSAY")
        })
    }

    /// Asks about a string.
    ///
    /// # Errors
    /// The library lacks a function, or the string a place for its end.
    pub(crate) fn ask(&self, text: &str) -> Result<Said> {
        let text = CString::new(text)?;
        let options = match self.parse(&text)? {
            Ok(options) => options,
            Err(message) => return Ok(Said::Unread(message)),
        };
        if is_abroad(&options) {
            return Ok(Said::Abroad);
        }
        self.start(&text).map(Said::Started)
    }

    /// The keywords that the string sets, or why it cannot be read.
    #[expect(unsafe_code, reason = "a C library is called through its documented interface")]
    fn parse(&self, text: &CStr) -> Result<Result<BTreeMap<String, String>, String>> {
        type Parse = unsafe extern "C" fn(*const c_char, *mut *mut c_char) -> *mut ConninfoOption;
        type Free = unsafe extern "C" fn(*mut ConninfoOption);
        type FreeMemory = unsafe extern "C" fn(*mut c_void);
        // SAFETY: a string of C is null or ends with a zero byte.
        let shown = |at: *const c_char| {
            (!at.is_null()).then(|| unsafe { CStr::from_ptr(at) }.to_string_lossy().trim_end().to_owned())
        };
        // SAFETY: the signatures are those of libpq-fe.h.
        let (parse, free, free_memory) = unsafe {
            (
                self.library.get::<Parse>(b"PQconninfoParse\0")?,
                self.library.get::<Free>(b"PQconninfoFree\0")?,
                self.library.get::<FreeMemory>(b"PQfreemem\0")?,
            )
        };
        let mut message = null_mut();
        // SAFETY: both arguments are valid for the length of the call.
        let table = unsafe { parse(text.as_ptr(), &raw mut message) };
        if table.is_null() {
            let refused = shown(message).unwrap_or_default();
            // SAFETY: the message came from this library and is not used again.
            unsafe { free_memory(message.cast()) };
            return Ok(Err(refused));
        }
        let mut options = BTreeMap::new();
        for index in 0.. {
            // SAFETY: every element up to and with the one whose keyword is null may be read.
            let option = unsafe { &*table.add(index) };
            let Some(keyword) = shown(option.keyword) else { break };
            if let Some(value) = shown(option.val) {
                options.insert(keyword, value);
            }
        }
        // SAFETY: the table came from this library and is not used again.
        unsafe { free(table) };
        Ok(Ok(options))
    }

    /// The message of a connection that was begun, and is given up at once.
    #[expect(unsafe_code, reason = "a C library is called through its documented interface")]
    fn start(&self, text: &CStr) -> Result<String> {
        type Start = unsafe extern "C" fn(*const c_char) -> *mut c_void;
        type Message = unsafe extern "C" fn(*const c_void) -> *const c_char;
        type Finish = unsafe extern "C" fn(*mut c_void);
        // SAFETY: the signatures are those of libpq-fe.h.
        let (start, message, finish) = unsafe {
            (
                self.library.get::<Start>(b"PQconnectStart\0")?,
                self.library.get::<Message>(b"PQerrorMessage\0")?,
                self.library.get::<Finish>(b"PQfinish\0")?,
            )
        };
        // SAFETY: the string is valid for the length of the call.
        let connection = unsafe { start(text.as_ptr()) };
        ensure!(!connection.is_null(), "PQconnectStart gives nothing");
        // SAFETY: the connection is valid until it is finished, and so is its message.
        let said = unsafe { CStr::from_ptr(message(connection)) }.to_string_lossy().into_owned();
        // SAFETY: the connection is not used again.
        unsafe { finish(connection) };
        Ok(said)
    }
}

/// Whether a host of the string may be another machine, or needs a name server.
fn is_abroad(options: &BTreeMap<String, String>) -> bool {
    let any = |keyword: &str, is_here: fn(&str) -> bool| {
        options.get(keyword).is_some_and(|list| !list.split(',').all(is_here))
    };
    // A service may name any host.
    options.get("service").is_some_and(|name| !name.is_empty())
        || any("host", |host| host.is_empty() || host.starts_with('/') || host == "localhost" || is_loopback(host))
        // What is no address is not looked up.
        || any("hostaddr", |host| {
            let number = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b'x' | b'X' | b'.' | b':' | b'%');
            host.is_empty() || is_loopback(host) || !host.bytes().all(number)
        })
}

fn is_loopback(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_connected_to() {
        let abroad = |keyword: &str, value: &str| is_abroad(&BTreeMap::from([(keyword.to_owned(), value.to_owned())]));
        for here in ["", "/tmp", "localhost", "127.0.0.2", "::1", "/tmp,127.0.0.1,"] {
            assert!(!abroad("host", here), "{here}");
        }
        for there in ["example.org", "10.0.0.1", "localhost,x", "1"] {
            assert!(abroad("host", there), "{there}");
        }
        assert!(abroad("hostaddr", "10.0.0.1") && abroad("hostaddr", "1") && !abroad("hostaddr", "y,127.0.0.1"));
        assert!(abroad("service", "x") && !abroad("dbname", "example.org"));
    }
}
