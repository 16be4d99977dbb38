//! Checks of single values, as soon as they are entered, by what the scheme declares of their input.

use domain::scheme::{InputKind, InputView};
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
pub fn check(input: &InputView, value: &Value, weight: Option<Decimal>) -> Result<(), String> {
    match (value, input.kind) {
        (Value::Bool(_), InputKind::Flag) => Ok(()),
        (_, InputKind::Flag) => Err("true or false is expected".to_owned()),
        (Value::Object(fields), InputKind::Record) => record(input, fields),
        (_, InputKind::Record) => Err("an object is expected".to_owned()),
        (Value::Array(values), _) if input.many => match values.as_slice() {
            [] => Err("the list is empty".to_owned()),
            values => values.iter().try_for_each(|value| check(&one(input), value, weight)),
        },
        (Value::String(text), kind) => text_or_number(input, kind, text, weight),
        (Value::Number(_), _) => Err("numbers are written as text, such as \"4.5\"".to_owned()),
        _ => Err("a text is expected".to_owned()),
    }
}

fn one(input: &InputView) -> InputView {
    InputView { many: false, ..input.clone() }
}

fn record(input: &InputView, fields: &serde_json::Map<String, Value>) -> Result<(), String> {
    for (name, value) in fields {
        let field = input.fields.iter().find(|f| f.name == *name).ok_or_else(|| format!("there is no field {name}"))?;
        check(field, value, None).map_err(|why| format!("{name}: {why}"))?;
    }
    match input.fields.iter().find(|f| f.required && !fields.contains_key(&f.name)) {
        Some(absent) => Err(format!("{} is missing", absent.name)),
        None => Ok(()),
    }
}

fn text_or_number(input: &InputView, kind: InputKind, text: &str, weight: Option<Decimal>) -> Result<(), String> {
    match kind {
        InputKind::Choice | InputKind::Grade | InputKind::Scale => match input.choices.iter().any(|c| c == text) {
            true => Ok(()),
            false => Err(format!("one of {} is expected", input.choices.join(", "))),
        },
        InputKind::Date => {
            text.parse::<jiff::civil::Date>().map(|_| ()).map_err(|_| "a date YYYY-MM-DD is expected".to_owned())
        }
        InputKind::Text if text.chars().count() <= 4000 => Ok(()),
        InputKind::Text => Err("at most 4000 characters".to_owned()),
        _ => number(input, text, weight),
    }
}

fn number(input: &InputView, text: &str, weight: Option<Decimal>) -> Result<(), String> {
    let number = decimal(text).ok_or_else(|| "a decimal number is expected".to_owned())?;
    if input.kind == InputKind::Count && !number.fract().is_zero() {
        return Err("a whole number is expected".to_owned());
    }
    let max = weight.filter(|_| input.kind == InputKind::Points && input.max.is_some()).or(input.max);
    if let Some(min) = input.min.filter(|min| number < *min) {
        return Err(format!("at least {} is expected", min.normalize()));
    }
    if let Some(max) = max.filter(|max| number > *max) {
        return Err(format!("at most {} is expected", max.normalize()));
    }
    let step = input.step.filter(|step| !step.is_zero());
    match step.filter(|step| number.checked_rem(*step).is_none_or(|rest| !rest.is_zero())) {
        Some(step) => Err(format!("a multiple of {} is expected", step.normalize())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Label;
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
