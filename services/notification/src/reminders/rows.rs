use diesel::dsl::not;
use diesel::query_dsl::methods::FilterDsl;
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, PgExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use jiff::civil;
use platform::sql::{Cached, ToDiesel};
use platform::{Result, Tx};
use uuid::Uuid;

use crate::schema::reminders;

/// Notes that a company's open tasks or people have changed since they were last looked at.
pub async fn look_again(tx: &mut Tx) -> Result<()> {
    diesel::insert_into(reminders::table)
        .values((reminders::company_id.eq(tx.company), reminders::stale.eq(true)))
        .on_conflict(reminders::company_id)
        .do_update()
        .set(reminders::stale.eq(true))
        .filter(not(reminders::stale))
        .cached()
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Takes a company whose tasks have to be looked at today, until the transaction ends.
pub async fn claim(tx: &mut Tx, today: civil::Date) -> Result<Option<Uuid>> {
    let due = reminders::stale.or(reminders::looked_on.is_distinct_from(today.to_diesel()));
    let company = QueryDsl::filter(reminders::table.select(reminders::company_id), due).for_update().skip_locked();
    Ok(company.first(tx.conn()).await.optional()?)
}

/// Notes that a company's tasks were looked at; `again` when not all were.
pub async fn looked(tx: &mut Tx, today: civil::Date, again: bool) -> Result<()> {
    diesel::update(reminders::table.find(tx.company))
        .set((reminders::looked_on.eq(today.to_diesel()), reminders::stale.eq(again)))
        .cached()
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
        .values((reminders::company_id.eq(tx.company), reminders::stale.eq(true), reminders::escalate_after.eq(days)))
        .on_conflict(reminders::company_id)
        .do_update()
        .set((reminders::stale.eq(true), reminders::escalate_after.eq(days)))
        .cached()
        .execute(tx.conn())
        .await?;
    Ok(())
}
