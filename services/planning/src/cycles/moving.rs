//! Moving the days of a stage while its cycle runs: they remind, and who has work in it is told.

use events::{Event, Stage, StagesMoved};
use jiff::civil::Date;
use platform::web::Errors;
use platform::{Problem, Result, Tx, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::cycle::{Cycle, DatedBy, StageView};
use super::rows;
use crate::plans::rules::reason;
use crate::{approvals, tasks};

/// The days that a stage has from now on; one that is left out it has no more.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "opens": "2026-10-26", "due": "2026-10-30", "reason": "the holiday" }))]
pub struct StageMove {
    #[serde(default)]
    pub opens: Option<Date>,
    #[serde(default)]
    pub due: Option<Date>,
    /// Why, 1 to 4000 characters.
    pub reason: String,
}

/// Gives a stage other days; the stage as it is then.
pub async fn move_stage(tx: &mut Tx, cycle: &Cycle, code: &str, to: &StageMove) -> Result<StageView> {
    cycle.state.must_be_running()?;
    let why = reason(&to.reason)?;
    let mut errors = Errors::default();
    for (pointer, day) in [("/opens", to.opens), ("/due", to.due)] {
        if let Some(day) = day {
            errors.check_day(pointer, day);
        }
    }
    if to.opens.zip(to.due).is_some_and(|(opens, due)| due < opens) {
        errors.add("/due", say!("不能早于开始日", "not before it opens"));
    }
    errors.check()?;
    let stages = rows::stages(tx, cycle.id).await?;
    let known = stages.into_iter().find(|stage| stage.code == code);
    let known = known.ok_or_else(|| Problem::not_found(say!("考核阶段", "stage")))?;
    let moved = StageView {
        opens: to.opens,
        due: to.due,
        dated_by: DatedBy::Moved,
        moved_why: Some(why.to_owned()),
        ..known.clone()
    };
    rows::move_stage(tx, cycle.id, &moved).await?;
    tasks::rows::follow_days(tx, cycle.id, code).await?;
    approvals::follow_day(tx, cycle.id, code).await?;
    let stages = vec![Stage::from(&moved)];
    tx.emit(&Event::StagesMoved(StagesMoved { cycle: cycle.id, stages, reason: why.to_owned() })).await?;
    let told =
        json!({ "stage": code, "before": [known.opens, known.due], "after": [moved.opens, moved.due], "reason": why });
    tx.audit("stages.moved", &cycle.id.to_string(), told).await?;
    Ok(moved)
}
