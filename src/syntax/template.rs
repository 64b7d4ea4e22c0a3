//! Markers of templates in plain text: `${X}`, `{{ x }}`, `{% if %}`, `<%= x %>`, `#{x}`.
//!
//! It says whether text holds something that another program fills in; it does not say what.

/// Whether `text` holds a marker of a template language or a variable.
#[must_use]
pub fn is_dynamic(text: &[u8]) -> bool {
    text.windows(2).any(|pair| matches!(pair, b"${" | b"{{" | b"{%" | b"<%" | b"#{" | b"$("))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers() {
        for text in ["${X}", "a{{ b }}", "{% if x %}", "<%= x %>", "#{x}", "$(x)"] {
            assert!(is_dynamic(text.as_bytes()), "{text}");
        }
        for text in ["", "$1", "$user", "100%", "a{b}", "<x>"] {
            assert!(!is_dynamic(text.as_bytes()), "{text}");
        }
    }
}
