//! What a pay profile may hold, and what a change of it does.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use basics::number;
use basics::pointer::below;
use domain::Kind;
use domain::case::InputName;
use domain::scheme::Scheme;
use events::{EmployeeNumber, Values};
use jiff::civil::Date;
use platform::web::Errors;
use platform::{Caller, Code, Message, Problem, Result, say};
use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};

use super::profile::{Change, Checked, Imported, Stored};
use crate::input::is_employee_number;

pub const MOST_INPUTS: usize = 64;
const MOST_DECIMALS: u32 = 6;
const BELOW: Decimal = dec!(1_000_000_000_000);

/// The inputs of a profile that holds from a day on, checked and written in one way.
pub fn profile(given: &BTreeMap<String, String>, day: Option<Date>, schemes: &[Arc<Scheme>]) -> Result<Values> {
    let mut errors = Errors::default();
    if let Some(day) = day {
        errors.check_day("/effective_on", day);
    }
    if given.is_empty() || given.len() > MOST_INPUTS {
        errors.add("/inputs", say!("薪酬档案须有 1 到 {MOST_INPUTS} 项", "a profile has 1 to {MOST_INPUTS} inputs"));
    }
    let mut inputs = Values::new();
    for (name, text) in given {
        let pointer = below("/inputs", name);
        match (is_input_name(name), amount(schemes, name, text)) {
            (false, _) => errors.add(pointer, not_a_name()),
            (true, Err(detail)) => errors.add(pointer, detail),
            (true, Ok(amount)) => {
                inputs.insert(name.clone(), amount);
            }
        }
    }
    errors.check().map(|()| inputs)
}

fn not_a_name() -> Message {
    say!(
        "名称由小写字母、数字和 _ 组成，最多 63 个字符",
        "inputs are named in lower_snake_case, with 63 characters at most"
    )
}

