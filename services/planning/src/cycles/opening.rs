//! Opening a cycle: the scheme's version is frozen, and everybody and everything that is appraised is written down, in one
//! transaction over one look at the organisation. Cut off anywhere it leaves nothing behind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use basics::pointer::below;
use basics::text::name_fault;
use domain::case::{CaseBuilder, InputName};
use domain::period::Period;
use domain::scheme::Scheme;
use events::{CycleOpened, Event, Values};
use jiff::civil::Date;
use platform::web::Errors;
use platform::{FieldError, Problem, Result, Tx, say};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::cycle::{Cycle, CycleState, DatedBy, StageView};
use super::rows;
use crate::directory::organisation::Organisation;
use crate::process::{self, Process};
use crate::schemes::rows::SchemeVersion;
use crate::subjects::placing::{self, Placed, Policy};
use crate::subjects::subject::{self, Kind, Standing, Subject};
use crate::{directory, placements, plans, schemes, sheets, subjects, tasks};

/// A cycle to open.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCycle {
    /// Code of a scheme of the company, or of a template, which then becomes the company's version 1.
    pub scheme: String,
    /// The latest version unless said.
    #[serde(default)]
    pub version: Option<i32>,
    /// Needed where the period's form alone does not decide it.
    #[serde(default)]
    pub cadence: Option<String>,
    /// `2026-10`, `2026-Q3`, `2026-H1`, `2026` or `FY2026`.
    #[schema(example = "2026-10")]
    pub period: String,
    /// Of one of several cycles for the same period; 1 to 200 characters.
    #[serde(default)]
    pub name: Option<String>,
    /// The company's settings in place of the scheme's defaults, by name.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub parameters: Option<Value>,
    /// Facts of the company that the scheme asks for, by name.
    #[serde(default)]
    pub company_facts: BTreeMap<String, String>,
    /// The day on which the organisation is looked at; today unless said.
    #[serde(default)]
    pub as_of: Option<Date>,
    /// Exactly who and what is appraised, as `person:E1` and `unit:NET`; left out, the rules say.
    #[serde(default)]
    #[schema(example = json!(["person:E1", "unit:NET"]))]
    pub subjects: Option<Vec<String>>,
    /// Days of stages that the scheme does not date, by code.
    #[serde(default)]
    #[schema(example = json!({ "collect": { "opens": "2026-09-01", "due": "2026-09-10" } }))]
    pub stages: BTreeMap<String, StageDays>,
}

/// Days of a stage that the scheme does not date.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StageDays {
    #[serde(default)]
    pub opens: Option<Date>,
    #[serde(default)]
    pub due: Option<Date>,
}

/// Everything that a cycle is opened with, before anything is written.
pub struct Prepared {
    version: SchemeVersion,
    pub scheme: Arc<Scheme>,
    period: Period,
    cadence: String,
    company_facts: Values,
    as_of: Date,
    chosen: Option<BTreeSet<(Kind, String)>>,
    stages: Vec<StageView>,
    process: Process,
    people: Vec<Placed>,
    units: Vec<Placed>,
}

impl Prepared {
    /// People and units, whatever their standing.
    pub fn placed(&self) -> impl Iterator<Item = &Placed> {
        self.people.iter().chain(&self.units)
    }
}

