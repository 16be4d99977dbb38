//! Terms of appeal, and the levels that decide.

use std::collections::BTreeSet;

use super::Checker;
use crate::say;
use crate::scheme::calendar::Term;
use crate::scheme::source::{AppealTerms, GroupRule, Who, renamed};

impl Checker<'_> {
    pub(super) fn appeal(&mut self) {
        let Some(appeal) = &self.source.appeal else { return };
        for (key, term) in [("file_within", &appeal.file_within), ("answer_within", &appeal.answer_within)] {
            if let Some(term) = term.as_deref().filter(|term| Term::parse(term).is_none()) {
                let message = say!(
                    "{term:?} 不是天数或工作日数：请写 7 days（7 天）或 2 working days（2 个工作日）",
                    "{term:?} is no number of days or working days: write 7 days, or 2 working days"
                );
                self.problem(format!("/appeal/{key}"), message);
            }
        }
        self.levels(appeal);
        if let Some(group) = &appeal.group {
            self.group(appeal, group);
        }
    }

    /// Every level has somebody who can decide, and the last of them can decide alone.
    fn levels(&mut self, appeal: &AppealTerms) {
        let mut seen: BTreeSet<Vec<&Who>> = BTreeSet::new();
        for (at, level) in appeal.levels.iter().enumerate() {
            let place = format!("/appeal/levels/{at}");
            for who in level.who() {
                self.decider(&place, who);
            }
            if level.who().is_empty() {
                self.problem(&place, say!("没有写明由谁", "nobody is named"));
            }
            if level.who() == [Who::Oneself] {
                self.problem(&place, say!("没有人受理自己的申诉", "nobody decides about their own appeal"));
            }
            let mut who: Vec<&Who> = level.who().iter().collect();
            who.sort();
            if !seen.insert(who) {
                self.problem(&place, say!("该级重复出现", "this level is there twice"));
            }
        }
        let Some(last) = appeal.levels.last() else { return };
        let concerned = |who: &Who| matches!(who, Who::Oneself | Who::Superior);
        if !last.who().is_empty() && last.who() != [Who::Oneself] && last.who().iter().all(concerned) {
            let message = say!(
                "申诉到此为止，却只由本人与评分的上级处理：最后一级须有未参与评分的人",
                "the appeal ends here with the person and the superior who rated: the last level needs somebody else"
            );
            self.problem(format!("/appeal/levels/{}", appeal.levels.len() - 1), message);
        }
    }

    fn decider(&mut self, place: &str, who: &Who) {
        let message = match who {
            Who::Unknown(code) => match renamed(code) {
                Some(now) => say!("{code} 现写作 {now}", "{code} is written {now} now"),
                None => say!(
                    "没有 {code}：请写 superior、superior.superior、head、leader、assigned、role.角色 或 body.机构",
                    "there is no {code}: write superior, superior.superior, head, leader, assigned, role.ROLE or body.CODE"
                ),
            },
            Who::Former | Who::Reports | Who::Peers | Who::Partners | Who::Customers | Who::Unit(_) => {
                say!("{who} 不能受理申诉", "{who} cannot decide about an appeal")
            }
            Who::Role(role) if ["employee", "payroll", "admin"].contains(&role.as_str()) => {
                say!("{who} 不能受理申诉", "{who} cannot decide about an appeal")
            }
            _ => return,
        };
        self.problem(place, message);
    }

    fn group(&mut self, appeal: &AppealTerms, group: &GroupRule) {
        if group.min == 0 || group.min > group.max {
            self.problem(
                "/appeal/group",
                say!(
                    "小组至少有一名成员，且上限不小于下限",
                    "a group has at least one member, and no fewer at most than at least"
                ),
            );
        }
        if group.odd && group.min == group.max && group.min.is_multiple_of(2) {
            self.problem("/appeal/group/odd", say!("该人数不是单数", "no such number is odd"));
        }
        let speakers: u32 = group.representatives.values().map(|least| u32::from(*least)).sum();
        if speakers > u32::from(group.max) {
            self.problem("/appeal/group/representatives", say!("代表人数超过小组上限", "more than the group may have"));
        }
        let is_body = |who: &Who| matches!(who, Who::Body { .. } | Who::Unknown(_));
        if !appeal.levels.iter().flat_map(|level| level.who()).any(is_body) {
            self.problem("/appeal/group", say!("没有由机构受理的级别", "no level is decided by a body"));
        }
    }
}
