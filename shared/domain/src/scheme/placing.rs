//! Conditions about who somebody is in the organisation: who takes part, in which category, and who gives what for whom.
//! They are read before there is a case, so that positions and units are texts that no scheme declares.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::Message;
use crate::expression::{Ast, parse};
use crate::money::parse_plain;
use crate::nearest;
use crate::say;

/// A person or a unit as the organisation knows it.
#[derive(Clone, Debug, Default)]
pub struct Standpoint {
    pub position: Option<String>,
    pub unit: Option<String>,
    pub unit_category: Option<String>,
    /// The organisation's own category.
    pub category: Option<String>,
    pub hired_on: Option<Date>,
    pub is_head: bool,
    pub has_reports: bool,
    /// Somebody leads them beside their superior.
    pub dotted: bool,
    pub facts: BTreeMap<String, Json>,
}

/// A condition over a [`Standpoint`].
#[derive(Clone, Debug)]
pub struct Condition(Ast);

const NAMES: [&str; 8] =
    ["position", "unit", "unit_category", "category", "hired_on", "is_head", "has_reports", "dotted"];

const OPERATORS: [&str; 8] = ["==", "!=", "<", "<=", ">", ">=", "contains", "!"];

/// What a name stands for.
#[derive(Clone, Debug, PartialEq)]
enum Found {
    Text(String),
    Number(Decimal),
    Flag(bool),
    Day(Date),
    Absent,
}

impl Condition {
    /// Reads a condition; `facts` are the names that it may ask for.
    pub fn read(text: &str, facts: &[&str]) -> Result<Self, Message> {
        let ast = parse(&with_double_quotes(text)).map_err(|unreadable| unreadable.message)?;
        check(&ast, facts)?;
        Ok(Self(ast))
    }

    /// Whether it holds. What is not known makes every comparison false.
    pub fn holds(&self, at: &Standpoint) -> bool {
        truth(&self.0, at)
    }
}

/// TOML's own quotes are often double ones, so that texts inside stand in single ones.
pub(crate) fn with_double_quotes(text: &str) -> String {
    if text.contains('"') { text.to_owned() } else { text.replace('\'', "\"") }
}

fn check(ast: &Ast, facts: &[&str]) -> Result<(), Message> {
    match ast {
        Ast::Number(_) | Ast::Flag(_) | Ast::Text(_) => Ok(()),
        Ast::List(all) | Ast::And(all) | Ast::Or(all) => all.iter().try_for_each(|one| check(one, facts)),
        Ast::Path(path) => {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            match path.as_slice() {
                [name] if NAMES.contains(name) => Ok(()),
                ["fact", name] if facts.contains(name) => Ok(()),
                ["fact", name] => Err(unknown(&format!("fact.{name}"), name, facts.iter().copied())),
                other => {
                    let name = other.join(".");
                    Err(unknown(&name, &name, NAMES.into_iter()))
                }
            }
        }
        Ast::Call(name, args) if OPERATORS.contains(&name.as_str()) => {
            args.iter().try_for_each(|one| check(one, facts))
        }
        Ast::Call(name, _) => Err(say!("此处不能使用 {name}", "{name} cannot be used here")),
        Ast::Entry(..) | Ast::Otherwise(_) => {
            Err(say!("此处只能比较人员和部门的情况", "only who somebody is can be asked here"))
        }
    }
}

fn unknown<'n>(written: &str, name: &str, mut known: impl Iterator<Item = &'n str>) -> Message {
    match nearest(name, &mut known) {
        Some(meant) => say!("没有 {written}；是否指 {meant}？", "there is no {written}; did you mean {meant}?"),
        None => say!("没有 {written}", "there is no {written}"),
    }
}

fn truth(ast: &Ast, at: &Standpoint) -> bool {
    match ast {
        Ast::And(all) => all.iter().all(|one| truth(one, at)),
        Ast::Or(all) => all.iter().any(|one| truth(one, at)),
        Ast::Call(name, args) => match (name.as_str(), args.as_slice()) {
            ("!", [one]) => !truth(one, at),
            ("contains", [Ast::List(entries), one]) => {
                let one = value(one, at);
                one != Found::Absent && entries.iter().any(|entry| value(entry, at) == one)
            }
            (operator, [left, right]) => compare(operator, &value(left, at), &value(right, at)),
            _ => false,
        },
        other => value(other, at) == Found::Flag(true),
    }
}