/// Looks at the organisation and the scheme as an opening does, without writing anything.
pub async fn prepare(tx: &mut Tx, new: &NewCycle, today: Date) -> Result<Prepared> {
    let version = scheme_version(tx, new).await?;
    let scheme = schemes::rules::read_stored(version.source.as_deref().unwrap_or_default()).await?;
    let period: Period = new.period.parse().map_err(|_| not_a_period())?;
    let mut errors = Errors::default();
    errors.check_day("/period", period.last_day());
    if let Some(day) = new.as_of {
        errors.check_day("/as_of", day);
    }
    check_name(new.name.as_deref(), &mut errors);
    errors.check()?;
    let cadence = scheme.cadence_for(&period, new.cadence.as_deref()).map_err(invalid)?.code.clone();
    let facts = check_settings(&scheme, period, &cadence, new)?;
    check_bodies(tx, &scheme, today).await?;
    check_imports(tx, &version.code, &cadence, &period).await?;
    let calendar = steps::directory::rows::calendar(tx).await?;
    let mut stages = process::stages(&scheme, &cadence, &period, &calendar);
    date_stages(&mut stages, &new.stages)?;

    let as_of = new.as_of.unwrap_or(today);
    let organisation = directory::rows::organisation(tx, as_of).await?;
    let placements = placements::rows::of(tx, &version.code).await?;
    let mut errors = Errors::default();
    let chosen = new.subjects.as_ref().map(|subjects| chosen(subjects, &organisation, &mut errors));
    let parameters = new.parameters.clone().unwrap_or(Value::Null);
    let policy = Policy {
        scheme: &scheme,
        cadence: &cadence,
        period,
        parameters: &parameters,
        company_facts: &facts,
        calendar: &calendar,
        placements: &placements,
        chosen: chosen.as_ref(),
    };
    let people = placing::people(&policy, &organisation, None, &mut errors);
    let units = placing::units(&policy, &organisation, &people, &mut errors);
    errors.check()?;
    let company_facts = facts.into_iter().map(|(name, fact)| (name, placing::written(&fact))).collect();
    let process = Process::of(&stages);
    Ok(Prepared { version, scheme, period, cadence, company_facts, as_of, chosen, stages, process, people, units })
}

fn check_name(name: Option<&str>, errors: &mut Errors) {
    if let Some(fault) = name.and_then(|name| name_fault(name.trim())) {
        errors.add("/name", fault.told());
    }
}

/// Bodies that the scheme names must be there.
async fn check_bodies(tx: &mut Tx, scheme: &Scheme, today: Date) -> Result<()> {
    let named = scheme.bodies();
    if named.is_empty() {
        return Ok(());
    }
    let known = directory::rows::bodies(tx, today).await?;
    let lacking: Vec<&str> = named.difference(&known).map(String::as_str).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let lacking = lacking.join(", ");
    Err(Problem::field(
        "/scheme",
        say!(
            "公司没有方案所用的机构，或其中无人任职：{lacking}",
            "the company lacks bodies of the scheme, or nobody sits in them: {lacking}"
        ),
    ))
}

/// What was imported is history: it ends before the period that is opened.
async fn check_imports(tx: &mut Tx, scheme: &str, cadence: &str, period: &Period) -> Result<()> {
    let imported = rows::imported(tx, scheme, cadence).await?;
    let periods = imported.iter().filter_map(|text| text.parse::<Period>().ok());
    match periods
        .filter(|imported| imported.first_day() >= period.first_day())
        .map(|imported| imported.to_string())
        .max()
    {
        None => Ok(()),
        Some(imported) => Err(Problem::field(
            "/period",
            say!(
                "已导入 {imported} 的既往结果：考核周期须晚于它",
                "results of {imported} were imported as history: a cycle is for a later period"
            ),
        )),
    }
}

/// Dates stages that the scheme does not date.
fn date_stages(stages: &mut [StageView], given: &BTreeMap<String, StageDays>) -> Result<()> {
    let mut errors = Errors::default();
    for (code, days) in given {
        let pointer = below("/stages", code);
        let Some(stage) = stages.iter_mut().find(|stage| stage.code == *code) else {
            errors.add(pointer, say!("方案没有该阶段", "the scheme has no such stage"));
            continue;
        };
        if stage.opens.is_some() || stage.due.is_some() {
            errors.add(pointer, say!("该阶段的日期由方案规定", "the scheme dates this stage itself"));
            continue;
        }
        for (name, day) in [("opens", days.opens), ("due", days.due)] {
            if let Some(day) = day {
                errors.check_day(below(&pointer, name), day);
            }
        }
        if days.opens.zip(days.due).is_some_and(|(opens, due)| due < opens) {
            errors.add(below(&pointer, "due"), say!("不能早于开始日", "not before it opens"));
        }
        (stage.opens, stage.due, stage.dated_by) = (days.opens, days.due, DatedBy::Opening);
    }
    errors.check()
}

const MOST_CHOSEN: usize = 100_000;

