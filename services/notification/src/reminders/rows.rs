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

/// After how many working days superiors are told of what is overdue; none: never.
pub async fn escalate_after(tx: &mut Tx) -> Result<Option<i32>> {
    let found = reminders::table.find(tx.company).select(reminders::escalate_after);
    Ok(found.first(tx.conn()).await.optional()?.flatten())
}

/// Says after how many.
pub async fn escalate(tx: &mut Tx, days: Option<i32>) -> Result<()> {
    diesel::insert_into(reminders::table)
        .values((reminders::company_id.eq(tx.company), reminders::escalate_after.eq(days)))
        .on_conflict(reminders::company_id)
        .do_update()
        .set(reminders::escalate_after.eq(days))
        .cached()
        .execute(tx.conn())
        .await?;
    look_again(tx).await
}
