//! Who computes a cycle and who publishes it has a task as soon as nobody else is waited for.

use basics::Label;
use diesel::sql_types::{Bool, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::scheme::source::Does;
use platform::sql::Lock;
use platform::{Result, Tx};
use uuid::Uuid;

use super::rows as runs;
use crate::approvals::approval::DecidingStage;
use crate::approvals::rows as approvals;
use crate::approvals::rules::Board;
use crate::cycles::cycle::{Cycle, State};
use crate::cycles::rows as cycles;
use crate::tasks::telling::{TaskOfCycle, keep_of_cycle};

/// Something that is done with a whole cycle.
struct Whole {
    key: &'static str,
    does: Does,
    label: (&'static str, &'static str),
    holder: &'static str,
}

const CLOSE: Whole =
    Whole { key: "close", does: Does::Close, label: ("结算", "Compute the results"), holder: "role:hr" };

const PUBLISH: Whole =
    Whole {
        key: "publish", does: Does::Publish, label: ("公布结果", "Publish the results"), holder: "role:executive"
    };

/// Brings both tasks of a cycle up to date, and tells those that changed.
pub async fn follow(tx: &mut Tx, id: Uuid) -> Result<()> {
    let cycle = cycles::get(tx, id, Lock::None).await?;
    let known = known(tx, id).await?;
    let computes = cycle.state == State::Open && !is_anything_waited_for(tx, id).await?;
    let publishes = cycle.state == State::Computed && is_approved(tx, &cycle).await?;
    for (whole, wanted) in [(CLOSE, computes), (PUBLISH, publishes)] {
        let stands = known.iter().find(|(key, _)| key == whole.key).map(|(_, done)| !done);
        if wanted != stands.unwrap_or_default() {
            keep(tx, &cycle, &whole, !wanted).await?;
        }
    }
    Ok(())
}

/// Which of both tasks there are, and whether they are done.
async fn known(tx: &mut Tx, cycle: Uuid) -> Result<Vec<(String, bool)>> {
    Ok(tx
        .sql("select key, done from tasks where company_id = $1 and cycle = $2 and key in ('close', 'publish')")
        .bind::<SqlUuid, _>(cycle)
        .columns::<(Text, Bool)>()
        .load(tx.conn())
        .await?)
}

/// Somebody has to hand in a form, or sheets are still to come.
async fn is_anything_waited_for(tx: &mut Tx, cycle: Uuid) -> Result<bool> {
    Ok(tx
        .sql(
            "select exists (select from assignments a where a.company_id = $1 and a.cycle = $2 and a.state = 'open'
                     and (not a.optional or a.named_by is not null))
                 or not exists (select from sheets t where t.company_id = $1 and t.cycle = $2 and t.counts)",
        )
        .bind::<SqlUuid, _>(cycle)
        .columns::<Bool>()
        .get_result(tx.conn())
        .await?)
}

async fn is_approved(tx: &mut Tx, cycle: &Cycle) -> Result<bool> {
    let stages = DecidingStage::of(cycle)?;
    if stages.is_empty() {
        return Ok(true);
    }
    let run = runs::last(tx, cycle.id).await?;
    let (units, asked) = (approvals::units(tx, cycle.id).await?, approvals::of_run(tx, cycle.id, run).await?);
    Ok(Board::of(&stages, &units, &asked).lacking().is_empty())
}

async fn keep(tx: &mut Tx, cycle: &Cycle, whole: &Whole, done: bool) -> Result<()> {
    let stage = cycle.stages_where(|stage| stage.does == whole.does)?.into_iter().next();
    let (zh, en) = whole.label;
    let task = match stage {
        Some((stage, due)) => TaskOfCycle { stage: stage.code, label: stage.label, due, ..TaskOfCycle::default() },
        None => TaskOfCycle { stage: whole.key.to_owned(), label: Label::new(zh, en), ..TaskOfCycle::default() },
    };
    keep_of_cycle(tx, cycle, TaskOfCycle { key: whole.key, holder: whole.holder, done, ..task }).await
}
