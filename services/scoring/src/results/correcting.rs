//! Corrections: the only way in which a published result changes.

use domain::events::{Event, PublishedResult, ResultUnit, ResultsPublished};
use platform::{Problem, Result, Tx};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::closing;
use super::rows::{self, Making, ResultRow};
use crate::cycles::rows::{self as cycles, Cycle, Lock, Unit};
use crate::cycles::rules::State;
use crate::engine::computing::{Detail, PersonFound, Piece, compute};
use crate::sheets::bulk::{self, Rating};
use crate::sheets::entering;
use crate::sheets::rows::{self as sheets, Sheet};
use crate::sheets::rules::Who;

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
/// stores it beside the versions before. Nobody else's result changes.
pub async fn correct(tx: &mut Tx, who: &Who, id: Uuid, correction: NewCorrection) -> Result<ResultRow> {
    let company = tx.company;
    let sheet = sheets::lock(tx.conn(), company, id).await.map_err(|_| Problem::not_found("result"))?;
    let cycle = cycles::get(tx.conn(), company, sheet.cycle, Lock::Share).await?;
    if cycle.state()? != State::Published {
        return Err(Problem::wrong_state("only a published result is corrected; reopen the cycle instead"));
    }
    let pieces = [if cycle.scheme()?.is_company_wide() { closing::WHOLE.to_owned() } else { sheet.unit.clone() }];
    let now = tx.now;
    let mut piece = closing::load(tx.conn(), company, &cycle, &pieces, now).await?;
    let unit = piece.units.iter().find(|u| u.code == sheet.unit).cloned();
    let unit = unit
        .filter(|u| u.announced)
        .ok_or_else(|| Problem::wrong_state("the unit's results are just being published; try again in a moment"))?;
    let sheet = rows::with_corrections(tx.conn(), company, sheet).await?;
    let entries = bulk::of_person(&sheet.number, correction.ratings)?;
    let corrected = entering::correct(&cycle, who, sheet, entries)?;
    for person in piece.people.iter_mut().filter(|p| p.number == corrected.number) {
        *person = corrected.clone();
    }
    let found = compute_again(&cycle, piece, corrected.number.clone()).await?;
    let version = rows::versions(tx.conn(), company, id).await?.first().map_or(1, |r| r.version) + 1;
    let making = Making { version, by: &who.name, at: tx.now, reason: Some(&correction.reason) };
    rows::insert(tx.conn(), company, cycle.id, &making, &[(&corrected, &found)]).await?;
    rows::insert_correction(tx.conn(), company, &corrected, version).await?;
    tx.audit(
        "results.corrected",
        &id.to_string(),
        json!({ "number": corrected.number, "version": version, "reason": correction.reason }),
    )
    .await?;
    tell(tx, &cycle, unit, &corrected, &found, version, correction.reason.clone()).await?;
    let versions = rows::versions(tx.conn(), company, id).await?;
    versions.into_iter().next().ok_or_else(|| Problem::internal("a correction vanished"))
}

async fn compute_again(cycle: &Cycle, piece: Piece, number: String) -> Result<PersonFound> {
    let (scheme, frozen) = (cycle.scheme()?, cycle.clone());
    let computing = tokio::task::spawn_blocking(move || compute(&scheme, &frozen, &piece, Detail::Explained));
    match computing.await.map_err(Problem::internal)?? {
        Ok(found) => found
            .people
            .into_iter()
            .find(|f| f.number == number)
            .ok_or_else(|| Problem::internal("the corrected person has no result")),
        Err(refusal) => Err(Problem::invalid(
            refusal
                .faults
                .into_iter()
                .map(|f| platform::FieldError::new("/ratings", format!("{}: {}", f.pointer, f.detail)))
                .collect(),
        )),
    }
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
    let company = tx.company;
    let carried = rows::unit_carried(tx.conn(), company, cycle.id, &unit.code).await?;
    let result = PublishedResult {
        number: sheet.number.clone(),
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
        unit: ResultUnit { code: unit.code, name: unit.name, category: unit.category, carried },
        results: vec![result],
        reason: Some(reason),
    }))
    .await
}
