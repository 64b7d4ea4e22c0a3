//! The security review: what is on the page, that nothing in the files can harm who reads it, and how a browser shows it.

use std::collections::BTreeSet;
use std::path::Path;

use pgassay::rule::PROFILES;
use roxmltree::{Document, Node, ParsingOptions};

use crate::Tree;
use crate::browser::Browser;

/// Files with names and contents that are markup, that turn text or drive terminals, and that hold secrets.
const HOSTILE: &[(&str, &str)] = &[
    (
        "<img src=x onerror=alert(1)>&amp;/postgresql.conf",
        "listen_addresses = '\"><script>alert(1)</script>'\nport = 5432\nssl = off\nfsync = off # </style><b>\n\
         primary_conninfo = 'host=\u{202e}a password=correct-horse user=b'\nwork_mem = '{{ size }}'\n\
         log_timezone = '\u{1b}[31mred\u{7}'\nno_such_<svg/onload=alert(1)> = 1\n",
    ),
    (
        "<img src=x onerror=alert(1)>&amp;/pg_hba.conf",
        "host all \"<script>alert(2)</script>\" 0.0.0.0/0 trust\n\
         host all all 10.0.0.0/8 ldap ldapserver=l ldapbindpasswd=battery-staple\n\
         local all all trust # pgassay: ignore[hba-trust-local] until 2099-01-31 -- <i>ticket</i> 4711\n",
    ),
    ("\u{202e}fnoc\u{1b}]0;x\u{7}/roles.sql", "CREATE ROLE \"</code><script>\" SUPERUSER PASSWORD 'correct-horse';\n"),
    (
        "standby/postgresql.conf",
        "primary_conninfo = 'host=primary user=r password=correct-horse'\nhot_standby = on\nport = 5433\n",
    ),
    ("standby/standby.signal", ""),
];

fn fixtures(names: &[&str]) -> Tree {
    let tree = Tree::new(&[]);
    for name in names {
        crate::outputs::copy(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name),
            &tree.path().join(name),
        );
    }
    tree
}

/// Writes the review of a tree beside it, and gives it.
fn page(tree: &Tree, args: &[&str]) -> String {
    let args = ["check", "--exit-zero", "--format", "concise", "--output", "html=review.html"].iter().chain(args);
    let run = tree.run(&args.copied().collect::<Vec<_>>());
    assert_eq!(run.code, 0, "{}", run.err);
    std::fs::read_to_string(tree.path().join("review.html")).expect("the review is there")
}

fn parsed(page: &str) -> Document<'_> {
    // Every element is closed and every sign escaped, so that XML's parser, which mends nothing, takes it.
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(page, options).unwrap_or_else(|error| panic!("{error}"))
}

fn text(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect()
}

fn with_id<'d>(page: &'d Document<'_>, id: &str) -> Node<'d, 'd> {
    page.descendants().find(|node| node.attribute("id") == Some(id)).unwrap_or_else(|| panic!("nothing is called {id}"))
}

#[test]
fn nothing_in_files_is_markup_or_a_secret() {
    let tree = Tree::new(HOSTILE);
    let page = page(&tree, &["--profile", "strict,cis-17", "--min-confidence", "low"]);
    for secret in ["correct-horse", "battery-staple"] {
        assert!(!page.contains(secret), "{secret} is shown");
    }
    let wild = page.chars().find(|c| c.is_control() && *c != '\n' || matches!(*c, '\u{202a}'..='\u{202e}'));
    assert_eq!(wild, None);
    let document = parsed(&page);
    let active = ["script", "img", "iframe", "object", "embed", "form", "input", "base", "b"];
    for node in document.descendants().filter(Node::is_element) {
        assert!(!active.contains(&node.tag_name().name()), "{node:?}");
        let names = ["id", "class", "href", "style"];
        let handler = node.attributes().find(|attribute| attribute.name().starts_with("on"));
        assert!(handler.is_none() && !node.has_attribute("src") && !node.has_attribute("style"), "{node:?} {names:?}");
        let leads = node.attribute("href").unwrap_or("#");
        assert!(leads.starts_with('#') || leads.starts_with("https://") || leads == "data:,", "{leads}");
    }
    let suppressed = text(with_id(&document, "suppressed"));
    assert!(suppressed.contains("<i>ticket</i> 4711") && suppressed.contains("until 2099-01-31"), "{suppressed}");
    let untold = text(with_id(&document, "untold"));
    assert!(untold.contains("the value of work_mem is computed"), "{untold}");
}

