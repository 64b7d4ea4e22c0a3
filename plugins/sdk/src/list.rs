//! Lists in values of settings, taken apart as the server does, and values written for postgresql.conf.

/// The names of a list such as that of `search_path` or `pgaudit.log`; none where the server would refuse it
/// (`SplitIdentifierString`). Names without double quotes are in lower case.
#[must_use]
pub fn identifiers(text: &str) -> Option<Vec<String>> {
    split(text, |rest| {
        let end = rest.find(|sign| sign == ',' || is_space(sign)).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        (name.to_ascii_lowercase(), rest)
    })
}

/// The libraries or folders of a list such as that of `shared_preload_libraries`; none where the server would refuse it
/// (`SplitDirectoriesString`). They keep their case, and may have blanks inside.
#[must_use]
pub fn paths(text: &str) -> Option<Vec<String>> {
    split(text, |rest| {
        let (name, rest) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
        (name.trim_end_matches(is_space).to_owned(), rest)
    })
}

/// The list of these names, with double quotes around those that need them.
#[must_use]
pub fn joined<S: AsRef<str>>(names: &[S]) -> String {
    let is_plain = |sign: char| matches!(sign, 'a'..='z' | '0'..='9' | '_' | '-' | '$' | '.' | '/');
    let item = |name: &S| match name.as_ref() {
        name if !name.is_empty() && name.chars().all(is_plain) => name.to_owned(),
        name => format!("\"{}\"", name.replace('"', "\"\"")),
    };
    names.iter().map(item).collect::<Vec<_>>().join(", ")
}

/// A value in quotes, as postgresql.conf takes any text (`GUC_scanstr`).
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', "''"))
}

fn split(text: &str, plain: impl Fn(&str) -> (String, &str)) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = text.trim_start_matches(is_space);
    if rest.is_empty() {
        return Some(names);
    }
    loop {
        let (name, after) = match rest.strip_prefix('"') {
            Some(inside) => in_quotes(inside)?,
            None => Some(plain(rest)).filter(|(name, _)| !name.is_empty())?,
        };
        names.push(name);
        rest = after.trim_start_matches(is_space);
        if rest.is_empty() {
            return Some(names);
        }
        rest = rest.strip_prefix(',')?.trim_start_matches(is_space);
    }
}

/// The name up to the closing quote, and what follows it. Two quotes are one of the name.
fn in_quotes(inside: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut rest = inside;
    loop {
        let (part, after) = rest.split_once('"')?;
        name.push_str(part);
        match after.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                rest = after;
            }
            None => return Some((name, after)),
        }
    }
}

/// A blank between tokens (`scanner_isspace`).
fn is_space(sign: char) -> bool {
    matches!(sign, ' ' | '\t' | '\n' | '\r' | '\x0C')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_follow_the_servers_syntax() {
        let some = |names: &[&str]| Some(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        assert_eq!(identifiers(" Read ,\"Write \"\"x\",-misc"), some(&["read", "Write \"x", "-misc"]));
        assert_eq!(identifiers("\t"), some(&[]));
        assert_eq!(
            paths("pg_stat_statements , $libdir/My Lib ,\"a,b\""),
            some(&["pg_stat_statements", "$libdir/My Lib", "a,b"])
        );
        for wrong in ["a,", ",a", "a,,b", "\"a", "\"a\"b"] {
            assert_eq!((identifiers(wrong), paths(wrong)), (None, None), "{wrong}");
        }
        assert_eq!((identifiers("a b"), paths("a b")), (None, some(&["a b"])));
    }

    #[test]
    fn a_joined_list_is_the_names_again() {
        let names = ["pg_cron", "$libdir/x.so", "A", "a\"b", "", "a, b"];
        let list = joined(&names);
        assert_eq!(list, r#"pg_cron, $libdir/x.so, "A", "a""b", "", "a, b""#);
        assert_eq!(identifiers(&list).as_deref(), Some(names.map(str::to_owned).as_slice()));
        assert_eq!(paths(&list).as_deref(), Some(names.map(str::to_owned).as_slice()));
    }

    #[test]
    fn a_quoted_value_is_the_text_again() {
        assert_eq!(quoted(r"a'b\c"), r"'a''b\\c'");
    }
}
