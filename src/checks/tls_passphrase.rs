//! Passphrases written into `ssl_passphrase_command`.
//!
//! The command is a shell's; only `echo` and `printf` of a plain text are recognised. The text is never shown.

use crate::checks::ask::{majors, push, text};
use crate::rule::{Context, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let name = "ssl_passphrase_command";
        let at_fault = majors(node, id::TLS_PASSPHRASE_LITERAL, |major| {
            text(node, name, major).is_some_and(|command| is_literal(&command))
        });
        let message = "`ssl_passphrase_command` holds the passphrase of the TLS key";
        let help = "have the command ask a secret store, and change the passphrase";
        push(node, id::TLS_PASSPHRASE_LITERAL, at_fault, &[(name, "a secret in plain text")], message, help, out);
    }
}

fn is_literal(command: &str) -> bool {
    let mut words = command.split_ascii_whitespace();
    let program = words.next().unwrap_or_default().rsplit('/').next();
    let computed = command.contains(['$', '`', '<', '|']);
    matches!(program, Some("echo" | "printf")) && !computed && words.any(|word| !word.starts_with('-') && word != "%p")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands() {
        for (command, expected) in [
            ("echo hunter2", true),
            ("/bin/echo -n hunter2", true),
            ("printf 'hunter2'", true),
            ("echo $(vault read key)", false),
            ("echo", false),
            ("cat /run/secrets/key", false),
            ("/usr/local/bin/tls-passphrase %p", false),
        ] {
            assert_eq!(is_literal(command), expected, "{command}");
        }
    }
}
