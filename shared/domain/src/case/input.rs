//! One given value, checked against what the scheme says may be given.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::say;
use crate::scheme::InputKind;
use crate::scheme::plan::InputSpec;
use crate::text::{invisible, misleads, shortened};
use crate::value::{Symbols, Value};
use crate::{Label, Message};

/// Why a value is not accepted: below which pointer, a code and words.
pub(crate) struct Refused {
    pub below: String,
    pub code: &'static str,
    pub detail: Message,
}

fn refused(code: &'static str, detail: impl Into<Message>) -> Refused {
    Refused { below: String::new(), code, detail: detail.into() }
}

/// Reads a value that is written as a case writes it: the one place where values are checked, whoever enters them.
/// `weight` bounds points; `numbers` takes those of lists.
pub(crate) fn read(
    spec: &InputSpec,
    symbols: &Symbols,
    json: &Json,
    weight: Option<Decimal>,
    numbers: &mut Vec<Decimal>,
) -> Result<Value, Refused> {
    match spec.kind {
        InputKind::Number | InputKind::Count | InputKind::Points => number_or_list(spec, json, weight, numbers),
        InputKind::Flag => flag(json).map(Value::Flag),
        InputKind::Choice | InputKind::Grade => {
            let text = text(json)?;
            let found = spec.choices.iter().find(|(code, _)| code == text);
            found.map(|(_, symbol)| Value::Text(*symbol)).ok_or_else(|| none_of(text, spec, symbols))
        }
        InputKind::Scale => {
            let text = text(json)?;
            let found = symbols.find(text).filter(|symbol| spec.scale.iter().any(|(entry, _)| entry == symbol));
            found.map(Value::Text).ok_or_else(|| none_of(text, spec, symbols))
        }
        InputKind::Text => some_text(json).and_then(readable).map(|_| Value::Absent),
        InputKind::Record => Err(refused("not_readable", say!("此处不能读取", "not readable here"))),
        InputKind::Date => {
            let text = text(json)?;
            date(text).map(Value::Day).ok_or_else(|| {
                let quoted = shortened(text);
                refused(
                    "not_a_date",
                    say!(
                        "“{quoted}”不是日期；日期写作 2026-03-31，且须真实存在",
                        "{quoted:?} is no day; a day is written like 2026-03-31, and exists"
                    ),
                )
            })
        }
    }
}

/// Characters of a text that somebody enters.
const LONGEST_TEXT: usize = 4000;

fn readable(text: &str) -> Result<&str, Refused> {
    if text.chars().count() > LONGEST_TEXT {
        return Err(refused("too_long", say!("最多 {LONGEST_TEXT} 个字符", "at most {LONGEST_TEXT} characters")));
    }
    match text.chars().find(|c| misleads(*c) || (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))) {
        Some(hidden) => Err(refused("not_readable", invisible(hidden))),
        None => Ok(text),
    }
}

fn flag(json: &Json) -> Result<bool, Refused> {
    match json {
        Json::Bool(flag) => Ok(*flag),
        Json::String(text) => {
            let quoted = shortened(text);
            Err(refused(
                "not_a_flag",
                say!("“{quoted}”应为是或否（true 或 false）", "{quoted:?} is neither yes nor no (true or false)"),
            ))
        }
        _ => Err(refused("not_a_flag", say!("应为 true 或 false", "true or false is wanted"))),
    }
}

