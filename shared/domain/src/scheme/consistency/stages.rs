//! Stages and their dates, and what services do around the figures.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::{Checker, Noun, RATER};
use crate::Message;
use crate::period::{Form, Period};
use crate::say;
use crate::scheme::calendar::{DatePhrase, Term};
use crate::scheme::problem::Problem;
use crate::scheme::source::{Acting, Actor, Does, SheetSource, Sources, Stage, StageOn, Who};
use crate::value::Kind;
use crate::workdays::WorkingCalendar;

const DUTY: Noun = Noun { zh: "限期事项", en: "duty" };
const FIELD: Noun = Noun { zh: "填写项", en: "field" };

/// A form asks no more than this.
const MOST_FIELDS: usize = 20;

impl<'s> Checker<'s> {
    pub(super) fn stages(&mut self) {
        let stages = &self.source.stages;
        for (at, stage) in stages.iter().enumerate() {
            let place = format!("/stages/{at}");
            if stages.iter().take(at).any(|before| before.code == stage.code && meet(before, stage)) {
                let problem =
                    Problem::new(place.clone(), say!("阶段 {} 重复定义", "stage {} is declared twice", stage.code));
                self.problems.push(problem);
            }
            self.label(&format!("{place}/label"), &stage.label);
            self.cadences(&place, &stage.cadences);
            self.deciding(&place, stage);
            self.raters_of_stage(&place, stage);
            self.after(&place, stage);
            if stage.due.is_some() && stage.opens.is_none() {
                self.problem(
                    &place,
                    say!(
                        "阶段 {} 有截止日，但没有开始日",
                        "the stage {} is due on a day, but opens on none",
                        stage.code
                    ),
                );
            }
            for (key, phrase) in [("opens", &stage.opens), ("due", &stage.due)] {
                let Some(phrase) = phrase.as_deref().filter(|phrase| DatePhrase::parse(phrase).is_none()) else {
                    continue;
                };
                let message = say!(
                    "{phrase:?} 不是相对于考核期间的日期：请写 28 of M-1（上月 28 日）、last of Feb of Y+1（次年 2 月最后一日）或 7 working days after end（期末后 7 个工作日）",
                    "{phrase:?} is no date relative to the period: write 28 of M-1, last of Feb of Y+1, or 7 working days after end"
                );
                self.problem(format!("{place}/{key}"), message);
            }
        }
        for cadence in 0..self.source.cadences.len() {
            self.order_of_stages(cadence);
            self.approved_by_others(cadence);
        }
    }

    /// What a stage waits for stands before it, and is of its kind.
    fn after(&mut self, place: &str, stage: &Stage) {
        let Some(after) = &stage.after else { return };
        if stage.does == Does::Opinion {
            if !after.is_empty() {
                let message = say!(
                    "公布后反馈则不写；算出结果后即可反馈则写 after = []",
                    "left out, opinions follow publication; with after = [] they may come as soon as results are computed"
                );
                self.problem(format!("{place}/after"), message);
            }
            return;
        }
        if !stage.rates() && !stage.decides() {
            let message = say!(
                "只用于自评、评分、审核和审批（self_assess、score、review、approve）",
                "only an assessment, scoring, a review or an approval that says by whom has this"
            );
            return self.problem(format!("{place}/after"), message);
        }
        let before: Vec<&str> = self
            .source
            .stages
            .iter()
            .take_while(|one| !std::ptr::eq(*one, stage))
            .filter(|one| meet(one, stage) && if stage.rates() { one.rates() } else { one.decides() })
            .map(|one| one.code.as_str())
            .collect();
        let back = stage.back_to.as_deref().filter(|back| before.contains(back));
        if back.is_some_and(|back| !after.iter().any(|code| code == back)) {
            let message = say!("须等待可退回的阶段", "it waits for the stage to which it sends back");
            self.problem(format!("{place}/after"), message);
        }
        for (at, code) in after.iter().enumerate().filter(|(_, code)| !before.contains(&code.as_str())) {
            let message =
                say!("{code} 不是排在它之前的同类阶段", "{code} is no stage before it in which the same is done");
            self.problem(format!("{place}/after/{at}"), message);
        }
    }

