//! Runs the console blocks of the README and of the page on clusters.

#[test]
fn console_blocks_print_what_they_say() {
    trycmd::TestCases::new().case("README.md").case("docs/cluster.md").run();
}
