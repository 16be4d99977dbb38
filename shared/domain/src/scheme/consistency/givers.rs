//! Who gives what, and what the system finds itself: actors that exist, conditions that can be read, and keys that say
//! something only in some places.

use super::{BODY, Checker, SECTION};
use crate::say;
use crate::scheme::placing::Condition;
use crate::scheme::source::{
    Acting, Coded, Combine, Derived, Giver, InputKind, InputSource, ItemSource, ListSource, OwnWeights, ResultOf,
    SheetSource, Sources, StandsFor, SubjectSource, Who,
};
use crate::value::Kind;

/// Where an input stands, which decides who can give it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    Fact(Kind),
    Pay,
    Rater,
    Item,
    Column,
}

impl<'s> Checker<'s> {
    /// Who takes part and in which category, and who gives facts, scores and rows of lists.
    pub(super) fn givers_of_subject(&mut self, kind: Kind, subject: &'s SubjectSource) {
        let root = kind.source_key();
        if let Some(who) = &subject.who {
            if kind == Kind::Company {
                self.problem(format!("{root}/who"), say!("公司不分是否参加", "who has no meaning for the company"));
            }
            self.placing(&format!("{root}/who"), kind, who);
        }
        for (at, category) in subject.categories.iter().enumerate() {
            if let Some(when) = &category.when {
                self.placing(&format!("{root}/categories/{at}/when"), kind, when);
            }
        }
        if let Some(score) = &subject.score {
            self.givers(&format!("{root}/score/by"), kind, &score.by, true);
            self.cadences(&format!("{root}/score"), &score.cadences);
            self.checkers(&format!("{root}/score/checked_by"), kind, &score.by, &score.checked_by);
        }
        for (at, fact) in subject.facts.iter().enumerate() {
            self.given_input(&format!("{root}/facts/{at}"), Stands::Fact(kind), fact);
        }
        for (at, pay) in subject.pay.iter().enumerate() {
            let here = format!("{root}/pay/{at}");
            self.given_input(&here, Stands::Pay, pay);
            self.pay_checkers(&format!("{here}/checked_by"), &pay.checked_by);
        }
        for (at, list) in subject.lists.iter().enumerate() {
            self.givers_of_list(&format!("{root}/lists/{at}"), kind, list);
        }
    }

    fn givers_of_list(&mut self, place: &str, kind: Kind, list: &ListSource) {
        self.givers(&format!("{place}/by"), kind, &list.by, false);
        self.checkers(&format!("{place}/checked_by"), kind, &list.by, &list.checked_by);
        for (at, column) in list.columns.iter().enumerate() {
            let here = format!("{place}/columns/{at}");
            self.given_input(&here, Stands::Column, column);
            self.sources(&format!("{here}/from"), kind, column);
            if column.rater.is_some() && list.rows.is_none() {
                self.problem(
                    format!("{here}/rater"),
                    say!(
                        "只有事先商定各行的列表（rows）才由评分人填写",
                        "raters fill in only lists whose rows are agreed: say rows"
                    ),
                );
            }
        }
        if list.rows.is_some() && !list.by.is_empty() {
            self.problem(
                format!("{place}/by"),
                say!("商定的各行不是逐条登记的：不写 by", "agreed rows are not recorded one by one: by says nothing"),
            );
        }
    }

    /// Codes other than categories are for nobody in particular.
    pub(super) fn plain_codes(&mut self, place: &str, all: &[Coded]) {
        for (at, _) in all.iter().enumerate().filter(|(_, one)| one.when.is_some()) {
            self.problem(format!("{place}/{at}/when"), say!("只有类别才有 when", "only a category has a when"));
        }
    }

    /// Bodies that have a name are named somewhere.
    pub(super) fn bodies(&mut self) {
        self.coded("/bodies", BODY, self.source.bodies.iter().map(|one| (one.code.as_str(), &one.label)));
        self.plain_codes("/bodies", &self.source.bodies);
        self.no_guidance("/bodies", &self.source.bodies);
        let named = self.source.named_bodies();
        for (at, body) in self.source.bodies.iter().enumerate().filter(|(_, body)| !named.contains(&body.code)) {
            let code = &body.code;
            self.problem(
                format!("/bodies/{at}"),
                say!("方案没有用到机构 {code}（body.{code}）", "the scheme names no body {code} (body.{code})"),
            );
        }
    }

