//! Values as people enter them, in a cell or in a request: 是 for true, a label for a code, ９０ for 90. They are put into
//! the one form that a case has, and checked as a case is: whoever takes a value asks [`Scheme::check_value`], so that
//! what one part of the product takes no other part refuses later, and all refuse in the same words.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

use super::{input, settings};
use crate::invalid::Invalid;
use crate::money::parse_plain;
use crate::say;
use crate::scheme::plan::{InputSpec, Item, Stands};
use crate::scheme::{Coded, GIVEN, InputKind, Scheme};
use crate::text::{self, alike};
use crate::value::Kind;
use crate::{Label, Message};

/// What stands between several values in one cell.
const SEPARATORS: [char; 3] = [';', '；', '、'];

/// Which input of units, people or the company is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputName<'n> {
    Fact(&'n str),
    Pay(&'n str),
    /// The score that a unit is given.
    Score,
    /// An input of an item on the sheet of a category. Points lie within the item's weight.
    Item {
        category: Option<&'n str>,
        item: &'n str,
        input: &'n str,
        weight: Option<Decimal>,
    },
}

impl Scheme {
    /// A value in the form that a case has, or why it is not taken.
    pub fn check_value(&self, cadence: &str, kind: Kind, name: InputName<'_>, written: &Json) -> Result<Json, Message> {
        let spec = self.input_spec(cadence, kind, name).ok_or_else(|| unknown(name))?;
        let weight = match name {
            InputName::Item { weight, .. } => weight,
            _ => None,
        };
        let value = as_case(spec, written);
        self.check(spec, &value, weight).map(|()| value)
    }

    /// The weights of the items on the sheet of a category of people or units, as the company sets them by parameters. An
    /// item that stands for its section weighs what its section does.
    pub fn item_weights(
        &self,
        kind: Kind,
        cadence: &str,
        category: Option<&str>,
        parameters: &Json,
    ) -> BTreeMap<String, Decimal> {
        let plan = self.cadence_index(cadence).and_then(|at| self.plan(at));
        let category = self.category_index(kind, category);
        let sheet = plan.and_then(|plan| plan.sheet(kind, category?));
        let Some(sheet) = sheet else { return BTreeMap::new() };
        let settings = settings::read(self, parameters, &mut Invalid::default());
        let setting = sheet.weights.and_then(|at| settings.get(usize::from(at))?.as_ref());
        let weights = self.weights_of(sheet, setting);
        let weight = |(at, item): (u16, &Item)| {
            let section = sheet.items.iter().zip(&weights).filter(|(other, _)| other.stands == Stands::Unless(at));
            let of_section = section.map(|(_, weight)| *weight).sum();
            let own = weights.get(usize::from(at)).copied().unwrap_or_default();
            (item.code.clone(), if item.stands == Stands::ForItsSection { of_section } else { own })
        };
        (0_u16..).zip(&sheet.items).map(weight).collect()
    }

    /// A cell of a list's row in the form that a case has, or why it is not taken.
    pub fn check_cell(
        &self,
        cadence: &str,
        kind: Kind,
        list: &str,
        column: &str,
        written: &Json,
    ) -> Result<Json, Message> {
        let plan = self.cadence_index(cadence).and_then(|at| self.plan(at));
        let lists = plan.map_or(&[][..], |plan| &plan.lists[kind.index()]);
        let spec = lists.iter().find(|known| known.key == list);
        let spec = spec.and_then(|list| list.columns.iter().find(|known| known.name == column));
        let spec = spec.ok_or_else(|| say!("列表没有该列", "the list has no such column"))?;
        let value = as_case(spec, written);
        self.check(spec, &value, None).map(|()| value)
    }

    fn input_spec(&self, cadence: &str, kind: Kind, name: InputName<'_>) -> Option<&InputSpec> {
        let plan = self.plan(self.cadence_index(cadence)?)?;
        let path = match name {
            InputName::Fact(name) => format!("fact.{name}"),
            InputName::Pay(name) => format!("pay.{name}"),
            InputName::Score => GIVEN.to_owned(),
            InputName::Item { category, item, input, .. } => {
                let sheet = plan.sheet(kind, self.category_index(kind, category)?)?;
                let item = sheet.items.iter().find(|known| known.code == item)?;
                return item.inputs.iter().map(|known| &known.spec).find(|known| known.name == input);
            }
        };
        let layout = &plan.layouts[kind.index()];
        layout.slots.get(usize::from(*layout.by_path.get(path.as_str())?)).map(|slot| &slot.spec)
    }

    fn check(&self, spec: &InputSpec, value: &Json, weight: Option<Decimal>) -> Result<(), Message> {
        if spec.kind == InputKind::Record {
            return self.check_fields(spec, value);
        }
        let read = input::read(spec, &self.symbols, value, weight, &mut Vec::new());
        read.map(drop).map_err(|refused| refused.detail)
    }

    fn check_fields(&self, spec: &InputSpec, value: &Json) -> Result<(), Message> {
        let fields = value.as_object().ok_or_else(|| say!("应为一组数据（对象）", "an object is wanted"))?;
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
            let field = spec.fields.iter().find(|field| field.name == *name);
            let field = field.ok_or_else(|| say!("没有字段 {name}", "there is no field {name}"))?;
            self.check(field, value, None).map_err(|why| say!("{name}：{why}", "{name}: {why}"; why))?;
        }
        // What is missing is told once somebody needs it.
        Ok(())
    }
}

fn unknown(name: InputName<'_>) -> Message {
    match name {
        InputName::Fact(_) => say!("方案没有该项事实数据", "the scheme has no such fact"),
        InputName::Pay(_) => say!("方案没有该项薪酬基数", "the scheme has no such pay input"),
        InputName::Score => say!("方案不使用部门得分", "the scheme takes no unit scores"),
        InputName::Item { .. } => say!("考核表没有该输入项", "the sheet has no such input"),
    }
}