fn compare(operator: &str, left: &Found, right: &Found) -> bool {
    let ordering = match (left, right) {
        (Found::Text(left), Found::Text(right)) => left.cmp(right),
        (Found::Number(left), Found::Number(right)) => left.cmp(right),
        (Found::Flag(left), Found::Flag(right)) => left.cmp(right),
        (Found::Day(left), Found::Day(right)) => left.cmp(right),
        (Found::Day(left), Found::Text(right)) => match right.parse::<Date>() {
            Ok(right) => left.cmp(&right),
            Err(_) => return false,
        },
        _ => return false,
    };
    match operator {
        "==" => ordering.is_eq(),
        "!=" => ordering.is_ne(),
        "<" => ordering.is_lt(),
        "<=" => ordering.is_le(),
        ">" => ordering.is_gt(),
        _ => ordering.is_ge(),
    }
}

fn value(ast: &Ast, at: &Standpoint) -> Found {
    let text = |text: &Option<String>| text.clone().map_or(Found::Absent, Found::Text);
    match ast {
        Ast::Number(number) => Found::Number(*number),
        Ast::Flag(flag) => Found::Flag(*flag),
        Ast::Text(text) => Found::Text(text.clone()),
        Ast::Path(path) => {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            match path.as_slice() {
                ["position"] => text(&at.position),
                ["unit"] => text(&at.unit),
                ["unit_category"] => text(&at.unit_category),
                ["category"] => text(&at.category),
                ["hired_on"] => at.hired_on.map_or(Found::Absent, Found::Day),
                ["is_head"] => Found::Flag(at.is_head),
                ["has_reports"] => Found::Flag(at.has_reports),
                ["dotted"] => Found::Flag(at.dotted),
                ["fact", name] => at.facts.get(*name).map_or(Found::Absent, of_fact),
                _ => Found::Absent,
            }
        }
        other => Found::Flag(truth(other, at)),
    }
}

fn of_fact(fact: &Json) -> Found {
    match fact {
        Json::Bool(flag) => Found::Flag(*flag),
        Json::String(text) if text == "true" || text == "false" => Found::Flag(text == "true"),
        Json::String(text) => match (parse_plain(text), text.parse::<Date>()) {
            (Some(number), _) => Found::Number(number),
            (None, Ok(day)) => Found::Day(day),
            (None, Err(_)) => Found::Text(text.clone()),
        },
        _ => Found::Absent,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;

    fn clerk() -> Standpoint {
        Standpoint {
            position: Some("文员".to_owned()),
            category: Some("staff".to_owned()),
            hired_on: Some(date(2026, 3, 1)),
            facts: BTreeMap::from([("probation".to_owned(), json!(true)), ("level".to_owned(), json!("3"))]),
            ..Standpoint::default()
        }
    }

    fn holds(text: &str) -> bool {
        Condition::read(text, &["probation", "level"]).unwrap().holds(&clerk())
    }

    #[test]
    fn given_a_clerk_then_conditions_look_at_position_category_days_and_facts() {
        assert!(holds("position in ['文员', '出纳']") && holds("category == 'staff' && !is_head"));
        assert!(holds("fact.probation") && holds("fact.level >= 3") && holds("hired_on < '2026-04-01'"));
        assert!(!holds("unit == 'NET'") && !holds("unit != 'NET'"), "what is not known compares with nothing");
    }

    #[test]
    fn given_a_name_that_nobody_has_then_it_is_told_with_what_was_meant() {
        let refused = Condition::read("positon == 'x'", &[]).unwrap_err();
        assert_eq!(refused.en, "there is no positon; did you mean position?");
        assert!(Condition::read("fact.age > 3", &["level"]).is_err() && Condition::read("sum(a, b)", &[]).is_err());
    }
}
