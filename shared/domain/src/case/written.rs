//! Values as people write them, in a cell or in a request: 是 for true, a label for a code, ９０ for 90. There is one
//! way of reading them, so that what one part of the product takes no other part refuses later.

use serde_json::{Map, Value as Json};

use super::input;
use crate::message::Message;
use crate::money::parse_plain;
use crate::say;
use crate::scheme::plan::InputSpec;
use crate::scheme::{InputKind, Scheme};
use crate::text::{self, alike};
use crate::value::Kind;

/// What stands between several values in one cell.
const SEPARATORS: [char; 3] = [';', '；', '、'];

impl Scheme {
    /// A value in the form that a case has, by where its input lies (`fact.late`, `item.work.superior`). What is not
    /// understood stays as it is, for whoever checks it next to refuse.
    pub fn as_case(&self, cadence: &str, kind: Kind, path: &str, written: &Json) -> Json {
        match self.input_spec(cadence, kind, path) {
            Some(spec) => as_case(spec, written),
            None => written.clone(),
        }
    }

    /// A fact in the form that a case has, or what is wanted instead. It is checked as a case checks it.
    pub fn read_fact(&self, cadence: &str, kind: Kind, name: &str, written: &Json) -> Result<Json, Message> {
        let spec = self.input_spec(cadence, kind, &format!("fact.{name}"));
        let spec = spec.ok_or_else(|| say!("方案没有该项事实数据", "the scheme has no such fact"))?;
        let value = as_case(spec, written);
        self.check_written(spec, &value).map(|()| value)
    }

    fn input_spec(&self, cadence: &str, kind: Kind, path: &str) -> Option<&InputSpec> {
        let layout = &self.plan(self.cadence_index(cadence)?)?.layouts[kind.index()];
        let slot = layout.by_path.get(path)?;
        layout.slots.get(usize::from(*slot)).map(|slot| &slot.spec)
    }

    fn check_written(&self, spec: &InputSpec, value: &Json) -> Result<(), Message> {
        let refused = match spec.kind {
            InputKind::Record => return self.check_fields(spec, value),
            InputKind::Scale => input::read_scale(spec, value, &self.symbols).err(),
            InputKind::Text => input::some_text(value).err(),
            _ => input::read(spec, value, None, &mut Vec::new()).err(),
        };
        refused.map_or(Ok(()), |refused| Err(refused.detail))
    }

    fn check_fields(&self, spec: &InputSpec, value: &Json) -> Result<(), Message> {
        let fields = value.as_object().ok_or_else(|| say!("应为一组数据（对象）", "an object is wanted"))?;
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
            let field = spec.fields.iter().find(|field| field.name == *name);
            let field = field.ok_or_else(|| say!("没有字段 {name}", "there is no field {name}"))?;
            self.check_written(field, value).map_err(|why| say!("{name}：{why}", "{name}: {why}"; why))?;
        }
        let absent = spec.fields.iter().find(|field| field.required() && !fields.contains_key(&field.name));
        absent.map_or(Ok(()), |field| Err(say!("缺少 {}", "{} is missing", field.name)))
    }
}

fn as_case(spec: &InputSpec, written: &Json) -> Json {
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
        InputKind::Choice | InputKind::Grade => code(spec, text).map(str::to_owned),
        InputKind::Number | InputKind::Count | InputKind::Points => {
            Some(narrow(text)).filter(|number| parse_plain(number).is_some())
        }
        InputKind::Date => Some(narrow(text)).filter(|day| input::date(day).is_some()),
        InputKind::Scale | InputKind::Text | InputKind::Record => None,
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

/// The code that is meant by a code or by a label that only one code has.
fn code<'s>(spec: &'s InputSpec, text: &str) -> Option<&'s str> {
    let mut codes = spec.choices.iter().map(|(code, _)| code.as_str());
    if let Some(code) = codes.clone().find(|code| *code == text) {
        return Some(code);
    }
    let text = alike(text);
    let is_label =
        |at: usize| spec.labels.get(at).is_some_and(|label| alike(&label.zh) == text || alike(&label.en) == text);
    let labelled: Vec<usize> = (0..spec.choices.len()).filter(|at| is_label(*at)).collect();
    match labelled.as_slice() {
        [at] => codes.nth(*at),
        _ => None,
    }
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
        scheme.read_fact("monthly", Kind::People, name, &written.into()).map_err(|wanted| wanted.en)
    }

    #[test]
    fn given_yes_or_no_in_any_words_then_it_is_a_flag() {
        for (words, flag) in [("是", true), ("Yes", true), ("TRUE", true), ("１", true), ("否", false), ("0", false)]
        {
            assert_eq!(read("probation", words), Ok(json!(flag)), "{words}");
        }
        assert_eq!(read("probation", true), Ok(json!(true)));
        assert_eq!(read("probation", "大概"), Err("true or false is wanted".to_owned()));
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
