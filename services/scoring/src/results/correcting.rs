//! Corrections: the only way in which a published result changes.

use domain::case::CutOffs;
use events::{Event, PublishedResult, ResultUnit, ResultsPublished};
use jiff::Timestamp;
use platform::sql::Lock;
use platform::{Clock, FieldError, Problem, Result, Tx, say};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::closing;
use super::rows::{self, Making, ResultRow};
use crate::cycles::cycle::{Cycle, State, Unit};
use crate::cycles::rows as cycles;
use crate::engine::Scheme;
use crate::engine::computing::{CutOffsOf, Fault, PersonFound, Piece, Refusal, compute_placed, compute_ranked};
use crate::sheets::bulk::{self, Rating};
use crate::sheets::entering;
use crate::sheets::rows as sheets;
use crate::sheets::sheet::Sheet;
use crate::viewer::Viewer;

/// What was wrong with a published result.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCorrection {
    /// Why, 1 to 4000 characters.
    pub reason: String,
    /// The values that should have been there.
    pub ratings: Vec<Rating>,
}

/// Computes one person's result again from corrected inputs, in the context of their unit as it was closed, and
/// stores it beside the versions before. Nobody else's result changes: a ranking stays as it was published, and the
/// person is placed by its cut-offs.
pub async fn correct(
    tx: &mut Tx,
    clock: &Clock,
    viewer: &Viewer,
    id: Uuid,
    correction: NewCorrection,
) -> Result<ResultRow> {
    let sheet = sheets::lock(tx, id).await.map_err(|_| Problem::not_found(say!("考核结果", "result")))?;
    let cycle = cycles::get(tx, sheet.cycle, Lock::Share).await?;
    if cycle.state()? != State::Published {
        return Err(Problem::wrong_state(say!(
            "只有已发布的结果才能更正；请重新打开考核周期",
            "only a published result is corrected; reopen the cycle instead"
        )));
    }
    rows::lock_history(tx, clock).await?;
    let pieces = [if cycle.scheme()?.is_company_wide() { closing::WHOLE.to_owned() } else { sheet.unit.clone() }];
    let closed_at = rows::closed_at(tx, cycle.id, &sheet.number).await?;
    let published = closing::load(tx, &cycle, &pieces, closed_at).await?;
    let unit = published.units.iter().find(|u| u.code == sheet.unit).cloned();
    let unit = unit.filter(|u| u.announced).ok_or_else(|| {
        Problem::wrong_state(say!(
            "该部门的结果正在发布，请稍候再试",
            "the unit's results are just being published; try again in a moment"
        ))
    })?;
    let sheet = rows::with_corrections(tx, sheet).await?;
    let entries = bulk::of_person(&sheet.number, correction.ratings)?;
    let corrected = entering::correct(&cycle, viewer, sheet, entries)?;
    let now = tx.now;
    let found = compute_again(tx, &cycle, published, &corrected, now).await?;
    let version = rows::versions(tx, id).await?.first().map_or(1, |r| r.version) + 1;
    let making = Making { version, by: &viewer.name, at: tx.now, reason: Some(&correction.reason) };
    rows::insert(tx, cycle.id, &making, &[(&corrected, &found)]).await?;
    rows::insert_correction(tx, &corrected, version).await?;
    tx.audit(
        "results.corrected",
        &id.to_string(),
        json!({ "number": corrected.number, "version": version, "reason": correction.reason }),
    )
    .await?;
    tell(tx, &cycle, unit, &corrected, &found, version, correction.reason.clone()).await?;
    let versions = rows::versions(tx, id).await?;
    versions.into_iter().next().ok_or_else(|| Problem::internal("a correction vanished"))
}

async fn compute_again(
    tx: &mut Tx,
    cycle: &Cycle,
    published: Piece,
    corrected: &Sheet,
    now: Timestamp,
) -> Result<PersonFound> {
    let numbers: Vec<String> = published.people.iter().map(|person| person.number.clone()).collect();
    let history = rows::history(tx, cycle, &numbers, now).await?;
    let (scheme, frozen, corrected) = (cycle.scheme()?, cycle.clone(), corrected.clone());
    let computing = tokio::task::spawn_blocking(move || {
        let ranked = compute_ranked(&scheme, &frozen, &published, std::slice::from_ref(&corrected.number))?;
        let (_, cut_offs) = ranked.map_err(|_| Problem::internal("what was published cannot be computed again"))?;
        let piece = Piece { history, ..published };
        place(&scheme, &frozen, piece, corrected, &cut_offs)
    });
    computing.await.map_err(Problem::internal)??.map_err(|refusal| {
        let refused = |fault: Fault| {
            let (pointer, detail) = (fault.pointer, fault.detail);
            FieldError::new("/ratings", say!("{pointer}：{detail}", "{pointer}: {detail}"; detail))
        };
        Problem::invalid(refusal.faults.into_iter().map(refused).collect())
    })
}

/// A corrected person's result among the others as they were published, by the cut-offs of their ranking.
pub fn place(
    scheme: &Scheme,
    cycle: &Cycle,
    mut piece: Piece,
    corrected: Sheet,
    cut_offs: &CutOffsOf,
) -> Result<std::result::Result<PersonFound, Refusal>> {
    let number = corrected.number.clone();
    for person in piece.people.iter_mut().filter(|person| person.number == number) {
        *person = corrected.clone();
    }
    let unranked = CutOffs::new();
    compute_placed(scheme, cycle, &piece, &number, cut_offs.get(&number).unwrap_or(&unranked))
}

async fn tell(
    tx: &mut Tx,
    cycle: &Cycle,
    unit: Unit,
    sheet: &Sheet,
    found: &PersonFound,
    version: i64,
    reason: String,
) -> Result<()> {
    let carried = rows::unit_carried(tx, cycle.id, &unit.code).await?;
    let result = PublishedResult {
        number: sheet.number.as_str().into(),
        name: sheet.name.clone(),
        category: sheet.category.clone(),
        version,
        excluded: found.excluded.clone(),
        score: found.score.map(|s| s.normalize().to_string()),
        grade: found.grade.clone(),
        coefficient: found.coefficient.map(|c| c.normalize().to_string()),
        outcomes: found.outcomes.clone(),
        interview: found.interview.clone(),
        carried: found.carried.clone(),
    };
    tx.emit(&Event::ResultsCorrected(ResultsPublished {
        cycle: cycle.id,
        period: cycle.period.clone(),
        company_carried: serde_json::from_value(cycle.company_carried.clone())?,
        unit: ResultUnit { code: unit.code.into(), name: unit.name, category: unit.category, carried },
        results: vec![result],
        reason: Some(reason),
    }))
    .await
}
