//! Rules, outcomes and checks.

use super::{Checker, INPUT};
use crate::say;
use crate::scheme::compile::bare;
use crate::scheme::document::meant;
use crate::scheme::problem::Problem;
use crate::scheme::source::{CheckSource, Purpose, RuleSource, SubjectSource};
use crate::value::Kind;

impl<'s> Checker<'s> {
    pub(super) fn outcome(&mut self, place: String, code: &str) {
        let known: Vec<&str> = self.source.outcomes.iter().map(|outcome| outcome.code.as_str()).collect();
        if !known.contains(&code) {
            let hint = meant(code, known);
            let message = say!("{code:?} 不在方案的结果应用（outcomes）中{hint}", "{code:?} is not among the scheme's outcomes{hint}"; hint);
            self.problems.push(Problem::new(place, message).about(code));
        }
    }

    pub(super) fn rule(&mut self, place: &str, kind: Kind, subject: &SubjectSource, rule: &RuleSource) {
        self.scope(place, kind, &rule.categories, &rule.cadences);
        if rule.gives.is_empty() {
            self.problem(format!("{place}/gives"), say!("规则须给出结果（gives）", "a rule gives something"));
        }
        for (at, code) in rule.gives.iter().enumerate() {
            let place = format!("{place}/gives/{at}");
            self.outcome(place.clone(), bare(code));
            if let Some(name) = stranger(code, &["code", "number"]) {
                self.problem(
                    &place,
                    say!(
                        "这里的 {{{name}}} 没有含义：可用 {{code}} 和 {{number}}",
                        "{{{name}}} stands for nothing here: {{code}} and {{number}} do"
                    ),
                );
            }
            if code.contains(':') && rule.purpose != Purpose::Warning {
                self.problem(place, say!("只有提示（warning）才能带上对象", "only a warning names the subject"));
            }
        }
        match (kind, rule.purpose) {
            (Kind::Company, Purpose::Outcome | Purpose::Interview) => {
                self.problem(place, say!("对公司只能给出提示（warning）", "of the company only warnings are told"));
            }
            (Kind::Units, Purpose::Interview) => {
                self.problem(place, say!("面谈的对象是员工，不是部门", "people are interviewed, not units"))
            }
            _ => {}
        }
        if rule.to_head && (kind != Kind::Units || subject.head.is_none()) {
            self.problem(
                format!("{place}/to_head"),
                say!(
                    "只有写明负责人的部门，才能把结果给其负责人",
                    "only units that name their head can give their head an outcome"
                ),
            );
        }
        if rule.own_history && (!rule.to_head || rule.purpose != Purpose::Outcome || rule.first_of.is_some()) {
            let message = say!(
                "own_history 只用于给负责人（to_head）的结果，且不在一组规则之内",
                "own_history is said of outcomes that are the head's (to_head), and not within a group"
            );
            self.problem(format!("{place}/own_history"), message);
        }
    }

    pub(super) fn check(&mut self, place: &str, kind: Kind, subject: &SubjectSource, check: &CheckSource) {
        self.scope(place, kind, &check.categories, &check.cadences);
        match (&check.must, check.needs.is_empty()) {
            (None, true) => self.problem(
                place,
                say!("检查须写明 `must` 或 `needs`", "a check says what `must` hold or what it `needs`"),
            ),
            (Some(_), _) => self.label(&format!("{place}/says"), &check.says),
            _ => {}
        }
        let Some(at) = &check.at else { return };
        let facts = subject.facts.iter().map(|fact| format!("fact.{}", fact.name));
        let pay = subject.pay.iter().map(|pay| format!("pay.{}", pay.name));
        let fields = subject
            .facts
            .iter()
            .flat_map(|fact| fact.fields.iter().map(move |field| format!("fact.{}.{}", fact.name, field.name)));
        let lists = subject.lists.iter().map(|list| list.key.clone());
        let sheets = self.source.sheets.iter().filter(|sheet| sheet.on == kind);
        let items = sheets.flat_map(|sheet| &sheet.items).map(|item| format!("item.{}", item.code));
        let own = ["given", "hired_on", "left_on"].map(str::to_owned);
        let known: Vec<String> = facts.chain(pay).chain(fields).chain(lists).chain(items).chain(own).collect();
        let item = at.split('.').take(2).collect::<Vec<_>>().join(".");
        if !known.iter().any(|one| one == at || (one.starts_with("item.") && *one == item)) {
            self.unknown(format!("{place}/at"), INPUT, at, known.iter().map(String::as_str));
        }
    }

    // --- parameters ---
}

/// A name in braces that is not among these.
pub(super) fn stranger<'t>(text: &'t str, known: &[&str]) -> Option<&'t str> {
    let names = text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or(rest));
    names.into_iter().find(|name| !known.contains(name))
}
