//! The grammar of `synchronous_standby_names`: a list, or `[FIRST | ANY] n (list)`, and what a value says.
//!
//! Follows syncrep_scanner.l and syncrep_gram.y, which are the same in 10 to 18.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Name,
    /// The digits as `atoi` reads them.
    Number(i32),
    Any,
    First,
    Comma,
    Open,
    Close,
}

/// The standbys that commits wait for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StandbyNames {
    /// How many they wait for.
    pub(crate) number: usize,
    /// Whether any of the list will do, and not the first ones of it.
    pub(crate) any: bool,
    /// The names, without quotes; `*` is any.
    pub(crate) names: Vec<String>,
}

/// Checks a value; the error is a clause that says what is wrong. The empty value is no list and fine.
pub(super) fn check(text: &[u8]) -> Result<(), String> {
    read(text).map(drop)
}

/// Reads a value; the empty one waits for nobody.
///
/// # Errors
/// A clause that says what is wrong.
pub(crate) fn read(text: &[u8]) -> Result<StandbyNames, String> {
    if text.is_empty() {
        return Ok(StandbyNames::default());
    }
    let scanned = scan(text)?;
    let tokens = scanned.iter().map(|(token, _)| *token).collect::<Vec<_>>();
    let (number, list) = match tokens.as_slice() {
        [Token::Any | Token::First, Token::Number(number), Token::Open, list @ .., Token::Close]
        | [Token::Number(number), Token::Open, list @ .., Token::Close] => (*number, list),
        list => (1, list),
    };
    let is_list = list.len() % 2 == 1
        && list.iter().enumerate().all(|(at, token)| match token {
            Token::Name | Token::Number(_) => at % 2 == 0,
            Token::Comma => at % 2 == 1,
            Token::Any | Token::First | Token::Open | Token::Close => false,
        });
    if !is_list {
        return Err("not a list of standbys such as `a, b`, `FIRST 1 (a, b)` or `ANY 1 (a, b)`".to_owned());
    }
    if number <= 0 {
        return Err("a list that waits for no standby: the number must be greater than zero".to_owned());
    }
    // What stands before the list are words and a number; in it every number is a name.
    let skipped = tokens.len() - list.len() - usize::from(tokens.last() == Some(&Token::Close));
    let names = scanned.iter().skip(skipped).filter(|(token, _)| matches!(token, Token::Name | Token::Number(_)));
    Ok(StandbyNames {
        number: usize::try_from(number).unwrap_or_default(),
        any: tokens.first() == Some(&Token::Any),
        names: names.map(|(_, text)| bare(text)).collect(),
    })
}

/// A name without its quotes.
fn bare(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => text.into_owned(),
    }
}

/// The tokens with their texts.
fn scan(text: &[u8]) -> Result<Vec<(Token, &[u8])>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(&byte) = rest.first() {
        let (token, length) = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0C | 0x0B => (None, 1),
            b',' => (Some(Token::Comma), 1),
            b'(' => (Some(Token::Open), 1),
            b')' => (Some(Token::Close), 1),
            b'*' => (Some(Token::Name), 1),
            b'"' => (Some(Token::Name), quoted(rest).ok_or("a list with an unterminated quoted name")?),
            b'0'..=b'9' => {
                let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
                let length = digits.clone().count();
                let value =
                    digits.fold(0_i64, |value, digit| value.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
                // atoi: strtol cut to an int.
                (Some(Token::Number(value as i32)), length)
            }
            _ if is_name_start(byte) => {
                let part = |byte: &&u8| is_name_start(**byte) || byte.is_ascii_digit() || **byte == b'$';
                let length = rest.iter().take_while(part).count();
                let word = rest.get(..length).unwrap_or_default();
                let token = if word.eq_ignore_ascii_case(b"any") {
                    Token::Any
                } else if word.eq_ignore_ascii_case(b"first") {
                    Token::First
                } else {
                    Token::Name
                };
                (Some(token), length)
            }
            _ => return Err("a list with a name that needs double quotes".to_owned()),
        };
        tokens.extend(token.zip(rest.get(..length)));
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(tokens)
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// The length of a name in double quotes, quotes included.
fn quoted(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += memchr::memchr(b'"', text.get(at..)?)? + 1;
        match text.get(at) {
            Some(b'"') => at += 1,
            _ => return Some(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{StandbyNames, check, read};

    #[test]
    fn lists_and_counts() {
        for good in ["", "a", "*", "a, b", "2 (a, b)", "any 1 (\"x y\", *)", "FIRST 3(a,b)", "1", "1, 2", "a$1"] {
            assert_eq!(check(good.as_bytes()), Ok(()), "{good}");
        }
        for bad in [" ", "a,", "first", "any (a)", "1 (a", "a-b", "\"a", "0 (a)", "1 (a) b", "1 ()", "any 1 (any)"] {
            assert!(check(bad.as_bytes()).is_err(), "{bad}");
        }
    }
    #[test]
    fn names_and_numbers() {
        let names = |number: usize, any: bool, names: &[&str]| StandbyNames {
            number,
            any,
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        };
        for (text, wanted) in [
            ("", StandbyNames::default()),
            ("a, B", names(1, false, &["a", "B"])),
            ("FIRST 2 (s1, \"s 2\", \"q\"\"q\")", names(2, false, &["s1", "s 2", "q\"q"])),
            ("any 1 (*)", names(1, true, &["*"])),
            ("3 (a, 7)", names(3, false, &["a", "7"])),
            ("1, 2", names(1, false, &["1", "2"])),
        ] {
            assert_eq!(read(text.as_bytes()), Ok(wanted), "{text}");
        }
    }
}
