//! What the review shows of one finding, and how long it may get.

use super::*;

#[test]
fn a_finding_is_whole() {
    let page = tricky().written(Format::Html, &Style::default());
    let has = |words: &str| assert!(page.contains(words), "{words}");
    has("<mark class=\"main\">off</mark>");
    has("<div class=\"says main\">a crash can destroy the whole cluster</div>");
    has("<code>- <del>fsync    = off    # naïve, 𝄞 before</del></code>");
    has("<code>+ <ins>fsync    = on    # naïve, 𝄞 before</ins></code>");
    has("password=<mark>****</mark>");
    has("refused by 14, 15, 18");
    assert!(!page.contains("hunter2") && !page.contains("swordfish"));
}

#[test]
fn many_findings_are_counted() {
    let mut case = Case::default();
    let file = case.file("a.conf", "x = 1\n".repeat(10_000).as_bytes());
    for line in 0..10_000 {
        let label = Label::new(Span::new(file, line * 6, line * 6 + 1), "here");
        case.add(setting(&format!("x{line}"), label, &format!("number {line}")));
    }
    let page = case.written(Format::Html, &Style::default());
    assert_eq!(page.matches("<article id=\"f-").count(), 100);
    assert_eq!(page.matches("<li id=\"f-").count(), 1000);
    assert!(page.contains("<strong>10000</strong> errors"));
    assert!(page.contains("8900 are not on this page"));
    assert!(page.len() < 1_000_000, "{}", page.len());
}

#[test]
fn edits_are_shown_by_lines() {
    let mut case = Case::default();
    let file = case.file("a.conf", b"a = 1\nb = 2\nc = 3");
    let edits = vec![
        (Span::new(file, 0, 6), String::new()),
        (Span::new(file, 10, 11), "4".to_owned()),
        (Span::new(file, 17, 17), "\nd = 5".to_owned()),
    ];
    let label = Label::new(Span::new(file, 0, 1), "");
    case.add(setting("a", label, "three edits").fix("edit", Safety::Safe, edits));
    let page = case.written(Format::Html, &Style::default());
    let shown = page.split("<div class=\"edit\">").nth(1).unwrap().split("</article>").next().unwrap();
    let lines = shown.lines().filter(|line| line.contains("class=\"line ")).collect::<Vec<_>>();
    let line = |class: &str, number: &str, sign: &str, text: &str| {
        let tag = if sign == "-" { "del" } else { "ins" };
        format!(
            "<div class=\"line {class}\"><span class=\"n\">{number}</span><code>{sign} <{tag}>{text}</{tag}></code></div>"
        )
    };
    assert_eq!(
        lines,
        [
            line("del", "1", "-", "a = 1"),
            line("del", "2", "-", "b = 2"),
            line("ins", "", "+", "b = 4"),
            line("del", "3", "-", "c = 3"),
            line("ins", "", "+", "c = 3"),
            line("ins", "", "+", "d = 5"),
        ]
    );
}
