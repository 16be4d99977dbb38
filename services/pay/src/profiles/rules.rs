//! What a pay profile may hold, and how a file becomes profiles.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use domain::Label;
use domain::events::Values;
use domain::number;
use domain::scheme::Scheme;
use platform::tabular::{Cells, Column, Columns, Faults, Percent, Row, Table};
use platform::web::Errors;
use platform::{Code, Message, Problem, Result, say};
use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};

const MOST_INPUTS: usize = 64;
const MOST_DECIMALS: u32 = 6;
const BELOW: Decimal = dec!(1_000_000_000_000);

/// Inputs that a company's schemes know, and that none of them lets be negative. What no scheme knows may be: a scheme
/// that comes later says of a person's statement that it does not take the amount.
#[derive(Clone, Debug, Default)]
pub struct Unsigned(BTreeSet<String>);

impl Unsigned {
    pub fn by(schemes: &[Arc<Scheme>]) -> Self {
        let signed: BTreeSet<&str> = schemes.iter().flat_map(|scheme| scheme.signed_pay(true)).collect();
        let unsigned = schemes.iter().flat_map(|scheme| scheme.signed_pay(false));
        Self(unsigned.filter(|name| !signed.contains(name)).map(str::to_owned).collect())
    }

    /// The amount of an input, written in one way.
    fn amount(&self, name: &str, text: &str) -> Result<String, Message> {
        let amount = amount(text)?;
        if amount.starts_with('-') && self.0.contains(name) {
            return Err(say!("不能为负", "this may not be negative"));
        }
        Ok(amount)
    }
}