/// What may be entered is told by its code, and by what people call it.
fn none_of(text: &str, spec: &InputSpec, symbols: &Symbols) -> Refused {
    let letters = || spec.scale.iter().map(|(letter, _)| (symbols.text(*letter).to_string(), None)).collect();
    let choices = || spec.choices.iter().map(|(code, _)| code.clone()).zip(spec.labels.iter().map(Some)).collect();
    let all: Vec<(String, Option<&Label>)> = if spec.choices.is_empty() { letters() } else { choices() };
    let named = |code: &str, label: Option<&str>, (open, close): (&str, &str)| match label {
        Some(label) if label != code => format!("{code}{open}{label}{close}"),
        _ => code.to_owned(),
    };
    let zh = all.iter().map(|(code, label)| named(code, label.map(|label| label.zh.as_str()), ("（", "）")));
    let en = all.iter().map(|(code, label)| named(code, label.map(|label| label.en.as_str()), (" (", ")")));
    let all = Message { zh: zh.collect::<Vec<_>>().join("、"), en: en.collect::<Vec<_>>().join(", ") };
    let quoted = shortened(text);
    refused("unknown_code", say!("“{quoted}”不在可选值之中：{all}", "{quoted:?} is none of {all}"; all))
}

pub(crate) fn text(json: &Json) -> Result<&str, Refused> {
    json.as_str().ok_or_else(|| refused("not_a_text", say!("应为文本", "a text is wanted")))
}

/// A text in which something is said.
pub(crate) fn some_text(json: &Json) -> Result<&str, Refused> {
    let text = text(json)?;
    if text.trim().is_empty() {
        Err(refused("empty", say!("文本不能为空", "an empty text says nothing")))
    } else {
        Ok(text)
    }
}

fn number_or_list(
    spec: &InputSpec,
    json: &Json,
    weight: Option<Decimal>,
    numbers: &mut Vec<Decimal>,
) -> Result<Value, Refused> {
    let Json::Array(entries) = json else {
        return number(spec, json, weight).map(Value::Number);
    };
    if !spec.many {
        return Err(refused("not_a_number", say!("应为一个数值，不能是多个", "one number is wanted, not several")));
    }
    if entries.is_empty() {
        return Err(refused("empty", say!("列表不能为空", "an empty list says nothing")));
    }
    let start = numbers.len();
    for (at, entry) in entries.iter().enumerate() {
        match number(spec, entry, weight) {
            Ok(number) => numbers.push(number),
            Err(mut refused) => {
                refused.below = format!("/{at}");
                return Err(refused);
            }
        }
    }
    let bounds = (u32::try_from(start), u32::try_from(entries.len()));
    match bounds {
        (Ok(start), Ok(len)) => Ok(Value::List { start, len }),
        _ => Err(refused("too_many", say!("数值过多", "too many numbers"))),
    }
}

fn number(spec: &InputSpec, json: &Json, weight: Option<Decimal>) -> Result<Decimal, Refused> {
    in_bounds(spec, plain_number(json)?, weight)
}

/// A number, if it may be given. `weight` bounds points.
pub(crate) fn in_bounds(spec: &InputSpec, number: Decimal, weight: Option<Decimal>) -> Result<Decimal, Refused> {
    if number < Decimal::ZERO && !spec.signed {
        return Err(refused("negative", say!("{number} 为负数", "{number} is negative")));
    }
    if spec.kind == InputKind::Count && !number.fract().is_zero() {
        return Err(refused("not_whole", say!("{number} 不是整数", "{number} is not a whole number")));
    }
    if spec.kind == InputKind::Points
        && let Some(weight) = weight.filter(|weight| number > *weight)
    {
        return Err(refused(
            "out_of_bounds",
            say!("{number} 超过指标的权重 {weight}", "{number} is more than the item's weight of {weight}"),
        ));
    }
    match spec.bounds.complaint(number) {
        Some(complaint) => Err(refused("out_of_bounds", complaint)),
        None => Ok(number),
    }
}

/// A decimal written as a JSON string in plain notation.
pub(crate) fn plain_number(json: &Json) -> Result<Decimal, Refused> {
    let Json::String(text) = json else {
        return Err(refused("not_a_number", say!("数值须写成 JSON 字符串", "a number is written as a JSON string")));
    };
    crate::number::read(text).map_err(|how_to_write| refused("not_a_number", how_to_write))
}

/// A date written YYYY-MM-DD.
pub(crate) fn date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shape = bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { *byte == b'-' } else { byte.is_ascii_digit() });
    shape.then(|| text.parse().ok()).flatten()
}