    /// The kinds of rater of a stage are on a sheet, and only stages of scoring have them.
    fn raters_of_stage(&mut self, place: &str, stage: &Stage) {
        if !stage.raters.is_empty() && stage.does != Does::Score {
            self.problem(format!("{place}/raters"), say!("只用于评分（score）", "only a stage of scoring has this"));
        }
        let known: Vec<&str> =
            self.source.sheets.iter().flat_map(|sheet| &sheet.raters).map(|rater| rater.name.as_str()).collect();
        for (at, name) in stage.raters.iter().enumerate().filter(|(_, name)| !known.contains(&name.as_str())) {
            self.unknown(format!("{place}/raters/{at}"), RATER, name, known.clone());
        }
    }

    /// Those who decide in a stage can be found, and it says something where nobody does.
    fn deciding(&mut self, place: &str, stage: &Stage) {
        if !stage.form.is_empty() && !stage.is_written() {
            let message = say!("只用于写明 by 的书面报告（report）", "only a report that says by whom has this");
            self.problem(format!("{place}/form"), message);
        }
        let settles = stage.does == Does::Settle && !stage.by.is_empty() && stage.on == StageOn::People;
        if !stage.categories.is_empty() && !stage.is_written() && !stage.decides() && !settles {
            let message = say!(
                "只用于写明 by 的书面报告、审核、审批和逐人确认的考核表（report、review、approve、settle）",
                "only a report, a review or an approval that says by whom, or sheets that are confirmed person by person, have this"
            );
            self.problem(format!("{place}/for"), message);
        }
        if stage.decides() || settles {
            self.categories(place, Kind::People, &stage.categories);
        }
        if stage.does != Does::Confirm && stage.lapses.is_some() {
            self.problem(format!("{place}/lapses"), say!("只用于签字确认（confirm）", "only a confirmation has this"));
        }
        let binds =
            stage.rates() || stage.is_written() || matches!(stage.does, Does::Confirm | Does::Plan | Does::Submit);
        if stage.gate && !binds {
            let message = say!(
                "只用于计划、自评、评分、书面报告和签字确认",
                "only plans, assessments, scoring, reports and confirmations have this"
            );
            self.problem(format!("{place}/gate"), message);
        }
        match stage.does {
            Does::Interview => return self.with_each(place, stage),
            Does::SpotCheck => self.spot_check(place, stage),
            _ => {}
        }
        for (key, given) in [("reasons_only", stage.reasons_only), ("known", stage.known)] {
            if given {
                self.problem(format!("{place}/{key}"), say!("只用于面谈（interview）", "only an interview has this"));
            }
        }
        match stage.does {
            Does::Opinion => {
                let mut before = self.source.stages.iter().take_while(|one| !std::ptr::eq(*one, stage));
                if before.any(|one| one.does == Does::Opinion && meet(one, stage)) {
                    self.problem(place, say!("已有听取意见的阶段", "there is a stage of opinions before"));
                }
                return self.with_each(place, stage);
            }
            Does::SpotCheck => return,
            Does::Confirm => return self.confirm(place, stage),
            Does::Announce if !stage.by.is_empty() => return self.announce(place, stage),
            Does::Plan | Does::ApprovePlan | Does::Settle => return self.planned(place, stage),
            Does::Report if stage.is_written() => return self.report(place, stage),
            _ => {}
        }
        if stage.by.is_empty() {
            if stage.on != StageOn::Cycle || stage.back_to.is_some() {
                let message = say!("写 by 才有意义", "this has a meaning only with by");
                let key = if stage.back_to.is_some() { "back_to" } else { "on" };
                self.problem(format!("{place}/{key}"), message);
            }
            return;
        }
        if !matches!(stage.does, Does::Review | Does::Approve) {
            let message = say!("此类阶段不写 by", "a stage that does this does not say by whom");
            self.problem(format!("{place}/by"), message);
        }
        if stage.role != Actor::Nobody {
            let message = say!("有 by 时不写 role", "by says who acts: leave role out");
            self.problem(format!("{place}/role"), message);
        }
        if stage.on == StageOn::People {
            self.problem(
                format!("{place}/on"),
                say!(
                    "只有 interview、opinion 和 confirm 的 on 为 people",
                    "only interview, opinion and confirm are on people"
                ),
            );
        }
        self.in_turn(place, &stage.by, |checker, here, who| checker.decides_in_stage(here, stage.on, who));
        if let Some(back) = &stage.back_to {
            let earlier = self.source.stages.iter().take_while(|one| !std::ptr::eq(*one, stage));
            if !earlier.into_iter().any(|one| one.code == *back && meet(one, stage)) {
                let message = say!("之前没有阶段 {back}", "there is no stage {back} before it");
                self.problem(format!("{place}/back_to"), message);
            }
        }
    }

