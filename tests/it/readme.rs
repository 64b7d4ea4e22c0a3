//! Runs the console blocks of the README and of the pages on commands.

#[test]
fn console_blocks_print_what_they_say() {
    trycmd::TestCases::new()
        .case("README.md")
        .case("docs/cluster.md")
        .case("docs/fix.md")
        .case("docs/hba.md")
        .case("docs/review.md")
        .case("docs/tour.md")
        .case("docs/upgrade.md")
        .run();
}
