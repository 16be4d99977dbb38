//! Counting and comparing what came out.

use std::collections::{BTreeMap, BTreeSet};

use basics::money::{Money, parse_plain, plain, round};
use platform::{Problem, Result};
use rust_decimal::Decimal;

use super::paying::Paid;
use crate::engine::computing::Found;

/// What came out for one person under one policy.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub found: Found,
    /// None where pay was not asked for, or cannot be reckoned.
    pub paid: Option<Paid>,
}

/// Money by currency and component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost(BTreeMap<String, BTreeMap<String, Decimal>>);

/// Money by currency and component, as it is told.
pub type CostTold = BTreeMap<String, BTreeMap<String, String>>;

impl Cost {
    /// Adds what a person is paid, or takes it away.
    pub fn add(&mut self, paid: &Paid, sign: Decimal) -> Result<()> {
        for (component, amount) in &paid.components {
            let of_currency = self.0.entry(paid.currency.clone()).or_default();
            let sum = of_currency.entry(component.clone()).or_default();
            let amount = amount_of(Some(amount))?.checked_mul(sign).and_then(|amount| sum.checked_add(amount));
            *sum = amount.ok_or_else(|| Problem::internal("a sum of pay is too large"))?;
        }
        Ok(())
    }

    pub fn told(&self) -> CostTold {
        let told = |(name, amount): (&String, &Decimal)| (name.clone(), Money::new(*amount).to_string());
        self.0.iter().map(|(currency, sums)| (currency.clone(), sums.iter().map(told).collect())).collect()
    }
}

fn amount_of(text: Option<&String>) -> Result<Decimal> {
    let read = |text: &String| parse_plain(text).ok_or_else(|| Problem::internal(format!("pay is no amount: {text}")));
    text.map_or(Ok(Decimal::ZERO), read)
}

/// One policy's results in numbers.
#[derive(Debug, Default)]
pub struct Counts {
    pub people: usize,
    pub excluded: usize,
    pub left_out: usize,
    /// Computed, but without pay.
    pub unpaid: usize,
    pub grades: BTreeMap<String, usize>,
    pub warnings: BTreeSet<String>,
    pub cost: Cost,
}

impl Counts {
    pub fn add(&mut self, outcome: &Outcome) -> Result<()> {
        self.people += 1;
        self.excluded += usize::from(outcome.found.excluded.is_some());
        if let Some(grade) = &outcome.found.grade {
            *self.grades.entry(grade.clone()).or_default() += 1;
        }
        outcome.paid.as_ref().map_or(Ok(()), |paid| self.cost.add(paid, Decimal::ONE))
    }

    /// How many have a grade.
    pub fn graded(&self) -> usize {
        self.grades.values().sum()
    }
}

/// A part of a whole in per cent, to one decimal.
pub fn per_cent(part: usize, whole: usize) -> String {
    let (part, whole) = (Decimal::from(part), Decimal::from(whole));
    let share = part.checked_mul(Decimal::ONE_HUNDRED).and_then(|part| part.checked_div(whole));
    share.map_or_else(|| "0".to_owned(), |share| plain(round(share, 1)))
}

/// How people fare under the one policy compared with the other, of those whom both could compute.
#[derive(Debug, Default)]
pub struct Change {
    pub compared: usize,
    pub moved: usize,
    pub other_grade: usize,
    /// People whose pay both could reckon.
    pub paid: usize,
    pub cost: Cost,
}

impl Change {
    pub fn add(&mut self, before: &Outcome, now: &Outcome) -> Result<()> {
        self.compared += 1;
        self.moved += usize::from(moves(before, now));
        self.other_grade += usize::from(before.found.grade != now.found.grade);
        if let (Some(was), Some(is)) = (&before.paid, &now.paid) {
            self.paid += 1;
            self.cost.add(was, Decimal::NEGATIVE_ONE)?;
            self.cost.add(is, Decimal::ONE)?;
        }
        Ok(())
    }
}

/// Whether exclusion, grade, coefficient or pay is another.
pub fn moves(before: &Outcome, now: &Outcome) -> bool {
    let pays_another = match (&before.paid, &now.paid) {
        (Some(was), Some(is)) => was.components != is.components,
        _ => false,
    };
    let (was, is) = (&before.found, &now.found);
    was.excluded != is.excluded || was.grade != is.grade || was.coefficient != is.coefficient || pays_another
}

