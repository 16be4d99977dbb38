//! The cut-offs of a forced ranking. A correction keeps the ranking: nobody else's grade changes, and the corrected
//! person is placed by the cut-offs that the ranking had.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::formulas::{At, Untraced};
use super::{Evaluation, groups};
use crate::case::{CutOff, CutOffs};
use crate::scheme::plan::{Body, FigureRule};
use crate::scheme::source::Within;
use crate::value::{Kind, Value};

/// Where a ranking placed a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placing {
    pub kind: Kind,
    pub id: String,
    pub figure: String,
    pub value: String,
}

impl Evaluation<'_> {
    /// Where rankings placed everybody but these, for [`crate::case::CaseBuilder::pin`].
    pub fn placings(&self, except: &[(Kind, &str)]) -> Vec<Placing> {
        let mut found = Vec::new();
        for (at, figure) in (0_u16..).zip(&self.plan.figures) {
            let ranks = |body: &Body| matches!(body.rule, FigureRule::Quota { .. } | FigureRule::Rank { .. });
            if !figure.bodies.iter().flatten().any(ranks) {
                continue;
            }
            let subjects = self.case.of(figure.kind);
            for row in 0..subjects.len() {
                let id = subjects.id(row);
                let value = match self.cell(at, row) {
                    Value::Text(text) => self.scheme.symbols.text(text).to_string(),
                    Value::Number(number) => number.normalize().to_string(),
                    _ => continue,
                };
                if !except.contains(&(figure.kind, id)) {
                    let figure_name = figure.name.to_string();
                    found.push(Placing { kind: figure.kind, id: id.to_owned(), figure: figure_name, value });
                }
            }
        }
        found
    }

    /// The cut-offs of the rankings that a subject was part of, for [`crate::case::CaseBuilder::keep_cut_offs`].
    pub fn cut_offs(&self, kind: Kind, id: &str) -> CutOffs {
        let mut found = CutOffs::new();
        let Some(row) = self.row(kind, id) else { return found };
        for (at, figure, body, value) in self.figures_of(kind, row) {
            if value == Value::Absent || !matches!(body.rule, FigureRule::Quota { .. }) {
                continue;
            }
            let variant =
                groups::variants(figure).into_iter().find(|variant| variant.body.declared_at == body.declared_at);
            let cut_offs = variant.map(|variant| self.cut_offs_of(kind, at, &variant, row));
            found.insert(figure.name.to_string(), cut_offs.unwrap_or_default());
        }
        found
    }

    fn cut_offs_of(&self, kind: Kind, figure: u16, variant: &groups::Variant, row: usize) -> Vec<CutOff> {
        let env = self.env();
        let subjects = self.case.of(kind);
        let mut lowest: BTreeMap<u32, Decimal> = BTreeMap::new();
        for member in groups::members(&env, kind, &variant.categories) {
            let member = member as usize;
            let body = variant.bodies.get(subjects.category_of(member)).and_then(Option::as_ref);
            let Some(FigureRule::Quota { by, within, .. }) = body.map(|body| &body.rule) else { continue };
            let together = match within {
                Within::Company => true,
                Within::Unit if kind == Kind::Units => member == row,
                Within::Unit => subjects.unit_of(member) == subjects.unit_of(row),
                Within::Category => subjects.category_of(member) == subjects.category_of(row),
            };
            let moved = u32::try_from(member).is_ok_and(|member| self.case.moves.contains_key(&(figure, member)));
            let score = env.number(by, At::subject(kind, member), &mut Untraced);
            if let (true, Ok(score), Value::Text(grade)) = (together && !moved, score, self.cell(figure, member)) {
                let from = lowest.entry(grade.0).or_insert(score);
                *from = score.min(*from);
            }
        }
        let grades = self.scheme.grades().iter();
        let held = grades.filter_map(|grade| {
            let symbol = self.scheme.symbols.find(&grade.code)?;
            lowest.get(&symbol.0).map(|from| CutOff { grade: grade.code.clone(), from: *from })
        });
        held.collect()
    }
}
