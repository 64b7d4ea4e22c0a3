//! Every target on made-up input and on what fuzzing found before.

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;

/// Any bytes, and words that the target knows.
fn input(words: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(words).prop_map(|word| word.as_bytes().to_vec()),
        2 => prop::collection::vec(any::<u8>(), 0..4),
        1 => (any::<u8>(), prop_oneof![200_usize..400, Just(8191), Just(10240)])
            .prop_map(|(byte, length)| vec![byte; length]),
    ];
    (any::<u8>(), any::<u8>(), prop::collection::vec(piece, 0..40))
        .prop_map(|(first, second, pieces)| [&[first, second], &*pieces.concat()].concat())
}

fn tried(name: &str) {
    let &(_, holds, words) = TARGETS.iter().find(|target| target.0 == name).expect("it is a target");
    let config = Config { failure_persistence: None, ..Config::default() };
    let tried = TestRunner::new(config).run(&input(words), |bytes| {
        holds(&bytes);
        Ok(())
    });
    tried.unwrap_or_else(|error| panic!("{name}: {error}"));
}

macro_rules! targets {
    ($($name:ident)*) => {
        mod any_input {
            $(#[test] fn $name() { super::tried(stringify!($name)); })*
        }

        #[test]
        fn every_target_is_tried() {
            assert_eq!(TARGETS.iter().map(|target| target.0).collect::<Vec<_>>(), [$(stringify!($name)),*]);
        }
    };
}

targets! {
    auth_file config conninfo host ini passfile pg_hba pg_ident pg_regex pipeline plugin_answer postgresql_conf quoting secret
    sql sql_split suppression userlist value
}

/// The names of the files in a folder of the repository.
fn names(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    #[expect(clippy::disallowed_methods, reason = "a test reads its fixtures")]
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>();
    names.sort();
    names
}

fn read(path: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    #[expect(clippy::disallowed_methods, reason = "a test reads its fixtures")]
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The package of the targets is built by whoever fuzzes; this holds it to what there is.
#[test]
fn every_target_can_be_fuzzed() {
    let mut known = TARGETS.iter().map(|target| target.0).chain(["repeated"]).collect::<Vec<_>>();
    known.sort_unstable();
    assert_eq!(names("fuzz/targets"), known.iter().map(|name| format!("{name}.rs")).collect::<Vec<_>>());
    let manifest = String::from_utf8(read("fuzz/Cargo.toml")).unwrap();
    for name in known {
        let text = String::from_utf8(read(&format!("fuzz/targets/{name}.rs"))).unwrap();
        assert!(text.contains(&format!("fuzz_target!(|bytes: &[u8]| pgassay::fuzzing::{name}(bytes));")), "{name}");
        assert!(manifest.contains(&format!("path = \"targets/{name}.rs\"")), "{name}");
    }
}

#[test]
fn what_was_found_stays_mended() {
    let mut count = 0;
    for target in names("fixtures/fuzz") {
        let known = TARGETS.iter().find(|known| known.0 == target).map(|known| known.1);
        let holds =
            known.or((target == "repeated").then_some(repeated as fn(&[u8]))).expect("the folder is a target's");
        for name in names(&format!("fixtures/fuzz/{target}")) {
            let path = format!("fixtures/fuzz/{target}/{name}");
            eprintln!("{path}");
            holds(&read(&path));
            count += 1;
        }
    }
    assert!(count > 0);
}
