use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::Subject;
use jiff::{SignedDuration, Timestamp};
use platform::{Clock, Result, Tx};
use uuid::Uuid;

use super::past::{Past, Published};
use crate::subjects::subject::{ids, kinds};

/// Other results under a scheme and some of its cadences, published or imported, as they stand.
pub async fn of_subjects(
    tx: &mut Tx,
    scheme: &str,
    cadences: &[String],
    but: Uuid,
    wanted: &[Subject],
) -> Result<Vec<Past>> {
    Ok(tx
        .sql(
            "select * from (
                 select distinct on (r.cycle, r.kind, r.subject) r.kind, r.subject, c.period, trim_scale(r.score)::text as score, r.grade,
                     null::text as inputs, false as imported, r.excluded, r.annulled_at
                 from cycles c join results r on r.company_id = $1 and r.cycle = c.id and r.publication is not null
                     and (r.kind, r.subject) in (select * from unnest($5::text[], $6::text[]))
                 where c.company_id = $1 and c.id <> $4 and c.scheme_code = $2 and c.cadence = any($3) and c.state <> 'cancelled'
                 order by r.cycle, r.kind, r.subject, r.version desc) p
             where p.excluded is null and p.annulled_at is null
             union all
             select i.kind, i.subject, i.period, trim_scale(i.score)::text, i.grade, null, true, null, null from imported_results i
             where i.company_id = $1 and i.scheme = $2 and i.cadence = any($3)
               and (i.kind, i.subject) in (select * from unnest($5::text[], $6::text[]))
             order by imported, period",
        )
        .bind::<Text, _>(scheme)
        .bind::<Array<Text>, _>(cadences)
        .bind::<SqlUuid, _>(but)
        .bind::<Array<Text>, _>(kinds(wanted))
        .bind::<Array<Text>, _>(ids(wanted))
        .load(tx.conn())
        .await?)
}

/// The results of one period under a scheme and cadence, published or imported, as they stand.
pub async fn of_period(
    tx: &mut Tx,
    scheme: &str,
    cadence: &str,
    period: &str,
    wanted: &[Subject],
) -> Result<Vec<Past>> {
    Ok(tx
        .sql(
            "select * from (
                 select distinct on (r.cycle, r.kind, r.subject) r.kind, r.subject, c.period, trim_scale(r.score)::text as score, r.grade,
                     r.inputs, false as imported, r.annulled_at
                 from cycles c join results r on r.company_id = $1 and r.cycle = c.id and r.publication is not null
                     and (r.kind, r.subject) in (select * from unnest($5::text[], $6::text[]))
                 where c.company_id = $1 and c.scheme_code = $2 and c.cadence = $3 and c.period = $4 and c.state <> 'cancelled'
                 order by r.cycle, r.kind, r.subject, r.version desc) p
             where p.annulled_at is null
             union all
             select i.kind, i.subject, i.period, trim_scale(i.score)::text, i.grade, null, true, null from imported_results i
             where i.company_id = $1 and i.scheme = $2 and i.cadence = $3 and i.period = $4
               and (i.kind, i.subject) in (select * from unnest($5::text[], $6::text[]))
             order by imported",
        )
        .bind::<Text, _>(scheme)
        .bind::<Text, _>(cadence)
        .bind::<Text, _>(period)
        .bind::<Array<Text>, _>(kinds(wanted))
        .bind::<Array<Text>, _>(ids(wanted))
        .load(tx.conn())
        .await?)
}

/// The published results of one period under a scheme, in any cadence or in one.
pub async fn published_of(
    tx: &mut Tx,
    scheme: &str,
    cadence: Option<&str>,
    period: &str,
    wanted: &[Subject],
) -> Result<Vec<Published>> {
    Ok(tx
        .sql(
            "select * from (select distinct on (r.kind, r.subject) r.kind, r.subject, r.id, r.version, trim_scale(r.score)::text as score, r.grade,
                 r.annulled_at
             from cycles c join results r on r.company_id = $1 and r.cycle = c.id and r.publication is not null
                 and (r.kind, r.subject) in (select * from unnest($5::text[], $6::text[]))
             where c.company_id = $1 and c.scheme_code = $2 and ($3::text is null or c.cadence = $3) and c.period = $4
               and c.state <> 'cancelled'
             order by r.kind, r.subject, c.id desc, r.version desc) p where p.annulled_at is null",
        )
        .bind::<Text, _>(scheme)
        .bind::<Nullable<Text>, _>(cadence)
        .bind::<Text, _>(period)
        .bind::<Array<Text>, _>(kinds(wanted))
        .bind::<Array<Text>, _>(ids(wanted))
        .load(tx.conn())
        .await?)
}

/// Lets nobody publish, correct or import results of the company until the transaction ends: whoever computes from
/// earlier results takes this first.
pub async fn keep(tx: &mut Tx) -> Result<()> {
    tx.sql("select pg_advisory_xact_lock_shared(hashtextextended('published results ' || $1::text, 0))")
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Waits for everybody who computes from the company's published results; to be taken before these change. The
/// transaction's time becomes the present, so that it comes after those who have gone by; where another replica's
/// clock is ahead, it becomes the moment right after the last of them.
pub async fn lock(tx: &mut Tx, clock: &Clock) -> Result<()> {
    tx.sql("select pg_advisory_xact_lock(hashtextextended('published results ' || $1::text, 0))")
        .execute(tx.conn())
        .await?;
    let latest: Option<platform::sql::Timestamp> = tx
        .sql(
            "select greatest((select max(made_at) from results where company_id = $1),
                 (select max(made_at) from publications where company_id = $1))",
        )
        .columns::<Nullable<Timestamptz>>()
        .get_result(tx.conn())
        .await?;
    let latest: Option<Timestamp> = latest.map(platform::sql::Timestamp::to_jiff);
    let now = clock.now();
    tx.now = latest.and_then(|latest| latest.checked_add(TICK).ok()).map_or(now, |after| after.max(now));
    Ok(())
}

/// The least that PostgreSQL tells moments apart by.
const TICK: SignedDuration = SignedDuration::from_micros(1);