    /// Those who decide one after the other, or together.
    fn in_turn(&mut self, place: &str, by: &[Acting], fits: impl Fn(&mut Self, &str, &Who)) {
        self.one_after_another(&format!("{place}/by"), by, fits);
    }

    /// The same, wherever they are named.
    pub(super) fn one_after_another(&mut self, place: &str, acting: &[Acting], fits: impl Fn(&mut Self, &str, &Who)) {
        let mut seen: BTreeSet<Vec<&Who>> = BTreeSet::new();
        for (at, acting) in acting.iter().enumerate() {
            let here = format!("{place}/{at}");
            acting.who().iter().for_each(|who| fits(self, &here, who));
            if acting.who().is_empty() {
                self.problem(&here, say!("没有写明由谁", "nobody is named"));
            }
            if acting.who().len() > 1 && acting.who().iter().any(|who| matches!(who, Who::Body { .. })) {
                self.problem(
                    &here,
                    say!("机构单独决定：请另列一步", "a body decides by itself: give it a step of its own"),
                );
            }
            let mut who: Vec<&Who> = acting.who().iter().collect();
            who.sort();
            if !seen.insert(who) {
                self.problem(&here, say!("此步骤重复出现", "this step is there twice"));
            }
        }
    }

    /// Who decides about plans that were handed in, or about sheets that HR has settled.
    fn planned(&mut self, place: &str, stage: &Stage) {
        if stage.back_to.is_some() {
            let message = say!("退回给填写的人", "what is sent back goes to whoever wrote it");
            self.problem(format!("{place}/back_to"), message);
        }
        match (stage.does, stage.on) {
            (Does::ApprovePlan, StageOn::People) => {
                let message =
                    say!("只用于部门计划：on 为 units", "only plans of units are approved in it: on is units");
                self.problem(format!("{place}/on"), message);
            }
            (_, StageOn::Cycle) if !stage.by.is_empty() && stage.does != Does::ApprovePlan => {
                self.problem(format!("{place}/on"), say!("on 为 people 或 units", "it is on people or units"));
            }
            _ => {}
        }
        let on = if stage.does == Does::ApprovePlan { StageOn::Units } else { stage.on };
        let written = stage.does != Does::Settle;
        self.in_turn(place, &stage.by, |checker, here, who| checker.decides_about_plans(here, on, written, who));
    }

    /// Somebody who did not write what they decide about.
    fn decides_about_plans(&mut self, place: &str, on: StageOn, written: bool, who: &Who) {
        let fits = match who {
            Who::Role(role) => !["employee", "payroll", "admin", "auditor"].contains(&role.as_str()),
            Who::Body { .. } | Who::Leader => true,
            Who::Head => on == StageOn::People || !written,
            Who::Superior | Who::SuperiorAbove => on == StageOn::People,
            // Somebody agrees to what stands on their sheet.
            Who::Oneself => on == StageOn::People && !written,
            _ => false,
        };
        if !fits {
            let message = match on {
                StageOn::People if !written => say!(
                    "{who} 不能确认：请写 self、superior、superior.superior、head、leader、role.角色 或 body.机构",
                    "{who} cannot confirm here: write self, superior, superior.superior, head, leader, role.ROLE or body.CODE"
                ),
                StageOn::Units if !written => say!(
                    "{who} 不能审批：请写 head、leader、role.角色 或 body.机构",
                    "{who} cannot decide here: write head, leader, role.ROLE or body.CODE"
                ),
                StageOn::People => say!(
                    "{who} 不能审批：请写 superior、superior.superior、head、leader、role.角色 或 body.机构",
                    "{who} cannot decide here: write superior, superior.superior, head, leader, role.ROLE or body.CODE"
                ),
                StageOn::Units | StageOn::Cycle => say!(
                    "{who} 不能审批：请写 leader、role.角色 或 body.机构",
                    "{who} cannot decide here: write leader, role.ROLE or body.CODE"
                ),
            };
            self.problem(place, message);
        }
    }

