//! What became of each sum that is shared: what it was, what was paid of it, and so what is left.
//!
//! Of a pool of 1000.00 by weights 1 and 2, 333.33 and 666.67 are paid and nothing is left; where all weights are 0,
//! nobody gets anything and all of it is left.

use rust_decimal::Decimal;

use super::Evaluation;
use super::groups::{self, Owner};
use crate::Label;
use crate::money::Money;
use crate::scheme::plan::Figure;
use crate::value::Kind;

/// A sum that people or units share, among those who share one.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    /// The figure whose values are the shares.
    pub figure: String,
    /// What is shared, as the scheme calls it.
    pub label: Label,
    /// The unit or the category that shares it, by code; none: the company.
    pub of: Option<String>,
    /// What people call that unit or category.
    pub within: Option<Label>,
    /// Those who take part.
    pub members: usize,
    pub whole: Money,
    pub paid: Money,
}

impl Pool {
    pub fn left(&self) -> Option<Money> {
        Some(Money::new(self.whole.amount().checked_sub(self.paid.amount())?))
    }

    /// Something was to be paid, and nobody got any of it: nobody was there, or all weights are 0.
    pub fn is_unpaid(&self) -> bool {
        self.whole.amount() > self.paid.amount()
    }
}

impl Evaluation<'_> {
    /// Every pool, in the order of the scheme and of the case.
    pub fn pools(&self) -> Vec<Pool> {
        let figures = self.plan.figures.iter().zip(&self.sharings);
        let pools = figures.flat_map(|(figure, sharing)| {
            sharing.iter().flat_map(|sharing| &sharing.pools).map(move |pool| self.pool(figure, pool))
        });
        pools.collect()
    }

    fn pool(&self, figure: &Figure, pool: &groups::Pool) -> Pool {
        let declared = figure.bodies.iter().flatten().find(|body| body.declared_at == pool.declared_at);
        let of = self.owner_of(figure.kind, pool.owner);
        let within = of.as_ref().map(|code| {
            let categories = self.scheme.source.subject(figure.kind).map_or(&[][..], |subject| &subject.categories);
            let category =
                categories.iter().find(|category| matches!(pool.owner, Owner::Category(_)) && category.code == *code);
            category.map_or_else(|| Label::new(code, code), |category| category.label.clone())
        });
        Pool {
            figure: figure.name.to_string(),
            label: declared.map(|body| body.label.clone()).unwrap_or_default(),
            of,
            within,
            members: pool.among,
            whole: pool.amount,
            paid: if pool.weights.is_zero() { Money::new(Decimal::ZERO) } else { pool.amount },
        }
    }

    fn owner_of(&self, kind: Kind, owner: Owner) -> Option<String> {
        match owner {
            Owner::Company => None,
            Owner::Unit(row) => Some(self.case.of(Kind::Units).id(row).to_owned()),
            Owner::Category(category) => Some(self.scheme.source.category_code(kind, category).to_owned()),
        }
        .filter(|code| !code.is_empty())
    }
}
