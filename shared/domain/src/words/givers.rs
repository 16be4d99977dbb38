//! Who gives what, who takes part, and what the system finds itself, in words.

use super::phrase::Speaker;
use super::statements::{Book, Section};
use crate::money::plain;
use crate::say;
use crate::scheme::placing::with_double_quotes;
use crate::scheme::source::{
    Acting, Combine, Derived, Giver, InputSource, ItemSource, OwnWeights, ResultOf, RowsFrom, RowsSource, SheetSource,
    Sources, SubjectSource, Who,
};
use crate::value::Kind;
use crate::{Label, Message};

fn of_role(role: &str) -> Message {
    match role {
        "hr" => say!("人力资源部", "HR"),
        "executive" => say!("公司领导", "the executives"),
        "finance" => say!("财务部", "finance"),
        "committee_member" => say!("委员会成员", "members of committees"),
        "unit_head" => say!("各部门负责人", "heads of units"),
        "manager" => say!("各级上级", "superiors"),
        "employee" => say!("员工", "everybody"),
        "auditor" => say!("审计人员", "auditors"),
        other => Message::same(other),
    }
}

fn of_office(office: &str) -> Message {
    match office {
        "leader" => say!("组长", "leader"),
        "deputy" => say!("副组长", "deputy"),
        "executive_leader" => say!("执行组长", "executive leader"),
        "member" => say!("成员", "members"),
        _ => say!("办公室", "office"),
    }
}

fn of_result(result: &ResultOf) -> Message {
    let whose = match result.of {
        Some(Who::Head) => say!("部门负责人", "its head's"),
        _ => say!("本人或本部门", "its own"),
    };
    match (&result.scheme, &result.cadence) {
        (Some(scheme), _) => {
            say!("{whose}在方案 {scheme} 中的同期结果", "{whose} result under {scheme} for the period"; whose)
        }
        (None, Some(cadence)) => say!("{whose}的 {cadence} 考核结果", "{whose} result of {cadence}"; whose),
        (None, None) => say!("{whose}的同期结果", "{whose} result for the period"; whose),
    }
}

/// How the system finds a fact.
fn found(derived: &Derived) -> Message {
    let Derived { declined, before, result_of, mean, late, of: _, decided, paid } = derived;
    if let Some(rater) = declined {
        return say!("由系统得出：{rater} 放弃评分时为是", "found by the system: yes where {rater} declined");
    }
    if let Some(name) = before {
        return say!("由系统得出：上一期的 {name}", "found by the system: {name} of the period before");
    }
    if let Some(result) = result_of {
        let result = of_result(result);
        return say!("由系统得出：{result}", "found by the system: {result}"; result);
    }
    if let Some(path) = mean {
        return say!("未给出时为部门人员 {path} 的平均", "unless given, the mean of {path} over the unit's people");
    }
    if let Some(stage) = late {
        return say!("由系统得出：阶段 {stage} 逾期时为是", "found by the system: yes where {stage} was done late");
    }
    if let Some(code) = decided {
        return say!("由系统得出：上一期已决定 {code}", "found by the system: whether {code} was decided before");
    }
    match paid {
        Some(_) => say!("由薪酬部门录入，不参与评分", "entered where pay is run, unknown to scoring"),
        None => Message::default(),
    }
}

impl<'s> Book<'s> {
    /// Somebody, as seen from the subject.
    fn named(&self, who: &Who) -> Message {
        match who {
            Who::Oneself => say!("本人", "the person"),
            Who::Superior => say!("直接上级", "the superior"),
            Who::SuperiorAbove => say!("上级的上级", "the superior's superior"),
            Who::Head => say!("部门负责人", "the unit's head"),
            Who::Leader => say!("分管领导", "the leader in charge"),
            Who::Dotted => say!("虚线上级", "the dotted-line superior"),
            Who::Former => say!("前任上级", "the former superior"),
            Who::Reports => say!("下级", "the reports"),
            Who::Peers => say!("同级同事", "peers"),
            Who::Partners => say!("协作部门人员", "people of partner units"),
            Who::Customers => say!("外部客户", "customers"),
            Who::Assigned => say!("人力资源部指定的人", "whomever HR names"),
            Who::Role(role) => of_role(role),
            Who::Body { code, office: None } => self.body(code),
            Who::Body { code, office: Some(office) } => {
                let (body, office) = (self.body(code), of_office(office));
                say!("{body}{office}", "the {office} of {body}"; body, office)
            }
            Who::Unit(code) => say!("部门 {code}", "the unit {code}"),
            Who::Unknown(text) => Message::same(text),
        }
    }

