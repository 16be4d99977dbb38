use diesel::sql_types::{Array, BigInt, Date, Nullable, Uuid as SqlUuid};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::RunQueryDsl;
use jiff::civil;
use platform::sql::{Cached, ToDiesel};
use platform::{Result, Tx};
use uuid::Uuid;

use crate::schema::{news, reminders};

/// Notes that a company's open tasks or people have changed since they were last looked at. It waits for nobody.
pub async fn look_again(tx: &mut Tx) -> Result<()> {
    diesel::insert_into(reminders::table)
        .values(reminders::company_id.eq(tx.company))
        .on_conflict_do_nothing()
        .cached()
        .execute(tx.conn())
        .await?;
    diesel::insert_into(news::table).values(news::company_id.eq(tx.company)).cached().execute(tx.conn()).await?;
    Ok(())
}

/// A company whose tasks have to be looked at.
pub struct Stale {
    pub company: Uuid,
    /// The news of it that are there already.
    pub news: Vec<i64>,
}

/// Takes a company whose tasks have to be looked at today, until the transaction ends.
pub async fn claim(tx: &mut Tx, today: civil::Date) -> Result<Option<Stale>> {
    let found: Vec<(Uuid, Vec<i64>)> = tx
        .sql_of_all(
            "select r.company_id, array(select n.id from news n where n.company_id = r.company_id) from reminders r
             where r.looked_on is distinct from $1 or exists (select from news n where n.company_id = r.company_id)
             limit 1 for update of r skip locked",
        )
        .bind::<Nullable<Date>, _>(Some(today.to_diesel()))
        .columns::<(SqlUuid, Array<BigInt>)>()
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next().map(|(company, news)| Stale { company, news }))
}

/// Notes that a company's tasks were looked at, with these news of them.
pub async fn looked(tx: &mut Tx, today: civil::Date, news: &[i64]) -> Result<()> {
    diesel::update(reminders::table.find(tx.company))
        .set(reminders::looked_on.eq(today.to_diesel()))
        .cached()
        .execute(tx.conn())
        .await?;
    tx.sql("delete from news where company_id = $1 and id = any($2)")
        .bind::<Array<BigInt>, _>(news)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// After how many working days superiors are told of what is overdue (none: never), and after how many days people are told
/// again of what has no day.
pub async fn settings(tx: &mut Tx) -> Result<(Option<i32>, i32)> {
    let found = reminders::table.find(tx.company).select((reminders::escalate_after, reminders::undated_every));
    Ok(found.first(tx.conn()).await.optional()?.unwrap_or((None, UNDATED_EVERY)))
}

/// Says so.
pub async fn set(tx: &mut Tx, escalate_after: Option<i32>, undated_every: i32) -> Result<()> {
    let wanted = (reminders::escalate_after.eq(escalate_after), reminders::undated_every.eq(undated_every));
    diesel::insert_into(reminders::table)
        .values((reminders::company_id.eq(tx.company), wanted))
        .on_conflict(reminders::company_id)
        .do_update()
        .set(wanted)
        .cached()
        .execute(tx.conn())
        .await?;
    look_again(tx).await
}

/// A week, unless a company says otherwise.
pub const UNDATED_EVERY: i32 = 7;
