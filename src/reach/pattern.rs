//! Whether a name matches a regular expression of pg_hba.conf, where that is certain.
//!
//! Expressions of PostgreSQL's advanced kind are put into the words of the `regex` crate one construct at a time; what
//! has no certain counterpart there (back references, look-around, embedded options, words' ends, collating elements)
//! gives no answer. Names and expressions beyond ASCII give none either: the server compares their bytes.

use std::cell::RefCell;
use std::collections::HashMap;
use std::iter::Peekable;
use std::rc::Rc;
use std::str::Chars;

use regex::bytes::{Regex, RegexBuilder};

/// The most memory that one expression may take; one that is larger gives no answer.
const MOST_BYTES: usize = 1 << 20;

/// The longest expression that is looked at.
const LONGEST: usize = 4096;

/// Expressions, each compiled once.
#[derive(Debug, Default)]
pub(crate) struct Patterns {
    known: RefCell<HashMap<String, Option<Rc<Regex>>>>,
}

impl Patterns {
    /// Whether the expression (without the slash before it) matches some part of the name; none if that is unknown.
    pub(crate) fn matches(&self, pattern: &str, name: &str) -> Option<bool> {
        if !name.is_ascii() {
            return None;
        }
        let compiled = self.known.borrow().get(pattern).cloned();
        let compiled = compiled.unwrap_or_else(|| {
            let compiled = compile(pattern).map(Rc::new);
            self.known.borrow_mut().insert(pattern.to_owned(), compiled.clone());
            compiled
        });
        compiled.map(|regex| regex.is_match(name.as_bytes()))
    }
}

fn compile(pattern: &str) -> Option<Regex> {
    // `***` and `(?` at the start say which kind of expression it is.
    if !pattern.is_ascii() || pattern.len() > LONGEST || pattern.starts_with("***") {
        return None;
    }
    let translated = Translator { rest: pattern.chars().peekable(), out: String::new() }.run()?;
    RegexBuilder::new(&translated)
        .unicode(false)
        .dot_matches_new_line(true)
        .size_limit(MOST_BYTES)
        .dfa_size_limit(MOST_BYTES)
        .build()
        .ok()
}

struct Translator<'p> {
    rest: Peekable<Chars<'p>>,
    out: String,
}

