//! The form of pgbouncer.ini: `cstr_get_pair` of PgBouncer's loader.c.
//!
//! Only the blank separates, a backslash is a backslash, two quotes are one, nothing may be empty, and the byte after
//! a closing quote is dropped unseen.

use super::{ConninfoError, Form, Reader, Scan, is_secret};

pub(super) fn read(reader: &mut Reader<'_>) {
    reader.result.form = Form::PgBouncer;
    loop {
        skip_blanks(reader);
        if reader.peek().is_none() {
            break;
        }
        if let Some(hole) = reader.hole().filter(|hole| hole.control) {
            reader.at = hole.end;
            reader.result.open = true;
        } else if !pair(reader) {
            break;
        }
    }
}

fn pair(reader: &mut Reader<'_>) -> bool {
    let start = reader.at;
    reader.skip_until(b"= ");
    let end = reader.at;
    let known = !reader.has_hole(start, end);
    skip_blanks(reader);
    if reader.hole().is_some() || reader.peek() != Some(b'=') {
        if !known {
            reader.result.open = true;
            return true;
        }
        reader.error(start, end, ConninfoError::MissingEquals);
        if reader.result.params.last().is_some_and(|param| param.value.secret) {
            reader.expose(start, reader.text.len());
        }
        return false;
    }
    if start == end {
        reader.error(start, start + 1, ConninfoError::EmptyKeyword);
        return false;
    }
    reader.at += 1;
    skip_blanks(reader);
    let quoted = reader.hole().is_none() && reader.peek() == Some(b'\'');
    if quoted {
        reader.at += 1;
    }
    let from = reader.at;
    let mut scan = Scan::default();
    let mut ended = !quoted;
    while let Some(byte) = reader.peek() {
        if let Some(hole) = reader.hole() {
            scan.hole(hole, reader);
            continue;
        }
        if quoted && byte == b'\'' {
            if reader.text.get(reader.at + 1) != Some(&b'\'') {
                ended = true;
                break;
            }
            reader.at += 1;
        } else if !quoted && byte == b' ' {
            break;
        }
        scan.byte(byte);
        reader.at += 1;
    }
    let to = reader.at;
    if quoted && ended {
        reader.at += 1;
    }
    let whole = reader.at;
    // The byte after the value, be it a blank or not, is overwritten with the end of the string.
    if reader.at < reader.text.len() {
        reader.at += 1;
    }
    let empty = scan.text.is_empty() && scan.tail.is_none();
    if known {
        let keyword = String::from_utf8_lossy(reader.text.get(start..end).unwrap_or_default()).into_owned();
        let secret = is_secret(&keyword) || (!ended && memchr::memmem::find(&scan.text, b"pass").is_some());
        let value = scan.finish(reader, from, to, secret);
        reader.push(&keyword, value, (start, end), (start, whole));
    } else {
        reader.result.open = true;
    }
    if !ended {
        reader.error(start, to, ConninfoError::UnterminatedQuote);
    } else if empty {
        reader.error(start, whole, ConninfoError::EmptyValue);
    }
    ended && !empty
}

fn skip_blanks(reader: &mut Reader<'_>) {
    while reader.peek() == Some(b' ') {
        reader.at += 1;
    }
}
