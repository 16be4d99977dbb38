//! What events tell of cycles, kept.

use domain::period::Period;
use domain::scheme::{AppealTerms, Scheme};
use events::{CycleOpened, ResultsPublished};
use jiff::civil::Date;
use platform::aside::in_turn;
use platform::clock::date_of;
use platform::{Problem, Result, Tx};
use serde_json::{Value, json};

use super::rows;

/// Keeps a cycle with its scheme's terms of appeal.
pub async fn open(tx: &mut Tx, opened: &CycleOpened) -> Result<()> {
    let (source, cadence) = (opened.scheme_source.clone(), opened.cadence.clone());
    let period: Option<Period> = opened.period.parse().ok();
    let (label, terms, told): (_, Option<AppealTerms>, bool) = in_turn(move || {
        let scheme = Scheme::in_use(&source).map_err(|problems| Problem::internal(format!("{problems:?}")))?;
        let here = |part: Option<i8>| part.is_none_or(|own| period.as_ref().is_some_and(|period| period.part() == own));
        let told =
            scheme.stages(&cadence).into_iter().any(|stage| stage.known && !stage.reasons_only && here(stage.part));
        Ok((scheme.label().clone(), scheme.appeal_terms().cloned(), told))
    })
    .await?;
    let terms = terms.map(serde_json::to_value).transpose()?;
    rows::keep(tx, opened, &label, terms, told).await
}

/// Keeps versions of results, of people and of their unit.
pub async fn keep_results(tx: &mut Tx, told: &ResultsPublished) -> Result<()> {
    let known_on: Date = told.known_on.unwrap_or_else(|| date_of(tx.now));
    let of_unit = told.unit.result.iter().map(|result| {
        json!({ "kind": "unit", "subject": told.unit.code, "version": result.version, "excluded": null,
            "score": result.score, "grade": result.grade, "involved": result.involved })
    });
    let of_people = told.results.iter().map(|result| {
        json!({ "kind": "person", "subject": result.number, "version": result.version, "excluded": result.excluded,
            "score": result.score, "grade": result.grade, "involved": result.involved })
    });
    let results: Value = of_people.chain(of_unit).collect();
    rows::keep_results(tx, told.cycle, known_on, &results).await
}
