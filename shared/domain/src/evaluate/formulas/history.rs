//! Earlier periods, and the months of a longer one.

use rust_decimal::Decimal;

use super::fault::{broken, overflow};
use super::{At, Env, Evaluated, Fault, Read, Trace};
use crate::case::Case;
use crate::expression::{Field, Node, Past};
use crate::say;
use crate::value::Value;

impl<'a> Env<'a> {
    pub(super) fn past_field(&self, past: &Past, field: Field, at: At) -> Evaluated<Value> {
        match past.known(field) {
            Value::Absent => {
                let (kind, row) = at.historian();
                let name = if field == Field::Score { "score" } else { "grade" };
                Err(Fault::missing(format!("{}/history/{}/{name}", Case::pointer(kind, row), past.given_at)))
            }
            value => Ok(value),
        }
    }

    pub(super) fn previous<T: Trace>(&self, field: Field, at: At, trace: &mut T) -> Evaluated<Value> {
        let before = self.case.period.previous();
        match self.history(at).iter().find(|past| past.period == before) {
            None => Ok(Value::Absent),
            Some(past) => {
                trace.note(Read::Past { past: *past });
                self.past_field(past, field, at)
            }
        }
    }

    pub(super) fn history(&self, at: At) -> &'a [Past] {
        let (kind, row) = at.historian();
        self.case.of(kind).history.of(row)
    }

    /// How many periods in a row, up to and with the present one, meet the condition; 0 when the present does not.
    pub(super) fn run<T: Trace>(&self, past: &Node, present: &Node, at: At, trace: &mut T) -> Evaluated<Decimal> {
        if !self.truth(present, at, trace)? {
            return Ok(Decimal::ZERO);
        }
        let mut length = 1_u32;
        let mut wanted = self.case.period.previous();
        let form = wanted.form();
        for entry in self.history(at).iter().rev().filter(|entry| entry.period.form() == form) {
            if entry.period != wanted {
                break;
            }
            trace.note(Read::Past { past: *entry });
            if !self.truth(past, At { past: Some(entry), ..at }, trace)? {
                break;
            }
            length += 1;
            wanted = wanted.previous();
        }
        Ok(Decimal::from(length))
    }

    /// Which of those that meet the condition the present period is; 0 when it does not.
    pub(super) fn nth<T: Trace>(
        &self,
        past: &Node,
        present: &Node,
        ever: bool,
        at: At,
        trace: &mut T,
    ) -> Evaluated<Decimal> {
        if self.truth(present, at, trace)? { self.count(past, present, ever, at, trace) } else { Ok(Decimal::ZERO) }
    }

    /// How many periods of the calendar year (or `ever`) meet the condition, the present one among them.
    pub(super) fn count<T: Trace>(
        &self,
        past: &Node,
        present: &Node,
        ever: bool,
        at: At,
        trace: &mut T,
    ) -> Evaluated<Decimal> {
        let period = self.case.period;
        let mut count = u32::from(self.truth(present, at, trace)?);
        let counted =
            |entry: &&Past| entry.period.form() == period.form() && (ever || entry.period.year() == period.year());
        for entry in self.history(at).iter().filter(counted) {
            trace.note(Read::Past { past: *entry });
            count += u32::from(self.truth(past, At { past: Some(entry), ..at }, trace)?);
        }
        Ok(Decimal::from(count))
    }

    /// How many months of the period meet the condition.
    pub(super) fn count_months<T: Trace>(&self, of: &Node, at: At, trace: &mut T) -> Evaluated<Decimal> {
        let months = self.case.period.months();
        let mut count = 0_u32;
        for entry in self.history(at).iter().filter(|past| months.contains(&past.period)) {
            trace.note(Read::Past { past: *entry });
            count += u32::from(self.truth(of, At { past: Some(entry), ..at }, trace)?);
        }
        Ok(Decimal::from(count))
    }

    pub(super) fn months_scored<T: Trace>(&self, at: At, trace: &mut T) -> u32 {
        let months = self.case.period.months();
        let scored = self.history(at).iter().filter(|past| past.score.is_some() && months.contains(&past.period));
        scored.map(|past| trace.note(Read::Past { past: *past })).fold(0, |count, ()| count + 1)
    }

    /// Over all months of the period; with a minimum, over those that there are if they are that many.
    pub(super) fn mean_of_months<T: Trace>(&self, least: Option<&Node>, at: At, trace: &mut T) -> Evaluated<Decimal> {
        let history = self.history(at);
        let least = least.map(|least| self.number(least, at, trace)).transpose()?;
        let (mut sum, mut count) = (Decimal::ZERO, Decimal::ZERO);
        let mut lacking = None;
        for month in self.case.period.months() {
            let found = history.iter().find(|past| past.period == month);
            let Some(past) = found.filter(|past| least.is_none() || past.score.is_some()) else {
                lacking = lacking.or(Some(month));
                continue;
            };
            trace.note(Read::Past { past: *past });
            let Value::Number(score) = self.past_field(past, Field::Score, at)? else { return Err(broken(at)) };
            sum = sum.checked_add(score).ok_or_else(|| overflow(at))?;
            count += Decimal::ONE;
        }
        let enough = least.is_some_and(|least| count >= least.max(Decimal::ONE));
        if let Some(month) = lacking.filter(|_| !enough) {
            let pointer = format!("{}/history", Case::pointer(at.kind, at.row));
            let detail = match least {
                None => say!("缺少 {month} 的得分", "the score of {month} is missing"),
                Some(least) => say!(
                    "已有 {count} 个月的得分，至少需要 {least} 个月：缺少 {month}",
                    "{count} of at least {least} scores of months are there: that of {month} is missing"
                ),
            };
            return Err(Fault::at(pointer, "missing", detail));
        }
        sum.checked_div(count).ok_or_else(|| overflow(at))
    }
}
