//! What hostile plugins do: each gives a clear message, stays within its limits, and the rest of the run is intact.

use crate::guest::{Finding, Guest};
use crate::run::Tree;

#[test]
fn a_plugin_finds_something() {
    let tree = Tree::new();
    tree.plugin("good", &Guest::new("good").finds([Finding::new("good/rule", 0, "`fsync` is `off`")]));
    let run = tree.check(&["good.wasm"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.out.contains("conf/postgresql.conf:1:1: warning[good/rule]: `fsync` is `off`"), "{run:?}");
    assert!(run.out.contains("error[fsync-off]"), "{run:?}");
}
