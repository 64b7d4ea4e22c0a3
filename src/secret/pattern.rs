//! Where text looks like a secret: what follows `password=` and its kin, and the user information of URIs.
//!
//! This is the net below the model, which marks the secrets it understands: comments, broken lines and foreign
//! formats hold secrets too. It covers too much rather than too little, and never looks at what a value means.

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

/// What kind of text is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    /// The bytes of a file: `password: x` counts.
    File,
    /// A sentence of a report: `the password: a story` does not, and a backtick ends a value.
    Prose,
}

const WORDS: [&str; 6] = ["pass", "pwd", "secret", "://", "scram-sha-256$", "md5"];

/// How far the end of a quoted value is looked for past the end of its line.
const REACH: usize = 4096;

/// The ranges that look like secrets, ascending and apart from each other.
pub(super) fn find(bytes: &[u8], text: Text) -> Vec<Range<usize>> {
    let mut found = Vec::<Range<usize>>::new();
    let Some(words) = words() else { return found };
    let mut finder = Finder { bytes, text, line: 0..0, word: 0..0, last_at: None };
    for word in words.find_iter(bytes) {
        if found.last().is_some_and(|last| word.start() < last.end) {
            continue;
        }
        let secret = match WORDS[word.pattern().as_usize()] {
            "://" => finder.userinfo(word.end()),
            "scram-sha-256$" => Some(word.start()..word.end() + bare(&bytes[word.end()..], text)),
            "md5" => md5(bytes, word.start()),
            name => finder.assignment(word.end(), name),
        };
        found.extend(secret.filter(|secret| !secret.is_empty() && !is_placeholder(&bytes[secret.clone()])));
    }
    found
}

/// Looks at one text from front to back. It remembers the ends of the line and word it is in, so that many secrets in
/// a long line do not cost a walk to its end each.
struct Finder<'a> {
    bytes: &'a [u8],
    text: Text,
    line: Range<usize>,
    word: Range<usize>,
    last_at: Option<usize>,
}

fn words() -> Option<&'static AhoCorasick> {
    static AUTOMATON: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    AUTOMATON.get_or_init(|| AhoCorasick::builder().ascii_case_insensitive(true).build(WORDS).ok()).as_ref()
}