    /// What is handed in by a day, beside the stages.
    pub(super) fn duties(&mut self) {
        let all = &self.source.duties;
        self.coded("/duties", DUTY, all.iter().map(|duty| (duty.code.as_str(), &duty.label)));
        for (at, duty) in all.iter().enumerate() {
            let place = format!("/duties/{at}");
            self.scope(&place, Kind::People, &duty.categories, &duty.cadences);
            if duty.due.as_deref().is_some_and(|phrase| DatePhrase::parse(phrase).is_none()) {
                self.problem(format!("{place}/due"), say!("不是日期：请写 13 of M", "it is no day: write 13 of M"));
            }
            self.counted(&place, duty.counts.as_deref());
        }
    }

    /// What is late counts where people count something.
    fn counted(&mut self, place: &str, counts: Option<&str>) {
        let Some(path) = counts else { return };
        let mut parts = path.split('.');
        let named = (parts.next(), parts.next(), parts.next(), parts.next());
        let known = match named {
            (Some("item"), Some(item), Some(input), None) => {
                let sheets = self.source.sheets.iter().filter(|sheet| sheet.on == Kind::People);
                let inputs = sheets.flat_map(|sheet| &sheet.items).filter(|one| one.code == item);
                inputs.flat_map(|one| &one.inputs).any(|one| one.name == input && one.rater.is_none())
            }
            _ => false,
        };
        if !known {
            let message = say!(
                "{path} 不是考核表上记数的内容：请写 item.指标.输入",
                "{path} is nothing that is counted on a sheet: write item.CODE.INPUT"
            );
            self.problem(format!("{place}/counts"), message);
        }
    }

    /// Plans that are made for longer than a cycle.
    pub(super) fn plans(&mut self) {
        let all = &self.source.plans;
        for (at, terms) in all.iter().enumerate() {
            let place = format!("/plans/{at}");
            if terms.on == StageOn::Cycle {
                self.problem(format!("{place}/on"), say!("on 为 people 或 units", "it is on people or units"));
            }
            if all.iter().take(at).any(|before| before.on == terms.on) {
                self.problem(format!("{place}/on"), say!("已写过", "it is there before"));
            }
            if terms.changed_within_months == Some(0) {
                self.problem(format!("{place}/changed_within_months"), say!("须大于 0", "it is more than 0"));
            }
            self.in_turn(&place, &terms.by, |checker, here, who| {
                checker.decides_about_plans(here, terms.on, true, who);
            });
        }
    }

    /// Groups of the company approve what is paid, and something is.
    pub(super) fn pay_terms(&mut self) {
        let Some(terms) = &self.source.pay else { return };
        if !self.source.people.figures.iter().any(|figure| figure.pay) {
            self.problem("/pay", say!("没有薪酬指标可审批", "nothing is paid that could be approved"));
        }
        if terms.by.is_empty() {
            self.problem("/pay/by", say!("没有写明由谁", "nobody is named"));
        }
        self.in_turn("/pay", &terms.by, |checker, here, who| checker.decides_about_pay(here, who));
    }

    /// A role or a body that decides about pay, as it is for the whole company.
    pub(super) fn decides_about_pay(&mut self, here: &str, who: &Who) {
        let fits = match who {
            Who::Role(role) => ["hr", "finance", "executive", "committee_member"].contains(&role.as_str()),
            Who::Body { .. } => true,
            _ => false,
        };
        if !fits {
            let message = say!(
                "{who} 不能核对或审批薪酬：请写 role.角色 或 body.机构",
                "{who} decides nothing about pay: write role.ROLE or body.CODE"
            );
            self.problem(here, message);
        }
    }