/// What somebody gets more or less, by component; none where one of the two is not known.
pub fn difference(before: &Outcome, now: &Outcome) -> Result<Option<BTreeMap<String, String>>> {
    let (Some(was), Some(is)) = (&before.paid, &now.paid) else { return Ok(None) };
    let names: BTreeSet<&String> = was.components.keys().chain(is.components.keys()).collect();
    let difference = |name: &String| {
        let (was, is) = (amount_of(was.components.get(name))?, amount_of(is.components.get(name))?);
        let difference = is.checked_sub(was).ok_or_else(|| Problem::internal("a difference of pay is too large"))?;
        Ok((name.clone(), Money::new(difference).to_string()))
    };
    names.into_iter().map(difference).collect::<Result<_>>().map(Some)
}

/// Units in groups of so many people at most, unless one alone has more.
pub fn batches(sizes: impl IntoIterator<Item = (String, i64)>, most: i64) -> Vec<Vec<String>> {
    let (mut batches, mut people): (Vec<Vec<String>>, i64) = (Vec::new(), 0);
    for (unit, size) in sizes {
        match batches.last_mut().filter(|_| people + size <= most) {
            Some(batch) => {
                batch.push(unit);
                people += size;
            }
            None => {
                batches.push(vec![unit]);
                people = size;
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subjects::subject::Kind;

    fn outcome(grade: &str, coefficient: i64, paid: Option<&str>) -> Outcome {
        let found = Found {
            grade: Some(grade.into()),
            coefficient: Some(Decimal::from(coefficient)),
            ..Found::nothing(Kind::Person, "E1")
        };
        let paid = paid.map(|amount| Paid {
            currency: "CNY".into(),
            components: BTreeMap::from([("performance_pay".into(), amount.into())]),
        });
        Outcome { found, paid }
    }

    #[test]
    fn given_another_grade_or_pay_then_the_person_moves() {
        assert!(!moves(&outcome("A", 1, Some("2.00")), &outcome("A", 1, Some("2.00"))));
        assert!(!moves(&outcome("A", 1, None), &outcome("A", 1, Some("2.00"))));
        assert!(moves(&outcome("A", 1, Some("1.00")), &outcome("A", 1, Some("2.00"))));
        assert!(moves(&outcome("A", 1, None), &outcome("B", 1, None)));
        assert!(moves(&outcome("A", 1, None), &outcome("A", 2, None)));
    }

    #[test]
    fn given_pay_under_both_then_the_change_is_what_it_costs_more() {
        let mut change = Change::default();
        change.add(&outcome("A", 1, Some("2400.00")), &outcome("B", 1, Some("2160.50"))).unwrap();
        change.add(&outcome("A", 1, Some("2400.00")), &outcome("A", 1, None)).unwrap();
        assert_eq!((change.compared, change.moved, change.other_grade, change.paid), (2, 1, 1, 1));
        let told = change.cost.told();
        assert_eq!(told["CNY"]["performance_pay"], "-239.50");
    }

    #[test]
    fn given_a_component_under_one_only_then_the_difference_is_all_of_it() {
        let (before, mut now) = (outcome("A", 1, Some("5.00")), outcome("A", 1, Some("5.00")));
        if let Some(paid) = &mut now.paid {
            paid.components = BTreeMap::from([("bonus".into(), "0.10".into())]);
        }
        let difference = difference(&before, &now).unwrap().unwrap();
        assert_eq!(difference["performance_pay"], "-5.00");
        assert_eq!(difference["bonus"], "0.10");
    }

    #[test]
    fn given_units_then_batches_are_whole_units() {
        let sizes = [("A", 3), ("B", 2), ("C", 9), ("D", 1)].map(|(unit, size)| (unit.to_owned(), size));
        assert_eq!(batches(sizes, 5), [vec!["A", "B"], vec!["C"], vec!["D"]]);
    }

    #[test]
    fn given_nobody_then_no_share_divides_by_zero() {
        assert_eq!(per_cent(0, 0), "0");
        assert_eq!(per_cent(1, 3), "33.3");
    }
}
