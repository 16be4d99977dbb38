use basics::money::parse_plain;
use basics::text::{LONGEST_NAME, name_fault};
use jiff::civil::Date;
use platform::text::is_prose;
use platform::web::Errors;
use platform::{Problem, Result, say};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A target to hand down.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTarget {
    pub to: Aim,
    /// 1 to 200 characters.
    pub title: String,
    /// How it is measured; at most 4000 characters.
    #[serde(default)]
    pub measure: Option<String>,
    /// A figure to reach, in the measure's own unit.
    #[serde(default)]
    #[schema(pattern = r"^-?\d{1,14}(\.\d{1,6})?$", example = "1200000")]
    pub amount: Option<String>,
    #[serde(default)]
    pub due: Option<Date>,
}

/// For whom a target is: exactly one of the two.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Aim {
    /// Unit code.
    #[serde(default)]
    pub unit: Option<String>,
    /// Employee number.
    #[serde(default)]
    pub employee: Option<String>,
}

/// For whom a target is, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To<'a> {
    Unit(&'a str),
    Employee(&'a str),
}

impl Aim {
    fn read(&self) -> Option<To<'_>> {
        match (&self.unit, &self.employee) {
            (Some(code), None) => Some(To::Unit(code)),
            (None, Some(number)) => Some(To::Employee(number)),
            _ => None,
        }
    }
}

const LONGEST_TEXT: usize = 4000;

/// For whom a target is, when nothing is wrong with it.
pub fn check(target: &NewTarget) -> Result<To<'_>> {
    let mut errors = Errors::default();
    let to = target.to.read();
    if to.is_none() {
        errors.add("/to", say!("请填写部门或员工，二者取一", "name either a unit or an employee"));
    }
    if let Some(fault) = name_fault(target.title.trim()) {
        let fault = fault.told();
        errors.add(
            "/title",
            say!(
                "标题须为一行，1 到 {LONGEST_NAME} 个字符：{fault}",
                "a title is one line of 1 to {LONGEST_NAME} characters: {fault}";
                fault
            ),
        );
    }
    if target.measure.as_ref().is_some_and(|measure| !is_prose(measure, LONGEST_TEXT)) {
        errors.add("/measure", say!("最多 {LONGEST_TEXT} 个字符", "at most {LONGEST_TEXT} characters"));
    }
    if target.amount.as_ref().is_some_and(|amount| !is_amount(amount)) {
        errors.add(
            "/amount",
            say!(
                "须为小数，小数点前最多 14 位、后最多 6 位",
                "a decimal number with at most 14 digits before and 6 after the point"
            ),
        );
    }
    if let Some(due) = target.due {
        errors.check_day("/due", due);
    }
    errors.check()?;
    to.ok_or_else(|| Problem::field("/to", say!("请填写部门或员工，二者取一", "name either a unit or an employee")))
}

fn is_amount(text: &str) -> bool {
    let limit = Decimal::from(100_000_000_000_000_i64);
    parse_plain(text).is_some_and(|amount| amount.abs() < limit && amount.scale() <= 6)
}

/// Who stands above whoever a target is for.
#[derive(Clone, Copy, Debug)]
pub struct Above<'a> {
    /// Of a person: their superior. Of a unit: its head's superior.
    pub superior: Option<&'a str>,
    /// Of a person: the head of their unit.
    pub head: Option<&'a str>,
}

/// Leaders, and HR on their behalf, hand targets to units; heads and superiors hand them to their people.
pub fn may_issue(to: To<'_>, above: &Above<'_>, caller: Option<&str>, leads_company: bool) -> Result<()> {
    let is = |other: Option<&str>| caller.is_some() && other == caller;
    let allowed = match to {
        To::Unit(_) => leads_company || is(above.superior),
        To::Employee(number) => caller != Some(number) && (is(above.superior) || is(above.head)),
    };
    if allowed {
        return Ok(());
    }
    Err(Problem::not_permitted(match to {
        To::Unit(_) => say!(
            "部门指标由高管、人力资源或部门负责人的上级下达",
            "executives, HR or the superior of its head hand targets to a unit"
        ),
        To::Employee(_) => {
            say!("个人指标由上级或部门负责人下达", "the superior or the unit's head hands targets to a person")
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(unit: Option<&str>, employee: Option<&str>) -> NewTarget {
        NewTarget {
            to: Aim { unit: unit.map(str::to_owned), employee: employee.map(str::to_owned) },
            title: "Sales".to_owned(),
            measure: None,
            amount: Some("1200000.50".to_owned()),
            due: None,
        }
    }

    #[test]
    fn a_target_is_for_one() {
        assert_eq!(check(&target(Some("NET"), None)).unwrap(), To::Unit("NET"));
        assert_eq!(check(&target(None, Some("E1"))).unwrap(), To::Employee("E1"));
        assert!(check(&target(None, None)).is_err());
        assert!(check(&target(Some("NET"), Some("E1"))).is_err());
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        let mut wrong = target(None, None);
        wrong.title = " ".to_owned();
        wrong.amount = Some("1e6".to_owned());
        wrong.due = Some(jiff::civil::date(9999, 1, 1));
        let pointers: Vec<_> = check(&wrong).unwrap_err().errors.into_iter().map(|error| error.pointer).collect();
        assert_eq!(pointers, ["/to", "/title", "/amount", "/due"]);
    }

    #[test]
    fn a_title_shows_everything_it_holds() {
        for title in ["Sales\u{202e}", "Sales\nand more", "#REF!"] {
            let wrong = NewTarget { title: title.to_owned(), ..target(Some("NET"), None) };
            assert_eq!(check(&wrong).unwrap_err().errors[0].pointer, "/title", "{title:?}");
        }
    }

    #[test]
    fn amounts_fit_their_column() {
        assert!(is_amount("99999999999999.999999") && is_amount("-5"));
        assert!(!is_amount("100000000000000") && !is_amount("0.0000001") && !is_amount("five"));
    }

    #[test]
    fn targets_go_down_the_line() {
        let above = Above { superior: Some("L"), head: Some("H") };
        assert!(may_issue(To::Unit("NET"), &above, Some("L"), false).is_ok());
        assert!(may_issue(To::Unit("NET"), &above, Some("H"), false).is_err());
        assert!(may_issue(To::Unit("NET"), &above, None, true).is_ok());
        assert!(may_issue(To::Employee("E1"), &above, Some("H"), false).is_ok());
        assert!(may_issue(To::Employee("E1"), &above, Some("X"), true).is_err());
        assert!(may_issue(To::Employee("H"), &above, Some("H"), false).is_err());
    }
}
