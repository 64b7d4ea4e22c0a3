//! What hostile plugins do: each gives a clear message, stays within its limits, and the rest of the run is intact.

use std::time::Duration;

use crate::guest::{Finding, Guest, component};
use crate::run::{Run, Tree};

/// Loops for ever.
const LOOP: &str = "(loop $l (br $l))";

/// Checks a tree with one plugin, `bad.wasm`.
fn with(guest: &Guest) -> Run {
    let tree = Tree::new();
    tree.plugin("bad", guest);
    tree.check(&["bad.wasm"])
}

/// The same with a pgassay.toml that sets the plugin's limits.
fn limited(guest: &Guest, limits: &str) -> Run {
    let tree = Tree::new();
    tree.plugin("bad", guest);
    let text = format!("[[plugin]]\npath = \"bad.wasm\"\nlimits = {{ {limits} }}\n");
    tree.write("pgassay.toml", text.as_bytes());
    tree.check(&[])
}

#[test]
fn endless_loops_end() {
    for (function, call) in ["describe", "configure", "check"].iter().enumerate() {
        let run = limited(&Guest::new("bad").runs(function, LOOP), "time = \"200ms\"");
        run.failed_with(&format!("`{call}` ran longer than 200ms (limit `time`)"));
        assert!(run.time < Duration::from_secs(5), "{call} took {:?}", run.time);
    }
    let run = limited(&Guest { start: LOOP.to_owned(), ..Guest::new("bad") }, "time = \"200ms\"");
    run.failed_with("ran longer than 200ms");
}

#[test]
fn a_slow_plugin_holds_up_nobody() {
    let tree = Tree::new();
    let mut text = String::new();
    for number in 0..4 {
        let name = format!("slow{number}");
        tree.plugin(&name, &Guest::new(&name).runs(2, LOOP));
        text += &format!("[[plugin]]\npath = \"{name}.wasm\"\nlimits = {{ time = \"300ms\" }}\n");
        let name = format!("good{number}");
        tree.plugin(&name, &Guest::new(&name).finds([Finding::new(&format!("{name}/rule"), 0, "something")]));
        text += &format!("[[plugin]]\npath = \"{name}.wasm\"\n");
    }
    tree.write("pgassay.toml", text.as_bytes());
    let run = tree.check(&[]);
    run.failed_with("plugin `slow3` of the rule `slow3/rule`: `check` ran longer than 300ms");
    for number in 0..4 {
        assert!(run.out.contains(&format!("[good{number}/rule]: something")), "{run:?}");
        assert!(run.err.contains(&format!("slow{number}.wasm: plugin `slow{number}`")), "{run:?}");
    }
    assert!(run.time < Duration::from_secs(10), "{:?}", run.time);
}

#[test]
fn memory_ends() {
    // 4 GiB at once, and a page at a time for ever.
    let at_once = "(drop (memory.grow (i32.const 65535)))";
    let by_pages = "(loop $l (drop (memory.grow (i32.const 16))) (br $l))";
    for code in [at_once, by_pages] {
        for function in 0..3 {
            with(&Guest::new("bad").runs(function, code))
                .failed_with("wanted more than 256MiB of memory (limit `memory`)");
        }
    }
    let run = limited(&Guest::new("bad").runs(2, at_once), "memory = \"8MiB\"");
    run.failed_with("wanted more than 8MiB of memory");
    let large = Guest { definitions: "(memory $big 8000)".to_owned(), ..Guest::new("bad") };
    with(&large).failed_with("of memory (limit `memory`)");
}

#[test]
fn things_are_counted() {
    let definitions = (0..100).map(|_| "(table 1 funcref)").collect::<String>();
    with(&Guest { definitions, ..Guest::new("bad") }).failed_with("wanted more than 100 tables");
    let definitions = (0..40).map(|_| "(memory 0)").collect::<String>();
    with(&Guest { definitions, ..Guest::new("bad") }).failed_with("wanted more than 16 memories");
    let definitions = "(table $t 10 funcref)".to_owned();
    let code = "(drop (table.grow $t (ref.null func) (i32.const 100000000)))";
    with(&Guest { definitions, ..Guest::new("bad") }.runs(2, code)).failed_with("200000 elements in a table");
}

