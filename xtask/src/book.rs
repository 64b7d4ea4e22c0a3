//! Makes the documentation into a book: the pages of docs/ and of all rules in one folder, which mdBook turns into HTML.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::run::{cargo, root, run, say};

/// The version that the pages were looked at with.
const MDBOOK: &str = "0.5.4";

/// The line of the summary below which the rules' pages stand.
const RULES: &str = "- [Rules](rules/README.md)";

/// Makes `target/book/html`, or with `--pages` only the folder that mdBook reads.
pub(crate) fn book(args: &[&str]) -> Result<()> {
    let pages_only = match args {
        [] => false,
        ["--pages"] => true,
        _ => bail!("book takes `--pages` or nothing"),
    };
    let book = root().join("target/book");
    if book.exists() {
        fs::remove_dir_all(&book).context("target/book")?;
    }
    pages(&root(), &book)?;
    if pages_only {
        return Ok(());
    }
    let mdbook = installed()?;
    run(Command::new(mdbook).arg("build").arg(&book).arg("--dest-dir").arg(book.join("html")))?;
    say("the book is target/book/html/index.html");
    Ok(())
}

/// mdBook, which is installed if it is not there.
fn installed() -> Result<PathBuf> {
    let tools = root().join("target/tools");
    let program = tools.join("bin").join(format!("mdbook{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        say(&format!("installing mdbook {MDBOOK} with cargo, into target/tools"));
        let features = ["--no-default-features", "--features", "search"];
        let install = ["install", "mdbook", "--version", MDBOOK, "--locked", "--quiet"];
        run(cargo().args(install).args(features).arg("--root").arg(&tools).env_remove("CARGO_TARGET_DIR"))?;
    }
    Ok(program)
}

/// Puts the pages where the summary says that they are.
fn pages(root: &Path, book: &Path) -> Result<()> {
    let target = book.join("src");
    let docs = root.join("docs");
    fs::create_dir_all(&target)?;
    fs::copy(docs.join("book.toml"), book.join("book.toml")).context("docs/book.toml")?;
    for path in entries(&docs)?.into_iter().filter(|path| path.is_file()) {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        match name {
            "book.toml" | "SUMMARY.md" => {}
            _ if name.ends_with(".md") => write(&target.join(name), &within(&read(&path)?))?,
            _ => drop(fs::copy(&path, target.join(name))?),
        }
    }
    let readme = read(&root.join("README.md"))?.replace("(docs/", "(");
    write(&target.join("README.md"), &within(&readme))?;
    let index = read(&docs.join("rules/README.md"))?.replace("(../../rules/", "(");
    write(&target.join("rules/README.md"), &index)?;
    let summary = read(&docs.join("SUMMARY.md"))?;
    let Some((before, after)) = summary.split_once(RULES) else { bail!("docs/SUMMARY.md has no line `{RULES}`") };
    let mut rules = String::new();
    for family in entries(&root.join("rules"))?.into_iter().filter(|path| path.is_dir()) {
        let pages = entries(&family)?.into_iter().filter(|path| path.extension().is_some_and(|is| is == "md"));
        let pages = pages.collect::<Vec<_>>();
        let name = family.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !pages.is_empty() {
            let _ = write!(rules, "\n  - [{name}]()");
        }
        for page in pages {
            let id = page.file_stem().and_then(|id| id.to_str()).unwrap_or_default();
            let _ = write!(rules, "\n    - [{id}](rules/{name}/{id}.md)");
            write(&target.join(format!("rules/{name}/{id}.md")), &read(&page)?)?;
        }
    }
    write(&target.join("SUMMARY.md"), &format!("{before}{RULES}{rules}{after}"))
}

/// The page with links to what is not in the book as plain text.
fn within(page: &str) -> String {
    let mut out = String::new();
    let mut rest = page;
    while let Some(at) = rest.find("](../") {
        let (before, link) = rest.split_at(at);
        let (Some(open), Some(close)) = (before.rfind('['), link.find(')')) else { break };
        out.push_str(&before[..open]);
        out.push_str(&before[open + 1..]);
        rest = &link[close + 1..];
    }
    out + rest
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| path.display().to_string())
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::create_dir_all(path.parent().context("a page lies in a folder")?)?;
    fs::write(path, text).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_out_of_the_book_are_text() {
        let page = "see [the `x`](../x/y) and [z](z.md), [w](../w).";
        assert_eq!(within(page), "see the `x` and [z](z.md), w.");
    }

    #[test]
    fn every_page_is_in_the_book() {
        let folder = std::env::temp_dir().join(format!("pgassay-book-{}", std::process::id()));
        pages(&root(), &folder).unwrap();
        let summary = read(&folder.join("src/SUMMARY.md")).unwrap();
        for link in
            summary.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|link| !link.is_empty())
        {
            assert!(folder.join("src").join(link).is_file(), "{link} is not there");
        }
        for page in entries(&root().join("docs")).unwrap() {
            let name = page.file_name().unwrap().to_str().unwrap();
            let wanted = name.ends_with(".md") && name != "SUMMARY.md";
            assert!(!wanted || summary.contains(&format!("({name})")), "{name} is not in the summary");
        }
        assert!(summary.contains("(rules/hba/hba-trust-remote.md)"));
        fs::remove_dir_all(folder).unwrap();
    }
}
