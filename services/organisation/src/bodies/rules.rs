use std::collections::BTreeSet;

use basics::text::name_fault;
use jiff::civil::Date;
use platform::openapi::LabelView;
use platform::web::Errors;
use platform::{Result, say};

use super::body::{BodyRule, NewSeat};

const MOST_SEATS: usize = 200;

pub fn check_body(code: Option<&str>, name: &LabelView, rule: &BodyRule) -> Result<()> {
    let mut errors = Errors::default();
    let is_code = |code: &str| {
        let mut letters = code.chars();
        letters.next().is_some_and(|first| first.is_ascii_alphanumeric())
            && code.len() <= 40
            && letters.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
    };
    if code.is_some_and(|code| !is_code(code)) {
        let wanted = say!("代码须为字母、数字、_ 和 -，最多 40 个", "a code has letters, digits, _ and -, at most 40");
        errors.add("/code", wanted);
    }
    for (pointer, text) in [("/name/zh", &name.zh), ("/name/en", &name.en)] {
        if let Some(fault) = name_fault(text) {
            errors.add(pointer, fault.told());
        }
    }
    if rule.min.zip(rule.max).is_some_and(|(min, max)| min > max) || rule.min == Some(0) {
        errors.add("/rule", say!("人数的下限不能大于上限", "the least number of members is at most the most"));
    }
    let speakers: u32 = rule.represented.values().map(|least| u32::from(*least)).sum();
    if rule.max.is_some_and(|max| speakers > u32::from(max)) {
        errors.add("/rule/represented", say!("代表人数超过人数上限", "more than the body may have"));
    }
    errors.check()
}

/// Seats whose people and units there are, each once at a time.
pub fn check_seats(seats: &[NewSeat], people: &BTreeSet<String>, units: &BTreeSet<String>, today: Date) -> Result<()> {
    let mut errors = Errors::default();
    if seats.len() > MOST_SEATS {
        errors.add("/seats", say!("最多 {MOST_SEATS} 个席位", "at most {MOST_SEATS} seats"));
    }
    for (at, seat) in seats.iter().enumerate() {
        let pointer = format!("/seats/{at}");
        if !people.contains(&seat.number) {
            errors.add(format!("{pointer}/number"), say!("没有该员工", "there is no such employee"));
        }
        for (place, _) in seat.in_charge.iter().enumerate().filter(|(_, code)| !units.contains(*code)) {
            errors.add(format!("{pointer}/in_charge/{place}"), say!("没有该部门", "there is no such unit"));
        }
        for (key, day) in [("from_on", seat.from_on), ("until_on", seat.until_on)] {
            if let Some(day) = day {
                errors.check_day(format!("{pointer}/{key}"), day);
            }
        }
        let from = seat.from_on.unwrap_or(today);
        if seat.until_on.is_some_and(|until| until < from) {
            errors.add(format!("{pointer}/until_on"), say!("早于第一天", "this is before the first day"));
        }
        let overlaps = |other: &NewSeat| {
            let (start, end) = (other.from_on.unwrap_or(today), other.until_on.unwrap_or(Date::MAX));
            other.number == seat.number && start <= seat.until_on.unwrap_or(Date::MAX) && from <= end
        };
        if seats.iter().take(at).any(overlaps) {
            errors.add(pointer, say!("该员工在此期间已有席位", "this person has a seat at that time already"));
        }
    }
    errors.check()
}
