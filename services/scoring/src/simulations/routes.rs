use std::collections::BTreeMap;

use actix_web::{post, web};
use basics::Label;
use domain::tools::pay_components;
use platform::aside::{Wanted, aside};
use platform::language::Asked;
use platform::openapi::LabelView;
use platform::peer::OnBehalf;
use platform::service::Platform;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::read;
use platform::{Caller, FieldError, JsonBody, PageQuery, Result};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::paying::Pay;
use super::policies::{Policies, Policy};
use super::rules::{self, CostTold, Counts, Outcome};
use super::running::{self, Page, Person, Run, Scene, Under};
use crate::cycles::rows::{self as cycles, Cycle, Lock};
use crate::cycles::rules::State;
use crate::permissions::SimulatePolicy;

pub fn routes(config: &mut ServiceConfig) {
    config.service(simulate_policy);
}

/// A policy to try on the people of a cycle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSimulation {
    pub cycle: Uuid,
    /// The TOML text of a scheme; the cycle's own unless given.
    pub scheme: Option<String>,
    /// Overrides of the scheme's parameters, as in a case; the cycle's where its own scheme is tried.
    #[schema(value_type = Option<Object>)]
    pub parameters: Option<Value>,
    /// The cadence of the scheme that is tried; the cycle's, or that of the period's form, unless given.
    pub cadence: Option<String>,
    /// The policy that it is compared with; `{}` is the cycle's own.
    pub against: Option<OtherPolicy>,
    /// Only this unit, by code.
    pub unit: Option<String>,
    /// Whom the answer lists.
    #[serde(default)]
    pub people: Shown,
    /// Whether to tell what it costs.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub cost: bool,
}

fn yes() -> bool {
    true
}

/// A policy to compare with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherPolicy {
    /// The TOML text of a scheme; the cycle's own unless given.
    pub scheme: Option<String>,
    /// Overrides of the scheme's parameters; the cycle's where its own scheme is taken.
    #[schema(value_type = Option<Object>)]
    pub parameters: Option<Value>,
}

/// Whom a simulation lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    #[default]
    All,
    /// Those whose exclusion, grade, coefficient or pay is another than under the policy compared with.
    Moved,
    None,
}

/// What a policy would do.
#[derive(Serialize, ToSchema)]
struct Simulation {
    cycle: Uuid,
    /// Such as `2026-10`.
    period: String,
    /// Unit code, where only one unit was computed.
    unit: Option<String>,
    policy: PolicyInNumbers,
    against: Option<PolicyInNumbers>,
    change: Option<ChangeInNumbers>,
    /// In order of employee number.
    people: Vec<SimulatedPerson>,
    /// The `after` that shows the people that follow.
    next: Option<String>,
    /// Who could not be computed, or lacks pay, in order of employee number; the first 1000.
    left_out: Vec<LeftOutPerson>,
}

/// One policy's results in numbers.
#[derive(Serialize, ToSchema)]
struct PolicyInNumbers {
    /// Code of the scheme.
    scheme: String,
    name_zh: String,
    name_en: String,
    cadence: String,
    /// People computed.
    people: usize,
    /// People who are not appraised, among those computed.
    excluded: usize,
    /// People who could not be computed.
    left_out: usize,
    /// People computed whose pay could not be reckoned; null without costs.
    unpaid: Option<usize>,
    /// Best grade first.
    grades: Vec<SimulatedGrade>,
    warnings: Vec<Warning>,
    /// What the scheme calls what its results hold beside grades: outcomes, reasons for interviews and for not being
    /// appraised, pay components, by code.
    labels: BTreeMap<String, LabelView>,
    /// Money by currency and component, such as `{"CNY": {"performance_pay": "48000.00"}}`; null without costs.
    #[schema(value_type = Option<std::collections::BTreeMap<String, std::collections::BTreeMap<String, String>>>)]
    cost: Option<CostTold>,
}

/// How many would have a grade.
#[derive(Serialize, ToSchema)]
struct SimulatedGrade {
    grade: String,
    label_zh: String,
    label_en: String,
    people: usize,
    /// Of those with a grade, to one decimal.
    per_cent: String,
}

/// Something that the scheme warns of.
#[derive(Serialize, ToSchema)]
struct Warning {
    code: String,
    label_zh: String,
    label_en: String,
}

/// The difference between both policies, of people whom both could compute.
#[derive(Serialize, ToSchema)]
struct ChangeInNumbers {
    /// People computed under both.
    compared: usize,
    /// People whose exclusion, grade, coefficient or pay is another.
    moved: usize,
    /// People with another grade.
    other_grade: usize,
    /// People whose pay could be reckoned under both; null without costs.
    paid: Option<usize>,
    /// What these cost more, or less, by currency and component; null without costs.
    #[schema(value_type = Option<std::collections::BTreeMap<String, std::collections::BTreeMap<String, String>>>)]
    cost: Option<CostTold>,
}