    /// What raters are told stands on what they give.
    pub(super) fn no_guidance(&mut self, place: &str, all: &[Coded]) {
        for (at, _) in all.iter().enumerate().filter(|(_, one)| one.guidance.is_some()) {
            let message = say!("评分指引写在考核维度、等级或选项上", "guidance stands on sections, grades and choices");
            self.problem(format!("{place}/{at}/guidance"), message);
        }
    }

    pub(super) fn givers_of_sheet(&mut self, place: &str, sheet: &'s SheetSource) {
        for (at, rater) in sheet.raters.iter().enumerate() {
            self.given_input(&format!("{place}/raters/{at}"), Stands::Rater, rater);
            self.sources(&format!("{place}/raters/{at}/from"), sheet.on, rater);
        }
        let shared = sheet.inputs.iter().enumerate().map(|(at, input)| (format!("{place}/inputs/{at}"), input));
        for (here, input) in shared {
            self.given_by_rater(&here, sheet, input);
        }
        for (at, item) in sheet.items.iter().enumerate() {
            self.givers_of_item(&format!("{place}/items/{at}"), sheet, item);
        }
        if let Some(own) = &sheet.own_weights {
            self.own_weights(&format!("{place}/own_weights"), sheet, own);
        }
    }

    fn given_by_rater(&mut self, place: &str, sheet: &SheetSource, input: &InputSource) {
        self.given_input(place, Stands::Item, input);
        if let Some(rater) = input.rater.as_ref().filter(|rater| !sheet.raters.iter().any(|one| one.name == **rater)) {
            self.problem(format!("{place}/rater"), say!("考核表没有评分人 {rater}", "the sheet has no rater {rater}"));
        }
    }

    fn givers_of_item(&mut self, place: &str, sheet: &SheetSource, item: &ItemSource) {
        for (at, input) in item.inputs.iter().enumerate() {
            self.given_by_rater(&format!("{place}/inputs/{at}"), sheet, input);
        }
        let rates = |name: &str| match &item.raters {
            Some(raters) => raters.iter().any(|rater| rater == name),
            None => sheet.raters.iter().any(|rater| rater.name == name),
        };
        for (rater, who) in &item.given_by {
            self.actor(&format!("{place}/given_by/{rater}"), who);
            if !rates(rater) {
                self.problem(
                    format!("{place}/given_by/{rater}"),
                    say!("{rater} 不为该指标评分", "{rater} does not rate this item"),
                );
            }
        }
        if item.stands_for == Some(StandsFor::Section) {
            self.stands_for_section(place, sheet, item);
        }
    }

    /// An item that stands for its section has rows, a section with others in it, and no weight of its own.
    fn stands_for_section(&mut self, place: &str, sheet: &SheetSource, item: &ItemSource) {
        if item.rows.is_none() {
            self.problem(place, say!("取代整个维度的指标须有 rows", "what stands for its section has rows"));
        }
        let same = |other: &&ItemSource| other.section == item.section && other.code != item.code;
        let (standing, others): (Vec<&ItemSource>, Vec<&ItemSource>) =
            sheet.items.iter().filter(same).partition(|other| other.stands_for.is_some());
        if item.section.is_none() || others.is_empty() || !standing.is_empty() {
            self.problem(
                format!("{place}/stands_for"),
                say!(
                    "一个维度只能有一个取代其他指标的指标，且该维度须有其他指标",
                    "one item stands for a section that has others"
                ),
            );
        }
        if item.weight.is_some() {
            self.problem(
                format!("{place}/weight"),
                say!("其权重即该维度的权重：不写 weight", "it weighs what its section does: leave the weight out"),
            );
        }
    }

    fn own_weights(&mut self, place: &str, sheet: &SheetSource, own: &OwnWeights) {
        let known: Vec<&str> = sheet.sections.iter().map(|section| section.code.as_str()).collect();
        for (at, section) in own.sections.iter().enumerate().filter(|(_, section)| !known.contains(&section.as_str())) {
            self.unknown(format!("{place}/sections/{at}"), SECTION, section, known.clone());
        }
        if own.from.zip(own.to).is_some_and(|(from, to)| from > to) {
            self.problem(place, say!("没有任何权重在此范围内", "no weight lies between these"));
        }
    }