impl Finder<'_> {
    /// The password of `://user:password@host`, from the byte after `://`. Up to the last `@` of the authority, and
    /// where that has none, of the whole word: a password may hold `@` and `/` that somebody forgot to encode.
    fn userinfo(&mut self, start: usize) -> Option<Range<usize>> {
        let rest = &self.bytes[start..];
        if !self.word.contains(&start) {
            let end = rest.iter().position(|&byte| is_blank_or_quote(byte)).unwrap_or(rest.len());
            self.word = start..start + end;
            self.last_at = memchr::memrchr(b'@', &rest[..end]).map(|at| start + at);
        }
        let last = self.last_at.filter(|&at| at >= start)? - start;
        let slash = memchr::memchr(b'/', &rest[..last]).unwrap_or(last + 1);
        let at = memchr::memrchr(b'@', &rest[..slash]).unwrap_or(last);
        let colon = memchr::memchr(b':', &rest[..at])?;
        Some(start + colon + 1..start + at)
    }

    /// One past the last byte of the line that holds `from`.
    fn line_end(&mut self, from: usize) -> usize {
        if !self.line.contains(&from) {
            let end = memchr::memchr2(b'\n', b'\r', &self.bytes[from..]).map_or(self.bytes.len(), |at| from + at);
            self.line = from..end;
        }
        self.line.end
    }

    /// The value after a word such as `password`, from the byte after the part of it that was found.
    fn assignment(&mut self, end: usize, word: &str) -> Option<Range<usize>> {
        let (bytes, text) = (self.bytes, self.text);
        let tail =
            |accept: fn(&u8) -> bool, from: usize| from + bytes[from..].iter().take_while(|byte| accept(byte)).count();
        let letters = tail(u8::is_ascii_alphabetic, end);
        let known: &[&str] = match word {
            "pass" => &["", "word", "words", "wd", "phrase", "phrases", "code"],
            "secret" => &["", "s"],
            _ => &[""],
        };
        if !known.iter().any(|known| bytes[end..letters].eq_ignore_ascii_case(known.as_bytes())) {
            return None;
        }
        if bytes[letters..].get(..8).is_some_and(|next| next.eq_ignore_ascii_case(b"_command")) {
            return self.printed(letters + 8);
        }
        let name = tail(u8::is_ascii_digit, letters);
        let closed = tail(|&byte| matches!(byte, b'\'' | b'"' | b'`' | b']' | b'\\'), name);
        let blank = tail(u8::is_ascii_whitespace, closed);
        let line = tail(|&byte| matches!(byte, b' ' | b'\t'), closed);
        let quoted = closed == name && blank > closed && starts_sql_string(&bytes[blank..]);
        let next = |at: usize| bytes.get(line + at).copied();
        let separator = match (next(0)?, next(1)) {
            (b'=', Some(b'=' | b'>')) | (b':', Some(b'=')) => 2,
            (b'=', _) => 1,
            // A cast, or a variable of psql.
            (b':', Some(b':')) => return None,
            (b':', Some(b'\'' | b'"')) if closed == name && line > closed => return None,
            (b':', after) if text == Text::File || matches!(after, Some(b'\'' | b'"')) => 1,
            _ if quoted => return self.string(blank, b"", true),
            _ => return None,
        };
        let value = tail(|&byte| matches!(byte, b' ' | b'\t'), line + separator);
        if word == "pwd" && bytes.get(value) == Some(&b'/') {
            return None;
        }
        self.string(value, if word == "secret" { &bytes[end..letters] } else { b"" }, false)
    }

    /// What `echo` or `printf` prints in the command of `ssl_passphrase_command` and its like.
    fn printed(&mut self, start: usize) -> Option<Range<usize>> {
        let bytes = self.bytes;
        let line = &bytes[start..self.line_end(start).min(start + REACH)];
        let after = ["echo ", "printf "]
            .iter()
            .find_map(|&word| memchr::memmem::find(line, word.as_bytes()).map(|at| at + word.len()))?;
        let end = line.iter().rposition(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'\'' | b'"'))? + 1;
        (after < end).then_some(start + after..start + end)
    }

    /// A value that starts at `start`: quoted in one of the ways of SQL, conninfo and shells, or bare.
    fn string(&mut self, start: usize, tail: &[u8], lines: bool) -> Option<Range<usize>> {
        let (bytes, text) = (self.bytes, self.text);
        let start = start + prefix(&bytes[start..]);
        let line = self.line_end(start);
        // A quoted value that does not end is taken to end with its line.
        let reach = if lines { bytes.len().min(line.max(start + REACH)) } else { line };
        let inner = |open: usize, close: &[u8]| {
            let from = (start + open).min(reach);
            let end = memchr::memmem::find(&bytes[from..reach], close).map_or(line.max(from), |at| from + at);
            Some(from..end)
        };
        match &bytes[start..line] {
            [b'$', rest @ ..] if dollar_tag(rest).is_some() => {
                let tag = dollar_tag(rest)? + 1;
                inner(tag, &bytes[start..start + tag])
            }
            [b'\\', quote @ (b'\'' | b'"'), ..] => inner(2, &[b'\\', *quote]),
            // Doubled quotes inside a quoted string, as in `'password=''my secret'''`.
            [quote @ (b'\'' | b'"'), again, more, ..]
                if quote == again && !is_blank_or_quote(*more) && !closes(*more) =>
            {
                inner(2, &[*quote, *quote])
            }
            [quote @ (b'\'' | b'"' | b'`'), ..] => {
                let mut end = closing(bytes, start + 1, *quote, reach).unwrap_or(line);
                // A list of quoted secrets, as `radiussecrets` may have.
                while tail.eq_ignore_ascii_case(b"s") {
                    let [Some(_), Some(b','), Some(&again)] = [bytes.get(end), bytes.get(end + 1), bytes.get(end + 2)]
                    else {
                        break;
                    };
                    if again != *quote {
                        break;
                    }
                    end = closing(bytes, end + 3, *quote, reach).unwrap_or(line).max(end + 3);
                }
                Some(start + 1..end.min(bytes.len()))
            }
            rest => Some(start..start + template(rest).unwrap_or(0).max(bare(rest, text))),
        }
    }
}

/// The verifier `md5` and 32 hexadecimal digits.
fn md5(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let digits = bytes.get(start + 3..start + 35)?;
    digits.iter().all(u8::is_ascii_hexdigit).then_some(start..start + 35)
}