    /// What a body is called, where the scheme says it.
    fn body(&self, code: &str) -> Message {
        match self.source().bodies.iter().find(|body| body.code == code) {
            Some(body) => Message { zh: body.label.zh.clone(), en: body.label.en.clone() },
            None => say!("机构 {code}", "the body {code}"),
        }
    }

    fn words(&self, message: &Message) -> String {
        message.get(self.speaker.locale).to_owned()
    }

    /// For whom somebody acts, in words.
    fn standing_where(&self, kind: Kind, when: &str) -> String {
        Speaker { kind, ..self.speaker }.phrase(&with_double_quotes(when))
    }

    /// Several who act together.
    pub(super) fn together(&self, who: &[Who]) -> String {
        self.words(&Message::joined(&who.iter().map(|who| self.named(who)).collect::<Vec<_>>(), ("与", " and ")))
    }

    /// Any of several.
    pub(super) fn either(&self, who: &[Who]) -> String {
        self.words(&Message::joined(&who.iter().map(|who| self.named(who)).collect::<Vec<_>>(), ("或", " or ")))
    }

    /// Who may enter something, where the scheme says so.
    pub(super) fn given_by(&self, kind: Kind, by: &[Giver]) -> Option<String> {
        if by.is_empty() {
            return None;
        }
        let step = |giver: &Giver| match giver {
            Giver::Result { result_of } => of_result(result_of),
            Giver::When { when, who } => {
                let (who, when) = (self.named(who), self.standing_where(kind, when));
                say!("{who}（{when}）", "{who} (where {when})"; who)
            }
            other => {
                Message::joined(&other.who().iter().map(|who| self.named(who)).collect::<Vec<_>>(), ("与", " and "))
            }
        };
        let steps: Vec<Message> = by.iter().map(step).collect();
        let first_counts = by.iter().any(|giver| matches!(giver, Giver::Result { .. } | Giver::When { .. }));
        let between = if first_counts { ("，其次", ", then ") } else { ("或", " or ") };
        let steps = Message::joined(&steps, between);
        Some(self.words(&say!("由{steps}给出", "given by {steps}"; steps)))
    }

    /// Who may enter an input, where the scheme says so; of several who each give a number, what comes of them.
    pub(super) fn input_given_by(&self, kind: Kind, input: &InputSource) -> Option<String> {
        let by = self.given_by(kind, &input.by)?;
        let said = match input.combine {
            None => return Some(by),
            Some(Combine::Sum) => say!("{by}（各自给出，相加）", "{by}, a number each, added up"),
            Some(Combine::Mean) => say!("{by}（各自给出，取平均）", "{by}, a number each; their mean counts"),
        };
        Some(self.words(&said))
    }

    /// Who checks what was reported, step by step.
    pub(super) fn checked_by(&self, checked_by: &[Acting]) -> Option<String> {
        if checked_by.is_empty() {
            return None;
        }
        let step = |acting: &Acting| {
            Message::joined(&acting.who().iter().map(|who| self.named(who)).collect::<Vec<_>>(), ("与", " and "))
        };
        let steps: Vec<Message> = checked_by.iter().map(step).collect();
        let steps = Message::joined(&steps, ("、", ", then "));
        Some(self.words(&say!("依次经{steps}核对后生效", "counts once checked by {steps}"; steps)))
    }

    pub(super) fn found_by_the_system(&self, input: &InputSource) -> Option<String> {
        let derived = input.derived.as_ref()?;
        let named = derived.mean.as_ref().and_then(|path| self.of_people(path));
        let said = match named {
            Some(item) => {
                say!("未给出时为部门人员“{item}”的平均", "unless given, the mean of “{item}” over the unit's people"; item)
            }
            None => match derived.before.as_ref().and_then(|path| self.of_people(path)) {
                Some(fact) => {
                    say!("由系统得出：上一期的“{fact}”", "found by the system: “{fact}” of the period before"; fact)
                }
                None => found(derived),
            },
        };
        Some(self.words(&said))
    }