    fn sources(&mut self, place: &str, kind: Kind, rater: &InputSource) {
        match &rater.from {
            None => {}
            Some(Sources::One(who)) => self.actor(place, who),
            Some(Sources::FirstOf(cases)) => {
                for (at, case) in cases.iter().enumerate() {
                    self.actor(&format!("{place}/{at}/from"), &case.from);
                    match &case.when {
                        Some(when) => self.placing(&format!("{place}/{at}/when"), kind, when),
                        None if at + 1 < cases.len() => self.problem(
                            format!("{place}/{at}"),
                            say!("此后的来源永远不会用到", "no source after this one can ever count"),
                        ),
                        None => {}
                    }
                }
            }
        }
    }

    /// Keys about who gives an input, where they say something.
    fn given_input(&mut self, place: &str, stands: Stands, input: &InputSource) {
        let rater = stands == Stands::Rater;
        let column = stands == Stands::Column && input.rater.is_some();
        let kind = if let Stands::Fact(kind) = stands { kind } else { Kind::People };
        let keys = [
            ("from", input.from.is_some(), rater || column),
            ("at_least", input.at_least.is_some(), rater),
            ("may_decline", input.may_decline, rater),
            ("by", !input.by.is_empty(), matches!(stands, Stands::Fact(_) | Stands::Item)),
            (
                "checked_by",
                !input.checked_by.is_empty(),
                matches!(stands, Stands::Fact(_) | Stands::Item | Stands::Pay),
            ),
            ("combine", input.combine.is_some(), matches!(stands, Stands::Fact(_) | Stands::Item)),
            ("derived", input.derived.is_some(), matches!(stands, Stands::Fact(_))),
            ("rater", input.rater.is_some(), matches!(stands, Stands::Item | Stands::Column)),
            ("guidance", input.guidance.is_some(), matches!(stands, Stands::Rater | Stands::Item | Stands::Column)),
            ("levels", !input.levels.is_empty(), matches!(stands, Stands::Rater | Stands::Item | Stands::Column)),
        ];
        for (key, given, fits) in keys {
            if given && !fits {
                self.problem(format!("{place}/{key}"), say!("这里不能写 {key}", "{key} has no meaning here"));
            }
        }
        if input.at_least.is_some_and(|least| least == 0 || (least > 1 && !input.many)) {
            self.problem(
                format!("{place}/at_least"),
                say!("at_least 须大于 0；大于 1 时须有 many", "at_least is above 0, and above 1 only with many"),
            );
        }
        for (at, level) in input.levels.iter().enumerate() {
            if level.to.is_some_and(|to| to.0 < level.from.0) {
                let message = say!("止于起点之前", "it ends before it begins");
                self.problem(format!("{place}/levels/{at}/to"), message);
            }
        }
        self.givers(&format!("{place}/by"), kind, &input.by, false);
        let checked_by = format!("{place}/checked_by");
        if stands != Stands::Pay {
            self.checkers(&checked_by, kind, &input.by, &input.checked_by);
        }
        if !input.checked_by.is_empty() && input.combine.is_some() {
            let message = say!("各自给出的数不另行核对", "what several give is not checked besides");
            self.problem(&checked_by, message);
        }
        if !input.checked_by.is_empty() && input.derived.is_some() {
            let message = say!("系统得出的数据不另行核对", "what the system finds is not checked besides");
            self.problem(&checked_by, message);
        }
        if let Some(combine) = input.combine {
            self.combined(&format!("{place}/combine"), kind, input, combine);
        }
        if let Some(derived) = &input.derived {
            self.derived(&format!("{place}/derived"), kind, derived);
        }
    }

    /// A profile is nobody's in a cycle: groups of the company check it, as they approve what is paid.
    fn pay_checkers(&mut self, place: &str, checked_by: &[Acting]) {
        self.one_after_another(place, checked_by, |checker, here, who| checker.decides_about_pay(here, who));
    }

