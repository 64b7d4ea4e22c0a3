//! Markdown of rules' pages as HTML that loads nothing: markup in it is text, pictures are their words, and links lead to
//! `https://` or within the page.

use std::borrow::Cow;

use pulldown_cmark::{Event, HeadingLevel, LinkType, Parser, Tag, TagEnd};

use crate::secret::printable;

/// Adds a text with its headings at one level. `inner` says where a link to another page leads; none makes it words.
pub(super) fn push(out: &mut String, text: &str, level: HeadingLevel, inner: &dyn Fn(&str) -> Option<String>) {
    // Whether each link that is open is one in the result, too.
    let mut links = Vec::new();
    let events = Parser::new(text).filter_map(|event| match event {
        Event::Start(Tag::Heading { classes, attrs, .. }) => {
            Some(Event::Start(Tag::Heading { level, id: None, classes, attrs }))
        }
        Event::End(TagEnd::Heading(_)) => Some(Event::End(TagEnd::Heading(level))),
        Event::Html(text) | Event::InlineHtml(text) | Event::Text(text) => Some(Event::Text(shown(&text).into())),
        Event::Code(text) => Some(Event::Code(shown(&text).into())),
        Event::Start(Tag::Link { dest_url, title, id, .. }) => {
            let address =
                if dest_url.starts_with("https://") { Some(dest_url.into_string()) } else { inner(&dest_url) };
            links.push(address.is_some());
            // An address in angle brackets could be one of mail, which has a scheme of its own put before it.
            let link = |address: String| Tag::Link { link_type: LinkType::Inline, dest_url: address.into(), title, id };
            address.map(|address| Event::Start(link(address)))
        }
        Event::End(TagEnd::Link) => links.pop().unwrap_or_default().then_some(Event::End(TagEnd::Link)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        event => Some(event),
    });
    pulldown_cmark::html::push_html(out, events);
}

/// A text that may have several lines.
fn shown(text: &str) -> String {
    let lines = text.split('\n').map(|line| printable(line.trim_end_matches('\r')));
    lines.collect::<Vec<Cow<'_, str>>>().join("\n").replace('\u{2409}', "    ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        let mut out = String::new();
        push(&mut out, text, HeadingLevel::H4, &|page| page.strip_suffix(".md").map(|page| format!("#{page}")));
        out
    }

    #[test]
    fn nothing_is_loaded_or_run() {
        let text = "# A\n\n<script>alert(0)</script>\n\nx <script>alert(1)</script> ![b](https://e.org/b.png) [c](javascript:alert(1)) <d@e.org> \
                    [f](g.md) [h](https://e.org/?a=%22b&c) `<i>` \u{202e}j\n";
        assert_eq!(
            html(text),
            "<h4>A</h4>\n&lt;script&gt;alert(0)&lt;/script&gt;\n<p>x &lt;script&gt;alert(1)&lt;/script&gt; b c d@e.org <a href=\"#g\">f</a> \
             <a href=\"https://e.org/?a=%22b&amp;c\">h</a> <code>&lt;i&gt;</code> \u{fffd}j</p>\n"
        );
    }

    #[test]
    fn code_keeps_its_lines() {
        assert_eq!(html("```sql\n\ta\nb\n```\n"), "<pre><code class=\"language-sql\">    a\nb\n</code></pre>\n");
    }
}
