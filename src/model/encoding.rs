//! Names of character encodings.
//!
//! Follows `pg_encname_tbl` and `clean_encoding_name` of common/encnames.c.

/// Whether `client_encoding` takes the name: letters and digits decide, in any case.
pub(super) fn is_client_encoding(text: &[u8]) -> bool {
    if text.len() >= 64 {
        return false;
    }
    let clean: String = text
        .iter()
        .filter(|byte| byte.is_ascii_alphanumeric())
        .map(|&byte| char::from(byte.to_ascii_lowercase()))
        .collect();
    NAMES.binary_search(&clean.as_str()).is_ok()
}

#[rustfmt::skip]
const NAMES: &[&str] = &[
    "abc", "alt", "big5", "euccn", "eucjis2004", "eucjp", "euckr", "euctw", "gb18030", "gbk", "iso88591",
    "iso885910", "iso885913", "iso885914", "iso885915", "iso885916", "iso88592", "iso88593", "iso88594", "iso88595",
    "iso88596", "iso88597", "iso88598", "iso88599", "johab", "koi8", "koi8r", "koi8u", "latin1", "latin10", "latin2",
    "latin3", "latin4", "latin5", "latin6", "latin7", "latin8", "latin9", "mskanji", "muleinternal", "shiftjis",
    "shiftjis2004", "sjis", "sqlascii", "tcvn", "tcvn5712", "uhc", "unicode", "utf8", "vscii", "win", "win1250",
    "win1251", "win1252", "win1253", "win1254", "win1255", "win1256", "win1257", "win1258", "win866", "win874",
    "win932", "win936", "win949", "win950", "windows1250", "windows1251", "windows1252", "windows1253",
    "windows1254", "windows1255", "windows1256", "windows1257", "windows1258", "windows866", "windows874",
    "windows932", "windows936", "windows949", "windows950",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_cleaned() {
        assert!(NAMES.is_sorted());
        assert!(is_client_encoding(b"UTF-8") && is_client_encoding(b"Latin 1") && !is_client_encoding(b""));
    }
}
