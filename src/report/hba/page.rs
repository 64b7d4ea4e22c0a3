//! The effective access table as a page of HTML that needs nothing else: no script, no network, light or dark as the
//! reader has it. A picture lays the addresses against the people.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::show::{Entry, Table};
use crate::catalog::Majors;

const STYLE: &str = "\
:root{color-scheme:light dark}
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;margin:.8rem 0}
th,td{border:1px solid color-mix(in srgb,currentColor 25%,transparent);padding:.25rem .5rem;text-align:left;\
vertical-align:top}
th{font-weight:600}
.scroll{overflow-x:auto}
.picture td{padding:0;min-width:1.6rem;height:1.5rem}
.picture td:nth-child(-n+3){padding:.1rem .5rem}
.picture th.a{font-weight:400;font-size:.75rem;writing-mode:vertical-rl;white-space:nowrap}
code{font:13px ui-monospace,monospace}
.open{background:#d0342c}.weak{background:#e98a15}.password{background:#e3c13a}.strong{background:#3f9c4d}
.outside{background:#3c82c4}.reject{background:#8885}
.doubt{background-image:repeating-linear-gradient(45deg,#0006 0 3px,transparent 3px 8px)}
.key span{display:inline-block;width:1.2em;height:1em;vertical-align:-.15em;margin-right:.3em}
.key{margin-right:1.2em;white-space:nowrap}
";

const KEYS: &[(&str, &str)] = &[
    ("open", "nothing is asked, or what the client claims is believed"),
    ("weak", "a password in clear text"),
    ("password", "a password, by md5 or scram-sha-256"),
    ("strong", "a certificate, a ticket, a token or a local account"),
    ("outside", "what another server says: ldap, pam, radius, bsd"),
    ("reject", "refused by a line"),
    ("doubt", "a line in doubt may decide before"),
];

/// More columns or lines than these make no picture.
const MOST_COLUMNS: usize = 120;
const MOST_LINES: usize = 300;

pub(crate) fn html(tables: &[Table], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Who can get in</title>")?;
    writeln!(out, "<style>\n{STYLE}</style>\n<h1>Who can get in</h1>")?;
    for table in tables {
        let majors = table.majors.iter().copied().collect::<Majors>();
        writeln!(out, "<h2>{} (PostgreSQL {majors})</h2>", escape(&table.node))?;
        if let Some(why) = &table.refused {
            writeln!(out, "<p>No answer: {}</p>", escape(why))?;
            continue;
        }
        if !table.complete {
            writeln!(out, "<p>Not certain: lines of the file cannot be read, and may decide before these.</p>")?;
        }
        picture(&table.entries, out)?;
        list(&table.entries, out)?;
        writeln!(out, "<p>All else is refused.</p>")?;
    }
    writeln!(out, "</html>")
}

/// Ranges as bits: family, first and last address. The socket is the first family.
type Ends = Vec<(u8, u128, u128)>;

/// The users, databases and kinds of a line of the picture.
type Line<'e> = (&'e str, &'e str, &'e str);

fn ends(entry: &Entry) -> Ends {
    if entry.ranges.is_empty() {
        return vec![(0, 0, 0)];
    }
    let bits = |text: &str| text.parse().map(crate::reach::matching::bits).unwrap_or_default();
    let family = |text: &str| if text.contains(':') { 6 } else { 4 };
    entry.ranges.iter().map(|(low, high)| (family(low), bits(low), bits(high))).collect()
}

fn picture(entries: &[Entry], out: &mut dyn Write) -> io::Result<()> {
    // Where ranges begin, and where the next one after them does.
    let mut starts: BTreeSet<(u8, u128)> = BTreeSet::new();
    let mut names: BTreeMap<(u8, u128), String> = BTreeMap::new();
    for entry in entries {
        for (index, (family, low, high)) in ends(entry).into_iter().enumerate() {
            starts.insert((family, low));
            let last = if family == 4 { u128::from(u32::MAX) } else { u128::MAX };
            if family != 0 && high < last {
                starts.insert((family, high + 1));
            }
            let name = entry.ranges.get(index).map_or("socket", |(low, _)| low);
            names.insert((family, low), name.to_owned());
        }
    }
    let mut lines: BTreeMap<Line<'_>, Vec<(&Entry, Ends)>> = BTreeMap::new();
    for entry in entries {
        let line = lines.entry((&*entry.users, &*entry.databases, &*entry.kinds)).or_default();
        line.push((entry, ends(entry)));
    }
    if starts.len() > MOST_COLUMNS || lines.len() > MOST_LINES {
        return writeln!(out, "<p>The picture would be too large; the table below has all of it.</p>");
    }
    writeln!(out, "<div class=\"scroll\"><table class=\"picture\">\n<tr><th>Users</th><th>Databases</th><th>How</th>")?;
    for (family, low) in &starts {
        let from = names.get(&(*family, *low)).cloned().unwrap_or_else(|| address(*family, *low));
        writeln!(out, "<th class=\"a\">{}</th>", escape(&from))?;
    }
    writeln!(out, "</tr>")?;
    for ((users, databases, kinds), of) in lines {
        write!(out, "<tr><td>{}</td><td>{}</td><td>{}</td>", escape(users), escape(databases), escape(kinds))?;
        for start in &starts {
            let holds =
                |(family, low, high): &(u8, u128, u128)| *family == start.0 && *low <= start.1 && start.1 <= *high;
            match of.iter().find(|(_, ends)| ends.iter().any(holds)).map(|(entry, _)| entry) {
                Some(entry) => {
                    let doubt = if entry.in_doubt.is_empty() { "" } else { " doubt" };
                    let row = entry.row.as_ref().map_or("no line matches", |row| &row.text);
                    write!(out, "<td class=\"{}{doubt}\" title=\"{}\"></td>", entry.class, escape(row))?;
                }
                None => write!(out, "<td></td>")?,
            }
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</table></div>\n<p>Columns begin at the address named, and end where the next one begins.</p>")?;
    for (class, text) in KEYS {
        writeln!(out, "<span class=\"key\"><span class=\"{class}\"></span>{text}</span>")?;
    }
    Ok(())
}

fn address(family: u8, bits: u128) -> String {
    match family {
        4 => std::net::Ipv4Addr::from_bits(bits as u32).to_string(),
        6 => std::net::Ipv6Addr::from_bits(bits).to_string(),
        _ => "socket".to_owned(),
    }
}

fn list(entries: &[Entry], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<div class=\"scroll\"><table>\n<tr><th>Users</th><th>Databases</th><th>How</th><th>From</th>")?;
    writeln!(out, "<th>The client must present</th><th>Line</th></tr>")?;
    for entry in entries {
        let cell = |text: &str| format!("<td>{}</td>", escape(text));
        write!(out, "<tr>{}{}", cell(&entry.users), cell(&entry.databases))?;
        write!(out, "{}{}", cell(&entry.kinds), cell(&entry.from))?;
        write!(out, "{}<td>", cell(entry.proof.as_deref().unwrap_or("refused")))?;
        for row in &entry.in_doubt {
            write!(out, "in doubt, {}:{} <code>{}</code><br>", escape(&row.path), row.line, escape(&row.text))?;
        }
        match &entry.row {
            Some(row) => write!(out, "{}:{} <code>{}</code>", escape(&row.path), row.line, escape(&row.text))?,
            None => write!(out, "no line matches")?,
        }
        writeln!(out, "</td></tr>")?;
    }
    writeln!(out, "</table></div>")
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            char => out.push(char),
        }
    }
    out
}
