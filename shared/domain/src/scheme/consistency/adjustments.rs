//! What may be moved once it was computed.

use rust_decimal::Decimal;

use super::{Checker, FIGURE};
use crate::say;
use crate::scheme::source::{Adjust, FigureSource, Who};
use crate::value::Kind;

impl Checker<'_> {
    pub(super) fn adjustments(&mut self) {
        let all = &self.source.adjust;
        for (at, one) in all.iter().enumerate() {
            let place = format!("/adjust/{at}");
            let same = |other: &&Adjust| other.figure == one.figure && other.of == one.of;
            let meets = |other: &&Adjust| {
                let (ours, theirs) = (&one.cadences, &other.cadences);
                ours.is_empty() || theirs.is_empty() || ours.iter().any(|code| theirs.contains(code))
            };
            if all.iter().take(at).filter(same).any(|other| meets(&other)) {
                self.problem(&place, say!("{} 已写过", "{} is there before", one.figure));
            }
            self.cadences(&place, &one.cadences);
            self.moved(&place, one);
            if one.by.is_empty() {
                self.problem(format!("{place}/by"), say!("没有写明由谁", "nobody is named"));
            }
            for (at, who) in one.by.iter().enumerate() {
                self.moves(&format!("{place}/by/{at}"), one.of, who);
            }
        }
    }

    /// The figure is there, and can be moved.
    fn moved(&mut self, place: &str, one: &Adjust) {
        let figures = self.source.subject(one.of).map_or(&[][..], |subject| &subject.figures);
        let named: Vec<&FigureSource> = figures.iter().filter(|figure| figure.name == one.figure).collect();
        if one.of == Kind::Company {
            return self.problem(format!("{place}/of"), say!("只能是 people 或 units", "only people or units"));
        }
        if named.is_empty() {
            let known = figures.iter().map(|figure| figure.name.as_str());
            return self.unknown(format!("{place}/figure"), FIGURE, &one.figure, known);
        }
        if named.iter().any(|figure| figure.pay) {
            let message =
                say!("薪酬不由人调整：请调整得分或等级", "pay is not moved by people: move a score or a grade");
            self.problem(format!("{place}/figure"), message);
        }
        let coded = |figure: &&FigureSource| figure.bands.is_some() || figure.quota.is_some();
        if one.up_to.is_some() && named.iter().any(coded) {
            self.problem(format!("{place}/up_to"), say!("只有数字才有幅度", "only a number is moved by so much"));
        }
        if one.up_to.as_ref().is_some_and(|most| most.0 <= Decimal::ZERO) {
            self.problem(format!("{place}/up_to"), say!("须大于 0", "it is more than 0"));
        }
    }

    /// Somebody in particular, who need not have rated.
    fn moves(&mut self, place: &str, of: Kind, who: &Who) {
        let fits = match who {
            Who::Role(role) => !["employee", "payroll", "admin", "auditor"].contains(&role.as_str()),
            Who::Body { .. } | Who::Leader => true,
            Who::SuperiorAbove | Who::Head => of == Kind::People,
            Who::Superior => of == Kind::Units,
            _ => false,
        };
        if !fits {
            let message = say!(
                "{who} 不能调整：请写 superior.superior、head、leader、role.角色 或 body.机构",
                "{who} moves nothing: write superior.superior, head, leader, role.ROLE or body.CODE"
            );
            self.problem(place, message);
        }
    }
}