#[test]
fn recursion_ends() {
    let definitions =
        "(func $deep (param i64 i64) (result i64) (i64.add (local.get 0) (call $deep (local.get 1) (local.get 0))))";
    for function in 0..3 {
        let guest = Guest { definitions: definitions.to_owned(), ..Guest::new("bad") };
        let run = with(&guest.runs(function, "(drop (call $deep (i64.const 1) (i64.const 2)))"));
        run.failed_with("recursed too deeply: its stack is 1MiB");
    }
}

#[test]
fn crashes_are_told() {
    for (function, call) in ["describe", "configure", "check"].iter().enumerate() {
        let run = with(&Guest::new("bad").runs(function, "unreachable"));
        run.failed_with(&format!("`{call}` crashed: wasm `unreachable` instruction executed"));
    }
    let guest = Guest::new("bad").runs(2, "(drop (i32.load (i32.const -8)))");
    with(&guest).failed_with("plugin `bad` of the rule `bad/rule`: `check` crashed: ");
    // What the plugin logged before is shown, without what it does to terminals.
    let guest = Guest {
        definitions: "(data (i32.const 64) \"assertion failed\\0a\\1b[31min red\")".to_owned(),
        ..Guest::new("bad")
    };
    let run = with(&guest.runs(2, "(call $log (i32.const 2) (i32.const 64) (i32.const 28)) unreachable"));
    run.failed_with("its log ends: assertion failed / \u{241b}[31min red");
}

#[test]
fn one_bad_rule_leaves_the_others() {
    // The plugin crashes if it is asked for its second rule: the list of enabled rules has one entry or more. It does so
    // by the length of the first id that is enabled.
    let mut guest = Guest::new("bad").finds([
        Finding::new("bad/rule", 0, "of the first"),
        Finding::new("bad/other-rule", 0, "of the second"),
        Finding::new("bad/third", 0, "of the third"),
    ]);
    guest.rules = vec!["bad/rule".to_owned(), "bad/other-rule".to_owned(), "bad/third".to_owned()];
    // The parameter points at the records: first the list of enabled ids as pointer and length.
    let enabled = "(i32.load (i32.load (local.get 0)))";
    let code = format!(
        "(if (i32.gt_u (i32.load offset=4 (local.get 0)) (i32.const 1)) (then unreachable))
         (if (i32.eq (i32.load offset=4 (i32.load (local.get 0))) (i32.const {})) (then unreachable)) (drop {enabled})",
        "bad/other-rule".len()
    );
    let run = with(&guest.runs(2, &code));
    run.failed_with("plugin `bad` of the rule `bad/other-rule`: `check` crashed");
    assert!(run.out.contains("of the first") && run.out.contains("of the third"), "{run:?}");
    assert!(!run.out.contains("of the second") && !run.err.contains("`bad/rule`"), "{run:?}");
}

#[test]
fn a_million_findings_are_too_many() {
    // A list of a million records in fresh memory: all zero, so of no rule.
    let code = "(drop (memory.grow (i32.const 1500)))
        (i32.store (i32.const 2048) (i32.const 0)) (i32.store (i32.const 2052) (i32.const 131072))
        (i32.store (i32.const 2056) (i32.const 1000000)) (return (i32.const 2048))";
    with(&Guest::new("bad").runs(2, code)).failed_with("handed over more than 16MiB at once (limit `output`)");
    // As many as are allowed are kept, and that there were more is told.
    let many = (0..60).map(|number| Finding::new("bad/rule", 0, &format!("finding {number}")));
    let mut guest = Guest::new("bad").finds(many);
    for finding in &mut guest.findings {
        finding.edits.clear();
    }
    let run = limited(&guest, "findings = 50");
    run.failed_with("it is one of 60, and the first 50 are kept (limit `findings`)");
}

