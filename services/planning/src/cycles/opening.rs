//! Opening a cycle: the scheme's version and everybody who takes part are frozen, set by set, in one
//! transaction. Cut off anywhere it leaves nothing behind, and a second try finds either nothing or all of it.

use std::collections::BTreeMap;

use basics::pointer::below;
use domain::Kind;
use domain::case::{CaseBuilder, InputName};
use domain::period::Period;
use domain::scheme::Scheme;
use events::{CycleOpened, Event, Values};
use jiff::civil::Date;
use platform::web::Errors;
use platform::{FieldError, Missing, Problem, Result, Tx, What, say};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::cycle::{Cycle, StageView};
use super::facts;
use super::rows::{self, Coverage};
use crate::process::{self, Activity, Process};
use crate::schemes::rows::SchemeVersion;
use crate::{directory, schemes, tasks};

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
}

pub async fn open(tx: &mut Tx, new: &NewCycle, today: Date) -> Result<(Cycle, Vec<StageView>)> {
    let version = scheme_version(tx, new).await?;
    let source = version.source.clone().unwrap_or_default();
    let scheme = schemes::rules::read_stored(&source).await?;
    let period: Period = new.period.parse().map_err(|_| not_a_period())?;
    let mut errors = Errors::default();
    errors.check_day("/period", period.last_day());
    if let Some(day) = new.as_of {
        errors.check_day("/as_of", day);
    }
    errors.check()?;
    let cadence = scheme.cadence_for(&period, new.cadence.as_deref()).map_err(invalid)?.code.clone();
    let company_facts = check_settings(&scheme, period, &cadence, new)?;

    let calendar = directory::rows::calendar(tx).await?;
    let stages = process::stages(&scheme, &cadence, &period, &calendar);
    let mut cycle = cycle(tx, new, &version, &cadence, &period, Process::of(&stages), today)?;
    cycle.company_facts = serde_json::to_value(&company_facts)?;
    if !rows::insert(tx, &cycle).await? {
        let twice = say!(
            "{} 在 {} 的考核周期（{cadence}）已存在",
            "there is a cycle of {} for {} ({cadence}) already",
            cycle.scheme_code,
            cycle.period
        );
        return Err(Problem::conflict(twice));
    }
    rows::insert_stages(tx, cycle.id, &stages).await?;
    freeze(tx, &scheme, &mut cycle, &cadence).await?;
    open_tasks(tx, &cycle, &stages).await?;
    tx.emit(&Event::CycleOpened(opened(&cycle, source, &stages, &company_facts))).await?;
    let detail = json!({
        "scheme": cycle.scheme_code, "version": cycle.scheme_version, "period": cycle.period, "cadence": cadence,
        "as_of": cycle.as_of, "participants": cycle.participants,
    });
    tx.audit("cycles.opened", &cycle.id.to_string(), detail).await?;
    rows::refresh_statistics(tx, cycle.participants).await?;
    Ok((cycle, stages))
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

/// The version to open with: the company's own, or a template that becomes it.
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
            schemes::rows::add(tx, schemes::new_version(&scheme, source)).await
        }
        (Some(_), Some(_)) => Err(Problem::field("/version", say!("方案没有该版本", "the scheme has no such version"))),
        (None, _) => Err(Problem::field(
            "/scheme",
            say!("没有该方案，也没有使用此代码的方案模板", "there is no such scheme, and no template of this code"),
        )),
    }
}

/// Checks parameters and facts of the company by the scheme's own rules; the facts in one way of writing.
fn check_settings(scheme: &Scheme, period: Period, cadence: &str, new: &NewCycle) -> Result<Values> {
    let facts: Vec<String> = scheme.facts(Kind::Company, cadence, None).into_iter().map(|fact| fact.name).collect();
    super::rules::check_company_facts(&new.company_facts, &facts)?;
    let parameters = new.parameters.clone().unwrap_or(Value::Null);
    let mut case = CaseBuilder::new(scheme, period, Some(cadence), &parameters).map_err(invalid)?;
    let mut errors = Errors::default();
    let mut facts = BTreeMap::new();
    for (name, fact) in &new.company_facts {
        match scheme.check_value(cadence, Kind::Company, InputName::Fact(name), &Value::String(fact.clone())) {
            Ok(fact) => drop(facts.insert(name.clone(), fact)),
            Err(why) => errors.add(below("/company_facts", name), why),
        }
    }
    errors.check()?;
    case.company_facts(&facts);
    case.build().map_err(invalid)?;
    Ok(facts.into_iter().map(|(name, fact)| (name, facts::written(&fact))).collect())
}

