//! Makes the file of a disagreement as small as it gets while the disagreement stays.

/// How many files are tried per disagreement. Each costs a run of the binary.
const TRIES: usize = 160;

/// Takes pieces out of the text, smaller and smaller ones, as long as `holds` is true of what is left.
pub(super) fn minimise(text: &[u8], holds: &mut dyn FnMut(&[u8]) -> bool) -> Vec<u8> {
    let mut text = text.to_vec();
    let mut left = TRIES;
    // Whole lines first.
    let mut at = 0;
    while left > 0 && at < text.len() {
        let end = text[at..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |end| at + end + 1);
        let shorter = [&text[..at], &text[end..]].concat();
        left -= 1;
        if holds(&shorter) {
            text = shorter;
        } else {
            at = end;
        }
    }
    let mut size = text.len().div_ceil(2);
    while left > 0 && size > 0 {
        let mut at = 0;
        let mut shrunk = false;
        while left > 0 && at < text.len() {
            let end = (at + size).min(text.len());
            let shorter = [&text[..at], &text[end..]].concat();
            left -= 1;
            if holds(&shorter) {
                text = shorter;
                shrunk = true;
            } else {
                at = end;
            }
        }
        if !shrunk || size > 1 {
            size /= 2;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_matters_is_left() {
        let mut holds = |text: &[u8]| text.windows(2).any(|window| window == b"xy");
        assert_eq!(minimise(b"one\ntwo xy three\nfour\n", &mut holds), b"xy");
    }

    #[test]
    fn it_ends() {
        let mut tries = 0;
        minimise(&[b'a'; 10_000], &mut |_| {
            tries += 1;
            false
        });
        assert!(tries <= TRIES);
    }
}