    /// One writes about each person or unit, in words; others confirm it.
    fn report(&mut self, place: &str, stage: &Stage) {
        let kind = if stage.on == StageOn::Units { Kind::Units } else { Kind::People };
        self.categories(place, kind, &stage.categories);
        if stage.on == StageOn::Cycle {
            self.problem(format!("{place}/on"), say!("on 为 people 或 units", "it is on people or on units"));
        }
        if stage.role != Actor::Nobody {
            self.problem(format!("{place}/role"), say!("有 by 时不写 role", "by says who acts: leave role out"));
        }
        if stage.back_to.is_some() {
            let message = say!("退回给填写的人", "what is sent back goes to whoever wrote it");
            self.problem(format!("{place}/back_to"), message);
        }
        if stage.form.is_empty() || stage.form.len() > MOST_FIELDS {
            let message = say!("须有 1 到 {MOST_FIELDS} 项", "it asks 1 to {MOST_FIELDS} things");
            self.problem(format!("{place}/form"), message);
        }
        let fields = stage.form.iter().map(|field| (field.code.as_str(), &field.label));
        self.coded(&format!("{place}/form"), FIELD, fields);
        self.in_turn(place, &stage.by, |checker, here, who| {
            let fits = match who {
                Who::Oneself | Who::Superior | Who::SuperiorAbove => kind == Kind::People,
                Who::Head | Who::Leader => true,
                Who::Role(role) => !["employee", "payroll", "admin", "auditor"].contains(&role.as_str()),
                _ => false,
            };
            if !fits {
                let message = say!(
                    "{who} 不能填写或确认：请写 head、leader 或 role.角色，关于个人的还可写 self、superior、superior.superior",
                    "{who} neither writes nor confirms it: write head, leader or role.ROLE, and about people self, superior or superior.superior"
                );
                checker.problem(here, message);
            }
        });
        if stage.by.first().is_some_and(|first| first.who().len() > 1) {
            self.problem(format!("{place}/by/0"), say!("由一方填写", "one writes it"));
        }
    }

    /// Persons sign each result, each of them once.
    fn confirm(&mut self, place: &str, stage: &Stage) {
        if stage.by.is_empty() {
            self.problem(format!("{place}/by"), say!("写明由谁签字", "say who signs"));
        }
        let mut seen = BTreeSet::new();
        for (at, acting) in stage.by.iter().enumerate() {
            let here = format!("{place}/by/{at}");
            match acting.who() {
                [who @ (Who::Oneself | Who::Superior | Who::SuperiorAbove | Who::Head | Who::Leader)] => {
                    if !seen.insert(who) {
                        self.problem(&here, say!("重复出现", "it is there twice"));
                    }
                }
                _ => {
                    let message = say!(
                        "签字的是人：请写 self、superior、superior.superior、head 或 leader",
                        "persons sign: write self, superior, superior.superior, head or leader"
                    );
                    self.problem(&here, message);
                }
            }
        }
        if stage.on != StageOn::People {
            self.problem(format!("{place}/on"), say!("on 为 people", "it is on people"));
        }
        if stage.back_to.is_some() {
            self.problem(format!("{place}/back_to"), say!("此阶段不退回", "nothing is sent back in it"));
        }
        if let Some(term) = stage.lapses.as_deref().filter(|term| Term::parse(term).is_none()) {
            let message = say!(
                "{term:?} 不是天数或工作日数：请写 7 days（7 天）或 2 working days（2 个工作日）",
                "{term:?} is no number of days or working days: write 7 days, or 2 working days"
            );
            self.problem(format!("{place}/lapses"), message);
        }
        if stage.gate && stage.lapses.is_some() {
            let message = say!("须签字才能公布时没有期限", "what waits for it does not lapse");
            self.problem(format!("{place}/lapses"), message);
        }
    }

