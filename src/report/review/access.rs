//! Servers, what replicates between them, and who gets in.

use super::{Page, count};
use crate::report::cluster;
use crate::report::hba::Shower;
use crate::report::hba::server::Server;
use crate::report::hba::show::{Entry, Table};
use crate::report::hba::table::{Wanted, tables};

/// So many rows of a table are shown; the rest is counted.
const MOST_ENTRIES: usize = 500;

impl Page<'_> {
    pub(super) fn cluster(&mut self) {
        let Some(cluster) = self.review.cluster else { return };
        self.out.push_str(&cluster::sections(cluster, self.review.sources, "h3"));
        self.out.push('\n');
    }

    pub(super) fn access(&mut self) {
        let Some(cluster) = self.review.cluster else { return };
        let shower = Shower::new(self.review.sources);
        let servers = (0..cluster.nodes.len()).filter_map(|index| Server::of(cluster, index, None));
        let servers = servers.collect::<Vec<_>>();
        if servers.is_empty() {
            self.note("No pg_hba.conf was read, so nothing can be said of who gets in.");
            return;
        }
        self.note(
            "What each pg_hba.conf comes to when the first line that matches decides. Users and databases are those that \
             its lines and the SQL name, and all others.",
        );
        for server in &servers {
            match tables(server, Wanted::default(), &shower) {
                Ok(tables) => tables.iter().for_each(|table| self.node(table)),
                Err(too_much) => {
                    let name = self.view.text(&server.node.name).into_owned();
                    self.element("h3", &name);
                    self.note(&format!(
                        "{} with {} and {} are too many for a table; `pgassay hba show --user NAME` shows a part of it.",
                        count(too_much.rows, "line"),
                        count(too_much.users, "user"),
                        count(too_much.databases, "database"),
                    ));
                }
            }
        }
    }

    fn node(&mut self, table: &Table) {
        let majors = table.majors.iter().copied().collect::<crate::catalog::Majors>();
        let name = self.view.text(&table.node).into_owned();
        self.element("h3", &format!("{name} (PostgreSQL {majors})"));
        self.out.push('\n');
        if let Some(why) = &table.refused {
            self.note(&format!("No answer: {why}"));
            return;
        }
        if !table.complete {
            self.note("Not certain: lines of the file cannot be read, and may decide before these.");
        }
        let entries = table.entries.iter().filter(|entry| !entry.is_refused()).collect::<Vec<_>>();
        if !entries.is_empty() {
            self.table("stack access", &["Who", "To", "From", "Must present", "Line"]);
            entries.iter().take(MOST_ENTRIES).for_each(|entry| self.entry(entry));
            self.end_table();
        }
        let hidden = entries.len().saturating_sub(MOST_ENTRIES);
        if hidden > 0 {
            self.note(&format!("{hidden} more are shown by `pgassay hba show`."));
        }
        self.note("All else is refused.");
    }

    fn entry(&mut self, entry: &Entry) {
        self.out.push_str("<tr>");
        self.prose_cell("Who", &entry.users);
        self.prose_cell("To", &entry.databases);
        let from = match entry.ranges.is_empty() {
            true => entry.from.clone(),
            false => format!("{}, {}", entry.from, entry.kinds),
        };
        self.prose_cell("From", &from);
        let (class, word) = strength(entry.class);
        self.out.push_str("<td data-of=\"Must present\">");
        self.element(&format!("span class=\"tag {class}\""), word);
        self.out.push(' ');
        self.prose("span", entry.proof.as_deref().unwrap_or("is refused"));
        self.out.push_str("</td><td data-of=\"Line\">");
        for row in &entry.in_doubt {
            self.element("span class=\"less\"", "unless this one matches: ");
            self.element("code", &format!("{}:{}", row.path, row.line));
            self.out.push(' ');
            self.element("code", &row.text);
            self.out.push_str("<br/>");
        }
        match &entry.row {
            Some(row) => {
                self.element("code class=\"less\"", &format!("{}:{}", row.path, row.line));
                self.out.push_str("<br/>");
                self.element("code", &row.text);
            }
            None => self.element("span", "no line matches"),
        }
        self.out.push_str("</td></tr>\n");
    }
}

/// How strong a proof is, in a word; its colour says no more.
fn strength(class: &str) -> (&'static str, &'static str) {
    match class {
        "open" => ("error", "open"),
        "weak" => ("warning", "clear text"),
        "password" => ("info", "password"),
        "strong" => ("clear", "strong"),
        "outside" => ("info", "elsewhere"),
        _ => ("none", "refused"),
    }
}