/// Where the quote that ends a string stands; a doubled quote and one after a backslash do not end it.
fn closing(bytes: &[u8], from: usize, quote: u8, reach: usize) -> Option<usize> {
    let mut at = from;
    while at < reach {
        match bytes[at] {
            b'\\' => at += 2,
            byte if byte == quote && bytes.get(at + 1) == Some(&quote) && at + 1 < reach => at += 2,
            byte if byte == quote => return Some(at),
            _ => at += 1,
        }
    }
    None
}

/// The length of an expression of a template, which may hold blanks.
fn template(line: &[u8]) -> Option<usize> {
    let close = match line {
        [b'{', b'{', ..] => &b"}}"[..],
        [b'<', b'%', ..] => b"%>",
        [b'$', b'{', ..] => b"}",
        _ => return None,
    };
    Some(memchr::memmem::find(line, close)? + close.len())
}

/// The length of a value without quotes: up to a blank, or a quote that is neither doubled nor escaped.
fn bare(rest: &[u8], text: Text) -> usize {
    let mut at = 0;
    while let Some(&byte) = rest.get(at) {
        match byte {
            b'\\' if rest.get(at + 1).is_some_and(|&next| !matches!(next, b'\n' | b'\r')) => at += 1,
            b'\'' | b'"' if rest.get(at + 1) == Some(&byte) => at += 1,
            // Shells and YAML have it within a word.
            b'\'' | b'"' if rest.get(at + 1).is_some_and(u8::is_ascii_alphanumeric) => {}
            b'`' if text == Text::File => {}
            byte if is_blank_or_quote(byte) => break,
            _ => {}
        }
        at += 1;
    }
    at.min(rest.len())
}

/// The length of `E`, `U&` and the like before a quote.
fn prefix(rest: &[u8]) -> usize {
    match rest {
        [b'e' | b'E' | b'n' | b'N', b'\'', ..] => 1,
        [b'u' | b'U', b'&', b'\'', ..] => 2,
        _ => 0,
    }
}

fn starts_sql_string(rest: &[u8]) -> bool {
    match &rest[prefix(rest)..] {
        [b'\'', ..] => true,
        [b'$', rest @ ..] => dollar_tag(rest).is_some(),
        _ => false,
    }
}

/// The length of `tag$` after the first `$` of a dollar-quoted string.
fn dollar_tag(rest: &[u8]) -> Option<usize> {
    let tag = rest.iter().take(64).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    (rest.get(tag) == Some(&b'$') && !rest.first().is_some_and(u8::is_ascii_digit)).then_some(tag + 1)
}

fn is_blank_or_quote(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'\'' | b'"' | b'`')
}

fn closes(byte: u8) -> bool {
    matches!(byte, b',' | b';' | b')' | b'}' | b']')
}

