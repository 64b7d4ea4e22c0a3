//! Runs the console blocks of the README.

#[test]
fn console_blocks_print_what_they_say() {
    trycmd::TestCases::new().case("README.md").run();
}
