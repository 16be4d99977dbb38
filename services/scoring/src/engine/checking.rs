//! Checks of single values, as soon as they are entered, by what the scheme declares of their input.

use domain::scheme::{InputKind, InputView};
use platform::text::is_prose;
use platform::{Message, say};
use rust_decimal::Decimal;
use serde_json::Value;

/// A decimal in plain notation: an optional minus, digits, optionally a point and digits.
pub fn decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || text.len() > 30 {
        return None;
    }
    text.parse().ok()
}

/// What is wrong with a value. `weight` is that of the sheet's item where it is not the scheme's.
pub fn check(input: &InputView, value: &Value, weight: Option<Decimal>) -> Result<(), Message> {
    match (value, input.kind) {
        (Value::Bool(_), InputKind::Flag) => Ok(()),
        (_, InputKind::Flag) => Err(say!("应为 true 或 false", "true or false is expected")),
        (Value::Object(fields), InputKind::Record) => record(input, fields),
        (_, InputKind::Record) => Err(say!("应为对象", "an object is expected")),
        (Value::Array(values), _) if input.many => match values.as_slice() {
            [] => Err(say!("列表为空", "the list is empty")),
            values => values.iter().try_for_each(|value| check(&one(input), value, weight)),
        },
        (Value::String(text), kind) => text_or_number(input, kind, text, weight),
        (Value::Number(_), _) => {
            Err(say!("数值写成文本，例如 \"4.5\"", "numbers are written as text, such as \"4.5\""))
        }
        _ => Err(say!("应为文本", "a text is expected")),
    }
}

fn one(input: &InputView) -> InputView {
    InputView { many: false, ..input.clone() }
}

fn record(input: &InputView, fields: &serde_json::Map<String, Value>) -> Result<(), Message> {
    for (name, value) in fields {
        let field = input
            .fields
            .iter()
            .find(|f| f.name == *name)
            .ok_or_else(|| say!("没有字段 {name}", "there is no field {name}"))?;
        check(field, value, None).map_err(|why| say!("{name}：{why}", "{name}: {why}"; why))?;
    }
    match input.fields.iter().find(|f| f.required && !fields.contains_key(&f.name)) {
        Some(absent) => Err(say!("缺少 {}", "{} is missing", absent.name)),
        None => Ok(()),
    }
}

fn text_or_number(input: &InputView, kind: InputKind, text: &str, weight: Option<Decimal>) -> Result<(), Message> {
    match kind {
        InputKind::Choice | InputKind::Grade | InputKind::Scale => match input.choices.iter().any(|c| c == text) {
            true => Ok(()),
            false => Err(say!("应为以下之一：{}", "one of {} is expected", input.choices.join(", "))),
        },
        InputKind::Date => text
            .parse::<jiff::civil::Date>()
            .map(|_| ())
            .map_err(|_| say!("应为日期 YYYY-MM-DD", "a date YYYY-MM-DD is expected")),
        InputKind::Text if is_prose(text, 4000) => Ok(()),
        InputKind::Text => Err(say!("最多 4000 个字符", "at most 4000 characters")),
        _ => number(input, text, weight),
    }
}

fn number(input: &InputView, text: &str, weight: Option<Decimal>) -> Result<(), Message> {
    let number = decimal(text).ok_or_else(|| say!("应为小数", "a decimal number is expected"))?;
    if input.kind == InputKind::Count && !number.fract().is_zero() {
        return Err(say!("应为整数", "a whole number is expected"));
    }
    let max = weight.filter(|_| input.kind == InputKind::Points && input.max.is_some()).or(input.max);
    if let Some(min) = input.min.filter(|min| number < *min) {
        return Err(say!("应不小于 {}", "at least {} is expected", min.normalize()));
    }
    if let Some(max) = max.filter(|max| number > *max) {
        return Err(say!("应不大于 {}", "at most {} is expected", max.normalize()));
    }
    let step = input.step.filter(|step| !step.is_zero());
    match step.filter(|step| number.checked_rem(*step).is_none_or(|rest| !rest.is_zero())) {
        Some(step) => Err(say!("应为 {} 的整数倍", "a multiple of {} is expected", step.normalize())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use basics::Label;
    use serde_json::json;

    fn points() -> InputView {
        InputView {
            name: "superior".into(),
            label: Label::new("", ""),
            kind: InputKind::Points,
            rater: true,
            required: true,
            many: false,
            min: Some(Decimal::ZERO),
            max: Some(Decimal::from(6)),
            step: Some(Decimal::new(5, 1)),
            choices: Vec::new(),
            fields: Vec::new(),
        }
    }

    #[test]
    fn given_points_then_bounds_and_step_are_kept() {
        assert!(check(&points(), &json!("5.5"), None).is_ok());
        assert!(check(&points(), &json!("6.5"), None).is_err());
        assert!(check(&points(), &json!("-0.5"), None).is_err());
        assert!(check(&points(), &json!("5.3"), None).is_err());
    }

    #[test]
    fn given_a_sheet_with_its_own_weight_then_it_is_the_bound() {
        assert!(check(&points(), &json!("8"), Some(Decimal::from(10))).is_ok());
        assert!(check(&points(), &json!("5"), Some(Decimal::from(4))).is_err());
    }

    #[test]
    fn given_anything_but_plain_text_then_it_is_refused() {
        for value in [json!(5), json!("5e0"), json!("+5"), json!("５"), json!(""), json!(" 5"), json!("."), json!(true)]
        {
            assert!(check(&points(), &value, None).is_err(), "{value}");
        }
    }

    #[test]
    fn given_letters_then_only_those_of_the_scale_are_taken() {
        let letters = InputView { kind: InputKind::Scale, choices: vec!["A".into(), "B".into()], ..points() };
        assert!(check(&letters, &json!("A"), None).is_ok());
        assert!(check(&letters, &json!("a"), None).is_err());
    }
}