#[test]
fn the_page_is_whole() {
    let tree = fixtures(&["clusters", "profiles/weak", "rules/conf-removed-setting"]);
    let page = page(&tree, &["--profile", "cis-17,stig"]);
    assert!(page.contains("default-src 'none'"));
    assert!(page.contains("<html lang=\"en\">"));
    let document = parsed(&page);
    let ids = document.descendants().filter_map(|node| node.attribute("id")).collect::<Vec<_>>();
    let known = ids.iter().copied().collect::<BTreeSet<_>>();
    assert_eq!(ids.len(), known.len(), "two elements have one id");
    let inner = document.descendants().filter_map(|node| node.attribute("href")?.strip_prefix('#'));
    for anchor in inner {
        assert!(known.contains(anchor), "#{anchor} leads nowhere");
    }
    let mut level = 0;
    for node in document.descendants() {
        let Some(of) = node.tag_name().name().strip_prefix('h').and_then(|level| level.parse::<u32>().ok()) else {
            continue;
        };
        assert!(of <= level + 1, "a heading of level {of} below one of {level}: {}", text(node));
        level = of;
    }
    for table in document.descendants().filter(|node| node.has_tag_name("table")) {
        let head = table.descendants().filter(|node| node.has_tag_name("th") && node.attribute("scope") == Some("col"));
        let columns = head.count();
        for row in table.descendants().filter(|node| node.has_tag_name("tr")) {
            assert_eq!(row.children().filter(Node::is_element).count(), columns, "{}", text(row));
        }
    }
    // Each finding of the other formats is there, and so is each section of the benchmarks.
    let run = tree.run(&["check", "--exit-zero", "--profile", "cis-17,stig", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.out).expect("the report is JSON");
    for finding in report["findings"].as_array().expect("there are findings") {
        if finding["outcome"] != "open" {
            continue;
        }
        let anchor = format!("f-{}", &finding["fingerprint"].as_str().expect("it has one")[..16]);
        let shown = text(with_id(&document, &anchor));
        let message = finding["message"].as_str().expect("it has one").replace('`', "");
        assert!(shown.replace('`', "").contains(&message), "{anchor}: {shown} has no {message}");
    }
    let summary = text(with_id(&document, "summary"));
    for profile in PROFILES.iter().filter(|profile| ["cis-17", "stig"].contains(&profile.name)) {
        assert!(summary.contains(profile.title));
    }
    let rows = with_id(&document, "summary").descendants().filter(|node| {
        node.has_tag_name("tr") && node.children().any(|cell| cell.attribute("data-of") == Some("About"))
    });
    let sections = PROFILES.iter().filter(|profile| ["cis-17", "stig"].contains(&profile.name));
    assert_eq!(rows.count(), sections.map(|profile| profile.sections.len()).sum::<usize>());
    // The page says of a section without findings what was looked at, and not that a server complies.
    assert!(summary.contains("nothing found in files") && !summary.to_lowercase().contains("compliant"));
    assert!(text(with_id(&document, "access")).contains("All else is refused."));
    let digests = with_id(&document, "inputs").descendants().filter(|node| node.attribute("class") == Some("digest"));
    assert!(digests.filter_map(|node| node.text()).all(|digest| digest.len() == 64));
}

#[test]
fn the_digest_of_a_file_tells_no_secret() {
    let tree = Tree::new(&[("a/.pgpass", "db:5432:*:me:swordfish\n"), ("b/postgresql.conf", "port = 5432\n")]);
    let page = page(&tree, &[]);
    let of = |bytes: &[u8]| {
        use sha2::Digest as _;
        use std::fmt::Write as _;
        sha2::Sha256::digest(bytes).iter().fold(String::new(), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
    };
    assert!(page.contains(&of(b"port = 5432\n")));
    assert!(page.contains(&of(b"db:5432:*:me:****\n")));
    assert!(!page.contains(&of(b"db:5432:*:me:swordfish\n")));
}

#[test]
fn an_upgrade_has_a_review_too() {
    let tree = Tree::new(&[("PG_VERSION", "12\n"), ("postgresql.conf", "wal_keep_segments = 10\n")]);
    let run = tree.run(&["upgrade", "--to", "18", "--format", "html", "--exit-zero"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(text(with_id(&parsed(&run.out), "findings")).contains("comes with the step from 12 to 13"), "{}", run.out);
}

/// Compares what HTML's parser makes of the page with what XML's does, which mends nothing. Null where it is the same.
const REPAIRED: &str = "(text => {
  const strict = new DOMParser().parseFromString(text, 'application/xhtml+xml');
  const names = of => [...of.attributes].filter(a => a.name !== 'xmlns').map(a => a.name + '=' + a.value).sort().join('|');
  const kids = of => [...of.childNodes].filter(n => n.nodeType !== 3 || n.data.trim());
  const differ = (a, b) => {
    if (a.nodeType !== b.nodeType) return 'kinds of nodes in ' + a.parentNode?.outerHTML?.slice(0, 200);
    if (a.nodeType === 3) return a.data.trim() === b.data.trim() ? null : 'text ' + a.data.slice(0, 80);
    if (a.nodeType !== 1) return null;
    if (a.localName !== b.localName || names(a) !== names(b)) return a.localName + ' and ' + b.localName;
    const [x, y] = [kids(a), kids(b)];
    if (x.length !== y.length) return x.length + ' and ' + y.length + ' in ' + a.outerHTML.slice(0, 200);
    for (let i = 0; i < x.length; i++) { const found = differ(x[i], y[i]); if (found) return found; }
    return null;
  };
  return differ(document.documentElement, strict.documentElement);
})";

/// Elements that stick out of the window to the right, but for what can be scrolled by itself.
const TOO_WIDE: &str = "[...document.body.querySelectorAll('*')].filter(of => !of.closest('.wide')
  && of.getBoundingClientRect().right > innerWidth + 1).map(of => of.outerHTML.slice(0, 120)).slice(0, 3)";

/// Texts whose contrast with what is behind them is below that of WCAG's level AA for any size.
const FAINT: &str = "(() => {
  const rgb = text => { const n = text.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
  const light = c => { const [r, g, b] = c.map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b; };
  const behind = of => { for (let e = of; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c[3] === 1) return c; } return [255, 255, 255]; };
  const faint = new Set();
  for (const of of document.body.querySelectorAll('*:not(svg, svg *)')) {
    if (![...of.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [light(rgb(getComputedStyle(of).color).slice(0, 3)), light(behind(of).slice(0, 3))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) faint.add(of.localName + '.' + of.className + ' ' + ratio.toFixed(2));
  }
  return [...faint];
})()";

/// Whether what is folded can be seen.
const UNFOLDED: &str = "[...document.querySelectorAll('details > table')].map(of => of.checkVisibility())";

#[test]
fn a_browser_shows_it() {
    let Some(mut browser) = Browser::start() else { return };
    let hostile = Tree::new(HOSTILE);
    let others = fixtures(&["clusters", "profiles/weak", "rules/conf-removed-setting"]);
    for tree in [&hostile, &others] {
        let text = page(tree, &["--profile", "strict,cis-17", "--min-confidence", "low"]);
        let path = tree.path().join("review.html");
        for (width, scheme) in [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")] {
            browser.open(&path, width, scheme, "screen");
            let requests = browser.events("Network.requestWillBeSent");
            let leaves = requests.iter().filter_map(|request| request["request"]["url"].as_str());
            let leaves = leaves.filter(|url| !url.ends_with("/review.html") && *url != "data:,").collect::<Vec<_>>();
            assert!(leaves.is_empty(), "{leaves:?}");
            for trouble in [
                "Log.entryAdded",
                "Runtime.consoleAPICalled",
                "Runtime.exceptionThrown",
                "Page.javascriptDialogOpening",
            ] {
                let told = browser.events(trouble);
                assert!(told.is_empty(), "{trouble}: {told:?}");
            }
            let scrolls = browser.value("document.documentElement.scrollWidth > innerWidth");
            let wide = browser.value(TOO_WIDE);
            assert_eq!((scrolls, wide), (false.into(), serde_json::json!([])), "at {width}");
            assert_eq!(browser.value("innerWidth"), width);
            assert_eq!(browser.value(FAINT), serde_json::json!([]), "{scheme}");
            assert_eq!(browser.value(UNFOLDED), serde_json::json!([false, false]));
        }
        let strict = text.replacen("<html ", "<html xmlns=\"http://www.w3.org/1999/xhtml\" ", 1);
        let repaired = browser.value(&format!("{REPAIRED}({})", serde_json::json!(strict)));
        assert!(repaired.is_null(), "{repaired}");
        browser.open(&path, 1280, "dark", "print");
        assert_eq!(browser.value(UNFOLDED), serde_json::json!([true, true]));
        assert_eq!(browser.value(FAINT), serde_json::json!([]), "in print");
        assert_eq!(browser.value("getComputedStyle(document.body).color"), "rgb(28, 39, 51)");
    }
}