fn cycle(
    tx: &Tx,
    new: &NewCycle,
    version: &SchemeVersion,
    cadence: &str,
    period: &Period,
    process: Process,
    today: Date,
) -> Result<Cycle> {
    Ok(Cycle {
        id: Uuid::now_v7(),
        scheme_code: version.code.clone(),
        scheme_version: version.version,
        scheme_name_zh: version.name_zh.clone(),
        scheme_name_en: version.name_en.clone(),
        cadence: cadence.to_owned(),
        period: period.to_string(),
        parameters: new.parameters.clone().unwrap_or_else(|| json!({})),
        company_facts: json!({}),
        as_of: new.as_of.unwrap_or(today),
        state: "open".to_owned(),
        has_targets: process.targets,
        has_plans: process.plans,
        has_unit_plans: process.unit_plans,
        has_settling: process.settling,
        participants: 0,
        opened_at: tx.now,
        released_at: None,
        published_at: None,
        version: 1,
    })
}

/// Freezes people and units as the scheme sees them.
async fn freeze(tx: &mut Tx, scheme: &Scheme, cycle: &mut Cycle, cadence: &str) -> Result<()> {
    let codes = |coded: &[domain::scheme::Coded]| coded.iter().map(|one| one.code.clone()).collect::<Vec<_>>();
    let facts = |kind: Kind| scheme.facts(kind, cadence, None).into_iter().map(|fact| fact.name).collect();
    let coverage = Coverage {
        people: codes(scheme.people_categories()),
        units: codes(scheme.unit_categories()),
        facts: facts(Kind::People),
        unit_facts: facts(Kind::Units),
    };
    cycle.participants = rows::freeze_participants(tx, cycle, &coverage).await?;
    if cycle.participants == 0 {
        return Err(Problem::conflict(say!(
            "方案不适用于 {} 在职的任何人",
            "the scheme covers nobody who is employed on {}",
            cycle.as_of
        )));
    }
    rows::freeze_units(tx, cycle, &coverage).await?;
    let outside = rows::units_outside(tx, cycle.id, &coverage.units).await?;
    if !outside.is_empty() {
        let missing = outside.into_iter().map(|code| Missing::of_unit(What::Category, code)).collect();
        return Err(Problem::incomplete(
            say!("以下部门没有方案中的类别", "these units have no category that the scheme knows"),
            missing,
        ));
    }
    facts::settle(tx, scheme, cycle).await?;
    if cycle.has_plans {
        rows::insert_plans(tx, cycle.id).await?;
    }
    Ok(())
}

async fn open_tasks(tx: &mut Tx, cycle: &Cycle, stages: &[StageView]) -> Result<()> {
    for stage in stages {
        if let Some(activity) = stage.activity.as_deref().and_then(Activity::parse) {
            tasks::rows::open_stage(tx, cycle.id, activity, &stage.code).await?;
        }
    }
    Ok(())
}

fn opened(cycle: &Cycle, source: String, stages: &[StageView], company_facts: &Values) -> CycleOpened {
    CycleOpened {
        cycle: cycle.id,
        scheme_code: cycle.scheme_code.clone(),
        scheme_version: cycle.scheme_version,
        scheme_source: source,
        cadence: cycle.cadence.clone(),
        period: cycle.period.clone(),
        parameters: cycle.parameters.clone(),
        company_facts: company_facts.clone(),
        stages: stages.iter().map(Into::into).collect(),
    }
}
