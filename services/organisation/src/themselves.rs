//! Nobody decides about themselves: not where they stand and to whom they report, not who leads their unit, not the facts
//! by which they or their unit are appraised. What names people and reaches them is theirs to change.

use events::{Employee, EmployeeNumber, Seat, Unit, UnitCode};
use jiff::civil::Date;
use platform::clock::date_of;
use platform::{Code, FieldError, Message, Problem, Result, Tx, say};

use crate::employees;

/// The caller as an employee, with the unit they belong to.
pub struct Own {
    pub number: EmployeeNumber,
    pub unit: Option<UnitCode>,
}

/// The caller as an employee, if they are one.
pub async fn own(tx: &mut Tx, number: Option<&str>) -> Result<Option<Own>> {
    let Some(number) = number else { return Ok(None) };
    let today = date_of(tx.now);
    let found = employees::rows::by_number(tx, number).await?;
    Ok(found.map(|person| Own::of(&person, today)))
}

impl Own {
    fn of(person: &Employee, today: Date) -> Self {
        Self { number: person.number.clone(), unit: person.assignment_on(today).map(|place| place.unit.clone()) }
    }

    fn belongs_to(&self, unit: &str, head: Option<&str>) -> bool {
        self.unit.as_deref() == Some(unit) || head == Some(self.number.as_str())
    }
}

/// Refuses to appoint oneself, and another in the unit that one belongs to or leads.
pub fn check_head(own: Option<&Own>, unit: &str, head: Option<&str>, appointed: Option<&str>) -> Result<()> {
    match own {
        Some(own) if own.belongs_to(unit, head) || appointed == Some(own.number.as_str()) => {
            Err(Problem::not_permitted(say!(
                "不能决定自己所在部门的负责人，也不能任命自己",
                "nobody appoints the head of their own unit, nor themselves"
            )))
        }
        _ => Ok(()),
    }
}

/// Refuses to give oneself a seat in a body, or another than one has. Its office, which decides nothing, may do so.
pub fn check_seats(own: Option<&str>, before: &[Seat], after: &[Seat]) -> Result<()> {
    let Some(own) = own else { return Ok(()) };
    let of_own = |seats: &[Seat]| -> Vec<Seat> {
        seats.iter().filter(|seat| seat.number == own && seat.office != "office").cloned().collect()
    };
    if of_own(before) == of_own(after) {
        return Ok(());
    }
    Err(Problem::not_permitted(say!("不能决定自己在机构中的席位", "nobody seats themselves in a body")))
}

/// Refuses a row that changes more about the caller than how they are called and reached.
pub fn check_row(own: Option<&Own>, before: Option<&Employee>, after: &Employee, pointer: &str) -> Result<()> {
    let (Some(own), Some(before)) = (own, before) else { return Ok(()) };
    let (name, email, locale) = (after.name.clone(), after.email.clone(), after.locale.clone());
    let renamed = Employee { name, email, locale, version: after.version, ..before.clone() };
    if after.number != own.number || renamed == *after {
        return Ok(());
    }
    Err(refused(pointer, say!("不能修改自己的任职和事实数据", "nobody changes their own place or facts")))
}

/// Refuses a row that changes more about the caller's unit than its name.
pub fn check_unit(own: Option<&Own>, before: Option<&Unit>, after: &Unit, pointer: &str) -> Result<()> {
    let (Some(own), Some(before)) = (own, before) else { return Ok(()) };
    let renamed = Unit { name: after.name.clone(), version: after.version, ..before.clone() };
    if !own.belongs_to(&after.code, before.head.as_deref()) || renamed == *after {
        return Ok(());
    }
    let why = say!("不能决定自己负责或所在部门的数据", "nobody decides about the unit they lead or belong to");
    Err(refused(pointer, why))
}

fn refused(pointer: &str, why: Message) -> Problem {
    Problem { code: Code::NotPermitted, ..Problem::invalid(vec![FieldError::new(pointer, why)]) }
}
