//! Settings by name: what each major knows of them, and what became of the ones that are gone.
//!
//! Static data, sorted; an index by hash is made on the first look-up. How a value is read is `model::value`'s.

use std::cmp::Ordering;
use std::sync::LazyLock;

use super::majors::Majors;
use super::{extra, generated, removed};

pub use super::removed::Removed;

/// A setting (a "configuration parameter").
#[derive(Debug, PartialEq)]
pub struct Setting {
    /// The name as the server spells it.
    pub name: &'static str,
    /// The module that must be loaded for it to exist; without it the name is a mere placeholder.
    pub library: Option<&'static str>,
    /// What a build must have been made with to know it.
    pub build: Option<&'static str>,
    /// What each major makes of it; the sets of majors are disjoint.
    pub versions: &'static [(Majors, Def)],
}

/// What one or more majors make of a setting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Def {
    /// Type and range.
    pub kind: Kind,
    /// The built-in default (`boot_val`), numbers in base units without the unit. The empty string also stands for none.
    pub default: &'static str,
    /// When it can be changed.
    pub context: Context,
    /// Whether the server keeps it out of its views and of SHOW ALL.
    pub unlisted: bool,
    /// Whether ALTER SYSTEM may set it.
    pub alter_system: bool,
}

/// The type of a setting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// `on` or `off`.
    Bool,
    /// One of some words.
    Enum(&'static [EnumValue]),
    /// A whole number within the range, both ends included, in base units.
    Int {
        /// Least value.
        min: i32,
        /// Greatest value.
        max: i32,
        /// The base unit.
        unit: Option<Unit>,
    },
    /// A number within the range, both ends included, in base units.
    Real {
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
        /// The base unit.
        unit: Option<Unit>,
    },
    /// Any text that the check hook takes.
    String,
}

/// A word of an enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnumValue {
    /// The word.
    pub name: &'static str,
    /// What the server shows after it was set; the word itself unless it is a synonym.
    pub canonical: &'static str,
    /// Whether the server takes it without listing it.
    pub hidden: bool,
    /// What a build must have been made with to take it.
    pub needs_build: Option<&'static str>,
}

/// The base unit of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Bytes.
    Byte,
    /// 1024 bytes.
    Kilobyte,
    /// 1024 * 1024 bytes.
    Megabyte,
    /// Pages of 8 kB. A server can be built with another size; packages are not.
    Block,
    /// Milliseconds.
    Millisecond,
    /// Seconds.
    Second,
    /// Minutes.
    Minute,
}

/// When a setting can be changed (`GucContext`), from never to in any session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// Never: a fact of the build, the cluster or the session.
    Internal,
    /// At a start of the server.
    Postmaster,
    /// At a reload.
    Sighup,
    /// At the start of a session, by a superuser.
    SuperuserBackend,
    /// At the start of a session.
    Backend,
    /// In a session, by a superuser.
    Superuser,
    /// In a session.
    User,
}

/// The setting of a name in any case, also by its old names `sort_mem` and `vacuum_mem`, on whatever major.
#[must_use]
pub fn setting(name: &str) -> Option<&'static Setting> {
    INDEX.find(name).or_else(|| INDEX.find(alias(name, None)?))
}

/// The setting that `name` means on `major`, old names included, and what that major makes of it.
#[must_use]
pub fn setting_on(name: &str, major: u8) -> Option<(&'static Setting, &'static Def)> {
    let setting = setting(name)?;
    let own = setting.own(major).map(|def| (setting, def));
    own.or_else(|| {
        let target = self::setting(alias(name, Some(major))?)?;
        Some((target, target.own(major)?))
    })
}

/// What became of a setting that some or all known majors lack.
#[must_use]
pub fn removed(name: &str) -> Option<&'static Removed> {
    removed::REMOVED.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))
}

/// The module to load for settings that begin with `prefix` and a dot, contrib or not.
#[must_use]
pub fn library_of_prefix(prefix: &str) -> Option<&'static str> {
    if let Some((_, library)) = extra::PREFIXES.iter().find(|(known, _)| known.eq_ignore_ascii_case(prefix)) {
        return Some(library);
    }
    // In the order of the table a dot sorts before letters and digits, so the prefix's settings follow it closely.
    let from = generated::SETTINGS.partition_point(|setting| compare(setting.name, prefix) == Ordering::Less);
    let of_prefix =
        |setting: &&Setting| setting.name.split_once('.').is_some_and(|(own, _)| own.eq_ignore_ascii_case(prefix));
    let generated = generated::SETTINGS.get(from..).unwrap_or_default().iter().take(2).find(of_prefix);
    generated.or_else(|| extra::SETTINGS.iter().find(of_prefix)).and_then(|setting| setting.library)
}

