//! Which facts pay may enter of whom.

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::Kind;
use domain::case::InputName;
use events::EmployeeNumber;
use platform::text::is_prose;
use platform::web::Errors;
use platform::{Code, PageQuery, Problem, Result, say};
use serde_json::Value;

use super::paid_fact::{Change, Facts, NewPaidFact};
use crate::cycles::{Asked, Cycle};

/// How many facts one request may enter.
const MOST: usize = 1000;
const LONGEST_REASON: usize = 500;

/// The facts of a request as far as they are other than those in force: each fits its person, and is theirs once.
pub fn changes(
    cycle: &Cycle,
    asked: &mut Asked<'_>,
    given: &[NewPaidFact],
    appraised: &HashSet<EmployeeNumber>,
    in_force: &HashMap<EmployeeNumber, Facts>,
) -> Result<Vec<Change>> {
    let (mut errors, mut seen, mut changes) = (Errors::default(), BTreeSet::new(), Vec::new());
    for (at, fact) in given.iter().enumerate() {
        let pointer = format!("/facts/{at}");
        if !appraised.contains(fact.number.as_str()) {
            errors.add(
                format!("{pointer}/number"),
                say!("该员工不参加此周期的考核", "this person is not appraised in the cycle"),
            );
            continue;
        }
        // A value that the person's category does not need is kept and passed over, as everywhere.
        if !asked.knows_fact(&fact.name) {
            let why = say!("方案没有须由薪酬录入的此项数据", "the scheme has no such fact from pay");
            errors.add(format!("{pointer}/name"), why);
            continue;
        }
        if !seen.insert((&fact.number, &fact.name)) {
            errors.add(&pointer, say!("该项数据重复出现", "this fact is there twice"));
        }
        let before = in_force.get(fact.number.as_str()).and_then(|facts| facts.get(&fact.name)).cloned();
        match value(cycle, asked, fact) {
            Err(why) => errors.add(format!("{pointer}/value"), why),
            Ok(value) if value == before => {}
            Ok(value) => {
                let (number, name) = (fact.number.as_str().into(), fact.name.clone());
                changes.push(Change { pointer, number, name, before, value });
            }
        }
    }
    errors.check().map(|()| changes)
}

fn value(cycle: &Cycle, asked: &Asked<'_>, fact: &NewPaidFact) -> Result<Option<Value>, platform::Message> {
    if fact.value.is_null() {
        return Ok(None);
    }
    asked.scheme().check_value(&cycle.cadence, Kind::People, InputName::Fact(&fact.name), &fact.value).map(Some)
}

pub fn check_request(facts: &[NewPaidFact], reason: &str) -> Result<()> {
    let mut errors = Errors::default();
    if facts.is_empty() || facts.len() > MOST {
        errors.add("/facts", say!("须有 1 到 {MOST} 项", "there are 1 to {MOST} facts"));
    }
    if reason.trim().is_empty() || !is_prose(reason, LONGEST_REASON) {
        errors.add(
            "/reason",
            say!("须有原因，最多 {LONGEST_REASON} 个字符", "a reason has 1 to {LONGEST_REASON} characters"),
        );
    }
    errors.check()
}

/// Nobody decides what they are paid themselves.
pub fn check_not_own(changes: &[Change], is_caller: impl Fn(&str) -> bool) -> Result<()> {
    let own = changes.iter().find(|change| is_caller(&change.number));
    own.map_or(Ok(()), |change| {
        let refused = Problem::field(
            format!("{}/number", change.pointer),
            say!("不能录入自己的薪酬数据", "nobody enters facts of their own pay"),
        );
        Err(Problem { code: Code::NotPermitted, ..refused })
    })
}

/// Nothing is cancelled, and nobody is paid already: another value counts only with a correction of the result.
pub fn check_unpaid(cycle: &Cycle, paid: &[EmployeeNumber]) -> Result<()> {
    if cycle.cancelled.is_some() {
        return Err(Problem::wrong_state(say!("此周期已取消", "the cycle is cancelled")));
    }
    let Some(first) = paid.first() else { return Ok(()) };
    let count = paid.len();
    Err(Problem::wrong_state(say!(
        "{first} 等 {count} 人已有绩效工资单：须先更正其考核结果",
        "{count} of these people have a statement already, {first} first: their results have to be corrected before"
    )))
}

/// The place behind which a page begins.
pub fn after(page: &PageQuery) -> Result<(&str, &str, i64)> {
    let Some(text) = page.after.as_deref().filter(|text| !text.is_empty()) else { return Ok(("", "", 0)) };
    let mut parts = text.rsplitn(3, '/');
    let (no, name, number) = (parts.next().and_then(|no| no.parse().ok()), parts.next(), parts.next());
    match (number, name, no) {
        (Some(number), Some(name), Some(no)) if !text.contains('\0') => Ok((number, name, no)),
        _ => Err(Problem::field("/after", say!("after 须为分页返回的 `next`", "after is the `next` of a page"))),
    }
}