#[test]
fn huge_messages_are_refused() {
    // A gigabyte that is claimed and not there, and a megabyte that is.
    let mut finding = Finding::new("bad/rule", 0, "short");
    finding.claimed = Some(1 << 30);
    with(&Guest::new("bad").finds([finding])).failed_with("plugin `bad` of the rule `bad/rule`: `check` ");
    let good = Finding::new("bad/rule", 0, "a good one");
    let long = Finding::new("bad/rule", 0, &"x".repeat(1 << 20));
    let run = with(&Guest::new("bad").finds([long, good.clone()]));
    run.failed_with("`check` gives a bad finding: its message is 1048576 bytes long; 4096 are allowed");
    assert!(run.out.contains("a good one"), "{run:?}");
    let code = "(drop (memory.grow (i32.const 3500)))
        (i32.store (i32.const 2048) (i32.const 1)) (i32.store (i32.const 2052) (i32.const 131072))
        (i32.store (i32.const 2056) (i32.const 200000000)) (return (i32.const 2048))";
    with(&Guest::new("bad").runs(2, code)).failed_with("limit `output`");
    let most = Finding { related: 101, ..good };
    with(&Guest::new("bad").finds([most])).failed_with("it has 101 related places; there may be 100");
}

#[test]
fn text_that_does_things_to_terminals_and_logs() {
    let message = "a\u{1b}]0;title\u{7}\u{1b}[2Jb\r\nc\u{202e}d \"}],\"x\":[{\"]( <script>\u{0}";
    let tree = Tree::new();
    let guest = Guest::new("bad").finds([Finding::new("bad/rule", 0, message)]);
    tree.plugin("bad", &guest);
    for format in ["text", "concise", "json", "sarif"] {
        let run = tree.run(&["check", "conf", "--plugin", "bad.wasm", "--format", format, "--color", "never"]);
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.out.contains("bad/rule") && run.out.contains("fsync-off"), "{run:?}");
        let harmful = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(!run.out.contains(harmful), "{format}: {:?}", run.out);
        match format {
            "concise" => assert_eq!(run.out.matches("bad/rule").count(), 1, "a line was forged: {run:?}"),
            "json" | "sarif" => {
                serde_json::from_str::<serde_json::Value>(&run.out).expect("the report is JSON");
            }
            _ => {}
        }
    }
    // Text that is not UTF-8 is no text of the component model.
    let invalid = Finding { message: b"a\xff\xfeb".to_vec(), ..Finding::new("bad/rule", 0, "") };
    with(&Guest::new("bad").finds([invalid])).failed_with("`check` crashed: ");
    with(&Guest { title: b"\xff".to_vec(), ..Guest::new("bad") }).failed_with("`describe` crashed: ");
    with(&Guest { title: b"a\x1b[31mb".to_vec(), ..Guest::new("bad") }).failed_with("its title is empty");
    with(&Guest::new("bad").finds([Finding::new("bad/rule", 0, " \n")])).failed_with("its message is empty");
}

#[test]
fn a_page_cannot_drive_a_terminal() {
    let tree = Tree::new();
    tree.plugin("bad", &Guest { page: b"# x\r\n\n\x1b[2J\tab\x07\xe2\x80\xae\n".to_vec(), ..Guest::new("bad") });
    for color in ["never", "always"] {
        let run = tree.run(&["explain", "bad/rule", "--plugin", "bad.wasm", "--color", color]);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.out.contains("\u{241b}[2J\tab\u{2407}") && !run.out.contains("\u{1b}[2J"), "{run:?}");
        assert!(!run.out.contains(['\u{202e}', '\r', '\u{7}']), "{run:?}");
    }
}

#[test]
fn handles_it_was_not_given() {
    let good = Finding::new("bad/rule", 0, "a good one");
    for place in [1_000_000, u32::MAX] {
        let bad = Finding::new("bad/rule", place, "elsewhere");
        let run = with(&Guest::new("bad").finds([bad, good.clone()]));
        run.failed_with(&format!(
            "plugin `bad` of the rule `bad/rule`: `check` gives a bad finding: the plugin was shown no place {place}"
        ));
        assert!(run.out.contains("a good one") && !run.out.contains("elsewhere"), "{run:?}");
    }
    let edit = Finding { edits: vec![(99_999, b"x".to_vec())], ..good.clone() };
    with(&Guest::new("bad").finds([edit])).failed_with("the plugin was shown no place 99999");
    // Two edits of one place.
    let twice = Finding { edits: vec![(1, b"x".to_vec()), (1, b"y".to_vec())], ..good };
    with(&Guest::new("bad").finds([twice])).failed_with("the edits of its fix overlap");
}