/// The names of all settings that exist on one of `majors`, in the server's spelling.
pub fn names(majors: Majors) -> impl Iterator<Item = &'static str> {
    let all = generated::SETTINGS.iter().chain(extra::SETTINGS);
    all.filter(move |setting| !setting.majors().and(majors).is_empty()).map(|setting| setting.name)
}

/// All settings.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    generated::SETTINGS.iter().chain(extra::SETTINGS)
}

impl Setting {
    /// What `major` makes of the setting; where a major knows the name as an alias only, of the setting behind it.
    #[must_use]
    pub fn on(&self, major: u8) -> Option<&'static Def> {
        self.own(major).or_else(|| setting(alias(self.name, Some(major))?)?.own(major))
    }

    /// The majors that take the name.
    #[must_use]
    pub fn majors(&self) -> Majors {
        let own = self.versions.iter().fold(Majors::NONE, |set, version| set | version.0);
        extra::ALIASES.iter().filter(|alias| alias.0 == self.name).fold(own, |set, alias| set | alias.2)
    }

    /// Where only some minor releases of a major have the setting: the first ones that do, such as `15.8`.
    #[must_use]
    pub fn first_minors(&self) -> &'static [&'static str] {
        extra::MINORS.iter().find(|entry| entry.0 == self.name).map_or(&[], |entry| entry.1)
    }

    /// Whether the value is a list separated by commas (GUC_LIST_INPUT).
    #[must_use]
    pub fn is_list(&self) -> bool {
        extra::LISTS.contains(&self.name)
    }

    /// The majors for which each string in SQL is one item of the list, commas and all (GUC_LIST_QUOTE).
    #[must_use]
    pub fn quoted_list(&self) -> Majors {
        extra::QUOTED_LISTS.iter().find(|entry| entry.0 == self.name).map_or(Majors::NONE, |entry| entry.1)
    }

    /// Whether the value is an identifier and so cut to 63 bytes (GUC_IS_NAME).
    #[must_use]
    pub fn is_name(&self) -> bool {
        extra::NAMES.contains(&self.name)
    }

    /// Whether the value is shown as an octal number, as file modes are.
    #[must_use]
    pub fn is_octal(&self) -> bool {
        extra::OCTAL.contains(&self.name)
    }

    fn own(&self, major: u8) -> Option<&'static Def> {
        self.versions.iter().find(|(majors, _)| majors.contains(major)).map(|(_, def)| def)
    }
}

/// `map_old_guc_names` of guc.c. Without a major, only the aliases of every major.
fn alias(name: &str, major: Option<u8>) -> Option<&'static str> {
    let known = |majors: Majors| major.map_or(majors == Majors::ALL, |major| majors.contains(major));
    let alias = extra::ALIASES.iter().find(|alias| alias.0.eq_ignore_ascii_case(name) && known(alias.2));
    alias.map(|alias| alias.1)
}

/// All settings by the hashes of their names: a name is looked up many times for each line of a file.
struct Index {
    /// Numbers of settings, from 1; 0 is nothing. A setting is in the first free place from its hash on.
    places: Vec<u16>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let count = generated::SETTINGS.len() + extra::SETTINGS.len();
    let mut index = Index { places: vec![0; (2 * count).next_power_of_two()] };
    for (number, setting) in (1..).zip(generated::SETTINGS.iter().chain(extra::SETTINGS)) {
        let mut at = index.start(setting.name);
        while index.places.get(at).is_some_and(|&taken| taken != 0) {
            at = index.after(at);
        }
        if let Some(place) = index.places.get_mut(at) {
            *place = number;
        }
    }
    index
});

impl Index {
    /// The setting of a name. Names compare without regard to the case of ASCII letters (`guc_name_compare`).
    fn find(&self, name: &str) -> Option<&'static Setting> {
        let mut at = self.start(name);
        loop {
            let number = usize::from(*self.places.get(at)?).checked_sub(1)?;
            let setting = match number.checked_sub(generated::SETTINGS.len()) {
                None => generated::SETTINGS.get(number)?,
                Some(number) => extra::SETTINGS.get(number)?,
            };
            if setting.name.eq_ignore_ascii_case(name) {
                return Some(setting);
            }
            at = self.after(at);
        }
    }

    /// Where a name is looked for first: FNV-1a over its letters in lower case.
    fn start(&self, name: &str) -> usize {
        let mix = |hash: u32, byte: u8| (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193);
        name.bytes().fold(0x811c_9dc5, mix) as usize & (self.places.len() - 1)
    }

    fn after(&self, at: usize) -> usize {
        (at + 1) & (self.places.len() - 1)
    }
}

