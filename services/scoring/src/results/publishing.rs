//! Publication of whatever is computed and not yet published.

use diesel::sql_types::{BigInt, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::sql::{Lock, ToDiesel};
use platform::{Clock, Problem, Result, Tx, say};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::waiting;
use crate::cycles::cycle::{Cycle, State};
use crate::cycles::rows as cycles;
use crate::history::rows as history;
use crate::runs::{rows as runs, telling};

/// A cycle some of whose results are published now.
#[derive(Serialize, ToSchema)]
pub struct Publication {
    pub cycle: Uuid,
    pub period: String,
    pub state: State,
    /// 1, and one more for those who were late.
    pub publication: i32,
    /// People with a result in it.
    pub results: i64,
    /// RFC 3339.
    pub published_at: String,
}

/// Publishes what is computed; the publication, and the cycle's version.
pub async fn publish(tx: &mut Tx, clock: &Clock, id: Uuid) -> Result<(Publication, i64)> {
    let cycle = cycles::get(tx, id, Lock::Update).await?;
    let state = cycle.state.publish()?;
    check_figures(tx, &cycle).await?;
    waiting::check(tx, &cycle).await?;
    history::lock(tx, clock).await?;
    let (now, by) = (tx.now, tx.actor.name.clone());
    let (no, version) = cycles::publish(tx, id).await?;
    let results: i64 = tx
        .sql(
            "with marked as (
                 update results set publication = $3 where company_id = $1 and cycle = $2 and publication is null returning kind, unit),
             units as (
                 insert into announcements (company_id, cycle, publication, unit) select distinct $1, $2, $3, unit from marked returning unit)
             select count(*) from marked where kind = 'person'",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<Integer, _>(no)
        .columns::<BigInt>()
        .get_result(tx.conn())
        .await?;
    tx.sql(
        "insert into publications (company_id, cycle, no, made_by, made_at, results) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Integer, _>(no)
    .bind::<Text, _>(by)
    .bind::<Timestamptz, _>(now.to_diesel())
    .bind::<BigInt, _>(results)
    .execute(tx.conn())
    .await?;
    let detail = json!({ "period": cycle.period, "publication": no, "results": results });
    tx.audit("results.published", &id.to_string(), detail).await?;
    telling::follow(tx, id).await?;
    let published_at = now.to_string();
    Ok((Publication { cycle: id, period: cycle.period, state, publication: no, results, published_at }, version))
}

/// Pay stands on the figures of the company: every piece found the same, or nothing is published.
async fn check_figures(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    if cycle.publications > 0 {
        return Ok(());
    }
    let found = runs::carried(tx, cycle.id).await?;
    let whole = match found.as_slice() {
        [] => !cycle.scheme()?.carries_of_company(),
        found => found.iter().all(|found| *found == cycle.company_carried),
    };
    if whole {
        return Ok(());
    }
    Err(Problem::wrong_state(say!(
        "结果中缺少计算薪酬所需的公司数据：请重新结算后公布",
        "figures of the company that pay stands on are missing from the results; close the cycle again"
    )))
}