    /// One role or body announces.
    fn announce(&mut self, place: &str, stage: &Stage) {
        let by: Vec<&Who> = stage.who().collect();
        match by.as_slice() {
            [who @ (Who::Body { .. } | Who::Role(_))] => {
                self.decides_in_stage(&format!("{place}/by"), StageOn::Cycle, who);
            }
            _ => {
                let message =
                    say!("写明由哪个机构或角色发布", "one body or role does it: write body.CODE or role.ROLE");
                self.problem(format!("{place}/by"), message);
            }
        }
        if stage.on != StageOn::Cycle {
            self.problem(format!("{place}/on"), say!("面向整个周期", "it is for the whole cycle"));
        }
        if stage.back_to.is_some() {
            self.problem(format!("{place}/back_to"), say!("此阶段不退回", "nothing is sent back in it"));
        }
    }

    /// A body or a role looks at units.
    fn spot_check(&mut self, place: &str, stage: &Stage) {
        let by: Vec<&Who> = stage.by.iter().flat_map(Acting::who).collect();
        match by.as_slice() {
            [who @ (Who::Body { .. } | Who::Role(_))] => {
                self.decides_in_stage(&format!("{place}/by"), StageOn::Cycle, who)
            }
            _ => {
                let message =
                    say!("写明由哪个机构或角色抽查", "one body or role does it: write body.CODE or role.ROLE");
                self.problem(format!("{place}/by"), message);
            }
        }
        if stage.on != StageOn::Units {
            self.problem(format!("{place}/on"), say!("抽查的 on 为 units", "a spot check is on units"));
        }
        if stage.back_to.is_some() {
            self.problem(
                format!("{place}/back_to"),
                say!("抽查以建议退回", "a spot check recommends: it sends nothing back"),
            );
        }
    }

    /// One person or role acts, with each person.
    fn with_each(&mut self, place: &str, stage: &Stage) {
        let holders: Vec<&Who> = stage.by.iter().flat_map(Acting::who).collect();
        match holders.as_slice() {
            [] if stage.by.is_empty() && stage.does == Does::Opinion => {
                self.problem(format!("{place}/by"), say!("写明由谁答复", "say who answers"));
            }
            [] if stage.by.is_empty() => {
                if stage.on != StageOn::Cycle || stage.reasons_only || stage.known || stage.back_to.is_some() {
                    self.problem(place, say!("写 by 才有意义", "this has a meaning only with by"));
                }
                return;
            }
            [who] => {
                let fits = match who {
                    Who::Superior | Who::SuperiorAbove | Who::Head | Who::Leader => true,
                    Who::Role(role) => !["employee", "payroll", "admin", "auditor"].contains(&role.as_str()),
                    _ => false,
                };
                if !fits {
                    let message = say!(
                        "{who} 不能面对每个人：请写 superior、superior.superior、head、leader 或 role.角色",
                        "{who} does not do this with each person: write superior, superior.superior, head, leader or role.ROLE"
                    );
                    self.problem(format!("{place}/by"), message);
                }
            }
            _ => self.problem(format!("{place}/by"), say!("由一方负责", "one does it with each person")),
        }
        if stage.on != StageOn::People {
            self.problem(format!("{place}/on"), say!("on 为 people", "it is on people"));
        }
        if stage.back_to.is_some() {
            self.problem(format!("{place}/back_to"), say!("此阶段不退回", "nothing is sent back in it"));
        }
        if stage.role != Actor::Nobody {
            self.problem(format!("{place}/role"), say!("有 by 时不写 role", "by says who acts: leave role out"));
        }
    }

    fn decides_in_stage(&mut self, place: &str, on: StageOn, who: &Who) {
        let fits = match who {
            Who::Role(role) => !["employee", "payroll", "admin", "auditor"].contains(&role.as_str()),
            Who::Body { .. } => true,
            Who::Head | Who::Leader | Who::Superior => on == StageOn::Units,
            _ => false,
        };
        if !fits {
            let message = match on {
                StageOn::Cycle => say!(
                    "{who} 不能就整个周期作决定：请写 role.角色 或 body.机构",
                    "{who} cannot decide about a whole cycle: write role.ROLE or body.CODE"
                ),
                StageOn::Units | StageOn::People => say!(
                    "{who} 不能就部门作决定：请写 head、leader、superior、role.角色 或 body.机构",
                    "{who} cannot decide about a unit: write head, leader, superior, role.ROLE or body.CODE"
                ),
            };
            self.problem(place, message);
        }
    }