#[test]
fn names_of_others_are_refused() {
    for (id, why) in [
        ("fsync-off", "its id is not of the form `bad/name`"),
        ("other/rule", "its id is not of the form `bad/name`"),
        ("bad/", "its id is not of the form"),
        ("bad/Rule", "its id is not of the form"),
        ("bad/a/b", "its id is not of the form"),
        ("bad", "its id is not of the form"),
    ] {
        let mut guest = Guest::new("bad");
        guest.rules = vec![id.to_owned()];
        let run = with(&guest);
        run.failed_with(&format!("`describe` gives a bad answer: rule `{id}`: {why}"));
    }
    let mut twice = Guest::new("bad");
    twice.rules = vec!["bad/rule".to_owned(), "bad/rule".to_owned()];
    with(&twice).failed_with("two of its rules are called `bad/rule`");
    let mut none = Guest::new("bad");
    none.rules.clear();
    with(&none).failed_with("it has 0 rules");
    for name in ["", "Bad", "-bad", "bad-", "b\u{e4}d", "a/b", "9a", "../x", &"a".repeat(65)] {
        with(&Guest { rules: vec![format!("{name}/rule")], ..Guest::new(name) }).failed_with("is no name of a plugin");
    }
    // Findings of rules that are another's.
    for rule in ["fsync-off", "other/rule", ""] {
        let run = with(&Guest::new("bad").finds([Finding::new(rule, 0, "forged")]));
        run.failed_with("which is none of this plugin's");
        assert!(!run.out.contains("forged"), "{run:?}");
    }
    with(&Guest { majors: 1, ..Guest::new("bad") }).failed_with("it knows none of the majors");
}

#[test]
fn two_plugins_with_one_name() {
    let tree = Tree::new();
    tree.plugin("a", &Guest::new("same").finds([Finding::new("same/rule", 0, "of the first")]));
    tree.plugin("b", &Guest::new("same").finds([Finding::new("same/rule", 0, "of the second")]));
    let run = tree.check(&["a.wasm", "b.wasm"]);
    run.failed_with("b.wasm: the plugin is called `same` like the plugin `a.wasm`; remove one of them");
    assert!(run.out.contains("of the first") && !run.out.contains("of the second"), "{run:?}");
}

#[test]
fn other_files_are_refused() {
    let tree = Tree::new();
    let good = Guest::new("bad").build();
    for (name, bytes, why) in [
        ("empty.wasm", Vec::new(), "is no WebAssembly component"),
        ("text.wasm", b"(component)".to_vec(), "is no WebAssembly component"),
        (
            "module.wasm",
            wat::parse_str("(module)").expect("a module"),
            "is no WebAssembly component: it is a core module",
        ),
        ("short.wasm", good[..good.len() / 2].to_vec(), "is no WebAssembly component"),
        ("bare.wasm", wat::parse_str("(component)").expect("a component"), "exports no `pgassay:plugin/rules`"),
        ("large.wasm", vec![0; (64 << 20) + 1], "is larger than 64MiB"),
    ] {
        tree.write(name, &bytes);
        tree.check(&[name]).failed_with(&format!("{name}: the plugin {why}"));
    }
    tree.check(&["missing.wasm"]).failed_with("missing.wasm: the plugin cannot be read");
    tree.check(&["conf"]).failed_with("conf: the plugin cannot be read: it is no file");
}

#[test]
fn random_bytes_are_refused() {
    let good = Guest::new("bad").build();
    let tree = Tree::new();
    // A fixed sequence, so that a failure comes again.
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    for round in 0..60 {
        let mut bytes = good.clone();
        for _ in 0..=round % 4 {
            let at = random() as usize % bytes.len();
            bytes[at] = random() as u8;
        }
        tree.write("bad.wasm", &bytes);
        let run = tree.run(&["check", "conf", "--plugin", "bad.wasm", "--no-cache", "--format", "concise"]);
        assert!(run.out.contains("error[fsync-off]"), "round {round}: {run:?}");
        // A byte of a text may change without harm; all else is refused.
        assert!(run.code == 2 && run.err.contains("bad.wasm: ") || run.code == 1, "round {round}: {run:?}");
    }
}

