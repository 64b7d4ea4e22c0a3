//! The frames of the protocol: a header with the length, then JSON.
//!
//! Reads here and not with `lsp_server`'s reader, for which one malformed message ends the connection and a length of
//! many gigabytes the process.

use std::io::{self, BufRead, Read, Write};

use lsp_server::Message;
use serde_json::{Value, json};

/// A message of more bytes is passed over: text of that size is no file that is edited by hand.
const MOST_BYTES: u64 = 64 << 20;
/// A line of the header is shorter.
const MOST_HEADER: u64 = 8 << 10;

/// What goes to the client.
#[derive(Debug)]
pub(super) enum Out {
    /// A message.
    Message(Message),
    /// An answer to something that could not be read, so that it has no id.
    Unreadable(String),
}

/// Reads one message; the text says why it is none. `None` at the end of the input.
///
/// # Errors
/// What the system says.
pub(super) fn read(input: &mut impl BufRead) -> io::Result<Option<Result<Message, String>>> {
    let Some(length) = header(input)? else { return Ok(None) };
    if length > MOST_BYTES {
        io::copy(&mut input.take(length), &mut io::sink())?;
        return Ok(Some(Err(format!("a message of {length} bytes is too large"))));
    }
    let mut body = Vec::new();
    input.take(length).read_to_end(&mut body)?;
    if (body.len() as u64) < length {
        return Ok(None);
    }
    Ok(Some(serde_json::from_slice(&body).map_err(|error| format!("the message is malformed: {error}"))))
}

/// The length that the next header states. What is no header is passed over, line by line.
fn header(input: &mut impl BufRead) -> io::Result<Option<u64>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if input.take(MOST_HEADER).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(line.trim_ascii_end());
        if line.is_empty() {
            if length.is_some() {
                return Ok(length);
            }
            continue;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok();
        }
    }
}

/// Writes one message.
///
/// # Errors
/// What the system says.
pub(super) fn write(out: &mut impl Write, message: &Out) -> io::Result<()> {
    match message {
        Out::Message(message) => message.write(out),
        Out::Unreadable(why) => {
            let error = json!({ "code": lsp_server::ErrorCode::ParseError as i32, "message": why });
            let text = json!({ "jsonrpc": "2.0", "id": Value::Null, "error": error }).to_string();
            write!(out, "Content-Length: {}\r\n\r\n{text}", text.len())?;
            out.flush()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8]) -> Vec<Result<String, String>> {
        let mut input = text;
        std::iter::from_fn(|| read(&mut input).unwrap())
            .map(|message| message.map(|message| serde_json::to_string(&message).unwrap()))
            .collect()
    }

    #[test]
    fn what_cannot_be_read_does_not_hide_the_next_message() {
        let exit = "{\"method\":\"exit\"}";
        let good = format!("content-length:{}\r\n\r\n{exit}", exit.len());
        let read = all(format!("nonsense\r\n\r\nContent-Length: 3\r\n\r\n{{]x{good}").as_bytes());
        assert_eq!(read.len(), 2);
        assert!(read[0].as_ref().unwrap_err().starts_with("the message is malformed"), "{read:?}");
        assert_eq!(read[1].as_deref(), Ok(exit));
        let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let read = all(format!("Content-Length: {}\r\n\r\n{nested}{good}", nested.len()).as_bytes());
        assert!(read[0].is_err() && read[1].is_ok(), "{read:?}");
    }

    #[test]
    fn lengths_are_no_promise() {
        assert!(all(b"Content-Length: 99999999999999\r\n\r\n{}").pop().unwrap().is_err());
        assert!(all(b"Content-Length: 1000\r\n\r\n{}").is_empty());
        assert!(all(b"Content-Length: -1\r\n\r\n").is_empty());
    }
}