/// A value in the form that a case has. What is not understood stays as it is, to be refused.
pub(crate) fn as_case(spec: &InputSpec, written: &Json) -> Json {
    match written {
        Json::String(text) => text_as_case(spec, text.trim()),
        Json::Array(entries) if spec.many => entries.iter().map(|entry| as_case(spec, entry)).collect(),
        Json::Object(given) => {
            let field = |name: &str| spec.fields.iter().find(|field| field.name == name);
            let fields = given.iter().map(|(name, value)| {
                (name.clone(), field(name).map_or_else(|| value.clone(), |field| as_case(field, value)))
            });
            Json::Object(fields.collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

fn text_as_case(spec: &InputSpec, text: &str) -> Json {
    if spec.many && text.contains(SEPARATORS) {
        let entries = text.split(SEPARATORS).map(str::trim).filter(|entry| !entry.is_empty());
        return entries.map(|entry| text_as_case(spec, entry)).collect();
    }
    let understood = match spec.kind {
        InputKind::Flag => return flag(text).map_or_else(|| text.into(), Json::Bool),
        InputKind::Choice | InputKind::Grade | InputKind::Scale => {
            let codes = spec.choices.iter().map(|(code, _)| code.as_str());
            meant(codes.zip(&spec.labels), text).map(str::to_owned)
        }
        InputKind::Number | InputKind::Count | InputKind::Points => {
            Some(narrow(text)).filter(|number| parse_plain(number).is_some())
        }
        InputKind::Date => Some(narrow(text)).filter(|day| input::date(day).is_some()),
        InputKind::Text | InputKind::Record => None,
    };
    understood.map_or_else(|| text.into(), Json::String)
}

fn narrow(text: &str) -> String {
    text.chars().map(text::narrow).collect()
}

/// Yes or no, as people write it.
fn flag(text: &str) -> Option<bool> {
    match alike(text).as_str() {
        "true" | "yes" | "1" | "是" => Some(true),
        "false" | "no" | "0" | "否" => Some(false),
        _ => None,
    }
}

/// The code that people mean by a code, or by a label that only one code has.
pub fn code_meant<'c>(coded: &'c [Coded], text: &str) -> Option<&'c str> {
    meant(coded.iter().map(|one| (one.code.as_str(), &one.label)), text)
}

/// The one that is meant by its code, or by a label that only it has.
pub fn meant<'c>(coded: impl Iterator<Item = (&'c str, &'c Label)> + Clone, text: &str) -> Option<&'c str> {
    if let Some((code, _)) = coded.clone().find(|(code, _)| *code == text) {
        return Some(code);
    }
    let text = alike(text);
    let mut labelled = coded.filter(|(_, label)| alike(&label.zh) == text || alike(&label.en) == text);
    let found = labelled.next().map(|(code, _)| code);
    found.filter(|_| labelled.next().is_none())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SCHEME: &str = r#"
code = "written"
name = { zh = "写法", en = "Ways of writing" }

[[cadences]]
code = "monthly"
label = { zh = "月度", en = "Monthly" }
form = "month"

[[people.facts]]
name = "probation"
label = { zh = "试用期", en = "on probation" }
kind = "flag"

[[people.facts]]
name = "shift"
label = { zh = "班次", en = "shift" }
kind = "choice"
optional = true
choices = [
    { code = "D", label = { zh = "白班", en = "day" } },
    { code = "N", label = { zh = "夜班", en = "night" } },
    { code = "S", label = { zh = "备班", en = "day" } },
]

[[people.facts]]
name = "rates"
label = { zh = "比率", en = "rates" }
kind = "number"
optional = true
many = true
max = 100
"#;

    fn read(name: &str, written: impl Into<Json>) -> Result<Json, String> {
        let scheme = Scheme::in_use(SCHEME).unwrap_or_else(|problems| panic!("{problems:?}"));
        scheme.check_value("monthly", Kind::People, InputName::Fact(name), &written.into()).map_err(|wanted| wanted.en)
    }

    #[test]
    fn given_yes_or_no_in_any_words_then_it_is_a_flag() {
        for (words, flag) in [("是", true), ("Yes", true), ("TRUE", true), ("１", true), ("否", false), ("0", false)]
        {
            assert_eq!(read("probation", words), Ok(json!(flag)), "{words}");
        }
        assert_eq!(read("probation", true), Ok(json!(true)));
        assert_eq!(read("probation", "大概"), Err("\"大概\" is neither yes nor no (true or false)".to_owned()));
    }

    #[test]
    fn given_a_label_of_one_choice_then_it_is_that_choice() {
        for (text, code) in [("N", "N"), ("夜班", "N"), ("Night", "N"), ("白班", "D")] {
            assert_eq!(read("shift", text), Ok(json!(code)), "{text}");
        }
        assert!(read("shift", "day").is_err(), "two choices are called so");
        assert!(read("shift", "n").is_err(), "codes are written as they are");
    }

    #[test]
    fn given_numbers_then_they_may_be_wide_and_several() {
        assert_eq!(read("rates", "９０；８５.5、7"), Ok(json!(["90", "85.5", "7"])));
        assert_eq!(read("rates", json!(["１"])), Ok(json!(["1"])));
        assert_eq!(read("rates", "101"), Err("101 is more than 100".to_owned()));
        assert!(read("rates", 5).is_err() && read("rates", "1e2").is_err() && read("rates", "9²").is_err());
    }

    #[test]
    fn given_an_unknown_fact_then_it_is_refused() {
        assert!(read("nonsense", "1").is_err());
    }
}
