//! How many arguments a function takes.

use super::place::Place;
use crate::catalog::system;
use crate::rule::Sink;
use crate::rule::id::SQL_SYSTEM_FUNCTION;

impl Place<'_> {
    pub(super) fn arguments(&self, name: &str, count: usize, out: &mut Sink<'_>) {
        let Some(known) = system::function(name) else { return };
        if self.tree.made.contains(name) || self.is_pinned(known.extension) {
            return;
        }
        let shown = self.cx.show(self.lookup.span);
        let takes = known.takes(count);
        let plural = if count == 1 { "argument" } else { "arguments" };
        let elsewhere = if takes.is_empty() {
            String::new()
        } else {
            format!(" in {}; {takes} {}", self.majors, if takes.len() == 1 { "does" } else { "do" })
        };
        let message = format!("function `{shown}` does not take {count} {plural}{elsewhere}");
        let newest = self.majors.last();
        let counts = known.forms().find(|(majors, _)| newest.is_some_and(|newest| majors.contains(newest)));
        let help = counts.map_or_else(String::new, |(_, counts)| match counts {
            "0" => "it takes no arguments".to_owned(),
            "1" => "it takes one argument".to_owned(),
            counts => format!("it takes {} arguments", in_words(counts)),
        });
        out.push(self.finding(SQL_SYSTEM_FUNCTION, format!("function/{name}"), None, message, help));
    }
}

/// `0-2,4` as `0 to 2 or 4`.
fn in_words(counts: &str) -> String {
    let run = |run: &str| match run.split_once('-') {
        Some((least, "")) => format!("{least} or more"),
        Some((least, most)) => format!("{least} to {most}"),
        None => run.to_owned(),
    };
    counts.split(',').map(run).collect::<Vec<_>>().join(" or ")
}
