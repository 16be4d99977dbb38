//! A whole case as JSON.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::{Map, Value as Json};

use super::builder::CaseBuilder;
use super::subject::is_empty;
use super::{Case, below, input};
use crate::invalid::Invalid;
use crate::period::Period;
use crate::say;
use crate::scheme::{AppealTerms, Scheme};
use crate::workdays::WorkingCalendar;

const KEYS: [&str; 11] = [
    "policy",
    "cadence",
    "period",
    "parameters",
    "non_working_days",
    "working_days",
    "company",
    "units",
    "employees",
    "appeal",
    "expected",
];

pub(super) fn read(scheme: &Scheme, json: &Json) -> Result<Case, Invalid> {
    let Some(object) = json.as_object() else {
        return Err(Invalid::one("", "not_an_object", say!("数据须为一个对象", "a case is an object")));
    };
    let mut invalid = Invalid::default();
    for key in object.keys().filter(|key| !KEYS.contains(&key.as_str())) {
        invalid.add(below("", key), "unknown_key", say!("数据中不能有 {key}", "a case has no {key}"));
    }
    if object.get("policy").and_then(Json::as_str) != Some(scheme.code()) {
        invalid.add("/policy", "unknown_policy", say!("数据属于另一方案", "the case is of another policy"));
    }
    if !object.contains_key("employees") && !object.contains_key("units") {
        invalid.add("/employees", "missing", say!("数据中须有 employees 或 units", "a case has employees or units"));
    }
    let cadence = cadence(object, &mut invalid);
    let calendar = WorkingCalendar {
        non_working: days(object.get("non_working_days"), "/non_working_days", &mut invalid),
        working: days(object.get("working_days"), "/working_days", &mut invalid),
    };
    let Some(period) = period(object.get("period"), &mut invalid) else { return Err(invalid) };
    let parameters = object.get("parameters").unwrap_or(&Json::Null);
    let mut builder = match CaseBuilder::new(scheme, period, cadence, parameters) {
        Ok(builder) => builder,
        Err(mut wrong) => {
            invalid.errors.append(&mut wrong.errors);
            return Err(invalid);
        }
    };
    builder.invalid.errors.append(&mut invalid.errors);
    builder.calendar(calendar);
    builder.bounds_history = true;
    builder.read_company(object.get("company").unwrap_or(&Json::Null));
    read_units(&mut builder, object.get("units"));
    for person in list(&mut builder, object.get("employees"), "/employees") {
        builder.person_json(person);
    }
    builder.appeal = appeal(&mut builder, object.get("appeal"));
    builder.build()
}

fn read_units(builder: &mut CaseBuilder, units: Option<&Json>) {
    if !builder.scheme.has_units() {
        if units.is_some_and(|units| !is_empty(units)) {
            builder.invalid.add("/units", "unknown_key", say!("方案没有部门", "the policy has no units"));
        }
        return;
    }
    for unit in list(builder, units, "/units") {
        builder.unit_json(unit);
    }
}

fn list<'j>(builder: &mut CaseBuilder, json: Option<&'j Json>, pointer: &str) -> &'j [Json] {
    match json {
        None | Some(Json::Null) => &[],
        Some(Json::Array(all)) => all,
        Some(_) => {
            builder.invalid.add(pointer, "not_a_list", say!("应为列表", "a list is wanted"));
            &[]
        }
    }
}

fn cadence<'j>(object: &'j Map<String, Json>, invalid: &mut Invalid) -> Option<&'j str> {
    match object.get("cadence") {
        None | Some(Json::Null) => None,
        Some(Json::String(cadence)) => Some(cadence),
        Some(_) => {
            invalid.add("/cadence", "not_a_text", say!("应为文本", "a text is wanted"));
            None
        }
    }
}

fn period(json: Option<&Json>, invalid: &mut Invalid) -> Option<Period> {
    let Some(json) = json else {
        invalid.add("/period", "missing", say!("缺少考核期间", "the period is missing"));
        return None;
    };
    let period = json.as_str().and_then(|text| text.parse().ok());
    if period.is_none() {
        invalid.add("/period", "not_a_period", say!("{json} 不是考核期间", "{json} is no period"));
    }
    period
}

fn days(json: Option<&Json>, pointer: &str, invalid: &mut Invalid) -> BTreeSet<Date> {
    let mut days = BTreeSet::new();
    match json {
        None | Some(Json::Null) => {}
        Some(Json::Array(all)) => {
            for (at, day) in all.iter().enumerate() {
                match day.as_str().and_then(input::date) {
                    Some(day) => {
                        days.insert(day);
                    }
                    None => invalid.add(
                        format!("{pointer}/{at}"),
                        "not_a_date",
                        say!("日期写作 YYYY-MM-DD，且须真实存在", "a date is written YYYY-MM-DD and exists"),
                    ),
                }
            }
        }
        Some(_) => invalid.add(pointer, "not_a_list", say!("应为日期的列表", "a list of dates is wanted")),
    }
    days
}

fn appeal(builder: &mut CaseBuilder, json: Option<&Json>) -> Option<(Date, Date)> {
    let json = json.filter(|json| !is_empty(json))?;
    if !builder.scheme.appeal_terms().is_some_and(AppealTerms::has_term) {
        builder.invalid.add("/appeal", "unknown_key", say!("方案没有规定申诉", "the policy sets no terms of appeal"));
        return None;
    }
    let Some(object) = json.as_object() else {
        builder.invalid.add("/appeal", "not_an_object", say!("应为对象", "an object is wanted"));
        return None;
    };
    for key in object.keys().filter(|key| !["known_on", "filed_on"].contains(&key.as_str())) {
        builder.invalid.add(below("/appeal", key), "unknown_key", say!("申诉中不能有 {key}", "an appeal has no {key}"));
    }
    let known_on = appeal_day(builder, object, "known_on");
    let filed_on = appeal_day(builder, object, "filed_on");
    let (known_on, filed_on) = (known_on?, filed_on?);
    if filed_on < known_on {
        builder.invalid.add(
            "/appeal/filed_on",
            "too_early",
            say!("提出申诉的日期早于得知结果的日期", "filed before the result was known"),
        );
    }
    Some((known_on, filed_on))
}

fn appeal_day(builder: &mut CaseBuilder, object: &Map<String, Json>, key: &str) -> Option<Date> {
    let pointer = below("/appeal", key);
    let Some(json) = object.get(key).filter(|json| !json.is_null()) else {
        builder.invalid.add(pointer, "missing", say!("缺少 {key}", "{key} is missing"));
        return None;
    };
    let day = json.as_str().and_then(input::date);
    if day.is_none() {
        builder.invalid.add(
            pointer,
            "not_a_date",
            say!("日期写作 YYYY-MM-DD，且须真实存在", "a date is written YYYY-MM-DD and exists"),
        );
    }
    day
}