/// What one person would get.
#[derive(Serialize, ToSchema)]
struct SimulatedPerson {
    /// Employee number.
    number: String,
    name: String,
    /// Unit code.
    unit: String,
    #[serde(flatten)]
    now: SimulatedResult,
    /// Under the policy compared with; null where it could not be computed.
    before: Option<SimulatedResult>,
    /// What the person gets more or less, by component; null where pay is not known under both.
    difference: Option<BTreeMap<String, String>>,
}

#[derive(Serialize, ToSchema)]
struct SimulatedResult {
    /// Code of the reason why the person is not appraised.
    excluded: Option<String>,
    /// Points, a decimal.
    score: Option<String>,
    grade: Option<String>,
    /// A decimal.
    coefficient: Option<String>,
    outcomes: Vec<String>,
    interview: Vec<String>,
    /// Money by component; null without costs, and where it could not be reckoned.
    pay: Option<BTreeMap<String, String>>,
}

/// Somebody who could not be computed, or whose pay could not be reckoned.
#[derive(Serialize, ToSchema)]
struct LeftOutPerson {
    /// Employee number.
    number: String,
    name: String,
    /// Unit code.
    unit: String,
    /// `policy` or `against`.
    under: &'static str,
    /// Where it stands or should stand below the person, such as `/items/attendance/actual`, `/pay/base_salary`
    /// or, below their unit, `/unit/score`.
    errors: Vec<FieldError>,
}

/// Try a policy on the people of a cycle
///
/// From scoring on, in every state, from what is on the sheets. Nothing is written but who looked. Whoever lacks
/// something is left out. Before publication the caller's own result is counted and not listed. What it costs is
/// asked of the pay service: 503 where it does not answer, unless the request says `"cost": false`. 503, too, while too
/// much is being computed. It stops when the caller leaves.
#[utoipa::path(tag = "simulations", extensions(("x-not-remembered" = json!(true))), security(("bearer" = [])), params(PageQuery), request_body = NewSimulation,
    responses((status = 200, body = Simulation), (status = 409), (status = 404)))]
#[post("/v1/simulations")]
async fn simulate_policy(
    caller: Caller<SimulatePolicy>,
    platform: Platform,
    on_behalf: OnBehalf,
    language: Asked,
    page: web::Query<PageQuery>,
    body: JsonBody<NewSimulation>,
) -> Result<web::Json<Simulation>> {
    let (limit, JsonBody(asked)) = (page.limit()?, body);
    let cycle = read(&platform, &caller, async |tx| cycles::get(tx, asked.cycle, Lock::None).await).await?;
    cycle.state()?.check_simulable()?;
    // Reading a scheme takes a while.
    let reading = move |_: &Wanted| Policies::read(&cycle, &asked).map(|policies| (policies, cycle, asked));
    let (policies, cycle, asked) = aside(reading).await?;
    let pay = if asked.cost { Some(Pay::new(&platform, on_behalf)?) } else { None };
    let after = page.after.clone().unwrap_or_default();
    let hidden = caller.employee.clone().filter(|_| cycle.state().ok() != Some(State::Published));
    let page = Page { shown: asked.people, after, limit: usize::try_from(limit).unwrap_or_default(), hidden };
    let unit = asked.unit.as_deref();
    let scene = Scene { platform: &platform, caller: &caller, cycle: &cycle, unit, pay };
    let run = running::run(&scene, &policies, &page).await?;
    let mut simulation = told(&cycle, unit, &policies, run, limit)?;
    for person in &mut simulation.left_out {
        person.errors = std::mem::take(&mut person.errors).into_iter().map(|error| error.only(language.0)).collect();
    }
    record(&platform, &caller, &simulation).await?;
    Ok(web::Json(simulation))
}

/// Looking at other people's results is recorded, tried ones too.
async fn record(platform: &Platform, caller: &Caller<SimulatePolicy>, simulation: &Simulation) -> Result<()> {
    let numbers: Vec<&str> = simulation.people.iter().map(|person| person.number.as_str()).collect();
    let against = simulation.against.as_ref().map(|policy| &policy.scheme);
    let about = json!({ "scheme": simulation.policy.scheme, "against": against, "unit": simulation.unit,
        "people": simulation.policy.people, "numbers": numbers });
    read(platform, caller, async |tx| tx.audit("results.simulated", &simulation.cycle.to_string(), about).await).await
}

fn told(cycle: &Cycle, unit: Option<&str>, policies: &Policies, run: Run, limit: i64) -> Result<Simulation> {
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
                number: one.number,
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
    SimulatedResult {
        excluded: found.excluded,
        score: plain(found.score),
        grade: found.grade,
        coefficient: plain(found.coefficient),
        outcomes: found.outcomes,
        interview: found.interview,
        pay: outcome.paid.map(|paid| paid.components),
    }
}