    /// What something of people is called: the item of `item.response.value`, the fact `fact.self_declined`.
    fn of_people(&self, path: &str) -> Option<&'s Label> {
        let people = Speaker { kind: Kind::People, ..self.speaker };
        match path.split('.').collect::<Vec<_>>().as_slice() {
            ["item", code, ..] => people.stand().item_named(code).map(|(_, item)| &item.label),
            ["fact", name] => people.source.people.facts.iter().find(|fact| fact.name == *name).map(|fact| &fact.label),
            _ => None,
        }
    }

    /// Whence raters of a kind come, and how many must answer.
    pub(super) fn sources(&self, kind: Kind, rater: &InputSource) -> Vec<String> {
        let mut said = Vec::new();
        match &rater.from {
            None => {}
            Some(Sources::One(who)) => {
                let who = self.named(who);
                said.push(say!("由{who}评分", "rated by {who}"; who));
            }
            Some(Sources::FirstOf(cases)) => {
                let case = |case: &crate::scheme::source::SourceCase| {
                    let who = self.named(&case.from);
                    match &case.when {
                        Some(when) => {
                            let when = self.standing_where(kind, when);
                            say!("{who}（{when}）", "{who} (where {when})"; who)
                        }
                        None => who,
                    }
                };
                let all: Vec<Message> = cases.iter().map(case).collect();
                let all = Message::joined(&all, ("，否则", ", else "));
                said.push(say!("由{all}评分", "rated by {all}"; all));
            }
        }
        said.extend(rater.at_least.map(|least| say!("至少 {least} 份才计入", "counts from {least} answers on")));
        if rater.may_decline {
            said.push(say!("可以放弃", "may decline"));
        }
        said.iter().map(|message| self.words(message)).collect()
    }

    /// Whose form an input of an item stands on.
    pub(super) fn on_the_form_of(&self, sheet: &SheetSource, input: &InputSource) -> Option<String> {
        let rater = sheet.raters.iter().find(|rater| Some(&rater.name) == input.rater.as_ref())?;
        let label = &rater.label;
        Some(self.words(&say!("由{label}填写", "filled in by {label}"; label)))
    }

    /// What else is said of an item: its rows, and who else gives points on it.
    pub(super) fn rows_and_givers(&self, item: &ItemSource) -> Vec<String> {
        let mut said: Vec<Message> = item
            .given_by
            .iter()
            .map(|(rater, who)| {
                let who = self.named(who);
                say!("{rater} 一栏由{who}评分", "the points of {rater} are given by {who}"; who)
            })
            .collect();
        said.extend(item.rows.as_ref().map(rows));
        if item.stands_for.is_some() {
            said.push(say!(
                "有细目时取代本维度的其他指标",
                "with rows it takes the place of the other items of its section"
            ));
        }
        said.iter().map(|message| self.words(message)).collect()
    }

    pub(super) fn rows_of_list(&self, source: Option<&RowsSource>) -> Option<String> {
        source.map(|source| self.words(&rows(source)))
    }

    pub(super) fn weights_of_its_own(&self, own: &OwnWeights) -> String {
        let from = own.from.map_or_else(|| "0".to_owned(), |from| plain(from.0));
        let to = own.to.map_or_else(|| "100".to_owned(), |to| plain(to.0));
        let sections = own.sections.join(self.language().pause());
        let message = if own.sections.is_empty() {
            say!("可另定权重（每项 {from} 到 {to}）", "may have weights of its own, from {from} to {to} an item")
        } else {
            say!(
                "维度 {sections} 可另定权重（每项 {from} 到 {to}）",
                "may have weights of its own in {sections}, from {from} to {to} an item"
            )
        };
        self.words(&message)
    }

    /// Who takes part, and in which category.
    pub(super) fn placing(&mut self, kind: Kind, subject: &'s SubjectSource) {
        let of_kind = self.language().of_kind(kind);
        if let Some(who) = &subject.who {
            let topic = self.words(&say!("{of_kind}参加条件", "{of_kind}who takes part"));
            let says = self.words(&say!("须满足 {who}", "those for whom {who}"));
            self.add(Section::Covered, format!("who {kind:?}"), topic, says);
        }
        for category in &subject.categories {
            let Some(when) = &category.when else { continue };
            let topic = self.speaker.label(&category.label).to_owned();
            let says = self.words(&say!("满足 {when} 者归入此类", "those for whom {when}"));
            self.add(Section::Covered, format!("category {kind:?} {}", category.code), topic, says);
        }
    }
}

fn rows(source: &RowsSource) -> Message {
    match (source.from, &source.scheme, source.of.as_deref()) {
        (RowsFrom::Hand, ..) => say!("可分细目", "may be broken down into rows"),
        (RowsFrom::Plan, Some(scheme), _) => {
            say!("细目取自方案 {scheme} 的计划", "its rows come from the plan under {scheme}")
        }
        (RowsFrom::Plan, None, Some("unit")) => say!("细目取自部门计划", "its rows come from the unit's plan"),
        (RowsFrom::Plan, None, _) => say!("细目取自已批准的计划", "its rows come from the approved plan"),
    }
}
