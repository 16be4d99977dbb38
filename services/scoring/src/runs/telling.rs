//! Who computes a cycle and who publishes it has a task as soon as nobody else is waited for.

use basics::Label;
use diesel::sql_types::{BigInt, Bool, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::scheme::source::Does;
use platform::sql::Lock;
use platform::{Result, Tx};
use uuid::Uuid;

use crate::cycles::cycle::{Cycle, State};
use crate::cycles::rows as cycles;
use crate::results::{published, waiting};
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
    let (mut state, mut waited_for, mut closing, mut publishing) = stands(tx, id).await?;
    // Of the last who hand in or sign together each might still see the other's form or step: one after the other looks again.
    if (1..=FEW).contains(&waited_for) || state == State::Computed {
        tx.sql("select pg_advisory_xact_lock(hashtextextended('tasks of ' || $1::text || $2::text, 0))")
            .bind::<SqlUuid, _>(id)
            .execute(tx.conn())
            .await?;
        (state, waited_for, closing, publishing) = stands(tx, id).await?;
    }
    let is_waited_for = waited_for > 0;
    let late = state == State::Published && published::late(tx, id).await? > 0;
    let computes = (state == State::Open || late) && !is_waited_for;
    let mut publishes = state == State::Computed;
    if !publishes && (computes, false) == (closing, publishing) {
        return Ok(());
    }
    let cycle = cycles::get(tx, id, Lock::None).await?;
    publishes = publishes && waiting::is_over(tx, &cycle).await?;
    for (whole, wanted, stands) in [(CLOSE, computes, closing), (PUBLISH, publishes, publishing)] {
        if wanted != stands {
            keep(tx, &cycle, &whole, !wanted).await?;
        }
    }
    Ok(())
}

/// So few forms may be the last.
const FEW: i64 = 20;
/// From here on nothing is counted any more.
const MANY: i64 = FEW + 1;

/// The state of a cycle, how many forms of it are waited for (some, or all sheets as one), and which of both tasks are open.
async fn stands(tx: &mut Tx, cycle: Uuid) -> Result<(State, i64, bool, bool)> {
    Ok(tx
        .sql(
            "select c.state,
                 (select count(*) from (select from assignments a
                     join subjects s on s.company_id = $1 and s.cycle = $2 and s.kind = a.kind and s.subject = a.subject
                         and s.standing = 'in' and s.left_out_why is null
                     where a.company_id = $1 and a.cycle = $2 and a.state = 'open' and (not a.optional or a.named_by is not null)
                     limit $3) waited)
                 + case when exists (select from sheets t where t.company_id = $1 and t.cycle = $2 and t.counts) then 0 else $3 end,
                 exists (select from tasks k where k.company_id = $1 and k.cycle = $2 and k.key = 'close' and not k.done),
                 exists (select from tasks k where k.company_id = $1 and k.cycle = $2 and k.key = 'publish' and not k.done)
             from cycles c where c.company_id = $1 and c.id = $2",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<BigInt, _>(MANY)
        .columns::<(Text, BigInt, Bool, Bool)>()
        .get_result(tx.conn())
        .await?)
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
