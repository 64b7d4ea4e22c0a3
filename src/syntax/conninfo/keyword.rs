//! The form `keyword = value ...`: `conninfo_parse`.

use super::{ConninfoError, Form, Reader, Scan, is_secret, is_space};

pub(super) fn read(reader: &mut Reader<'_>) {
    reader.result.form = Form::Keyword;
    while let Some(byte) = reader.peek() {
        if is_space(byte) {
            reader.at += 1;
        } else if let Some(hole) = reader.hole().filter(|hole| hole.control) {
            reader.at = hole.end;
            reader.result.open = true;
        } else if !pair(reader) {
            break;
        }
    }
}

/// Reads a keyword and its value; false when the rest has no meaning.
fn pair(reader: &mut Reader<'_>) -> bool {
    let start = reader.at;
    let mut end = None;
    let mut known = true;
    while let Some(byte) = reader.peek() {
        if let Some(hole) = reader.hole() {
            known = false;
            reader.at = hole.end;
        } else if byte == b'=' {
            break;
        } else if is_space(byte) {
            end = Some(reader.at);
            skip_space(reader);
            break;
        } else {
            reader.at += 1;
        }
    }
    let end = end.unwrap_or(reader.at).min(reader.text.len());
    if reader.peek() != Some(b'=') {
        if !known {
            // A program fills in whole settings here.
            reader.result.open = true;
            return true;
        }
        reader.error(start, end, ConninfoError::MissingEquals);
        // After a password with a blank in it, the word is likely the rest of the password.
        if reader.result.params.last().is_some_and(|param| param.value.secret) {
            reader.expose(start, reader.text.len());
        }
        return false;
    }
    reader.at += 1;
    skip_space(reader);
    let keyword = String::from_utf8_lossy(reader.text.get(start..end).unwrap_or_default()).into_owned();
    let ended = value(reader, &keyword, start, end, known);
    if !ended {
        reader.error(start, reader.text.len(), ConninfoError::UnterminatedQuote);
    }
    ended
}

fn value(reader: &mut Reader<'_>, keyword: &str, start: usize, end: usize, known: bool) -> bool {
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
        match byte {
            b'\\' => {
                reader.at += 1;
                if reader.hole().is_none()
                    && let Some(escaped) = reader.peek()
                {
                    scan.byte(escaped);
                    reader.at += 1;
                }
                continue;
            }
            b'\'' if quoted => {
                ended = true;
                break;
            }
            _ if !quoted && is_space(byte) => break,
            _ => scan.byte(byte),
        }
        reader.at += 1;
    }
    let to = reader.at;
    if quoted && ended {
        reader.at += 1;
    }
    if !known {
        reader.result.open = true;
        return ended;
    }
    let secret = is_secret(keyword) || (!ended && memchr::memmem::find(&scan.text, b"pass").is_some());
    let value = scan.finish(reader, from, to, secret);
    reader.push(keyword, value, (start, end), (start, reader.at));
    ended
}

fn skip_space(reader: &mut Reader<'_>) {
    while reader.peek().is_some_and(is_space) {
        reader.at += 1;
    }
}
