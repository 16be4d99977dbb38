//! One given value, checked against what the scheme says may be given.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::message::Message;
use crate::say;
use crate::scheme::InputKind;
use crate::scheme::plan::InputSpec;
use crate::value::Value;

/// Why a value is not accepted: below which pointer, a code and words.
pub(crate) struct Refused {
    pub below: String,
    pub code: &'static str,
    pub detail: Message,
}

fn refused(code: &'static str, detail: impl Into<Message>) -> Refused {
    Refused { below: String::new(), code, detail: detail.into() }
}

/// Reads a value. `weight` bounds points; `numbers` takes those of lists.
pub(crate) fn read(
    spec: &InputSpec,
    json: &Json,
    weight: Option<Decimal>,
    numbers: &mut Vec<Decimal>,
) -> Result<Value, Refused> {
    match spec.kind {
        InputKind::Number | InputKind::Count | InputKind::Points => number_or_list(spec, json, weight, numbers),
        InputKind::Flag => match json {
            Json::Bool(flag) => Ok(Value::Flag(*flag)),
            _ => Err(refused("not_a_flag", say!("应为 true 或 false", "true or false is wanted"))),
        },
        InputKind::Choice | InputKind::Grade => {
            let text = text(json)?;
            let found = spec.choices.iter().find(|(code, _)| code == text);
            found.map(|(_, symbol)| Value::Text(*symbol)).ok_or_else(|| {
                let all: Vec<&str> = spec.choices.iter().map(|(code, _)| code.as_str()).collect();
                refused("unknown_code", say!("{text:?} 不在可选值之中：{}", "{text:?} is none of {}", all.join(", ")))
            })
        }
        InputKind::Scale | InputKind::Text | InputKind::Record => {
            Err(refused("not_readable", say!("此处不能读取", "not readable here")))
        }
        InputKind::Date => date(text(json)?).map(Value::Day).ok_or_else(|| {
            refused("not_a_date", say!("日期写作 YYYY-MM-DD，且须真实存在", "a date is written YYYY-MM-DD and exists"))
        }),
    }
}

/// Reads a text of a scale, which needs the scheme's symbols.
pub(crate) fn read_scale(spec: &InputSpec, json: &Json, symbols: &crate::value::Symbols) -> Result<Value, Refused> {
    let text = text(json)?;
    let symbol = symbols.find(text).filter(|symbol| spec.scale.iter().any(|(entry, _)| entry == symbol));
    symbol
        .map(Value::Text)
        .ok_or_else(|| refused("unknown_code", say!("{text:?} 不在评分尺度之中", "{text:?} is not on the scale")))
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
    let number = plain_number(json)?;
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