/// The order of the tables: names without regard to the case of ASCII letters.
fn compare(a: &str, b: &str) -> Ordering {
    let differ = |(a, b): (u8, u8)| {
        (a != b).then(|| a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase())).filter(|order| order.is_ne())
    };
    a.bytes().zip(b.bytes()).find_map(differ).unwrap_or_else(|| a.len().cmp(&b.len()))
}

impl Unit {
    /// The unit as the server writes it, `8kB` for blocks.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Byte => "B",
            Self::Kilobyte => "kB",
            Self::Megabyte => "MB",
            Self::Block => "8kB",
            Self::Millisecond => "ms",
            Self::Second => "s",
            Self::Minute => "min",
        }
    }

    /// Whether it measures time; else it measures memory.
    #[must_use]
    pub fn is_time(self) -> bool {
        matches!(self, Self::Millisecond | Self::Second | Self::Minute)
    }
}

impl Context {
    /// The context as pg_settings writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Postmaster => "postmaster",
            Self::Sighup => "sighup",
            Self::SuperuserBackend => "superuser-backend",
            Self::Backend => "backend",
            Self::Superuser => "superuser",
            Self::User => "user",
        }
    }
}

/// Constructors that keep the tables short.
pub(super) mod short {
    use super::{Context, Def, EnumValue, Kind, Majors, Setting, Unit};

    pub(in super::super) const NONE: Option<Unit> = None;
    pub(in super::super) const B: Option<Unit> = Some(Unit::Byte);
    pub(in super::super) const KB: Option<Unit> = Some(Unit::Kilobyte);
    pub(in super::super) const MB: Option<Unit> = Some(Unit::Megabyte);
    pub(in super::super) const BLOCKS: Option<Unit> = Some(Unit::Block);
    pub(in super::super) const MS: Option<Unit> = Some(Unit::Millisecond);
    pub(in super::super) const S: Option<Unit> = Some(Unit::Second);
    pub(in super::super) const MIN: Option<Unit> = Some(Unit::Minute);

    pub(in super::super) const INTERNAL: Context = Context::Internal;
    pub(in super::super) const POSTMASTER: Context = Context::Postmaster;
    pub(in super::super) const SIGHUP: Context = Context::Sighup;
    pub(in super::super) const SUPERUSER_BACKEND: Context = Context::SuperuserBackend;
    pub(in super::super) const BACKEND: Context = Context::Backend;
    pub(in super::super) const SUPERUSER: Context = Context::Superuser;
    pub(in super::super) const USER: Context = Context::User;

    type Versions = &'static [(Majors, Def)];

    /// A setting of the server itself.
    pub(in super::super) const fn set(name: &'static str, versions: Versions) -> Setting {
        Setting { name, library: None, build: None, versions }
    }

    /// A setting of a module.
    pub(in super::super) const fn of(library: &'static str, name: &'static str, versions: Versions) -> Setting {
        Setting { name, library: Some(library), build: None, versions }
    }

    /// A setting of some builds.
    pub(in super::super) const fn only(build: &'static str, name: &'static str, versions: Versions) -> Setting {
        Setting { name, library: None, build: Some(build), versions }
    }

    pub(in super::super) const fn pg(first: u8, last: u8) -> Majors {
        Majors::range(first, last)
    }

    const fn def(kind: Kind, default: &'static str, context: Context) -> Def {
        Def { kind, default, context, unlisted: false, alter_system: !matches!(context, Context::Internal) }
    }

    pub(in super::super) const fn bool(default: &'static str, context: Context) -> Def {
        def(Kind::Bool, default, context)
    }

    pub(in super::super) const fn string(default: &'static str, context: Context) -> Def {
        def(Kind::String, default, context)
    }

    pub(in super::super) const fn one_of(values: &'static [EnumValue], default: &'static str, context: Context) -> Def {
        def(Kind::Enum(values), default, context)
    }

    pub(in super::super) const fn int(
        min: i32,
        max: i32,
        unit: Option<Unit>,
        default: &'static str,
        context: Context,
    ) -> Def {
        def(Kind::Int { min, max, unit }, default, context)
    }

    pub(in super::super) const fn real(
        min: f64,
        max: f64,
        unit: Option<Unit>,
        default: &'static str,
        context: Context,
    ) -> Def {
        def(Kind::Real { min, max, unit }, default, context)
    }

    impl Def {
        pub(in super::super) const fn no_alter_system(self) -> Self {
            Self { alter_system: false, ..self }
        }

        pub(in super::super) const fn unlisted(self) -> Self {
            Self { unlisted: true, ..self }
        }
    }

    pub(in super::super) const fn word(name: &'static str) -> EnumValue {
        EnumValue { name, canonical: name, hidden: false, needs_build: None }
    }

    pub(in super::super) const fn hide(name: &'static str, canonical: &'static str) -> EnumValue {
        EnumValue { name, canonical, hidden: true, needs_build: None }
    }