#[test]
fn capabilities_are_not_given() {
    for (import, hint) in [
        ("wasi:filesystem/types@0.2.6", "--stub-wasi"),
        ("wasi:clocks/wall-clock@0.2.6", "wasm32-unknown-unknown"),
        ("wasi:sockets/tcp@0.2.6", "--stub-wasi"),
        ("pgassay:other/host@0.1.0", "see the plugin guide"),
    ] {
        let text = format!(
            "(component (import \"{import}\" (instance (export \"f\" (func)))) (instance $r (export \"x\" (instance))) )"
        );
        let text = text.replace(" (instance $r (export \"x\" (instance)))", "");
        let tree = Tree::new();
        tree.write("bad.wasm", &wat::parse_str(text).expect("a component"));
        let run = tree.check(&["bad.wasm"]);
        run.failed_with(&format!("imports `{import}`, and plugins may import nothing but `pgassay:plugin`"));
        assert!(run.err.contains(hint), "{run:?}");
    }
    // A function that the host does not have.
    let wit = std::fs::read_to_string("plugins/wit/pgassay.wit").expect("the contract can be read");
    let wit = wit.replace("interface host {", "interface host {\n  read-file: func(path: string) -> option<string>;\n");
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("pgassay.wit"), wit).expect("it can be written");
    let module = Guest::new("bad").module().replace(
        "(memory (export",
        "(import \"pgassay:plugin/host@0.1.0\" \"read-file\" (func $read (param i32 i32 i32))) (memory (export",
    );
    let tree = Tree::new();
    tree.write("bad.wasm", &component(&module, folder.path().to_str().expect("UTF-8")));
    let run = tree.check(&["bad.wasm"]);
    run.failed_with("does not keep to the contract of `pgassay:plugin@0.1.0`");
    assert!(run.err.contains("read-file"), "{run:?}");
}

#[test]
fn other_versions_are_told() {
    let wit = std::fs::read_to_string("plugins/wit/pgassay.wit").expect("the contract can be read");
    for (version, hint) in [("0.2.0", "update pgassay"), ("0.0.9", "newer SDK"), ("1.0.0", "update pgassay")] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("pgassay.wit"), wit.replace("@0.1.0", &format!("@{version}")))
            .expect("written");
        let module = Guest::new("bad").module().replace("@0.1.0", &format!("@{version}"));
        let tree = Tree::new();
        tree.write("bad.wasm", &component(&module, folder.path().to_str().expect("UTF-8")));
        let run = tree.check(&["bad.wasm"]);
        run.failed_with(&format!("speaks `pgassay:plugin@{version}`, and this pgassay speaks 0.1.0"));
        assert!(run.err.contains(hint), "{run:?}");
    }
    // The version is right and a record has a field more.
    let folder = tempfile::tempdir().expect("a temporary folder");
    let more = wit
        .replace("    facts: list<tuple<string, string>>,", "    facts: list<tuple<string, string>>,\n    more: u32,");
    std::fs::write(folder.path().join("pgassay.wit"), more).expect("written");
    let tree = Tree::new();
    tree.write("bad.wasm", &component(&Guest::new("bad").module(), folder.path().to_str().expect("UTF-8")));
    tree.check(&["bad.wasm"]).failed_with("does not keep to the contract of `pgassay:plugin@0.1.0`");
}

