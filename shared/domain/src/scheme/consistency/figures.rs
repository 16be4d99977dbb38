//! Figures: names, ways, rounding, bands.

use super::{Checker, TAKEN_IN_FORMULAS, TAKEN_IN_RESULTS};
use crate::say;
use crate::scheme::problem::Problem;
use crate::scheme::source::{FigureSource, Within};
use crate::value::Kind;

impl<'s> Checker<'s> {
    pub(super) fn figure(&mut self, place: &str, kind: Kind, figure: &FigureSource) {
        self.name(format!("{place}/name"), &figure.name);
        self.label(&format!("{place}/label"), &figure.label);
        self.scope(place, kind, &figure.categories, &figure.cadences);
        if TAKEN_IN_FORMULAS.contains(&figure.name.as_str()) {
            self.problem(
                format!("{place}/name"),
                say!("{} 在公式中已另有含义", "{} already means something else in formulas", figure.name),
            );
        }
        if figure.output.is_some() && TAKEN_IN_RESULTS.contains(&figure.name.as_str()) {
            self.problem(
                format!("{place}/name"),
                say!("每个结果都已有 {}", "every result has {} already", figure.name),
            );
        }
        if figure.pay && kind != Kind::People {
            self.problem(
                format!("{place}/pay"),
                say!(
                    "只有员工才发放：部门的金额请用 money = true",
                    "only people are paid: use money = true for an amount of a unit"
                ),
            );
        }
        if figure.round.is_some_and(|places| places > 10) {
            self.problem(format!("{place}/round"), say!("小数位数为 0 到 10", "0 to 10 decimals are kept"));
        }
        if figure.round.is_some() && (figure.pay || figure.money) {
            self.problem(
                format!("{place}/round"),
                say!("金额总是保留到分：请去掉 round", "money is rounded to the cent: leave round out"),
            );
        }
        if figure.split.is_some() && (figure.min.is_some() || figure.max.is_some() || figure.round.is_some()) {
            self.problem(
                place,
                say!(
                    "分摊的金额精确到分，合计等于总额：不能写 min、max 和 round",
                    "shares of a sum are in whole cents and sum to it: min, max and round have no meaning"
                ),
            );
        }
        if figure.ways().count() != 1 {
            let message = say!(
                "{} 只能有一种算法：formula、bands、quota、rank、gather 或 split",
                "{} is found in one way: by a formula, by bands, or by a quota, rank, gather or split",
                figure.name
            );
            self.problems.push(Problem::new(place.to_owned(), message));
        }
        let within = [
            ("quota", figure.quota.as_ref().map(|quota| quota.within)),
            ("rank", figure.rank.as_ref().map(|rank| rank.within)),
            ("split", figure.split.as_ref().map(|split| split.within)),
        ];
        for (key, _) in within.iter().filter(|(_, within)| *within == Some(Within::Unit)) {
            if self.source.units.is_none() {
                self.problem(format!("{place}/{key}/within"), say!("本方案没有部门", "this scheme knows no units"));
            }
        }
        if let Some(gather) = &figure.gather {
            if gather.of == Kind::Company {
                self.problem(format!("{place}/gather/of"), say!("只能汇总员工或部门", "people or units are gathered"));
            }
            if gather.of == Kind::Units && self.source.units.is_none() {
                self.problem(format!("{place}/gather/of"), say!("本方案没有部门", "this scheme knows no units"));
            }
            self.categories(&format!("{place}/gather"), gather.of, &gather.categories);
        }
        let Some(bands) = &figure.bands else { return };
        if bands.rows.is_empty() {
            self.problem(format!("{place}/bands"), say!("没有分数段", "there is no band"));
        }
        let graded = bands.rows.first().is_some_and(|row| row.grade.is_some());
        for (at, row) in bands.rows.iter().enumerate() {
            let place = format!("{place}/bands/rows/{at}");
            if row.bound().is_none() {
                self.problem(
                    &place,
                    say!(
                        "分数段的起点写 `from`（含）或 `above`（不含），二者取一",
                        "a band begins either `from` a number or `above` it"
                    ),
                );
            }
            if row.grade.is_some() == row.value.is_some() {
                self.problem(
                    &place,
                    say!("分数段给出 `grade` 或 `value`，二者取一", "a band gives either a `grade` or a `value`"),
                );
            } else if row.grade.is_some() != graded {
                self.problem(
                    &place,
                    say!(
                        "同一计算项的各分数段须都给出等级，或都给出数值",
                        "the bands of a figure give grades or values, not both"
                    ),
                );
            }
        }
    }
}