    pub(in super::super) const fn same(name: &'static str, canonical: &'static str) -> EnumValue {
        EnumValue { name, canonical, hidden: false, needs_build: None }
    }

    pub(in super::super) const fn built(name: &'static str, build: &'static str) -> EnumValue {
        EnumValue { name, canonical: name, hidden: false, needs_build: Some(build) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_every_name_is_found() {
        for table in [generated::SETTINGS, extra::SETTINGS] {
            for pair in table.windows(2) {
                assert_eq!(compare(pair[0].name, pair[1].name), Ordering::Less, "{} {}", pair[0].name, pair[1].name);
            }
        }
        for setting in extra::SETTINGS {
            let told = generated::SETTINGS.iter().any(|other| other.name.eq_ignore_ascii_case(setting.name));
            assert!(!told, "{} is told by a server", setting.name);
        }
        for known in all() {
            for name in [known.name.to_owned(), known.name.to_ascii_uppercase()] {
                assert!(setting(&name).is_some_and(|found| std::ptr::eq(found, known)), "{name}");
            }
            assert_eq!(setting(&format!("{}_", known.name)), None);
        }
    }

    #[test]
    fn versions_are_disjoint_and_defaults_are_values() {
        for setting in all() {
            let mut seen = Majors::NONE;
            for (majors, def) in setting.versions {
                assert!(seen.and(*majors).is_empty() && !majors.is_empty(), "{}", setting.name);
                seen = seen | *majors;
                if let Kind::Enum(words) = def.kind {
                    assert!(words.iter().any(|word| word.name == def.default), "{}", setting.name);
                }
            }
        }
    }

    #[test]
    fn names_are_found_in_any_case_and_by_their_old_names() {
        assert_eq!(setting("timezone").unwrap().name, "TimeZone");
        assert_eq!(setting("Sort_Mem").unwrap().name, "work_mem");
        assert_eq!(setting("vacuum_mem").unwrap().name, "maintenance_work_mem");
        assert_eq!(setting("checkpoint_segments"), None);
        assert_eq!(setting_on("ssl_ecdh_curve", 17).unwrap().0.name, "ssl_ecdh_curve");
        assert_eq!(setting_on("ssl_ecdh_curve", 18).unwrap().0.name, "ssl_groups");
        let curve = setting("ssl_ecdh_curve").unwrap();
        assert_eq!(curve.majors(), Majors::ALL);
        assert!(curve.on(18).is_some());
        assert_eq!(setting_on("ssl_groups", 17), None);
    }

    #[test]
    fn a_setting_has_a_definition_per_major() {
        let compression = setting("wal_compression").unwrap();
        assert_eq!(compression.on(14).unwrap().kind, Kind::Bool);
        assert!(
            matches!(compression.on(15).unwrap().kind, Kind::Enum(words) if words.iter().any(|word| word.needs_build.is_some()))
        );
        assert_eq!(setting("wal_keep_size").unwrap().majors(), Majors::since(13));
        assert_eq!(setting("default_with_oids").unwrap().majors(), Majors::ALL);
        assert!(setting("default_with_oids").unwrap().on(12).unwrap().unlisted);
        assert!(!setting("data_directory").unwrap().on(18).unwrap().alter_system);
        assert_eq!(setting("file_extend_method").unwrap().first_minors(), ["16.12", "17.8", "18.2"]);
    }

    #[test]
    fn prefixes_lead_to_libraries() {
        for (prefix, library) in [
            ("cron", Some("pg_cron")),
            ("PgAudit", Some("pgaudit")),
            ("auto_explain", Some("auto_explain")),
            ("pltclu", Some("pltcl")),
            ("plpgsql", Some("plpgsql")),
            ("sepgsql", Some("sepgsql")),
            ("work_mem", None),
            ("myapp", None),
            ("", None),
            ("zzz", None),
        ] {
            assert_eq!(library_of_prefix(prefix), library, "{prefix}");
        }
    }

    #[test]
    fn removed_settings_are_gone_and_their_successors_are_there() {
        for entry in removed::REMOVED {
            let newest = super::super::NEWEST;
            if let Some((found, def)) = setting_on(entry.name, newest) {
                assert!(def.unlisted || found.name != entry.name, "{} is still there", entry.name);
            }
            if let Some(successor) = entry.successor {
                assert!(setting_on(successor, newest).is_some(), "{successor}");
            }
        }
        // Whatever a known major has and the newest lacks must be explained.
        for setting in all().filter(|setting| setting.on(super::super::NEWEST).is_none() && setting.build.is_none()) {
            assert!(removed(setting.name).is_some(), "{}", setting.name);
        }
        assert_eq!(removed("Checkpoint_Segments").unwrap().successor, Some("max_wal_size"));
    }
}
