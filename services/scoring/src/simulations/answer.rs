//! What a simulation answers.

use std::collections::BTreeMap;

use basics::{Label, Locale};
use domain::tools::pay_components;
use platform::openapi::LabelView;
use platform::{FieldError, Result};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::policies::{Policies, Policy};
use super::rules::{self, CostTold, Counts, Outcome};
use super::running::{Person, Run, Under};
use crate::cycles::cycle::Cycle;

/// What a policy would do.
#[derive(Serialize, ToSchema)]
pub struct Simulation {
    pub cycle: Uuid,
    /// Such as `2026-10`.
    pub period: String,
    /// Unit code, where only one unit was computed.
    pub unit: Option<String>,
    pub policy: PolicyInNumbers,
    pub against: Option<PolicyInNumbers>,
    pub change: Option<ChangeInNumbers>,
    /// In order of employee number.
    pub people: Vec<SimulatedPerson>,
    /// The `after` that shows the people that follow.
    pub next: Option<String>,
    /// Who could not be computed, or lacks pay, in order of employee number; the first 1000.
    pub left_out: Vec<LeftOutPerson>,
}

impl Simulation {
    /// The same as one reader is told it.
    #[must_use]
    pub fn only(mut self, locale: Locale) -> Self {
        for person in &mut self.left_out {
            person.errors = std::mem::take(&mut person.errors).into_iter().map(|error| error.only(locale)).collect();
        }
        self
    }
}

/// One policy's results in numbers.
#[derive(Serialize, ToSchema)]
pub struct PolicyInNumbers {
    /// Code of the scheme.
    pub scheme: String,
    pub name_zh: String,
    pub name_en: String,
    pub cadence: String,
    /// People computed.
    pub people: usize,
    /// People who are not appraised, among those computed.
    pub excluded: usize,
    /// People who could not be computed.
    pub left_out: usize,
    /// People computed whose pay could not be reckoned; null without costs.
    pub unpaid: Option<usize>,
    /// Best grade first.
    pub grades: Vec<SimulatedGrade>,
    pub warnings: Vec<Warning>,
    /// What the scheme calls what its results hold beside grades: outcomes, reasons for interviews and for not being
    /// appraised, pay components, by code.
    pub labels: BTreeMap<String, LabelView>,
    /// Money by currency and component, such as `{"CNY": {"performance_pay": "48000.00"}}`; null without costs.
    #[schema(value_type = Option<std::collections::BTreeMap<String, std::collections::BTreeMap<String, String>>>)]
    pub cost: Option<CostTold>,
}

/// How many would have a grade.
#[derive(Serialize, ToSchema)]
pub struct SimulatedGrade {
    pub grade: String,
    pub label_zh: String,
    pub label_en: String,
    pub people: usize,
    /// Of those with a grade, to one decimal.
    pub per_cent: String,
}

/// Something that the scheme warns of.
#[derive(Serialize, ToSchema)]
pub struct Warning {
    pub code: String,
    pub label_zh: String,
    pub label_en: String,
}

/// The difference between both policies, of people whom both could compute.
#[derive(Serialize, ToSchema)]
pub struct ChangeInNumbers {
    /// People computed under both.
    pub compared: usize,
    /// People whose exclusion, grade, coefficient or pay is another.
    pub moved: usize,
    /// People with another grade.
    pub other_grade: usize,
    /// People whose pay could be reckoned under both; null without costs.
    pub paid: Option<usize>,
    /// What these cost more, or less, by currency and component; null without costs.
    #[schema(value_type = Option<std::collections::BTreeMap<String, std::collections::BTreeMap<String, String>>>)]
    pub cost: Option<CostTold>,
}

/// What one person would get.
#[derive(Serialize, ToSchema)]
pub struct SimulatedPerson {
    /// Employee number.
    pub number: String,
    pub name: String,
    /// Unit code.
    pub unit: String,
    #[serde(flatten)]
    pub now: SimulatedResult,
    /// Under the policy compared with; null where it could not be computed.
    pub before: Option<SimulatedResult>,
    /// What the person gets more or less, by component; null where pay is not known under both.
    pub difference: Option<BTreeMap<String, String>>,
}

#[derive(Serialize, ToSchema)]
pub struct SimulatedResult {
    /// Code of the reason why the person is not appraised.
    pub excluded: Option<String>,
    /// Points, a decimal.
    pub score: Option<String>,
    pub grade: Option<String>,
    /// A decimal.
    pub coefficient: Option<String>,
    pub outcomes: Vec<String>,
    pub interview: Vec<String>,
    /// Money by component; null without costs, and where it could not be reckoned.
    pub pay: Option<BTreeMap<String, String>>,
}

