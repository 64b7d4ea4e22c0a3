use super::*;

#[test]
fn commands() {
    for (command, expected) in [
        ("cp %p /a/%f", "archive-command-overwrites"),
        ("/bin/cp %p /a/%f", "archive-command-overwrites"),
        ("rsync -a %p host:/a/%f", "archive-command-overwrites"),
        ("test ! -f /a/%f && cp %p /a/%f", ""),
        ("cp -n %p /a/%f", ""),
        ("cp -i %p /a/%f < /dev/null", ""),
        ("pgbackrest --stanza=x archive-push %p", ""),
        ("wal-g wal-push \"%p\"", ""),
        ("true", "archive-command-always-succeeds"),
        ("/bin/true", "archive-command-always-succeeds"),
        ("exit 0", "archive-command-always-succeeds"),
        ("exit 1", "archive-command-placeholders"),
        (":", "archive-command-always-succeeds"),
        ("test ! -f /a/%f && cp %p /a/%f || true", "archive-command-always-succeeds"),
        ("test ! -f /a/%f && cp %p /a/%f; exit 0", "archive-command-always-succeeds"),
        ("cp %p /a/%f || exit 1", "archive-command-overwrites"),
        ("true && test ! -f /a/%f && cp %p /a/%f", ""),
        ("archive.sh", "archive-command-placeholders"),
        ("archive.sh %%p", "archive-command-placeholders"),
        ("gzip < %p > /a/wal.gz", "archive-command-placeholders"),
        ("gzip < %p > /a/%f.gz", ""),
    ] {
        let rule = Fault::of(command).map_or("", |fault| fault.rule.name());
        assert_eq!(rule, expected, "{command}");
    }
}
