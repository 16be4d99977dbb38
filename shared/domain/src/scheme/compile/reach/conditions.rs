//! Conditions: whether they can hold, and what is known where they do.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::range::{allowed, compared};
use super::survey::Surveyor;
use super::{Range, Reach, Shape};
use crate::expression::{Comparison, Node, Rel};
use crate::value::Symbol;

impl Surveyor<'_, '_> {
    pub(super) fn compare(&mut self, comparison: Comparison, left: &Node, right: &Node) -> Reach {
        let (a, b) = (self.reach(left), self.reach(right));
        let absent = a.absent || b.absent;
        let (yes, no) = match (&a.shape, &b.shape) {
            (Shape::Nothing, _) | (_, Shape::Nothing) => (false, true),
            (Shape::Number(a), Shape::Number(b)) => compared(comparison, *a, *b),
            (Shape::Texts(a), Shape::Texts(b)) => {
                let same = a.intersection(b).next().is_some();
                let differ = a.len() > 1 || b.len() > 1 || a != b;
                if comparison == Comparison::Equal { (same, differ) } else { (differ, same) }
            }
            (Shape::Flag { yes: a, no: not_a }, Shape::Flag { yes: b, no: not_b }) => {
                let same = (*a && *b) || (*not_a && *not_b);
                let differ = (*a && *not_b) || (*not_a && *b);
                if comparison == Comparison::Equal { (same, differ) } else { (differ, same) }
            }
            _ => (true, true),
        };
        Reach::flag(yes, no || absent)
    }

    pub(super) fn both(&mut self, all: &[Node]) -> Reach {
        let before = self.known.len();
        let (mut yes, mut no) = (true, false);
        for one in all {
            let reach = self.reach(one);
            yes &= reach.can_hold();
            no |= reach.can_fail();
            if !yes {
                break;
            }
            self.count_on(one, true);
        }
        self.known.truncate(before);
        Reach::flag(yes, no)
    }

    pub(super) fn either(&mut self, all: &[Node]) -> Reach {
        let before = self.known.len();
        let (mut yes, mut no) = (false, true);
        for one in all {
            let reach = self.reach(one);
            yes |= reach.can_hold();
            no &= reach.can_fail();
            if !no {
                break;
            }
            self.count_on(one, false);
        }
        self.known.truncate(before);
        Reach::flag(yes, no)
    }

    /// From here on a condition is known to hold, or not to: behind `grade in ["A", "B"]` the grade is A or B, behind its
    /// contrary one of the others; behind `!(a > 5 || b)` a is at most 5 and b does not hold.
    pub(super) fn count_on(&mut self, condition: &Node, holds: bool) {
        match condition {
            Node::Not(inner) => self.count_on(inner, !holds),
            Node::And(all) if holds => all.iter().for_each(|one| self.count_on(one, true)),
            Node::Or(all) if !holds => all.iter().for_each(|one| self.count_on(one, false)),
            Node::AmongTexts(inner, codes) if stays(inner) => {
                self.narrow_texts(inner, &codes.iter().copied().collect(), holds, holds);
            }
            Node::AnyGiven(given) if holds => {
                for slot in self.given_with(given) {
                    let reach = self.slot(Rel::Own, slot, true);
                    self.note(&Node::Slot { rel: Rel::Own, slot, required: true }, reach);
                }
            }
            Node::Compare(comparison, pair) => {
                self.count_on_comparison(*comparison, &pair.0, &pair.1, holds);
                self.count_on_comparison(comparison.mirrored(), &pair.1, &pair.0, holds);
            }
            _ => {}
        }
    }

    pub(super) fn count_on_comparison(&mut self, comparison: Comparison, left: &Node, right: &Node, holds: bool) {
        // Only what is read as it stands is remembered, and only plain sides are looked at again: else a condition
        // within a condition within a condition would be looked at more and more often.
        if !stays(left) || !(stays(right) || matches!(right, Node::Constant(_))) {
            return;
        }
        let (a, b) = (self.reach(left), self.reach(right));
        // A comparison with something absent does not hold, and then says nothing of the other side.
        if !holds && b.absent {
            return;
        }
        match (&a.shape, &b.shape) {
            (Shape::Texts(_), Shape::Texts(other)) => {
                let equal = (comparison == Comparison::Equal) == holds;
                if equal || other.len() == 1 {
                    self.narrow_texts(left, &other.clone(), equal, holds);
                }
            }
            (Shape::Number(range), Shape::Number(other)) => {
                let comparison = if holds { comparison } else { comparison.negated() };
                let shape = match range.and(allowed(comparison, *other)) {
                    Some(range) if comparison == Comparison::Unequal && other.is_one() == Some(Decimal::ZERO) => {
                        Shape::Number(Range { zero: false, ..range })
                    }
                    Some(range) => Shape::Number(range),
                    None => Shape::Nothing,
                };
                self.note(left, Reach { shape, absent: a.absent && !holds });
            }
            _ => {}
        }
    }

    /// What is absent meets no condition, and so is among those of whom one does not hold.
    pub(super) fn narrow_texts(&mut self, node: &Node, codes: &BTreeSet<Symbol>, among: bool, holds: bool) {
        let reach = self.reach(node);
        if let Shape::Texts(texts) = &reach.shape {
            let left = texts.iter().copied().filter(|text| codes.contains(text) == among).collect();
            self.note(node, Reach { shape: Shape::Texts(left), absent: reach.absent && !holds });
        }
    }

    pub(super) fn note(&mut self, node: &Node, reach: Reach) {
        self.known.push((node.clone(), reach));
    }
}

/// Something that is the same wherever a formula reads it.
pub(super) fn stays(node: &Node) -> bool {
    match node {
        Node::Scaled(inner, _) => stays(inner),
        _ => matches!(
            node,
            Node::Slot { .. } | Node::Figure { .. } | Node::Parameter(_) | Node::Category | Node::Local(_)
        ),
    }
}

pub(super) fn is_local(node: &Node) -> bool {
    match node {
        Node::Scaled(inner, _) => is_local(inner),
        _ => matches!(node, Node::Local(_)),
    }
}

impl Comparison {
    /// The same seen from the other side.
    fn mirrored(self) -> Self {
        match self {
            Comparison::Less => Comparison::More,
            Comparison::LessOrEqual => Comparison::MoreOrEqual,
            Comparison::More => Comparison::Less,
            Comparison::MoreOrEqual => Comparison::LessOrEqual,
            same => same,
        }
    }

    fn negated(self) -> Self {
        match self {
            Comparison::Equal => Comparison::Unequal,
            Comparison::Unequal => Comparison::Equal,
            Comparison::Less => Comparison::MoreOrEqual,
            Comparison::LessOrEqual => Comparison::More,
            Comparison::More => Comparison::LessOrEqual,
            Comparison::MoreOrEqual => Comparison::Less,
        }
    }
}
