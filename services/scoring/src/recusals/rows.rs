use std::collections::{BTreeMap, BTreeSet};

use diesel::sql_types::{Array, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::Subject;
use platform::sql::ToDiesel;
use platform::{Problem, Result, Tx, say};
use uuid::Uuid;

use super::recusal::{NewRecusal, Recusal};
use crate::subjects::subject::Kind;

/// Who may not rate whom in a cycle.
pub async fn pairs(tx: &mut Tx, cycle: Uuid) -> Result<BTreeSet<(Kind, String, String)>> {
    let pairs: Vec<(Kind, String, String)> = tx
        .sql("select kind, subject, rater from recusals where company_id = $1 and cycle = $2")
        .bind::<SqlUuid, _>(cycle)
        .columns::<(Text, Text, Text)>()
        .load(tx.conn())
        .await?;
    Ok(pairs.into_iter().collect())
}

/// Who may not rate whom, by cycle.
pub async fn pairs_of(
    tx: &mut Tx,
    cycles: &BTreeSet<Uuid>,
) -> Result<BTreeMap<Uuid, BTreeSet<(Kind, String, String)>>> {
    let pairs: Vec<(Uuid, Kind, String, String)> = tx
        .sql("select cycle, kind, subject, rater from recusals where company_id = $1 and cycle = any($2)")
        .bind::<Array<SqlUuid>, _>(cycles.iter().copied().collect::<Vec<_>>())
        .columns::<(SqlUuid, Text, Text, Text)>()
        .load(tx.conn())
        .await?;
    let mut by_cycle: BTreeMap<Uuid, BTreeSet<(Kind, String, String)>> = BTreeMap::new();
    for (cycle, kind, subject, rater) in pairs {
        by_cycle.entry(cycle).or_default().insert((kind, subject, rater));
    }
    Ok(by_cycle)
}

pub async fn insert(tx: &mut Tx, cycle: Uuid, recusal: &NewRecusal) -> Result<()> {
    let (now, by) = (tx.now, tx.actor.name.clone());
    tx.sql(
        "insert into recusals (company_id, cycle, kind, subject, rater, reason, recorded_by, recorded_at)
         values ($1, $2, 'person', $3, $4, $5, $6, $7)
         on conflict (company_id, cycle, kind, subject, rater) do update set reason = excluded.reason",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(&recusal.number)
    .bind::<Text, _>(&recusal.rater)
    .bind::<Text, _>(&recusal.reason)
    .bind::<Text, _>(by)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps some from rating a subject once more: what they gave was annulled.
pub async fn bar(tx: &mut Tx, cycle: Uuid, subject: &Subject, raters: &[String], reason: &str) -> Result<()> {
    let (now, by) = (tx.now, tx.actor.name.clone());
    tx.sql(
        "insert into recusals (company_id, cycle, kind, subject, rater, reason, recorded_by, recorded_at)
         select $1, $2, $3, $4, n.rater, $6, $7, $8 from unnest($5::text[]) n(rater)
         on conflict (company_id, cycle, kind, subject, rater) do nothing",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(subject.kind.code())
    .bind::<Text, _>(&subject.id)
    .bind::<Array<Text>, _>(raters)
    .bind::<Text, _>(reason)
    .bind::<Text, _>(by)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes a recusal back; what it said.
pub async fn delete(tx: &mut Tx, cycle: Uuid, number: &str, rater: &str) -> Result<Recusal> {
    let gone: Vec<Recusal> = tx
        .sql(
            "delete from recusals where company_id = $1 and cycle = $2 and kind = 'person' and subject = $3 and rater = $4
             returning subject as number, rater, reason, recorded_by",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(number)
        .bind::<Text, _>(rater)
        .load(tx.conn())
        .await?;
    gone.into_iter().next().ok_or_else(|| Problem::not_found(say!("回避记录", "recusal")))
}

pub async fn list(tx: &mut Tx, cycle: Uuid) -> Result<Vec<Recusal>> {
    Ok(tx
        .sql(
            "select subject as number, rater, reason, recorded_by from recusals
             where company_id = $1 and cycle = $2 order by subject, rater",
        )
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?)
}
