//! A client that connects from any address of this machine, gives a wrong password, and learns from the log which row
//! asked for it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use rustix::net::{AddressFamily, SocketType, bind, connect, socket};

use super::generate::{Asked, Kind};
use crate::wire::field;

/// What the server makes of a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// A row asks for a password. Majors before 16 do not say in which file it stands.
    Row { file: Option<String>, line: u64, text: String },
    /// A row rejects.
    Rejected,
    /// No row matches.
    NoRow,
}

#[derive(Debug)]
pub(super) struct Client {
    log: File,
    socket: PathBuf,
    port: u16,
}

impl Client {
    pub(super) fn new(log: PathBuf, socket: PathBuf, port: u16) -> Result<Self> {
        Ok(Self { log: File::open(log)?, socket, port })
    }

    /// All that the server has logged.
    pub(super) fn log(&mut self) -> Result<String> {
        let mut log = Vec::new();
        self.log.rewind()?;
        self.log.read_to_end(&mut log)?;
        Ok(String::from_utf8_lossy(&log).into_owned())
    }

    pub(super) fn ask(&mut self, asked: &Asked) -> Result<Told> {
        self.log.seek(SeekFrom::End(0))?;
        let answer = match (asked.kind, asked.from) {
            (Kind::Local, _) => {
                let stream = UnixStream::connect(&self.socket)?;
                talk(&mut &stream, &mut &stream, asked)?
            }
            (Kind::Plain, Some(from)) => {
                let stream = tcp(from, self.port)?;
                talk(&mut &stream, &mut &stream, asked)?
            }
            (Kind::Tls, Some(from)) => self.tls(from, asked)?,
            _ => bail!("TCP without an address"),
        };
        if answer.contains("no pg_hba.conf entry") {
            return Ok(Told::NoRow);
        }
        if answer.contains("pg_hba.conf rejects") {
            return Ok(Told::Rejected);
        }
        ensure!(answer.contains("password authentication failed"), "the server says: {answer}");
        let mut log = Vec::new();
        self.log.read_to_end(&mut log)?;
        let log = String::from_utf8_lossy(&log);
        let matched = log.split("Connection matched ").nth(1).with_context(|| format!("the log has no row: {log}"))?;
        let text = matched.lines().next().unwrap_or_default().to_owned();
        // `pg_hba.conf line 7: "..."`, from 16 on `file "/.../pg_hba.conf" line 7: "..."`.
        let (file, rest) = text.split_once(" line ").context("no line is named")?;
        let file = file.strip_prefix("file \"").and_then(|path| path.strip_suffix('"'));
        let file = file.and_then(|path| path.rsplit('/').next()).map(ToOwned::to_owned);
        let line = rest.split(':').next().unwrap_or_default().parse()?;
        Ok(Told::Row { file, line, text })
    }

    fn tls(&self, from: IpAddr, asked: &Asked) -> Result<String> {
        let mut command = Command::new("openssl");
        command.args(["s_client", "-quiet", "-starttls", "postgres", "-connect"]);
        match from {
            // An address of 127.0.0.0/8 other than the usual one has to be asked for.
            IpAddr::V4(ip) => command.arg(format!("127.0.0.1:{}", self.port)).arg("-bind").arg(format!("{ip}:0")),
            IpAddr::V6(_) => command.arg(format!("[::1]:{}", self.port)),
        };
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut child = Ended(child);
        let (Some(mut input), Some(mut output)) = (child.0.stdin.take(), child.0.stdout.take()) else {
            bail!("openssl has no pipes");
        };
        talk(&mut output, &mut input, asked)
    }
}

/// A process that is ended when this is dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Begins a session with a wrong password, and gives the server's error.
fn talk(input: &mut dyn Read, output: &mut dyn Write, asked: &Asked) -> Result<String> {
    let mut parameters = format!("user\0{}\0", asked.user);
    if !asked.database.is_empty() {
        parameters.push_str(&format!("database\0{}\0", asked.database));
    }
    if asked.replication {
        let value = if asked.database.is_empty() { "true" } else { "database" };
        parameters.push_str(&format!("replication\0{value}\0"));
    }
    parameters.push('\0');
    let mut startup = (8 + parameters.len() as u32).to_be_bytes().to_vec();
    startup.extend(0x0003_0000_u32.to_be_bytes());
    startup.extend(parameters.as_bytes());
    output.write_all(&startup)?;
    output.flush()?;
    loop {
        let mut head = [0; 5];
        input.read_exact(&mut head).context("the server says nothing")?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let mut body = vec![0; length.saturating_sub(4)];
        input.read_exact(&mut body)?;
        match head[0] {
            // AuthenticationCleartextPassword.
            b'R' if body == [0, 0, 0, 3] => {
                output.write_all(b"p\0\0\0\x0awrong\0")?;
                output.flush()?;
            }
            b'E' => return Ok(field(&body, b'M')),
            other => bail!("the server sends a message `{}`", char::from(other)),
        }
    }
}

fn tcp(from: IpAddr, port: u16) -> Result<TcpStream> {
    let stream = match from {
        IpAddr::V4(ip) => {
            let stream = socket(AddressFamily::INET, SocketType::STREAM, None)?;
            bind(&stream, &SocketAddr::V4(SocketAddrV4::new(ip, 0)))?;
            connect(&stream, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))?;
            stream
        }
        IpAddr::V6(ip) => {
            let stream = socket(AddressFamily::INET6, SocketType::STREAM, None)?;
            bind(&stream, &SocketAddr::V6(SocketAddrV6::new(ip, 0, 0, 0)))?;
            connect(&stream, &SocketAddrV6::new(Ipv6Addr::LOCALHOST, port, 0, 0))?;
            stream
        }
    };
    Ok(stream.into())
}