#[test]
fn options_are_refused() {
    let tree = Tree::new();
    tree.plugin("bad", &Guest::new("bad"));
    tree.write("pgassay.toml", b"[[plugin]]\npath = \"bad.wasm\"\noptions = { x = 1 }\n");
    tree.check(&[]).failed_with("pgassay.toml:3:11: the options: it takes none");
    let schema = br#"{"type":"object","additionalProperties":false,"properties":{"n":{"type":"array","items":{"type":"integer"}}}}"#;
    let guest = Guest { schema: Some(schema.to_vec()), ..Guest::new("bad") };
    tree.plugin("bad", &guest);
    tree.write("pgassay.toml", b"[[plugin]]\npath = \"bad.wasm\"\n[plugin.options]\nn = [1, \"two\"]\n");
    tree.check(&[]).failed_with("pgassay.toml:4:9: option `/n/1`: \"two\" is not of type \"integer\"");
    let guest = Guest { problem: Some(("/n/0".to_owned(), "too small".to_owned())), ..guest };
    tree.plugin("bad", &guest);
    tree.write("pgassay.toml", b"[[plugin]]\npath = \"bad.wasm\"\n[plugin.options]\nn = [1]\n");
    tree.check(&[]).failed_with("pgassay.toml:4:6: option `/n/0`: too small");
    let guest = Guest { schema: Some(b"{".to_vec()), ..Guest::new("bad") };
    with(&guest).failed_with("the schema of its options is no JSON");
    let guest = Guest { schema: Some(br#"{"type": 7}"#.to_vec()), ..Guest::new("bad") };
    with(&guest).failed_with("the schema of its options is no JSON Schema");
}

#[test]
fn its_own_failure_is_told() {
    let guest = Guest { failure: Some(b"no \x1b[1mluck\n\n  at all\n".to_vec()), ..Guest::new("bad") };
    with(&guest).failed_with("plugin `bad` of the rule `bad/rule`: `check` failed: no \u{241b}[1mluck / at all");
}

#[test]
fn a_flood_of_log_lines_is_cut() {
    let code = "(loop $l (call $log (i32.const 0) (i32.const 4096) (i32.const 60000)) (br $l))";
    let guest = Guest { page: "x\n".repeat(30_000).into_bytes(), ..Guest::new("bad") }.runs(2, code);
    let run = limited(&guest, "time = \"300ms\"");
    run.failed_with("`check` ran longer than 300ms");
    assert!(run.err.len() < 4096, "{}", run.err.len());
}

#[test]
fn places_it_looks_up_have_an_end() {
    let code = "(loop $l (call $locate (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 64))
        (br_if $l (i32.load (i32.const 64))))";
    let run = with(&Guest::new("bad").runs(2, code).finds([Finding::new("bad/rule", 0, "it came to an end")]));
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.out.contains("it came to an end"), "{run:?}");
}

#[test]
fn answers_that_change_are_the_same_in_every_run() {
    // The plugin counts its calls and finds something if the count is odd; an instance is asked once in a run.
    let code = "(global.set $calls (i32.add (global.get $calls) (i32.const 1)))";
    let guest = Guest::new("bad")
        .runs(0, code)
        .runs(1, code)
        .runs(2, &format!("{code} (if (i32.ne (global.get $calls) (i32.const 3)) (then unreachable))"));
    let guest = guest.finds([Finding::new("bad/rule", 0, "found")]);
    let tree = Tree::new();
    tree.plugin("bad", &guest);
    for _ in 0..3 {
        let run = tree.check(&["bad.wasm"]);
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.out.contains("found"), "{run:?}");
    }
}

