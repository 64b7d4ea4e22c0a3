//! As much of PostgreSQL's frontend protocol as the tasks need: trusted sessions over a socket, simple queries, text.
//!
//! A client of our own keeps psql, and with it a version of libpq, out of what the servers are asked.

use std::error::Error;
use std::fmt;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail, ensure};

/// A row; `None` is NULL.
pub(crate) type Row = Vec<Option<String>>;

/// What a server refuses something with.
#[derive(Debug)]
pub(crate) struct Refused {
    /// The five characters of SQLSTATE.
    pub(crate) code: String,
    pub(crate) message: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Refused {}

/// A session as `postgres`.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: UnixStream,
}

impl Connection {
    /// Opens a session on a socket file, in the database `postgres`.
    pub(crate) fn open(socket: &Path) -> Result<Self> {
        Self::open_in(socket, "postgres", None)
    }

    /// Opens a session in a database. Where there is a limit, an answer that takes longer is an error.
    pub(crate) fn open_in(socket: &Path, database: &str, limit: Option<Duration>) -> Result<Self> {
        let mut stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(limit)?;
        let parameters = format!("user\0postgres\0database\0{database}\0client_encoding\0UTF8\0\0");
        let mut startup = (8 + parameters.len() as u32).to_be_bytes().to_vec();
        startup.extend(0x0003_0000_u32.to_be_bytes());
        startup.extend(parameters.as_bytes());
        stream.write_all(&startup)?;
        let mut connection = Self { stream };
        connection.until_ready()?;
        Ok(connection)
    }

    /// Runs a query (or several) and gives its rows, or the server's first error.
    pub(crate) fn query(&mut self, sql: &str) -> Result<Vec<Row>> {
        let mut message = vec![b'Q'];
        message.extend((5 + sql.len() as u32).to_be_bytes());
        message.extend(sql.as_bytes());
        message.push(0);
        self.stream.write_all(&message)?;
        self.until_ready()
    }

    fn until_ready(&mut self) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        let mut error = None;
        loop {
            let mut head = [0; 5];
            self.stream.read_exact(&mut head)?;
            let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
            let mut body = vec![0; length.saturating_sub(4)];
            self.stream.read_exact(&mut body)?;
            match head[0] {
                b'D' => rows.push(row(&body)?),
                b'E' => {
                    error = error.or_else(|| Some(Refused { code: field(&body, b'C'), message: field(&body, b'M') }));
                }
                b'R' => ensure!(body == [0; 4], "the server wants a password"),
                b'Z' => break,
                _ => {}
            }
            if head[0] == b'E' && field(&body, b'S') == "FATAL" {
                break;
            }
        }
        match error {
            Some(error) => bail!(error),
            None => Ok(rows),
        }
    }
}

fn row(body: &[u8]) -> Result<Row> {
    let Some((_, mut rest)) = body.split_at_checked(2) else { bail!("a row without a count") };
    let mut row = Row::new();
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else {
            row.push(None);
            rest = tail;
            continue;
        };
        let Some((value, tail)) = tail.split_at_checked(length) else { bail!("a row is cut short") };
        row.push(Some(String::from_utf8(value.to_vec())?));
        rest = tail;
    }
    Ok(row)
}

/// A field of an error.
pub(crate) fn field(body: &[u8], code: u8) -> String {
    body.split(|&byte| byte == 0)
        .find(|field| field.first() == Some(&code))
        .map(|field| String::from_utf8_lossy(&field[1..]).into_owned())
        .unwrap_or_default()
}