impl Translator<'_> {
    fn run(mut self) -> Option<String> {
        // Whether something that can be repeated stands before.
        let mut repeatable = false;
        let mut depth = 0_usize;
        while let Some(char) = self.rest.next() {
            match char {
                '(' => {
                    if self.rest.peek() == Some(&'?') {
                        self.rest.next();
                        self.rest.next_if_eq(&':')?;
                    }
                    self.out.push_str("(?:");
                    depth += 1;
                    repeatable = false;
                }
                ')' => {
                    depth = depth.checked_sub(1)?;
                    self.out.push(')');
                    repeatable = true;
                }
                '|' => {
                    self.out.push('|');
                    repeatable = false;
                }
                '^' | '$' => {
                    self.out.push_str(if char == '^' { r"\A" } else { r"\z" });
                    repeatable = false;
                }
                '*' | '+' | '?' | '{' => {
                    if !std::mem::take(&mut repeatable) {
                        return None;
                    }
                    self.quantifier(char)?;
                }
                '.' => {
                    self.out.push('.');
                    repeatable = true;
                }
                '[' => {
                    self.bracket()?;
                    repeatable = true;
                }
                '\\' => repeatable = self.escape()?,
                literal => {
                    self.literal(literal);
                    repeatable = true;
                }
            }
        }
        (depth == 0).then_some(self.out)
    }

    fn literal(&mut self, char: char) {
        self.out.push_str(&regex::escape(char.encode_utf8(&mut [0; 4])));
    }

    /// Whether something matches does not depend on greed, so `?` after a quantifier is dropped.
    fn quantifier(&mut self, char: char) -> Option<()> {
        if char == '{' {
            let mut bounds = String::new();
            loop {
                match self.rest.next()? {
                    '}' => break,
                    digit if digit.is_ascii_digit() || digit == ',' => bounds.push(digit),
                    _ => return None,
                }
            }
            let (low, high) = bounds.split_once(',').map_or((bounds.as_str(), None), |(low, high)| (low, Some(high)));
            let low = low.parse::<u8>().ok()?;
            match high {
                None => self.out.push_str(&format!("{{{low}}}")),
                Some("") => self.out.push_str(&format!("{{{low},}}")),
                Some(high) => self.out.push_str(&format!("{{{low},{}}}", high.parse::<u8>().ok()?)),
            }
        } else {
            self.out.push(char);
        }
        self.rest.next_if_eq(&'?');
        Some(())
    }

    /// Whether what the escape stands for can be repeated.
    fn escape(&mut self) -> Option<bool> {
        match self.rest.next()? {
            class @ ('d' | 'w' | 's' | 'D' | 'W' | 'S') => {
                self.out.push('\\');
                self.out.push(class);
                Some(true)
            }
            'A' => {
                self.out.push_str(r"\A");
                Some(false)
            }
            'Z' => {
                self.out.push_str(r"\z");
                Some(false)
            }
            other if !other.is_ascii_alphanumeric() => {
                self.literal(other);
                Some(true)
            }
            _ => None,
        }
    }

    fn bracket(&mut self) -> Option<()> {
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let low = match self.rest.next()? {
                ']' if !first => break,
                '[' => match self.rest.peek() {
                    Some(':') => {
                        self.class()?;
                        first = false;
                        continue;
                    }
                    Some('.' | '=') => return None,
                    _ => '[',
                },
                '\\' => match self.rest.next()? {
                    class @ ('d' | 'w' | 's') => {
                        self.out.push('\\');
                        self.out.push(class);
                        first = false;
                        continue;
                    }
                    other if !other.is_ascii_alphanumeric() => other,
                    _ => return None,
                },
                char => char,
            };
            first = false;
            self.member(low);
            let mut ahead = self.rest.clone();
            // A hyphen is itself where the bracket ends after it.
            if ahead.next() == Some('-') && ahead.peek() != Some(&']') {
                self.rest.next();
                let high = match self.rest.next()? {
                    '[' | '\\' => return None,
                    char => char,
                };
                if high < low {
                    return None;
                }
                self.out.push('-');
                self.member(high);
            }
        }
        self.out.push(']');
        Some(())
    }

    /// A character, by its number, so that nothing in it speaks to the other grammar.
    fn member(&mut self, char: char) {
        self.out.push_str(&format!(r"\x{:02X}", u32::from(char)));
    }

    fn class(&mut self) -> Option<()> {
        self.rest.next();
        let mut name = String::new();
        while let Some(char) = self.rest.next_if(char::is_ascii_lowercase) {
            name.push(char);
        }
        self.rest.next_if_eq(&':')?;
        self.rest.next_if_eq(&']')?;
        let known = ["alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper"];
        if name != "xdigit" && !known.contains(&name.as_str()) {
            return None;
        }
        self.out.push_str(&format!("[:{name}:]"));
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::Patterns;

    #[test]
    fn expressions_match_somewhere_in_the_name() {
        let patterns = Patterns::default();
        for (pattern, name, matches) in [
            ("", "a", Some(true)),
            ("b", "abc", Some(true)),
            ("^b", "abc", Some(false)),
            ("^app_[0-9]+$", "app_12", Some(true)),
            ("^app_[0-9]+$", "app_1x", Some(false)),
            ("^(a|b)$", "b", Some(true)),
            ("^(?:a|)$", "", Some(true)),
            ("^a{2,3}?$", "aaa", Some(true)),
            ("^a{2}$", "aaa", Some(false)),
            (r"^\w+\.\d$", "a_b.1", Some(true)),
            ("^[]x]$", "]", Some(true)),
            ("^[^-a]$", "-", Some(false)),
            ("^[a-]$", "-", Some(true)),
            ("^[[:alpha:]_&&b]+$", "a&b", Some(true)),
            (r"^[\d\]]+$", "1]", Some(true)),
            ("^a-b~c$", "a-b~c", Some(true)),
            (r"^\A\Z$", "", Some(true)),
        ] {
            assert_eq!(patterns.matches(pattern, name), matches, "{pattern} {name}");
        }
        for pattern in
            [r"(a)\1", "(?=a)", "(?i)a", "***=a", r"\ma", "[[.a.]]", r"\x41", "ä", "[[:word:]]", "a{x", r"\y"]
        {
            assert_eq!(patterns.matches(pattern, "a"), None, "{pattern}");
        }
        assert_eq!(patterns.matches("a", "ä"), None);
    }
}