    /// Those who check what was reported can be found, and somebody else than who reports is among them.
    fn checkers(&mut self, place: &str, kind: Kind, by: &[Giver], checked_by: &[Acting]) {
        let of_company = kind == Kind::Company;
        for (at, acting) in checked_by.iter().enumerate() {
            let here = format!("{place}/{at}");
            if acting.who().is_empty() {
                self.problem(&here, say!("没有写明由谁", "nobody is named"));
            }
            if acting.who().len() > 1 && acting.who().iter().any(|who| matches!(who, Who::Body { .. })) {
                let message = say!("机构单独核对：请另列一步", "a body checks by itself: give it a step of its own");
                self.problem(&here, message);
            }
            for who in acting.who() {
                let fits = match who {
                    Who::Role(role) => !["employee", "payroll", "admin", "auditor"].contains(&role.as_str()),
                    Who::Body { .. } | Who::Unit(_) => true,
                    Who::Superior | Who::SuperiorAbove | Who::Head | Who::Leader => !of_company,
                    _ => false,
                };
                if !fits {
                    let message = say!(
                        "{who} 不能核对数据：请写 superior、superior.superior、head、leader、role.角色、body.机构 或 unit.部门",
                        "{who} checks no figures: write superior, superior.superior, head, leader, role.ROLE, body.CODE or unit.CODE"
                    );
                    self.problem(&here, message);
                }
            }
        }
        if checked_by.is_empty() {
            return;
        }
        let hr = Who::Role("hr".to_owned());
        let mut reports: Vec<&Who> = by.iter().flat_map(Giver::who).collect();
        if reports.is_empty() {
            reports.push(&hr);
        }
        let checks: Vec<&Who> = checked_by.iter().flat_map(Acting::who).collect();
        if checks.iter().all(|who| reports.contains(who)) {
            let message = say!("须有上报者以外的人核对", "somebody else than who reports has to check it");
            self.problem(place, message);
        }
    }

    /// Several give a number each; what comes of them must be a value that the input can have.
    fn combined(&mut self, place: &str, kind: Kind, input: &InputSource, combine: Combine) {
        let several = matches!(input.by.first(), Some(Giver::Together(all)) if all.len() > 1);
        if !several || input.derived.is_some() || input.rater.is_some() {
            let message = say!(
                "combine 须有 by，且其第一步是共同给出的几方",
                "combine wants by, with several together in its first step"
            );
            self.problem(place, message);
        }
        if kind == Kind::Company {
            let message = say!("公司的数据由一方给出", "one gives what is of the company");
            self.problem(place, message);
        }
        if input.optional || input.default.is_some() {
            let message =
                say!("各方都须给出：不写 optional 和 default", "all of them give one: no optional, no default");
            self.problem(place, message);
        }
        let adds_up = combine == Combine::Sum;
        let fits = match input.kind {
            InputKind::Count => adds_up,
            InputKind::Number => true,
            _ => false,
        };
        if !fits {
            let message = say!("只有数值可合并；次数只能相加", "only numbers are combined, and counts only added up");
            self.problem(place, message);
        }
        let leaves = if adds_up { input.max.is_some() || input.below.is_some() } else { input.step.is_some() };
        if input.one_of.is_some() || leaves {
            self.problem(
                place,
                say!(
                    "合并后的数值会超出所写的范围",
                    "what the numbers come to can leave the bounds that are said here"
                ),
            );
        }
    }

    fn givers(&mut self, place: &str, kind: Kind, by: &[Giver], of_score: bool) {
        for (at, giver) in by.iter().enumerate() {
            let here = format!("{place}/{at}");
            giver.who().iter().for_each(|who| self.actor(&here, who));
            if let Some(when) = giver.when() {
                self.placing(&format!("{here}/when"), kind, when);
            }
            match giver {
                Giver::Together(all) if all.is_empty() => {
                    self.problem(here, say!("没有写明由谁", "nobody is named"));
                }
                Giver::Result { result_of } if of_score => self.result_of(&here, result_of),
                Giver::Result { .. } => {
                    self.problem(here, say!("只有部门得分可取自结果", "only a unit's score comes from a result"));
                }
                _ => {}
            }
        }
    }