/// The inputs of a request body, checked and written in one way.
pub fn inputs(given: &BTreeMap<String, String>, unsigned: &Unsigned) -> Result<Values> {
    let mut errors = Errors::default();
    if given.is_empty() || given.len() > MOST_INPUTS {
        errors.add("/inputs", say!("薪酬档案须有 1 到 {MOST_INPUTS} 项", "a profile has 1 to {MOST_INPUTS} inputs"));
    }
    let mut inputs = Values::new();
    for (name, text) in given {
        let pointer = format!("/inputs/{}", name.replace('~', "~0").replace('/', "~1"));
        match (is_input_name(name), unsigned.amount(name, text)) {
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

fn is_input_name(name: &str) -> bool {
    name.len() <= 63
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// A decimal in plain notation, with two decimals at least, so that equal amounts are equal texts. Whether it may be
/// negative is the schemes' to say.
fn amount(text: &str) -> Result<String, Message> {
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

/// One row of an imported file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Where it stands in the file.
    pub pointer: String,
    pub number: String,
    /// Only what the file says; an empty cell says nothing.
    pub inputs: Values,
}

fn whose() -> Column {
    Column::new("number", ("工号", "employee number"), &["员工编号"], Cells::Code).required()
}

/// The pay inputs of these names, headed as the schemes call them.
fn known_inputs<'n>(names: impl Iterator<Item = &'n str>, schemes: &[Arc<Scheme>]) -> Vec<Column> {
    let amount = Cells::Number(Percent::Unclear);
    let column = |name: &str| {
        let labels = schemes.iter().flat_map(|scheme| scheme.pay_labels()).filter(|(of, _)| *of == name);
        let labels: Vec<&Label> = labels.map(|(_, label)| label).collect();
        let (zh, en) = labels.first().map_or((name, name), |label| (&label.zh, &label.en));
        let titles: Vec<&str> = labels.iter().flat_map(|label| [label.zh.as_str(), label.en.as_str()]).collect();
        Column::new(name, (zh, en), &titles, amount).between(Some(Decimal::ZERO), None)
    };
    names.map(column).collect()
}

/// The columns of a template: those of which there are profiles, or what most policies need.
pub fn template_columns(mut names: Vec<String>, schemes: &[Arc<Scheme>]) -> Vec<Column> {
    if names.is_empty() {
        names = ["base_salary", "performance_base"].map(str::to_owned).into();
    }
    std::iter::once(whose()).chain(known_inputs(names.iter().map(String::as_str), schemes)).collect()
}

/// The columns of a file of profiles: whose, what the schemes know, and any other pay inputs.
pub fn columns(schemes: &[Arc<Scheme>]) -> Columns {
    let names: BTreeSet<&str> = schemes.iter().flat_map(|scheme| scheme.pay_labels()).map(|(name, _)| name).collect();
    Columns::new(std::iter::once(whose()).chain(known_inputs(names.into_iter(), schemes)).collect())
        .with_others(|name| is_input_name(name).then_some(Cells::Number(Percent::Unclear)))
        .passing_over(&[
            "姓名",
            "name",
            "employee",
            "部门",
            "department",
            "unit",
            "岗位",
            "职位",
            "position",
            "category",
        ])
}

/// Reads a table of profiles: `number` and any pay inputs. Every error is told, those of its cells included.
pub fn imported(table: &Table, faults: Faults, unsigned: &Unsigned) -> Result<Vec<Imported>> {
    let mut errors = Errors::of_table(faults);
    let header = table.header_row();
    let number = table.column("number");
    if number.is_none() {
        errors.add(format!("/{header}/number"), say!("缺少列 `number`", "the column `number` is missing"));
    }
    let inputs: Vec<(usize, &str)> = table
        .columns
        .iter()
        .enumerate()
        .filter(|(i, _)| Some(*i) != number)
        .map(|(i, name)| (i, name.as_str()))
        .collect();
    if inputs.is_empty() || inputs.len() > MOST_INPUTS {
        errors.add(
            format!("/{header}"),
            say!(
                "除 `number` 外须有 1 到 {MOST_INPUTS} 列薪酬基数",
                "beside `number` there are 1 to {MOST_INPUTS} columns of pay inputs"
            ),
        );
    }
    if table.rows.is_empty() {
        errors.add(format!("/{}", header + 1), say!("文件没有数据行", "the file has no rows"));
    }
    let mut lines: HashMap<&str, usize> = HashMap::new();
    let mut found = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let inputs = cells(row, &inputs, unsigned, &mut errors);
        let Some((number, employee)) = number.and_then(|number| Some((number, row.get(number)?))) else {
            if number.is_some() {
                errors.add(row.pointer("number"), say!("缺少工号", "the employee number is missing"));
            }
            continue;
        };
        if let Err(why) = domain::identifier::read(employee) {
            let quoted = row.quoted(number);
            errors.add(
                row.pointer("number"),
                say!("“{quoted}”不是工号：{why}", "{quoted} is no employee number: {why}"; quoted, why),
            );
        }
        if let Some(line) = lines.insert(employee, row.line) {
            let quoted = row.quoted(number);
            errors.add(
                row.pointer("number"),
                say!("{quoted} 已在第 {line} 行出现", "{quoted} is in row {line} already"; quoted),
            );
        }
        found.push(Imported { pointer: row.pointer("number"), number: employee.to_owned(), inputs });
    }
    errors.check().map(|()| found)
}

fn cells(row: &Row, inputs: &[(usize, &str)], unsigned: &Unsigned, errors: &mut Errors) -> Values {
    let mut values = Values::new();
    for (column, name) in inputs {
        match row.get(*column).map(|text| unsigned.amount(name, text)) {
            None => {}
            Some(Ok(amount)) => {
                values.insert((*name).to_owned(), amount);
            }
            Some(Err(detail)) => errors.add(row.pointer(name), detail),
        }
    }
    values
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

/// What is stored about a person on the day an import takes effect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// In force on that day.
    pub inputs: Option<Values>,
    /// 0 when there is no profile at all.
    pub version: i64,
}

/// A profile as it has to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where it stands in an imported file.
    pub pointer: String,
    pub number: String,
    /// What was in force until then.
    pub before: Option<Values>,
    pub inputs: Values,
    pub version: i64,
}

/// What an import changes: the inputs of the file are laid over those in force, and what is the same already
/// is left alone.
pub fn changes(imported: Vec<Imported>, stored: &HashMap<String, Stored>) -> Vec<Change> {
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
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Imported>> {
        let (table, faults) = Table::read(text.as_bytes(), &columns(&[])).unwrap();
        imported(&table, faults, &base_salary())
    }

    fn base_salary() -> Unsigned {
        Unsigned(BTreeSet::from(["base_salary".to_owned()]))
    }

    fn pointers(problem: &Problem) -> Vec<&str> {
        problem.errors.iter().map(|e| e.pointer.as_str()).collect()
    }

    fn values(pairs: &[(&str, &str)]) -> Values {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn nobodys_own_row_changes_what_they_are_paid() {
        let rows = read("number,base_salary\nE001,8000\nF001,9000\n").unwrap();
        let stored = HashMap::from([(
            "F001".to_owned(),
            Stored { inputs: Some(values(&[("base_salary", "9000.00")])), version: 1 },
        )]);
        assert!(check_not_own(&changes(rows.clone(), &stored), |number| number == "F001").is_ok(), "it stays as it is");
        let refused = check_not_own(&changes(rows, &HashMap::new()), |number| number == "F001").unwrap_err();
        assert_eq!((refused.code, pointers(&refused)), (Code::NotPermitted, vec!["/3/number"]));
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
            assert_eq!(amount(text).as_deref(), Ok(written), "{text}");
        }
        for text in ["", "-1000000000000", "1e3", "1,000", "abc", "1.1234567", "1000000000000", "+1", " 1", "NaN"] {
            assert!(amount(text).is_err(), "{text}");
        }
        assert_eq!(amount("999999999999.99").as_deref(), Ok("999999999999.99"));
    }

    #[test]
    fn a_file_is_read_by_its_header() {
        let rows = read("number,base_salary,bonus_base\nE001,8000,\nE002,9000.50,100\n").unwrap();
        assert_eq!(
            rows[0],
            Imported {
                pointer: "/2/number".into(),
                number: "E001".into(),
                inputs: values(&[("base_salary", "8000.00")])
            }
        );
        assert_eq!(rows[1].inputs, values(&[("base_salary", "9000.50"), ("bonus_base", "100.00")]));
    }

    #[test]
    fn every_error_of_a_file_is_told_by_row_and_column() {
        let problem = read("number,base_salary,Bonus\nE001,-1,2\n,5,2\nE001,x,2\n").unwrap_err();
        assert_eq!(pointers(&problem), ["/1/Bonus", "/2/base_salary", "/3/number", "/4/number", "/4/base_salary"]);
        assert_eq!(pointers(&read("base_salary\n5\n").unwrap_err()), ["/1/number"]);
        assert_eq!(pointers(&read("number\nE001\n").unwrap_err()), ["/1"]);
        assert_eq!(pointers(&read("number,base_salary\n").unwrap_err()), ["/2"]);
    }

    #[test]
    fn importing_the_same_again_changes_nothing() {
        let row = |salary: &str| Imported {
            pointer: "/2/number".into(),
            number: "E001".into(),
            inputs: values(&[("base_salary", salary)]),
        };
        let inputs = values(&[("base_salary", "8000.00"), ("bonus_base", "1.00")]);
        let stored = HashMap::from([("E001".to_owned(), Stored { inputs: Some(inputs.clone()), version: 3 })]);
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
    fn a_row_that_says_nothing_makes_no_profile() {
        let rows = read("number,base_salary\nE001,\n").unwrap();
        assert_eq!(changes(rows, &HashMap::new()), []);
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
        let problem = inputs(&given, &Unsigned::by(&schemes)).unwrap_err();
        assert_eq!(pointers(&problem), ["/inputs/base_salary"]);
        let signed = scheme("name = \"base_salary\"\nsigned = true");
        let taken = inputs(&given, &Unsigned::by(&[salary, signed])).unwrap();
        assert_eq!(taken["base_salary"], "-1.00");
    }

    #[test]
    fn the_inputs_of_a_body_are_checked_one_by_one() {
        let problem = inputs(&values(&[("base_salary", "-2"), ("Base/Salary", "1")]), &base_salary()).unwrap_err();
        assert_eq!(pointers(&problem), ["/inputs/Base~1Salary", "/inputs/base_salary"]);
        assert!(inputs(&Values::new(), &base_salary()).is_err());
        assert_eq!(
            inputs(&values(&[("base_salary", "1")]), &base_salary()).unwrap(),
            values(&[("base_salary", "1.00")])
        );
    }
}