/// Somebody who could not be computed, or whose pay could not be reckoned.
#[derive(Serialize, ToSchema)]
pub struct LeftOutPerson {
    /// Employee number.
    pub number: String,
    pub name: String,
    /// Unit code.
    pub unit: String,
    /// `policy` or `against`.
    pub under: &'static str,
    /// Where it stands or should stand below the person, such as `/items/attendance/actual`, `/pay/base_salary`
    /// or, below their unit, `/unit/score`.
    pub errors: Vec<FieldError>,
}

/// What a run came to, as it is told; `limit` people at most.
pub fn told(cycle: &Cycle, unit: Option<&str>, policies: &Policies, run: Run, limit: i64) -> Result<Simulation> {
    let Run { policy, against, change, people, left_out } = run;
    let cost = |cost: &rules::Cost| policies.cost.then(|| cost.told());
    let page = platform::Page::cut(people, limit, |person| person.number.clone());
    Ok(Simulation {
        cycle: cycle.id,
        period: cycle.period.clone(),
        unit: unit.map(str::to_owned),
        policy: in_numbers(&policies.tried, &policy, cost(&policy.cost)),
        against: policies.against.as_ref().map(|policy| in_numbers(policy, &against, cost(&against.cost))),
        change: policies.against.as_ref().map(|_| ChangeInNumbers {
            compared: change.compared,
            moved: change.moved,
            other_grade: change.other_grade,
            paid: policies.cost.then_some(change.paid),
            cost: cost(&change.cost),
        }),
        people: page.items.into_iter().map(person).collect::<Result<_>>()?,
        next: page.next,
        left_out: left_out
            .into_iter()
            .map(|(under, one)| LeftOutPerson {
                number: one.subject,
                name: one.name,
                unit: one.unit,
                under: if under == Under::Policy { "policy" } else { "against" },
                errors: one.errors,
            })
            .collect(),
    })
}

fn in_numbers(policy: &Policy, counts: &Counts, cost: Option<CostTold>) -> PolicyInNumbers {
    let (scheme, graded) = (&policy.scheme, counts.graded());
    let Label { zh, en } = scheme.plain().label().clone();
    let grade = |code: String| {
        let (label, people) = (scheme.grade_label(&code), counts.grades.get(&code).copied().unwrap_or_default());
        let per_cent = rules::per_cent(people, graded);
        SimulatedGrade { grade: code, label_zh: label.zh, label_en: label.en, people, per_cent }
    };
    PolicyInNumbers {
        scheme: scheme.plain().code().to_owned(),
        name_zh: zh,
        name_en: en,
        cadence: scheme.cadence().to_owned(),
        people: counts.people,
        excluded: counts.excluded,
        left_out: counts.left_out,
        unpaid: cost.is_some().then_some(counts.unpaid),
        grades: scheme.grades().into_iter().map(grade).collect(),
        warnings: counts.warnings.iter().map(|code| warning(policy, code)).collect(),
        labels: labels(policy),
        cost,
    }
}

fn labels(policy: &Policy) -> BTreeMap<String, LabelView> {
    let scheme = policy.scheme.plain();
    let coded = scheme.outcomes().iter().map(|outcome| (outcome.code.as_str(), &outcome.label));
    let paid = pay_components(scheme, policy.scheme.cadence());
    let all = coded.chain(scheme.exclusions()).chain(paid);
    all.map(|(code, label)| (code.to_owned(), label.clone().into())).collect()
}

fn warning(policy: &Policy, code: &str) -> Warning {
    let label = policy.scheme.warning_label(code);
    Warning { code: code.to_owned(), label_zh: label.zh, label_en: label.en }
}

fn person(person: Person) -> Result<SimulatedPerson> {
    let difference = match &person.before {
        Some(before) => rules::difference(before, &person.now)?,
        None => None,
    };
    Ok(SimulatedPerson {
        number: person.number,
        name: person.name,
        unit: person.unit,
        now: result(person.now),
        before: person.before.map(result),
        difference,
    })
}

fn result(outcome: Outcome) -> SimulatedResult {
    let plain = |number: Option<Decimal>| number.map(basics::money::plain);
    let found = outcome.found;
    let coefficient = found.coefficient_told();
    SimulatedResult {
        excluded: found.excluded,
        score: plain(found.score),
        grade: found.grade,
        coefficient,
        outcomes: found.outcomes,
        interview: found.interview,
        pay: outcome.paid.map(|paid| paid.components),
    }
}
