//! The job that looks for what was not done in time: a missed day goes up a level, and what was not carried on ends.

use platform::clock::date_of;
use platform::service::Platform;
use platform::sql::Lock;
use platform::{Problem, Result, Task, Tx};
use serde_json::json;
use steps::steps::{StepState, rows as step_rows};
use uuid::Uuid;

use super::opening;
use super::telling::{self, Why};
use crate::appeals::{Appeal, Case, rows};

const AT_ONCE: i64 = 50;

/// Takes some of what is overdue; true when there may be more.
pub fn run(platform: Platform) -> Task<'static, Result<bool>> {
    Box::pin(async move {
        let mut tx = platform.store.begin_across_companies(platform.clock.now()).await?;
        let today = date_of(tx.now);
        let lapsed = rows::lapse(&mut tx, today).await?;
        let overdue = step_rows::overdue(&mut tx, today, AT_ONCE).await?;
        let found = lapsed > 0 || !overdue.is_empty();
        for (company, step, about) in overdue {
            tx.enter(company).await?;
            missed(&mut tx, step, &about).await?;
        }
        if found {
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        Ok(found)
    })
}

async fn missed(tx: &mut Tx, step: Uuid, about: &str) -> Result<()> {
    let rated_again = Appeal::of_reassessment(about);
    let id = rated_again.or_else(|| Appeal::of_step(about));
    let id: Uuid = id.ok_or_else(|| Problem::internal("a step is about no appeal"))?;
    let case = Case::get(tx, id, Lock::Update).await?;
    tx.audit("appeals.overdue", &id.to_string(), json!({ "level": case.appeal.level })).await?;
    if rated_again.is_some() || case.is_at_last_level() {
        step_rows::tell_overdue(tx, step).await?;
        return telling::overdue(tx, &case, step).await;
    }
    step_rows::end(tx, step, StepState::Missed, date_of(tx.now)).await?;
    telling::tasks(tx, &case, step).await?;
    opening::go_up(tx, &case, Why::Overdue).await
}
