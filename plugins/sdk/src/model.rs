//! Looking things up in the model.
//!
//! Everything here is in the records already; these methods find it in them as the server or libpq would.

use std::borrow::Cow;

use crate::types::{
    Conninfo, ConninfoParam, Definition, Effective, HbaOption, HbaRow, Model, Node, Property, Publication, Recovery,
    Setting, SourceFile, SqlOption, Statement, Subscription,
};
use crate::{Majors, host};

impl Model {
    /// A node by its number.
    #[must_use]
    pub fn node(&self, number: u32) -> Option<&Node> {
        self.nodes.get(number as usize)
    }

    /// A file by its number.
    #[must_use]
    pub fn file(&self, number: u32) -> Option<&SourceFile> {
        self.files.get(number as usize)
    }

    /// A statement by its number.
    #[must_use]
    pub fn statement(&self, number: u32) -> Option<&Statement> {
        self.statements.get(number as usize)
    }

    /// A connection string by its number.
    #[must_use]
    pub fn conninfo(&self, number: u32) -> Option<&Conninfo> {
        self.conninfos.get(number as usize)
    }
}

impl Node {
    /// A setting that some file of the node defines.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.name.eq_ignore_ascii_case(name))
    }

    /// The value of a setting on the node's majors, whether a file defines it or not.
    #[must_use]
    pub fn effective(&self, setting: &str) -> Cow<'_, [Effective]> {
        match self.setting(setting) {
            Some(setting) => Cow::Borrowed(&setting.values),
            None => Cow::Owned(host::effective_setting(self.number, setting)),
        }
    }

    /// The majors on which a setting is known to have a value, by definition or by default. The value is as SHOW prints
    /// it: `off` is also what `false`, `no` and `0` make of a setting.
    #[must_use]
    pub fn majors_with(&self, setting: &str, value: &str) -> Majors {
        let values = self.effective(setting);
        values.iter().filter(|it| it.known() == Some(value)).map(|it| Majors::from(it.majors)).collect()
    }
}

impl Setting {
    /// The definition that counts.
    #[must_use]
    pub fn winner(&self) -> Option<&Definition> {
        self.definitions.iter().rfind(|definition| !definition.overridden)
    }
}

impl Recovery {
    /// The definition of recovery.conf that counts. Its names have their case, by which 10 and 11 tell them apart.
    #[must_use]
    pub fn winner(&self, name: &str) -> Option<&Definition> {
        self.definitions.iter().rfind(|definition| definition.name == name && !definition.overridden)
    }
}

impl Effective {
    /// The value as SHOW prints it, where it is known: by a definition or by default.
    #[must_use]
    pub fn known(&self) -> Option<&str> {
        matches!(self.state.as_str(), "set" | "default").then_some(self.value.as_str())
    }

    /// The value, where a definition gives it and it is known.
    #[must_use]
    pub fn set(&self) -> Option<&str> {
        (self.state == "set").then_some(self.value.as_str())
    }
}

impl HbaRow {
    /// The option that counts: of two with one name the later.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&HbaOption> {
        self.options.iter().rfind(|option| option.name == name)
    }

    /// Whether it turns clients away.
    #[must_use]
    pub fn rejects(&self) -> bool {
        self.method == "reject"
    }
}

impl Conninfo {
    /// The parameters that count, in order: of two with one keyword the later.
    pub fn counting(&self) -> impl Iterator<Item = &ConninfoParam> {
        self.params.iter().filter(|param| !param.overridden)
    }

    /// The parameter that counts.
    #[must_use]
    pub fn param(&self, keyword: &str) -> Option<&ConninfoParam> {
        self.counting().find(|param| param.keyword == keyword)
    }
}

impl Statement {
    /// The first property of that name.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// Every property of that name, such as the columns of a table.
    pub fn properties_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Property> {
        self.properties.iter().filter(move |property| property.name == name)
    }
}

impl Publication {
    /// An option in `WITH (...)`. The server refuses two of one name.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&SqlOption> {
        self.options.iter().find(|option| option.name == name)
    }
}

impl Subscription {
    /// An option in `WITH (...)` or `SET (...)`. The server refuses two of one name.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&SqlOption> {
        self.options.iter().find(|option| option.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_that_is_not_overridden_counts() {
        let line = |text: &str, overridden| Definition { text: text.into(), overridden, ..Definition::default() };
        let setting = Setting {
            name: "DateStyle".into(),
            definitions: vec![line("a", true), line("b", false)],
            ..Setting::default()
        };
        let node = Node { settings: vec![setting], ..Node::default() };
        assert_eq!(node.setting("datestyle").and_then(Setting::winner).map(|line| line.text.as_str()), Some("b"));
        assert!(node.setting("ssl").is_none());
    }

    #[test]
    fn a_node_says_what_its_files_define() {
        let value = |state: &str, value: &str, major| Effective {
            state: state.into(),
            value: value.into(),
            majors: Majors::only(major).bits(),
            ..Effective::default()
        };
        let values = vec![value("set", "off", 16), value("default", "off", 17), value("unknown", "", 18)];
        let setting = Setting { name: "ssl".into(), values, ..Setting::default() };
        let node = Node { settings: vec![setting], ..Node::default() };
        assert_eq!(node.effective("SSL")[0].set(), Some("off"));
        assert_eq!(node.majors_with("ssl", "off"), Majors::range(16, 17));
        assert!(node.majors_with("ssl", "on").is_empty() && node.effective("fsync").is_empty());
    }

    #[test]
    fn the_later_option_or_parameter_counts() {
        let option = |value: &str| HbaOption { name: "map".into(), value: value.into(), ..HbaOption::default() };
        let row = HbaRow { options: vec![option("a"), option("b")], ..HbaRow::default() };
        assert_eq!(row.option("map").map(|option| option.value.as_str()), Some("b"));
        let param = |value: &str, overridden| ConninfoParam {
            keyword: "host".into(),
            value: value.into(),
            overridden,
            ..ConninfoParam::default()
        };
        let conninfo = Conninfo { params: vec![param("a", true), param("b", false)], ..Conninfo::default() };
        assert_eq!(conninfo.param("host").map(|param| param.value.as_str()), Some("b"));
        assert_eq!(conninfo.counting().count(), 1);
    }
}