/// Those who were chosen, if the organisation knows them.
fn chosen(subjects: &[String], organisation: &Organisation, errors: &mut Errors) -> BTreeSet<(Kind, String)> {
    let mut chosen = BTreeSet::new();
    if subjects.is_empty() || subjects.len() > MOST_CHOSEN {
        errors.add("/subjects", say!("须有 1 到 {MOST_CHOSEN} 个对象", "1 to {MOST_CHOSEN} subjects"));
        return chosen;
    }
    for (at, text) in subjects.iter().enumerate() {
        let pointer = format!("/subjects/{at}");
        let known = subject::read(text).filter(|(kind, id)| match kind {
            Kind::Person => organisation.people.contains_key(id),
            Kind::Unit => organisation.units.contains_key(id),
        });
        match known {
            None => errors.add(pointer, say!("组织中没有 {text}", "the organisation knows no {text}")),
            Some(subject) => {
                if !chosen.insert(subject) {
                    errors.add(pointer, say!("{text} 重复", "{text} is there twice"));
                }
            }
        }
    }
    chosen
}

pub async fn open(tx: &mut Tx, new: &NewCycle, today: Date) -> Result<(Cycle, Vec<StageView>)> {
    directory::rows::hold(tx).await?;
    let mut prepared = prepare(tx, new, today).await?;
    if prepared.version.uploaded_by.is_empty() {
        let source = prepared.version.source.clone().unwrap_or_default();
        prepared.version = schemes::rows::add(tx, schemes::new_version(&prepared.scheme, &source)).await?;
    }
    let mut cycle = cycle(tx, new, &prepared)?;
    if !rows::insert(tx, &cycle).await? {
        let twice = say!(
            "{} 在 {} 的考核周期（{}）已存在",
            "there is a cycle of {} for {} ({}) already",
            cycle.scheme_code,
            cycle.period,
            cycle.cadence
        );
        return Err(Problem::conflict(twice));
    }
    rows::insert_stages(tx, cycle.id, &prepared.stages).await?;
    let subjects = taken_up(&prepared);
    if subjects.is_empty() {
        return Err(Problem::conflict(say!(
            "方案不适用于 {} 内的任何人或部门",
            "the scheme covers nobody and nothing in {}",
            cycle.period
        )));
    }
    subjects::rows::write(tx, cycle.id, &subjects).await?;
    subjects::rows::count(tx, cycle.id).await?;
    cycle.participants = i64::try_from(subjects.iter().filter(|one| takes_part(one)).count()).unwrap_or(i64::MAX);
    plans::rows::attach(tx, &cycle).await?;
    plans::rows::insert_empty(tx, &cycle, prepared.process.plans).await?;
    for stage in &prepared.stages {
        if let Some(activity) = process::activity_of(stage) {
            tasks::rows::open_stage(tx, cycle.id, activity, &stage.code).await?;
        }
    }
    tx.emit(&Event::CycleOpened(opened(&cycle, &prepared))).await?;
    subjects::telling::tell(tx, cycle.id, &subjects).await?;
    sheets::settling::open(tx, &cycle, &prepared.scheme, &subjects).await?;
    let detail = json!({
        "scheme": cycle.scheme_code, "version": cycle.scheme_version, "period": cycle.period,
        "cadence": cycle.cadence, "name": cycle.name, "as_of": cycle.as_of, "participants": cycle.participants,
        "chosen": cycle.chosen,
    });
    tx.audit("cycles.opened", &cycle.id.to_string(), detail).await?;
    rows::refresh_statistics(tx, subjects.len()).await?;
    Ok((cycle, prepared.stages))
}

/// The people who take part or are excluded, and all units that were looked at. Nothing, where nobody and nothing is
/// appraised.
fn taken_up(prepared: &Prepared) -> Vec<Subject> {
    let people = prepared.people.iter().map(|one| &one.subject).filter(|one| one.standing != Standing::Out);
    let subjects: Vec<Subject> = people.chain(prepared.units.iter().map(|one| &one.subject)).cloned().collect();
    if subjects.iter().all(|one| one.standing == Standing::Out) { Vec::new() } else { subjects }
}

fn takes_part(subject: &Subject) -> bool {
    subject.kind == Kind::Person && subject.standing == Standing::In
}

fn not_a_period() -> Problem {
    Problem::field(
        "/period",
        say!(
            "考核期间写作 2026-10、2026-Q3、2026-H1、2026 或 FY2026",
            "write a period as 2026-10, 2026-Q3, 2026-H1, 2026 or FY2026"
        ),
    )
}

/// The engine's refusal, with pointers as this API's requests have them.
fn invalid(invalid: domain::Invalid) -> Problem {
    let located = |error: domain::InvalidAt| {
        let pointer = error.pointer.replace("/company/facts", "/company_facts");
        FieldError::new(pointer, error.detail)
    };
    Problem::invalid(invalid.errors.into_iter().map(located).collect())
}

