//! The grammar of `synchronous_standby_names`: a list, or `[FIRST | ANY] n (list)`.
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

/// Checks a value; the error is a clause that says what is wrong. The empty value is no list and fine.
pub(super) fn check(text: &[u8]) -> Result<(), String> {
    if text.is_empty() {
        return Ok(());
    }
    let tokens = scan(text)?;
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
    Ok(())
}

fn scan(text: &[u8]) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(&byte) = rest.first() {
        let length = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0C | 0x0B => 1,
            b',' | b'(' | b')' | b'*' => {
                tokens.push(match byte {
                    b',' => Token::Comma,
                    b'(' => Token::Open,
                    b')' => Token::Close,
                    _ => Token::Name,
                });
                1
            }
            b'"' => {
                tokens.push(Token::Name);
                quoted(rest).ok_or("a list with an unterminated quoted name")?
            }
            b'0'..=b'9' => {
                let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
                let length = digits.clone().count();
                let value =
                    digits.fold(0_i64, |value, digit| value.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
                // atoi: strtol cut to an int.
                tokens.push(Token::Number(value as i32));
                length
            }
            _ if is_name_start(byte) => {
                let part = |byte: &&u8| is_name_start(**byte) || byte.is_ascii_digit() || **byte == b'$';
                let length = rest.iter().take_while(part).count();
                let word = rest.get(..length).unwrap_or_default();
                tokens.push(if word.eq_ignore_ascii_case(b"any") {
                    Token::Any
                } else if word.eq_ignore_ascii_case(b"first") {
                    Token::First
                } else {
                    Token::Name
                });
                length
            }
            _ => return Err("a list with a name that needs double quotes".to_owned()),
        };
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
    use super::check;

    #[test]
    fn lists_and_counts() {
        for good in ["", "a", "*", "a, b", "2 (a, b)", "any 1 (\"x y\", *)", "FIRST 3(a,b)", "1", "1, 2", "a$1"] {
            assert_eq!(check(good.as_bytes()), Ok(()), "{good}");
        }
        for bad in [" ", "a,", "first", "any (a)", "1 (a", "a-b", "\"a", "0 (a)", "1 (a) b", "1 ()", "any 1 (any)"] {
            assert!(check(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