    fn actor(&mut self, place: &str, who: &Who) {
        if let Who::Unknown(text) = who {
            let message = say!(
                "没有 {text}：请写 self、superior、head、leader、assigned、role.角色、body.机构 或 unit.部门 等",
                "there is no {text}: write self, superior, head, leader, assigned, role.ROLE, body.CODE, unit.CODE or the like"
            );
            self.problem(place, message);
        }
    }

    fn placing(&mut self, place: &str, kind: Kind, when: &str) {
        let facts = self.source.subject(kind).map_or(&[][..], |subject| &subject.facts);
        let names: Vec<&str> = facts.iter().map(|fact| fact.name.as_str()).collect();
        if let Err(why) = Condition::read(when, &names) {
            self.problem(place, say!("{when}：{why}", "{when}: {why}"; why));
        }
    }

    fn derived(&mut self, place: &str, kind: Kind, derived: &Derived) {
        if derived.ways() != 1 {
            self.problem(place, say!("须且只能写一种推导方式", "exactly one way of finding it is said"));
        }
        let raters = || self.source.sheets.iter().filter(|sheet| sheet.on == kind).flat_map(|sheet| &sheet.raters);
        let mut wrong = Vec::new();
        if derived.declined.as_ref().is_some_and(|name| !raters().any(|rater| rater.name == *name && rater.may_decline))
        {
            wrong.push(("declined", say!("没有可以放弃的此类评分人", "no rater of this name may decline")));
        }
        let facts = self.source.subject(kind).map_or(&[][..], |subject| &subject.facts);
        let known = |name: &str| {
            let fact = name.strip_prefix("fact.");
            matches!(name, "score" | "grade") || fact.is_some_and(|fact| facts.iter().any(|one| one.name == fact))
        };
        if derived.before.as_ref().is_some_and(|name| !known(name)) {
            wrong.push(("before", say!("须为 fact.名称、score 或 grade", "fact.NAME, score or grade is wanted")));
        }
        if derived.mean.as_ref().is_some_and(|path| kind != Kind::Units || !self.is_input_of_people(path)) {
            let message = say!("须为部门人员的 item.指标.输入项", "item.CODE.INPUT of a unit's people is wanted");
            wrong.push(("mean", message));
        }
        if derived.late.as_ref().is_some_and(|stage| !self.source.stages.iter().any(|one| one.code == *stage)) {
            wrong.push(("late", say!("没有此阶段", "there is no such stage")));
        }
        if derived.decided.as_ref().is_some_and(|code| !self.source.outcomes.iter().any(|one| one.code == *code)) {
            wrong.push(("decided", say!("没有此结果应用", "there is no such outcome")));
        }
        for (key, message) in wrong {
            self.problem(format!("{place}/{key}"), message);
        }
        if let Some(result) = &derived.result_of {
            self.result_of(&format!("{place}/result_of"), result);
        }
    }

    fn is_input_of_people(&self, path: &str) -> bool {
        let ["item", code, input] = path.split('.').collect::<Vec<_>>()[..] else { return false };
        let sheets = self.source.sheets.iter().filter(|sheet| sheet.on == Kind::People);
        let mut inputs = sheets.flat_map(|sheet| {
            let items = sheet.items.iter().filter(|item| item.code == code);
            items.flat_map(|item| &item.inputs).chain(&sheet.inputs)
        });
        inputs.any(|one| one.name == input)
    }

    fn result_of(&mut self, place: &str, result: &ResultOf) {
        if result.of.as_ref().is_some_and(|of| !matches!(of, Who::Oneself | Who::Head)) {
            self.problem(format!("{place}/of"), say!("须为 self 或 head", "self or head is wanted"));
        }
        if result.value.as_deref().is_some_and(|value| !matches!(value, "score" | "grade")) {
            self.problem(format!("{place}/value"), say!("须为 score 或 grade", "score or grade is wanted"));
        }
        let own = result.scheme.is_none();
        let known = |code: &String| self.source.cadences.iter().any(|cadence| cadence.code == *code);
        if own && result.cadence.as_ref().is_some_and(|code| !known(code)) {
            self.problem(format!("{place}/cadence"), say!("没有该考核频次", "there is no such cadence"));
        }
    }
}