    /// What was computed is decided about after it was scored, and by somebody else than those who scored.
    fn approved_by_others(&mut self, cadence: usize) {
        let Some(cadence) = self.source.cadences.get(cadence) else { return };
        let here = |codes: &[String]| codes.is_empty() || codes.contains(&cadence.code);
        let stages: Vec<(usize, &Stage)> =
            self.source.stages.iter().enumerate().filter(|(_, stage)| here(&stage.cadences)).collect();
        let deciding = || stages.iter().filter(|(_, stage)| stage.decides());
        let last_scored = stages.iter().filter(|(_, stage)| stage.does == Does::Score).map(|(at, _)| *at).max();
        let early: Vec<usize> =
            deciding().filter(|(at, _)| last_scored.is_some_and(|last| *at < last)).map(|(at, _)| *at).collect();
        let raters: BTreeSet<Who> =
            self.source.sheets.iter().filter(|sheet| here(&sheet.cadences)).flat_map(raters_of).collect();
        let about = |stage: &Stage, category: Option<&str>| {
            let named = |category: &str| stage.categories.iter().any(|one| one == category);
            stage.categories.is_empty() || category.is_some_and(named)
        };
        let alone_about = |category: Option<&str>| {
            let stages = deciding().filter(|(_, stage)| about(stage, category));
            let mut deciders = stages.flat_map(|(_, stage)| &stage.by).flat_map(Acting::who).peekable();
            deciders.peek().is_some() && deciders.all(|who| !matches!(who, Who::Body { .. }) && raters.contains(who))
        };
        let categories = self.source.people.categories.iter().map(|category| Some(category.code.as_str()));
        let alone = categories.chain([None]).any(alone_about);
        let last = deciding().next_back().map(|(at, _)| *at).filter(|_| alone);
        let decided = |category: &str| deciding().any(|(_, stage)| about(stage, Some(category)));
        let forgotten = self.source.people.categories.iter().find(|category| !decided(&category.code));
        let undecided = deciding().next_back().map(|(at, _)| *at).zip(forgotten);
        if let Some((at, category)) = undecided {
            let code = &category.code;
            let message =
                say!("{code} 类人员的结果没有人审核或审批", "nobody decides about the results of category {code}");
            self.problem(format!("/stages/{at}/for"), message);
        }
        for at in early {
            let message = say!("须排在评分（score）之后", "it comes after what is scored");
            self.problem(format!("/stages/{at}/by"), message);
        }
        if let Some(at) = last {
            let message = say!("评分的人不能独自批准自己的评分", "those who score do not approve it alone");
            self.problem(format!("/stages/{at}/by"), message);
        }
    }

    /// Stages stand in the order in which they begin, and none is due before it begins, whatever the period.
    pub(super) fn order_of_stages(&mut self, cadence: usize) {
        let Some(cadence) = self.source.cadences.get(cadence) else { return };
        let here = |stage: &Stage| stage.cadences.is_empty() || stage.cadences.contains(&cadence.code);
        let stages: Vec<(usize, &Stage)> =
            self.source.stages.iter().enumerate().filter(|(_, stage)| here(stage)).collect();
        let mut told: BTreeMap<String, Message> = BTreeMap::new();
        for period in sample_periods(cadence.form) {
            let mut latest: Option<(jiff::civil::Date, &str)> = None;
            for (at, stage) in stages.iter().filter(|(_, stage)| stage.part.is_none_or(|part| part == period.part())) {
                let date = |phrase: &Option<String>| self.dated(phrase.as_deref(), &period);
                let Some(opens) = date(&stage.opens) else { continue };
                if let Some(due) = date(&stage.due).filter(|due| *due < opens) {
                    let message = say!(
                        "{} 的截止日早于开始日：{period} 于 {due} 截止，{opens} 开始",
                        "{} is due before it opens: for {period} on {due}, opening on {opens}",
                        stage.code
                    );
                    told.entry(format!("/stages/{at}/due")).or_insert(message);
                }
                if let Some((before, code)) = latest.filter(|(before, _)| opens < *before) {
                    let message = say!(
                        "各阶段须按开始日先后排列：{period} 中 {} 于 {opens} 开始，早于 {code} 的 {before}",
                        "stages stand in the order in which they open: for {period}, {} opens on {opens}, before {code} on {before}",
                        stage.code
                    );
                    told.entry(format!("/stages/{at}/opens")).or_insert(message);
                }
                if latest.is_none_or(|(before, _)| opens > before) {
                    latest = Some((opens, &stage.code));
                }
            }
        }
        let parts = match cadence.form {
            Form::Month => 12,
            Form::Quarter => 4,
            Form::HalfYear => 2,
            Form::Year | Form::FiscalYear => 1,
        };
        for (at, stage) in stages {
            if stage.part.is_some_and(|part| !(1..=parts).contains(&part)) {
                let message =
                    say!("{} 的一年有第 1 到 {parts} 期", "a year of {} has parts 1 to {parts}", cadence.code);
                told.insert(format!("/stages/{at}/part"), message);
            }
        }
        for (place, message) in told {
            self.problem(place, message);
        }
    }