pub fn is_input_name(name: &str) -> bool {
    name.len() <= 63
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// An amount for an input. The schemes say what it may be: one of them has to take it, where any knows the input. What
/// no scheme knows may be any amount: a scheme that comes later says of a person's statement that it does not take it.
pub fn amount(schemes: &[Arc<Scheme>], name: &str, text: &str) -> Result<String, Message> {
    let amount = in_one_way(text)?;
    let knowing = schemes.iter().filter(|scheme| scheme.pay_labels().any(|(known, _)| known == name));
    let mut refused = None;
    for scheme in knowing {
        let cadence = scheme.cadences().first().map_or("", |cadence| &cadence.code);
        match scheme.check_value(cadence, Kind::People, InputName::Pay(name), &amount.as_str().into()) {
            Ok(_) => return Ok(amount),
            Err(why) => refused = refused.or(Some(why)),
        }
    }
    refused.map_or(Ok(amount), Err)
}

/// A decimal with two decimals at least, so that equal amounts are equal texts.
fn in_one_way(text: &str) -> Result<String, Message> {
    let mut number = number::read(text)?.normalize();
    if number.is_zero() {
        number.set_sign_positive(true);
    }
    if number.scale() > MOST_DECIMALS || number.abs() >= BELOW {
        return Err(say!(
            "小数点前最多 12 位、后最多 {MOST_DECIMALS} 位",
            "at most 12 digits before the point and {MOST_DECIMALS} after it"
        ));
    }
    number.rescale(number.scale().max(2));
    Ok(number.to_string())
}

/// What to say of a number that nobody has.
pub fn unknown_number(number: &str, near: &[String]) -> Message {
    match near {
        [] => say!("没有人的工号是 {number}", "nobody has the number {number}"),
        near => {
            let (zh, en) = (near.join(" 或 "), near.join(" or "));
            let meant = Message { zh, en };
            say!("没有人的工号是 {number}，是否指 {meant}？", "nobody has the number {number}; perhaps {meant} is meant"; meant)
        }
    }
}

/// What an import changes: the inputs of the file are laid over those in force, and what is the same already
/// is left alone.
pub fn changes(imported: Vec<Imported>, stored: &HashMap<EmployeeNumber, Stored>) -> Vec<Change> {
    let change = |row: Imported| {
        let before = stored.get(&row.number).cloned().unwrap_or_default();
        let mut inputs = before.inputs.clone().unwrap_or_default();
        inputs.extend(row.inputs.clone());
        let differs = !inputs.is_empty() && before.inputs.as_ref() != Some(&inputs);
        let Imported { pointer, number, .. } = row;
        differs.then_some(Change { pointer, number, before: before.inputs, inputs, version: before.version + 1 })
    };
    imported.into_iter().filter_map(change).collect()
}

/// What laying checked inputs over a person's profile changes: on the day from which they are in force, and on the later days
/// from which something else of the profile is in force, as far as these went on from what was in force on that day. The
/// changes by their days, each a version on.
pub fn laid_over(
    number: &EmployeeNumber,
    day: Date,
    stored: &Stored,
    later: &[(Date, Values)],
    checked: &[Checked],
) -> Vec<(Date, Change)> {
    let before = stored.inputs.clone().unwrap_or_default();
    let mut going_on: Vec<&Checked> = checked.iter().collect();
    let mut version = stored.version;
    let mut change = |was: Option<Values>, laid: &[&Checked]| {
        version += 1;
        let mut inputs = was.clone().unwrap_or_default();
        for one in laid {
            match &one.value {
                Some(value) => drop(inputs.insert(one.input.clone(), value.clone())),
                None => drop(inputs.remove(&one.input)),
            }
        }
        Change { pointer: String::new(), number: number.clone(), before: was, inputs, version }
    };
    let mut changes = vec![(day, change(stored.inputs.clone(), &going_on))];
    for (day, inputs) in later {
        going_on.retain(|one| {
            one.until.is_none_or(|until| until > *day) && inputs.get(&one.input) == before.get(&one.input)
        });
        if going_on.is_empty() {
            break;
        }
        changes.push((*day, change(Some(inputs.clone()), &going_on)));
    }
    changes
}

/// Whether somebody may set the profile of a number: it is one, and not their own.
pub fn check_may_set<P>(caller: &Caller<P>, number: &str) -> Result<()> {
    if !is_employee_number(number) {
        return Err(Problem::field("/number", say!("这不是工号", "this is no employee number")));
    }
    if caller.is(number) {
        return Err(Problem::not_permitted(say!("不能修改自己的薪酬档案", "nobody changes their own pay profile")));
    }
    Ok(())
}

/// Nobody decides what they are paid themselves: not alone, and not among others in a file.
pub fn check_not_own(changes: &[Change], is_caller: impl Fn(&str) -> bool) -> Result<()> {
    let own = changes.iter().find(|change| is_caller(&change.number));
    own.map_or(Ok(()), |change| {
        let refused =
            Problem::field(&change.pointer, say!("不能修改自己的薪酬档案", "nobody changes their own pay profile"));
        Err(Problem { code: Code::NotPermitted, ..refused })
    })
}

/// What the audit log keeps of changes: whose, and what was and is in force from a day on.
pub fn recorded(changes: &[Change]) -> Vec<Value> {
    let recorded = |change: &Change| json!({ "number": change.number, "version": change.version, "before": change.before, "after": change.inputs });
    changes.iter().map(recorded).collect()
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn base_salary() -> Arc<Scheme> {
        scheme("name = \"base_salary\"")
    }

    pub fn pointers(problem: &Problem) -> Vec<&str> {
        problem.errors.iter().map(|e| e.pointer.as_str()).collect()
    }

    pub fn values(pairs: &[(&str, &str)]) -> Values {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn an_amount_is_a_plain_decimal_written_in_one_way() {
        for (text, written) in [
            ("8000", "8000.00"),
            ("8000.10", "8000.10"),
            ("0.125", "0.125"),
            ("-0", "0.00"),
            ("-0.000", "0.00"),
            ("-150.5", "-150.50"),
        ] {
            assert_eq!(in_one_way(text).as_deref(), Ok(written), "{text}");
        }
        for text in ["", "-1000000000000", "1e3", "1,000", "abc", "1.1234567", "1000000000000", "+1", " 1", "NaN"] {
            assert!(in_one_way(text).is_err(), "{text}");
        }
        assert_eq!(in_one_way("999999999999.99").as_deref(), Ok("999999999999.99"));
    }

    #[test]
    fn importing_the_same_again_changes_nothing() {
        let row = |salary: &str| Imported {
            pointer: "/2/number".into(),
            number: "E001".into(),
            inputs: values(&[("base_salary", salary)]),
        };
        let inputs = values(&[("base_salary", "8000.00"), ("bonus_base", "1.00")]);
        let stored = HashMap::from([("E001".into(), Stored { inputs: Some(inputs.clone()), version: 3 })]);
        assert_eq!(changes(vec![row("8000.00")], &stored), []);
        let expected = values(&[("base_salary", "9000.00"), ("bonus_base", "1.00")]);
        assert_eq!(
            changes(vec![row("9000.00")], &stored),
            [Change {
                pointer: "/2/number".into(),
                number: "E001".into(),
                before: Some(inputs),
                inputs: expected,
                version: 4
            }]
        );
    }

    #[test]
    fn what_was_checked_is_laid_over_later_changes_too_unless_another_was_reported_for_them() {
        let day = |day: i8| jiff::civil::date(2026, 11, day);
        let stored = Stored { inputs: Some(values(&[("wage", "1.00")])), version: 4 };
        let later = [
            (day(3), values(&[("wage", "2.00")])),
            (day(9), values(&[("wage", "3.00")])),
            (day(20), values(&[("wage", "3.00"), ("bonus", "7.00")])),
        ];
        let laid = |until: Option<Date>| {
            let checked = Checked { input: "bonus".to_owned(), value: Some("5.00".to_owned()), until };
            let changes = laid_over(&"E001".into(), day(2), &stored, &later, &[checked]);
            let told = |(day, change): &(Date, Change)| (day.day(), change.inputs["wage"].clone(), change.version);
            changes.iter().map(told).collect::<Vec<_>>()
        };
        let (first, second, third) = ((2, "1.00".to_owned(), 5), (3, "2.00".to_owned(), 6), (9, "3.00".to_owned(), 7));
        assert_eq!(laid(None), [first.clone(), second.clone(), third]);
        assert_eq!(laid(Some(day(9))), [first, second]);
    }

    fn scheme(pay: &str) -> Arc<Scheme> {
        let text = format!(
            r#"code = "s"
name = {{ zh = "甲", en = "s" }}
cadences = [{{ code = "monthly", form = "month", label = {{ zh = "月", en = "monthly" }} }}]
[[people.pay]]
label = {{ zh = "数", en = "amount" }}
{pay}
[[people.figures]]
name = "score"
label = {{ zh = "分", en = "score" }}
formula = "1""#
        );
        Arc::new(Scheme::in_use(&text).unwrap())
    }

    #[test]
    fn only_what_some_scheme_lets_be_negative_or_none_knows_is() {
        let salary = scheme("name = \"base_salary\"");
        let schemes = [salary.clone(), scheme("name = \"settlement\"\nsigned = true")];
        let given = values(&[("base_salary", "-1"), ("settlement", "-1"), ("other", "-1"), ("bonus", "1")]);
        let problem = profile(&given, None, &schemes).unwrap_err();
        assert_eq!(pointers(&problem), ["/inputs/base_salary"]);
        let signed = scheme("name = \"base_salary\"\nsigned = true");
        let taken = profile(&given, None, &[salary, signed]).unwrap();
        assert_eq!(taken["base_salary"], "-1.00");
    }

    #[test]
    fn the_inputs_of_a_body_are_checked_one_by_one() {
        let problem = profile(
            &values(&[("base_salary", "-2"), ("Base/Salary", "1")]),
            Some(jiff::civil::date(1800, 1, 1)),
            &[base_salary()],
        )
        .unwrap_err();
        assert_eq!(pointers(&problem), ["/effective_on", "/inputs/Base~1Salary", "/inputs/base_salary"]);
        assert!(profile(&Values::new(), None, &[base_salary()]).is_err());
        assert_eq!(
            profile(&values(&[("base_salary", "1")]), None, &[base_salary()]).unwrap(),
            values(&[("base_salary", "1.00")])
        );
    }
}
