//! Replay: recomputes cycles from what was stored of them, and tells every difference to what was found then.
//! It reads only: each cycle in a transaction that sees one moment and can change nothing.

use std::collections::HashMap;
use std::fmt::{self, Display};

use diesel::QueryableByName;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use jiff::Timestamp;
use uuid::Uuid;

use crate::problem::{Code, Problem};
use crate::service::Service;
use crate::store::{Store, Tx};
use crate::{Result, Task};

/// Differences of a cycle that are told one by one; the others are counted.
const TOLD: usize = 50;
/// Characters of a long text that are shown where it differs.
const SHOWN: usize = 80;

/// How a service replays.
#[derive(Clone, Copy)]
pub struct Replay {
    /// The cycles that can be replayed, of every company.
    pub cycles: for<'a> fn(&'a mut Tx) -> Task<'a, Result<Vec<Closed>>>,
    pub replay: for<'a> fn(&'a mut Tx, Uuid) -> Task<'a, Result<Tally>>,
}

/// A cycle with stored results.
#[derive(Clone, Debug, QueryableByName)]
pub struct Closed {
    #[diesel(sql_type = SqlUuid)]
    pub company: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    #[diesel(sql_type = Text)]
    pub scheme: String,
    #[diesel(sql_type = Text)]
    pub period: String,
}

impl Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}  {}", self.period, self.scheme, self.cycle)
    }
}

/// Which cycles are replayed; all unless said.
#[derive(Clone, Copy, Debug, Default)]
pub struct Only {
    pub company: Option<Uuid>,
    pub cycle: Option<Uuid>,
}

/// A replay as it is asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub only: Only,
    /// What companies are called, where that is known.
    pub names: HashMap<Uuid, String>,
}

impl Only {
    fn takes(self, closed: &Closed) -> bool {
        self.company.is_none_or(|company| company == closed.company)
            && self.cycle.is_none_or(|cycle| cycle == closed.cycle)
    }
}

/// Something that was stored otherwise than it is recomputed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub what: String,
    pub stored: String,
    pub recomputed: String,
}

/// What the replay of a cycle found.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How many of what were recomputed.
    counts: Vec<(&'static str, u64)>,
    /// What could not be recomputed, and why.
    pub notes: Vec<String>,
    /// The first differences.
    pub differences: Vec<Difference>,
    pub different: u64,
}

impl Tally {
    pub fn count(&mut self, what: &'static str, number: usize) {
        let number = number as u64;
        match self.counts.iter_mut().find(|(counted, _)| *counted == what) {
            Some((_, count)) => *count += number,
            None => self.counts.push((what, number)),
        }
    }

    pub fn counted(&self, what: &str) -> u64 {
        self.counts.iter().find(|(counted, _)| *counted == what).map_or(0, |(_, count)| *count)
    }

    /// Notes a difference, unless both are the same.
    pub fn compare(&mut self, what: impl Display, stored: &str, recomputed: &str) {
        if stored == recomputed {
            return;
        }
        self.different += 1;
        if self.differences.len() < TOLD {
            let (stored, recomputed) = where_they_differ(stored, recomputed);
            self.differences.push(Difference { what: what.to_string(), stored, recomputed });
        }
    }

    /// Of a cycle that could not be replayed to its end: whoever tampers with what is stored may leave what
    /// cannot be read. A database that does not answer says nothing of the cycle.
    fn broken_off(problem: Problem) -> Result<Self> {
        if problem.code == Code::Unavailable {
            return Err(problem);
        }
        let mut tally = Self::default();
        tally.compare("the cycle", "what cannot be replayed", &problem.detail.en);
        Ok(tally)
    }

    fn line(&self) -> String {
        let counts = self.counts.iter().map(|(what, count)| format!("{what} {count}"));
        let counts = counts.collect::<Vec<_>>().join(", ");
        let counts = if counts.is_empty() { "nothing recomputed".to_owned() } else { counts };
        match self.different {
            0 => format!("{counts}: no difference"),
            1 => format!("{counts}: 1 DIFFERENCE"),
            many => format!("{counts}: {many} DIFFERENCES"),
        }
    }
}