    pub(super) fn dated(&self, phrase: Option<&str>, period: &Period) -> Option<jiff::civil::Date> {
        let phrase = DatePhrase::parse(phrase?)?;
        Some(phrase.date(period, period.last_day(), &WorkingCalendar::default()))
    }

    pub(super) fn workflow(&mut self) {
        let Some(plan) = &self.source.workflow.improvement_plan else { return };
        let declined = plan.declined.iter().map(|code| ("declined", code));
        for (key, code) in
            [("on", &plan.on), ("passed", &plan.passed), ("failed", &plan.failed)].into_iter().chain(declined)
        {
            self.outcome(format!("/workflow/improvement_plan/{key}"), code);
        }
        if plan.scale_from.0 >= plan.scale_to.0 || plan.scale_step.0 <= Decimal::ZERO {
            self.problem(
                "/workflow/improvement_plan",
                say!(
                    "评分尺度须从 scale_from 递增到 scale_to，间隔（scale_step）大于 0",
                    "the scale goes up from scale_from to scale_to in steps above 0"
                ),
            );
        }
        if plan.pass_from.0 < plan.scale_from.0 || plan.pass_from.0 > plan.scale_to.0 {
            self.problem(
                "/workflow/improvement_plan/pass_from",
                say!("及格分不在评分尺度之内", "the mark to pass is not on the scale"),
            );
        }
    }
}

/// Whence the raters of a sheet come.
fn raters_of(sheet: &SheetSource) -> BTreeSet<Who> {
    let from = sheet.raters.iter().flat_map(|rater| match (&rater.from, rater.name.as_str()) {
        (Some(Sources::One(who)), _) => vec![who.clone()],
        (Some(Sources::FirstOf(cases)), _) => cases.iter().map(|case| case.from.clone()).collect(),
        (None, "superior") => vec![Who::Superior],
        (None, "hr") => vec![Who::Role("hr".to_owned())],
        (None, _) => Vec::new(),
    });
    from.chain(sheet.items.iter().flat_map(|item| item.given_by.values().cloned())).collect()
}

/// Whether two stages can come in one cycle.
fn meet(one: &Stage, other: &Stage) -> bool {
    let cadences = one.cadences.is_empty()
        || other.cadences.is_empty()
        || one.cadences.iter().any(|code| other.cadences.contains(code));
    let parts = one.part.is_none() || other.part.is_none() || one.part == other.part;
    cadences && parts
}

/// Periods with short months, leap years and ends of years among them.
fn sample_periods(form: Form) -> Vec<Period> {
    let years = [2023, 2024, 2025];
    let written = |year: i32| -> Vec<String> {
        match form {
            Form::Month => (1..=12).map(|month| format!("{year}-{month:02}")).collect(),
            Form::Quarter => (1..=4).map(|quarter| format!("{year}-Q{quarter}")).collect(),
            Form::HalfYear => (1..=2).map(|half| format!("{year}-H{half}")).collect(),
            Form::Year => vec![year.to_string()],
            Form::FiscalYear => vec![format!("FY{year}")],
        }
    };
    years.into_iter().flat_map(written).filter_map(|text| text.parse().ok()).collect()
}
