//! The cut-offs of a forced ranking. A correction keeps the ranking: nobody else's grade changes, and the corrected
//! person is placed by the cut-offs that the ranking had.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::formulas::{At, Untraced};
use super::{Evaluation, groups};
use crate::case::{CutOff, CutOffs};
use crate::scheme::plan::FigureRule;
use crate::scheme::source::Within;
use crate::value::{Kind, Value};

impl Evaluation<'_> {
    /// The cut-offs of the rankings that a person was part of, for [`crate::case::CaseBuilder::keep_cut_offs`].
    pub fn cut_offs(&self, number: &str) -> CutOffs {
        let mut found = CutOffs::new();
        let Some(row) = self.row(Kind::People, number) else { return found };
        for (at, figure, body, value) in self.figures_of(Kind::People, row) {
            if value == Value::Absent || !matches!(body.rule, FigureRule::Quota { .. }) {
                continue;
            }
            let variant =
                groups::variants(figure).into_iter().find(|variant| variant.body.declared_at == body.declared_at);
            let cut_offs = variant.map(|variant| self.cut_offs_of(at, &variant, row));
            found.insert(figure.name.to_string(), cut_offs.unwrap_or_default());
        }
        found
    }

    fn cut_offs_of(&self, figure: u16, variant: &groups::Variant, row: usize) -> Vec<CutOff> {
        let env = self.env();
        let subjects = self.case.of(Kind::People);
        let mut lowest: BTreeMap<u32, Decimal> = BTreeMap::new();
        for member in groups::members(&env, Kind::People, &variant.categories) {
            let member = member as usize;
            let body = variant.bodies.get(subjects.category_of(member)).and_then(Option::as_ref);
            let Some(FigureRule::Quota { by, within, .. }) = body.map(|body| &body.rule) else { continue };
            let together = match within {
                Within::Company => true,
                Within::Unit => subjects.unit_of(member) == subjects.unit_of(row),
                Within::Category => subjects.category_of(member) == subjects.category_of(row),
            };
            let score = env.number(by, At::subject(Kind::People, member), &mut Untraced);
            if let (true, Ok(score), Value::Text(grade)) = (together, score, self.cell(figure, member)) {
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
