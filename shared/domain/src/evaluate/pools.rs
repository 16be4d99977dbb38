//! What became of each sum that is shared: what it was, what was paid of it, and so what is left.
//!
//! Of a pool of 1000.00 by weights 1 and 2, 333.33 and 666.67 are paid and nothing is left; where all weights are 0,
//! nobody gets anything and all of it is left.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::Evaluation;
use crate::expression::eval::{At, Untraced};
use crate::locale::Label;
use crate::money::Money;
use crate::scheme::plan::FigureRule;
use crate::scheme::source::Within;
use crate::value::{Kind, Value};

/// A sum that people or units share, among those who share one.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    /// What is shared out, as the scheme calls it.
    pub label: Label,
    /// The unit or the category; none: the company.
    pub within: Option<Label>,
    /// Those who take part.
    pub members: usize,
    /// None where nobody takes part: whose sum it is cannot be said.
    pub whole: Option<Money>,
    pub paid: Money,
}

impl Pool {
    pub fn left(&self) -> Option<Money> {
        Some(Money::new(self.whole?.amount().checked_sub(self.paid.amount())?))
    }
}

/// A figure, the variant of it, and the unit or category.
type Key = (u16, usize, usize);

impl Evaluation<'_> {
    /// Every pool, in the order of the scheme and of the case.
    pub fn pools(&self) -> Vec<Pool> {
        let mut found: BTreeMap<Key, Pool> = BTreeMap::new();
        let mut by_unit: BTreeSet<(u16, usize)> = BTreeSet::new();
        for kind in [Kind::Units, Kind::People] {
            for row in 0..self.case.of(kind).len() {
                if kind == Kind::People && self.excluded.get(row).copied().flatten().is_some() {
                    continue;
                }
                for (at, _, body, value) in self.figures_of(kind, row) {
                    let FigureRule::Split { pool, within, .. } = &body.rule else { continue };
                    if kind == Kind::People && *within == Within::Unit {
                        by_unit.insert((at, body.declared_at));
                    }
                    let Some(group) = self.group_of(kind, row, *within) else { continue };
                    let entry = found.entry((at, body.declared_at, group)).or_insert_with(|| Pool {
                        label: body.label.clone(),
                        within: self.named_group(kind, group, *within),
                        members: 0,
                        whole: self.env().number(pool, At::subject(kind, row), &mut Untraced).ok().map(Money::new),
                        paid: Money::new(Decimal::ZERO),
                    });
                    entry.members += 1;
                    if let Value::Number(share) = value {
                        entry.paid = Money::new(entry.paid.amount().saturating_add(share));
                    }
                }
            }
        }
        self.add_unshared(by_unit, &mut found);
        found.into_values().collect()
    }

    /// Units of which nobody takes part.
    fn add_unshared(&self, by_unit: BTreeSet<(u16, usize)>, found: &mut BTreeMap<Key, Pool>) {
        for (figure, declared_at) in by_unit {
            let shared = found.iter().find(|((at, declared, _), _)| (*at, *declared) == (figure, declared_at));
            let Some(label) = shared.map(|(_, pool)| pool.label.clone()) else { continue };
            for unit in 0..self.case.of(Kind::Units).len() {
                found.entry((figure, declared_at, unit)).or_insert_with(|| Pool {
                    label: label.clone(),
                    within: self.named_group(Kind::People, unit, Within::Unit),
                    members: 0,
                    whole: None,
                    paid: Money::new(Decimal::ZERO),
                });
            }
        }
    }

    fn group_of(&self, kind: Kind, row: usize, within: Within) -> Option<usize> {
        match within {
            Within::Company => Some(0),
            Within::Category => Some(self.case.of(kind).category_of(row)),
            Within::Unit if kind == Kind::Units => Some(row),
            Within::Unit => self.case.of(kind).unit_of(row),
        }
    }

    fn named_group(&self, kind: Kind, group: usize, within: Within) -> Option<Label> {
        match within {
            Within::Company => None,
            Within::Category => {
                let category = self.scheme.source.subject(kind)?.categories.get(group)?;
                Some(category.label.clone())
            }
            Within::Unit => {
                let unit = self.case.of(Kind::Units).id(group);
                Some(Label::new(unit, unit))
            }
        }
    }
}