/// The version to open with: the company's own, or a template that becomes it. Nobody has uploaded the latter yet.
async fn scheme_version(tx: &mut Tx, new: &NewCycle) -> Result<SchemeVersion> {
    if let Some(found) = schemes::rows::version(tx, &new.scheme, new.version).await? {
        return Ok(found);
    }
    if schemes::rows::version(tx, &new.scheme, None).await?.is_some() {
        return Err(Problem::field("/version", say!("方案没有该版本", "the scheme has no such version")));
    }
    match (schemes::rules::template(&new.scheme), new.version) {
        (Some(source), None | Some(1)) => {
            let scheme = schemes::rules::read_stored(source).await?;
            Ok(schemes::rows::of_template(schemes::new_version(&scheme, source), tx.now))
        }
        (Some(_), Some(_)) => Err(Problem::field("/version", say!("方案没有该版本", "the scheme has no such version"))),
        (None, _) => Err(Problem::field(
            "/scheme",
            say!("没有该方案，也没有使用此代码的方案模板", "there is no such scheme, and no template of this code"),
        )),
    }
}

/// Checks parameters and facts of the company by the scheme's own rules; the facts in one way of writing.
fn check_settings(scheme: &Scheme, period: Period, cadence: &str, new: &NewCycle) -> Result<BTreeMap<String, Value>> {
    let facts: Vec<String> =
        scheme.facts(domain::Kind::Company, cadence, None).into_iter().map(|fact| fact.name).collect();
    super::rules::check_company_facts(&new.company_facts, &facts)?;
    let parameters = new.parameters.clone().unwrap_or(Value::Null);
    let mut case = CaseBuilder::new(scheme, period, Some(cadence), &parameters).map_err(invalid)?;
    let mut errors = Errors::default();
    let mut facts = BTreeMap::new();
    for (name, fact) in &new.company_facts {
        match scheme.check_value(cadence, domain::Kind::Company, InputName::Fact(name), &Value::String(fact.clone())) {
            Ok(fact) => drop(facts.insert(name.clone(), fact)),
            Err(why) => errors.add(below("/company_facts", name), why),
        }
    }
    errors.check()?;
    case.company_facts(&facts);
    case.build().map_err(invalid)?;
    Ok(facts)
}

fn cycle(tx: &Tx, new: &NewCycle, prepared: &Prepared) -> Result<Cycle> {
    let (version, process) = (&prepared.version, &prepared.process);
    Ok(Cycle {
        id: Uuid::now_v7(),
        scheme_code: version.code.clone(),
        scheme_version: version.version,
        scheme_name_zh: version.name_zh.clone(),
        scheme_name_en: version.name_en.clone(),
        cadence: prepared.cadence.clone(),
        period: prepared.period.to_string(),
        name: new.name.as_deref().map(|name| name.trim().to_owned()),
        parameters: new.parameters.clone().unwrap_or_else(|| json!({})),
        company_facts: serde_json::to_value(&prepared.company_facts)?,
        as_of: prepared.as_of,
        state: CycleState::Open,
        has_targets: process.targets,
        has_plans: process.plans.people || process.plans.units,
        has_unit_plans: process.unit_plans,
        has_settling: process.settling,
        has_release: process.release,
        chosen: prepared
            .chosen
            .as_ref()
            .map(|chosen| chosen.iter().map(|(kind, id)| Value::String(kind.id(id).to_string())).collect::<Value>()),
        cancelled_why: None,
        participants: 0,
        opened_at: tx.now,
        released_at: None,
        published_at: None,
        version: 1,
    })
}

fn opened(cycle: &Cycle, prepared: &Prepared) -> CycleOpened {
    CycleOpened {
        cycle: cycle.id,
        name: cycle.name.clone(),
        scheme_code: cycle.scheme_code.clone(),
        scheme_version: cycle.scheme_version,
        scheme_source: prepared.version.source.clone().unwrap_or_default(),
        cadence: cycle.cadence.clone(),
        period: cycle.period.clone(),
        parameters: cycle.parameters.clone(),
        company_facts: prepared.company_facts.clone(),
        stages: prepared.stages.iter().map(Into::into).collect(),
    }
}
