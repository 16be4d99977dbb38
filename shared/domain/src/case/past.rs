//! Earlier results of a subject.

use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::builder::{CaseBuilder, PastResult};
use super::{below, input};
use crate::expression::Past;
use crate::period::{Form, Period};
use crate::say;
use crate::value::{Kind, Symbol};

impl CaseBuilder<'_> {
    pub(super) fn finish_history(&mut self, kind: Kind, history: Option<&Json>, pointer: &str) {
        let here = below(pointer, "history");
        let given = match history {
            None | Some(Json::Null) => &[][..],
            Some(Json::Array(entries)) => entries,
            Some(_) => {
                self.invalid.add(&here, "not_a_list", say!("应为列表", "a list is wanted"));
                &[][..]
            }
        };
        let entries =
            given.iter().enumerate().map(|(at, entry)| self.read_past(kind, entry, at, &format!("{here}/{at}")));
        let entries = entries.collect();
        self.keep_history(kind, entries, matches!(history, Some(Json::Array(_))), &here);
    }

    pub(super) fn read_history(&mut self, kind: Kind, given: Option<&[PastResult]>, pointer: &str) {
        let history = given.unwrap_or(&[]);
        let mut entries = Vec::with_capacity(history.len());
        for (at, past) in history.iter().enumerate() {
            let here = format!("{pointer}/{at}");
            let score = past.score.and_then(|score| self.check_past_score(kind, score, below(&here, "score")));
            let grade = past.grade.as_ref();
            let grade = grade.and_then(|grade| self.find_past_grade(Some(grade), &Json::from(grade.as_str()), &here));
            self.check_past_period(past.period, &below(&here, "period"));
            let given_at = u32::try_from(at).unwrap_or(u32::MAX);
            entries.push(Some(Past { period: past.period, given_at, score, grade }));
        }
        self.keep_history(kind, entries, given.is_some(), pointer);
    }

    /// Keeps the entries that could be read, by their places among all.
    pub(super) fn keep_history(&mut self, kind: Kind, given: Vec<Option<Past>>, is_given: bool, pointer: &str) {
        let mut entries: Vec<Past> = Vec::with_capacity(given.len());
        for (at, entry) in given.into_iter().enumerate() {
            let Some(entry) = entry else { continue };
            if entries.iter().any(|before| before.period == entry.period) {
                self.invalid.add(
                    format!("{pointer}/{at}/period"),
                    "duplicate",
                    say!("{} 重复出现", "{} comes twice", entry.period),
                );
            }
            entries.push(entry);
        }
        entries.sort_by_key(|entry| entry.period);
        let row = self.subjects(kind).len().saturating_sub(1);
        let held = &mut self.subjects_mut(kind).history;
        if let (Ok(row), true) = (u32::try_from(row), is_given) {
            held.given.insert(row);
        }
        held.entries.append(&mut entries);
        held.ends.push(u32::try_from(held.entries.len()).unwrap_or(u32::MAX));
    }

    pub(super) fn read_past(&mut self, kind: Kind, entry: &Json, at: usize, pointer: &str) -> Option<Past> {
        let Some(object) = entry.as_object() else {
            self.invalid.add(pointer, "not_an_object", say!("应为对象", "an object is wanted"));
            return None;
        };
        for key in object.keys().filter(|key| !["period", "score", "grade"].contains(&key.as_str())) {
            self.invalid.add(
                below(pointer, key),
                "unknown_key",
                say!("历史记录中不能有 {key}", "an entry has no {key}"),
            );
        }
        let score = self.past_score(kind, object.get("score"), pointer);
        let grade = object.get("grade").filter(|grade| !grade.is_null());
        let grade = grade.and_then(|grade| self.find_past_grade(grade.as_str(), grade, pointer));
        let period = self.past_period(object.get("period"), &below(pointer, "period"))?;
        Some(Past { period, given_at: u32::try_from(at).unwrap_or(u32::MAX), score, grade })
    }

    pub(super) fn past_score(&mut self, kind: Kind, score: Option<&Json>, pointer: &str) -> Option<Decimal> {
        let score = score.filter(|score| !score.is_null())?;
        let pointer = below(pointer, "score");
        match input::plain_number(score) {
            Ok(score) => self.check_past_score(kind, score, pointer),
            Err(refused) => {
                self.invalid.add(pointer, refused.code, refused.detail);
                None
            }
        }
    }

    pub(super) fn check_past_score(&mut self, kind: Kind, score: Decimal, pointer: String) -> Option<Decimal> {
        let highest = self.scheme.highest.get(kind.index()).copied().flatten().filter(|_| self.bounds_history);
        if score < Decimal::ZERO {
            self.invalid.add(pointer, "negative", say!("{score} 为负数", "{score} is negative"));
            return None;
        }
        if let Some(highest) = highest.filter(|highest| score > *highest).map(|highest| highest.normalize()) {
            self.invalid.add(
                pointer,
                "out_of_bounds",
                say!("{score} 超过得分的上限 {highest}", "{score} is more than a score can be: {highest}"),
            );
            return None;
        }
        Some(score)
    }

    pub(super) fn find_past_grade(&mut self, code: Option<&str>, given: &Json, pointer: &str) -> Option<Symbol> {
        let known = code.filter(|code| self.scheme.grades().iter().any(|known| known.code == **code));
        if known.is_none() {
            self.invalid.add(
                below(pointer, "grade"),
                "unknown_grade",
                say!("{given} 不是方案的等级", "{given} is no grade of the policy"),
            );
        }
        known.and_then(|code| self.scheme.symbols.find(code))
    }

    pub(super) fn past_period(&mut self, period: Option<&Json>, pointer: &str) -> Option<Period> {
        let Some(text) = period else {
            self.invalid.add(pointer, "missing", say!("缺少考核期间", "the period is missing"));
            return None;
        };
        let Some(period) = text.as_str().and_then(|text| text.parse::<Period>().ok()) else {
            self.invalid.add(pointer, "not_a_period", say!("{text} 不是考核期间", "{text} is no period"));
            return None;
        };
        self.check_past_period(period, pointer);
        Some(period)
    }

    pub(super) fn check_past_period(&mut self, period: Period, pointer: &str) {
        let known =
            period.form() == Form::Month || self.scheme.cadences().iter().any(|cadence| cadence.form == period.form());
        if !known {
            self.invalid.add(
                pointer,
                "period_form",
                say!("方案没有 {period} 这种形式的期间", "the policy has no periods such as {period}"),
            );
        } else if period == self.period || period.first_day() > self.period.last_day() {
            self.invalid.add(pointer, "not_past", say!("{period} 不早于 {}", "{period} is not before {}", self.period));
        }
    }
}
