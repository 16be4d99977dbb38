use diesel::dsl::not;
use diesel::query_dsl::methods::FilterDsl;
use diesel::sql_types::{BigInt, Date, Text};
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

/// People with open tasks of cycles that go on, due by a day, who have had no digest today.
pub async fn to_remind(tx: &mut Tx, today: civil::Date, until: civil::Date, most: i64) -> Result<Vec<String>> {
    Ok(tx
        .sql(
            "select distinct w.assignee from work_items w
             join employees e on e.company_id = $1 and e.number = w.assignee and (e.left_on is null or e.left_on >= $2)
             where w.company_id = $1 and not w.done and w.due <= $3
               and not exists (select from cycles c where c.company_id = $1 and c.cycle = w.cycle and c.cancelled)
               and not exists (select from mails m where m.company_id = $1
                               and m.dedupe_key = 'digest/' || w.assignee || '/' || to_char($2, 'YYYY-MM-DD'))
             order by w.assignee limit $4",
        )
        .bind::<Date, _>(today.to_diesel())
        .bind::<Date, _>(until.to_diesel())
        .bind::<BigInt, _>(most)
        .columns::<Text>()
        .load(tx.conn())
        .await?)
}