/// Both texts, long ones from where they begin to differ.
fn where_they_differ(one: &str, other: &str) -> (String, String) {
    let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let from = if one.chars().count().max(other.chars().count()) <= SHOWN { 0 } else { same.saturating_sub(SHOWN / 4) };
    let shown = |text: &str| {
        let mut part: String = text.chars().skip(from).take(SHOWN).collect();
        if text.chars().count() > from + SHOWN {
            part.push('…');
        }
        if from > 0 { format!("…{part}") } else { part }
    };
    (shown(one), shown(other))
}

/// What a whole replay found.
#[derive(Clone, Debug, Default)]
pub struct Replayed {
    pub cycles: Vec<(Closed, Tally)>,
}

impl Replayed {
    pub fn different(&self) -> u64 {
        self.cycles.iter().map(|(_, tally)| tally.different).sum()
    }
}

/// Replays the closed cycles of a service, a line for each.
pub async fn run(
    service: &Service,
    store: &Store,
    asked: &Asked,
    now: Timestamp,
    tell: &mut (dyn FnMut(&str) + Send),
) -> Result<Replayed> {
    let replay = service.replay.ok_or_else(|| Problem::internal(format!("{} replays nothing", service.name)))?;
    let mut tx = store.begin_to_read(None, now).await?;
    let closed = (replay.cycles)(&mut tx).await?;
    tx.rollback().await?;
    let mut replayed = Replayed::default();
    for closed in closed.into_iter().filter(|closed| asked.only.takes(closed)) {
        let mut tx = store.begin_to_read(Some(closed.company), now).await?;
        let tally = (replay.replay)(&mut tx, closed.cycle).await.or_else(Tally::broken_off)?;
        tx.rollback().await?;
        let name = asked.names.get(&closed.company).cloned().unwrap_or_else(|| closed.company.to_string());
        tell(&format!("{}  {name}  {closed}  {}", service.name, tally.line()));
        tell_differences(&tally, tell);
        replayed.cycles.push((closed, tally));
    }
    Ok(replayed)
}

fn tell_differences(tally: &Tally, tell: &mut (dyn FnMut(&str) + Send)) {
    for note in &tally.notes {
        tell(&format!("    {note}"));
    }
    for Difference { what, stored, recomputed } in &tally.differences {
        tell(&format!("    {what}: stored {stored}, recomputed {recomputed}"));
    }
    let untold = tally.different.saturating_sub(tally.differences.len() as u64);
    if untold > 0 {
        tell(&format!("    and {untold} more"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::say;

    #[test]
    fn given_equal_values_then_there_is_no_difference() {
        let mut tally = Tally::default();
        tally.count("results", 2);
        tally.compare("E001 score", "88.4", "88.4");
        assert_eq!(tally.line(), "results 2: no difference");
        tally.compare("E001 score", "88.4", "86.4");
        assert_eq!(tally.line(), "results 2: 1 DIFFERENCE");
    }

    #[test]
    fn given_a_cycle_that_cannot_be_read_then_that_is_a_difference_and_a_silent_database_is_none() {
        let broken = Tally::broken_off(Problem::not_found(say!("周期", "cycle"))).unwrap();
        assert_eq!(broken.line(), "nothing recomputed: 1 DIFFERENCE");
        let silent = Tally::broken_off(Problem::unavailable(say!("连接已断开", "the connection is closed")));
        assert_eq!(silent.err().map(|problem| problem.code), Some(Code::Unavailable));
    }

    #[test]
    fn given_long_texts_then_they_are_shown_where_they_differ() {
        let text = |end: &str| format!("{}{end}", "一".repeat(200));
        let (stored, recomputed) = where_they_differ(&text("x"), &text("y"));
        assert!(stored.starts_with('…') && stored.ends_with("一x"), "{stored}");
        assert!(recomputed.ends_with("一y") && recomputed.chars().count() < 100, "{recomputed}");
    }

    #[test]
    fn given_many_differences_then_the_first_are_kept_and_all_are_counted() {
        let mut tally = Tally::default();
        for number in 0..200 {
            tally.compare(number, "1", "2");
        }
        assert_eq!((tally.differences.len(), tally.different), (TOLD, 200));
    }
}