/// What stands for a secret that is elsewhere; to show it helps, and gives nothing away.
fn is_placeholder(value: &[u8]) -> bool {
    let name =
        |inner: &[u8]| inner.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b' '));
    match value {
        b"%L" | b"%s" | b"%I" | b"****" => true,
        [b'$', b'{', inner @ .., b'}'] => name(inner.strip_suffix(b":-").unwrap_or(inner)),
        [b'{', b'{', inner @ .., b'}', b'}'] | [b'<', b'%', b'=', inner @ .., b'%', b'>'] => name(inner),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str, kind: Text) -> String {
        let mut out = text.to_owned();
        for range in find(text.as_bytes(), kind).into_iter().rev() {
            out.replace_range(range, "*");
        }
        out
    }

    #[test]
    fn secrets_in_files() {
        for (text, want) in [
            ("password=x", "password=*"),
            ("PGPASSWORD=a,b;c /usr", "PGPASSWORD=* /usr"),
            ("DB_PASSWORD2: hunter2 # x", "DB_PASSWORD2: * # x"),
            ("# password = 'it''s' x", "# password = '*' x"),
            (r"password = 'it\'s' x", "password = '*' x"),
            ("primary_conninfo = 'host=a password=se''cret port=1'", "primary_conninfo = 'host=a password=* port=1'"),
            ("x = 'password=''my secret'' port=1'", "x = 'password=''*'' port=1'"),
            (r"x = 'password=\'my secret\' port=1'", r"x = 'password=\'*\' port=1'"),
            (r"password=a\ b c", "password=* c"),
            ("x = 'password='", "x = 'password='"),
            ("x = 'password='' port=1'", "x = 'password='' port=1'"),
            ("ALTER ROLE a PASSWORD 'b c';", "ALTER ROLE a PASSWORD '*';"),
            ("ALTER ROLE a PASSWORD\n  E'b\\'c';", "ALTER ROLE a PASSWORD\n  E'*';"),
            ("ENCRYPTED PASSWORD $x$a b$x$;", "ENCRYPTED PASSWORD $x$*$x$;"),
            ("PASSWORD 'broken\nnext = 1", "PASSWORD '*\nnext = 1"),
            ("password = 'broken\nnext = '1'", "password = '*\nnext = '1'"),
            ("PASSWORD 'two\nlines' x", "PASSWORD '*' x"),
            ("postgresql://u:p@h/db?a=b@c", "postgresql://u:*@h/db?a=b@c"),
            ("postgresql://u:p@q@h/db", "postgresql://u:*@h/db"),
            ("postgresql://u:p/q@h", "postgresql://u:*@h"),
            ("a://u:p@h,b://v:q@i", "a://u:*@h,b://v:*@i"),
            ("https://example.org:80/a", "https://example.org:80/a"),
            (
                "host all all all ldap ldapbindpasswd=x,y ldapport=1",
                "host all all all ldap ldapbindpasswd=* ldapport=1",
            ),
            ("ldap ldapbindpasswd=\"x y\" a", "ldap ldapbindpasswd=\"*\" a"),
            ("radius radiussecrets=\"a b\",\"c d\" x=1", "radius radiussecrets=\"*\" x=1"),
            ("radiussecrets=\"\"\"a b\"\",\"\"c\"\"\" x", "radiussecrets=\"*\" x"),
            ("ssl_passphrase_command = 'echo hunter2'", "ssl_passphrase_command = 'echo *'"),
            ("ssl_passphrase_command = '/bin/get %p'", "ssl_passphrase_command = '/bin/get %p'"),
            ("-passin pass:hunter2 x", "-passin pass:* x"),
            ("{\"password\": \"x\", \"host\": \"y\"}", "{\"password\": \"*\", \"host\": \"y\"}"),
            ("'password' => 'x'", "'password' => '*'"),
            ("\"u\" \"SCRAM-SHA-256$4096:a$b:c\"", "\"u\" \"*\""),
            ("\"u\" \"md5aabbccddeeff00112233445566778899\"", "\"u\" \"*\""),
            ("client_secret=abc", "client_secret=*"),
            ("Pwd=abc PWD=/home", "Pwd=* PWD=/home"),
            // Nothing to hide.
            ("password_encryption = scram-sha-256", "password_encryption = scram-sha-256"),
            ("host all all all password # 'x'", "host all all all password # 'x'"),
            ("host all all all md5", "host all all all md5"),
            ("select password::text", "select password::text"),
            ("PASSWORD :'pw'", "PASSWORD :'pw'"),
            ("PASSWORD NULL", "PASSWORD NULL"),
            ("password=${DB_PASSWORD}", "password=${DB_PASSWORD}"),
            ("password='{{ pw }}'", "password='{{ pw }}'"),
            ("password: {{ pw }} # x", "password: {{ pw }} # x"),
            ("password: {{ pw | default('x y') }} # x", "password: * # x"),
            ("password: <%= pw %>", "password: <%= pw %>"),
            ("PASSWORD: ${PW:-}", "PASSWORD: ${PW:-}"),
            ("PASSWORD: ${PW:-x y} z", "PASSWORD: * z"),
            ("POSTGRES_PASSWORD: a'b\"c x", "POSTGRES_PASSWORD: * x"),
            ("\"password=x\", 'password=y'", "\"password=*\", 'password=*'"),
            ("password=", "password="),
            ("password=\n'x'", "password=\n'x'"),
            ("pass", "pass"),
            ("password='", "password='"),
            ("password=\\", "password=*"),
        ] {
            assert_eq!(masked(text, Text::File), want, "{text}");
        }
    }

    #[test]
    fn secrets_in_prose() {
        for (text, want) in [
            ("the password: a story", "the password: a story"),
            ("`password=x` is here", "`password=*` is here"),
            ("set `password = 'a b'`", "set `password = '*'`"),
            ("`postgresql://u:p@h` is", "`postgresql://u:*@h` is"),
        ] {
            assert_eq!(masked(text, Text::Prose), want, "{text}");
        }
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        for unit in [
            "password='",
            "password=''a",
            "PASSWORD 'a\n",
            "://a:",
            "secrets=\"a\",",
            "password \t",
            "pass$a$",
            "password=x ",
            "passphrase_command",
            "a://b:c@d/",
        ] {
            let text = unit.repeat(200_000);
            find(text.as_bytes(), Text::File);
        }
    }
}