#[test]
fn schemas_that_turn_in_circles_or_lead_elsewhere() {
    for (schema, refused) in [
        (r##"{"$ref":"#"}"##, false),
        (r##"{"allOf":[{"$ref":"#"}]}"##, false),
        (r##"{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"not":{"$ref":"#/$defs/a"}}}}"##, false),
        (r##"{"$ref":"file:///etc/passwd"}"##, true),
        (r##"{"$ref":"https://example.org/schema.json"}"##, true),
        (r##"{"properties":{"x":{"pattern":"^(a+)+$"}}}"##, false),
        (r##"{"type":"object","properties":{"x":{"$ref":"#"}}}"##, false),
    ] {
        let tree = Tree::new();
        tree.plugin("bad", &Guest { schema: Some(schema.as_bytes().to_vec()), ..Guest::new("bad") });
        let text = format!("[[plugin]]\npath = \"bad.wasm\"\noptions = {{ x = \"{}b\" }}\n", "a".repeat(60));
        tree.write("pgassay.toml", text.as_bytes());
        let run = tree.check(&[]);
        assert!(run.code == 2 || !refused && run.code < 2, "{schema}: {run:?}");
        assert!(run.out.contains("error[fsync-off]"), "{schema}: {run:?}");
        assert!(run.time < Duration::from_secs(5), "{schema}: {:?}", run.time);
    }
}

#[test]
fn schemas_that_take_for_ever() {
    let mut schema = r##"{"$ref":"#/$defs/a0","$defs":{"##.to_owned();
    for number in 0..60 {
        let next = format!("{{\"$ref\":\"#/$defs/a{}\"}}", number + 1);
        schema += &format!("\"a{number}\":{{\"allOf\":[{next},{next}]}},");
    }
    schema += "\"a60\":{}}}";
    let run = limited(&Guest { schema: Some(schema.into_bytes()), ..Guest::new("bad") }, "time = \"300ms\"");
    run.failed_with("the schema of its options takes longer than 300ms");
    assert!(run.time < Duration::from_secs(5), "{:?}", run.time);
}

#[test]
fn code_that_is_hard_to_compile_is_refused() {
    let function = |length| format!("(func {})", "(drop (i32.const 1000000))".repeat(length));
    with(&Guest { definitions: function(150_000), ..Guest::new("bad") }).failed_with("more code, or a longer function");
    let run = with(&Guest { definitions: function(80_000).repeat(48), ..Guest::new("bad") });
    run.failed_with("more code, or a longer function");
}

#[test]
fn retries_do_not_multiply_what_is_allowed() {
    // It fails when it is asked for several rules, and finds many things for each.
    let rules = (0..20).map(|number| format!("bad/rule{number}")).collect::<Vec<_>>();
    let finds =
        rules.iter().flat_map(|rule| (0..30).map(|place| Finding::new(rule, place % 3, &format!("no. {place}"))));
    let several = "(if (i32.gt_u (i32.load offset=4 (local.get 0)) (i32.const 1)) (then unreachable))";
    let guest = Guest { rules: rules.clone(), ..Guest::new("bad") }.finds(finds.collect::<Vec<_>>()).runs(2, several);
    let run = limited(&guest, "findings = 650");
    run.failed_with("`check` crashed");
    // Of each rule's 30 findings, three places remain after those that say the same of one place are one.
    assert!((1..60).contains(&run.out.matches("[bad/rule").count()), "{run:?}");
    // A log is bounded for all of them together.
    let loud = "(call $log (i32.const 0) (i32.const 4096) (i32.const 60000)) unreachable";
    let guest = Guest { rules, page: "x\n".repeat(40_000).into_bytes(), ..Guest::new("bad") };
    let tree = Tree::new();
    tree.plugin("bad", &guest.runs(2, loud));
    let run = tree.run(&["check", "conf", "--plugin", "bad.wasm", "--verbose"]);
    assert!(run.out.contains("fsync-off") && run.out.len() < 4 << 20, "{}", run.out.len());
}

#[test]
fn many_findings_about_a_large_file_are_quick() {
    let tree = Tree::new();
    let text = ["fsync = off\n", &"# a remark of some length\n".repeat(200_000)].concat();
    tree.write("conf/postgresql.conf", text.as_bytes());
    // The model has four places: the file, and three of its one setting. What the plugin looks up is the next.
    let code = "(call $locate (i32.const 0) (i32.const 0) (i32.const 5000000) (i32.const 64))
        (if (i32.eqz (i32.load (i32.const 64))) (then unreachable))";
    let many = (0..5000).map(|number| Finding::new("bad/rule", 4, &format!("finding {number}")));
    tree.plugin("bad", &Guest::new("bad").finds(many).runs(2, code));
    let run = tree.check(&["bad.wasm"]);
    assert!(run.code == 1 && run.out.contains("error[fsync-off]") && run.out.contains("[bad/rule]"), "{:?}", run.err);
    assert!(run.time < Duration::from_secs(20), "{:?}", run.time);
}

#[test]
fn text_that_turns_around_is_no_title() {
    for title in ["\u{202e}eltit", "a\u{200b}b", "a\u{85}b"] {
        with(&Guest { title: title.as_bytes().to_vec(), ..Guest::new("bad") }).failed_with("its title is empty");
    }
    let mut bytes = wat::parse_str("(component (import \"a:b/c\" (instance)))").expect("a component");
    let at = bytes.windows(5).position(|window| window == b"a:b/c").expect("the name");
    bytes[at..at + 5].copy_from_slice(b"\x1b[31m");
    let tree = Tree::new();
    tree.write("bad.wasm", &bytes);
    let run = tree.run(&["plugin", "inspect", "bad.wasm"]);
    assert!(!run.out.contains('\u{1b}') && run.code == 2, "{run:?}");
}
