//! Numbers that mean something else than they seem: without a unit, rounded to nothing, or read as octal.
//!
//! Values that the server refuses are the business of `conf_values`.

use crate::catalog::settings::{Def, Kind, Setting, Unit};
use crate::checks::ask::counted;
use crate::checks::conf_values::unquoted;
use crate::checks::edit;
use crate::finding::{Finding, Label, Safety, Subject};
use crate::model::value::{self, Value};
use crate::model::{Definition, Node};
use crate::rule::{Context, RuleId, Sink, id};

mod unit;

use unit::{SHORT, SMALL, in_words, memory, time};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        for definition in &node.settings.definitions {
            let Some(setting) = definition.setting else { continue };
            // The newest major speaks for all; what it refuses is said elsewhere.
            let Some(major) = (node.targets.majors & setting.majors()).last() else { continue };
            let Some(def) = setting.on(major) else { continue };
            let (Kind::Int { unit, .. } | Kind::Real { unit, .. }) = def.kind else { continue };
            if definition.overridden_by.is_some() || definition.value.dynamic {
                continue;
            }
            let Ok(value) = value::parse(def, &definition.text, major) else { continue };
            let number = Number { cx, node, definition, setting, def, major, value };
            let bare = number.text().parse::<i64>().ok();
            if let (Some(bare), Some(unit)) = (bare, unit.filter(|&unit| unit != Unit::Byte)) {
                number.without_unit(bare, unit, out);
            }
            number.rounded_to_zero(out);
            number.octal(out);
        }
    }
}

struct Number<'a> {
    cx: &'a Context<'a>,
    node: &'a Node,
    definition: &'a Definition,
    setting: &'static Setting,
    def: &'static Def,
    major: u8,
    value: Value,
}

impl Number<'_> {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.definition.text).unwrap_or_default().trim()
    }

    fn shown(&self) -> String {
        self.value.show(self.setting, self.def, self.major)
    }

    fn finding(&self, rule: RuleId, label: &str, message: String) -> Finding {
        let majors = self.node.targets.majors & self.setting.majors();
        let subject = Subject::Setting(self.setting.name.to_owned());
        Finding::new(rule, subject, majors, Label::new(self.definition.value.span, label), message)
    }

    fn without_unit(&self, bare: i64, unit: Unit, out: &mut Sink<'_>) {
        if bare <= 0 {
            return;
        }
        let (name, shown) = (self.setting.name, self.shown());
        let (table, size, meant) = if unit.is_time() { (SHORT, time(unit), "s") } else { (SMALL, memory(unit), "MB") };
        let below = |least: f64| self.value.number().is_some_and(|number| number * size < least);
        if table.iter().any(|&(known, least)| known == name && below(least)) {
            let message = format!("`{name}` is set to `{bare}`, which without a unit is {shown}");
            let finding = self.finding(id::CONF_UNIT_MISSING, "no unit", message);
            return out.push(finding.help(format!("write the unit: `{bare}{meant}` if that is meant, else `{shown}`")));
        }
        let message = format!("`{name}` is set to `{bare}` without a unit; it is {shown}");
        let edit = vec![edit::value(self.cx, self.definition, &shown)];
        let finding = self.finding(id::CONF_UNIT_IMPLICIT, "no unit", message).help(format!("write `{shown}`"));
        out.push(finding.fix(format!("write `{name} = {shown}`"), Safety::Safe, edit));
    }

    fn rounded_to_zero(&self, out: &mut Sink<'_>) {
        // An exponent or a hexadecimal number is nobody's slip.
        let text = self.text();
        let end = text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
        let digits = text.get(..end).unwrap_or_default();
        if !digits.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
            || matches!(text.as_bytes().get(end), Some(b'x' | b'X' | b'e' | b'E'))
        {
            return;
        }
        let is_zero = |major: u8| {
            let value = self.setting.on(major).and_then(|def| value::parse(def, &self.definition.text, major).ok());
            value.and_then(|value| value.number()) == Some(0.0)
        };
        let majors = counted(self.node, self.node.targets.majors.iter().filter(|&major| is_zero(major)).collect());
        let unit = match self.def.kind {
            Kind::Int { unit, .. } | Kind::Real { unit, .. } => unit.map_or("whole numbers", in_words),
            _ => return,
        };
        let shown = self.cx.show(self.definition.value.span);
        let message =
            format!("`{}` is set to `{}`, which rounds to 0: it counts in {unit}", self.setting.name, unquoted(&shown));
        let mut finding = self.finding(id::CONF_ROUNDED_TO_ZERO, "comes to 0", message);
        finding.majors = majors;
        out.push(finding.help("write at least one whole unit, or `0` if that is meant"));
    }

    fn octal(&self, out: &mut Sink<'_>) {
        let text = self.text();
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let (Value::Int(value), true) =
            (&self.value, digits && !text.is_empty() && matches!(self.def.kind, Kind::Int { .. }))
        else {
            return;
        };
        let name = self.setting.name;
        let leading = text.len() > 1 && text.starts_with('0');
        let mend = if self.setting.is_octal() && !text.starts_with('0') {
            format!("0{text}")
        } else if !self.setting.is_octal() && leading && text.parse::<i64>().is_ok_and(|decimal| decimal != *value) {
            text.trim_start_matches('0').to_owned()
        } else {
            return;
        };
        let message = if self.setting.is_octal() {
            format!("`{name}` is set to `{text}`, a decimal number, which is the mode {value:04o}")
        } else {
            format!("`{name}` is set to `{text}`, which is octal for {value}")
        };
        let edit = vec![edit::value(self.cx, self.definition, &mend)];
        let label = if leading { "octal because of the zero" } else { "decimal without a zero before it" };
        let finding = self.finding(id::CONF_OCTAL_NUMBER, label, message);
        out.push(finding.help(format!("write `{mend}`")).fix(format!("write `{name} = {mend}`"), Safety::Unsafe, edit));
    }
}
