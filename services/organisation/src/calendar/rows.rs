use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use events::WorkingCalendarChanged;
use jiff::civil::Date;
use platform::sql::{self, Cached, ToDiesel};
use platform::{Result, Tx};
use uuid::Uuid;

use crate::schema::working_calendars;

#[derive(AsChangeset, Insertable, Queryable, Selectable)]
#[diesel(table_name = working_calendars, primary_key(company_id), check_for_backend(Pg))]
struct CalendarRow {
    company_id: Uuid,
    non_working_days: Vec<sql::Date>,
    working_days: Vec<sql::Date>,
    version: i64,
}

/// The calendar; one that was never written has version 0.
pub async fn load(tx: &mut Tx) -> Result<WorkingCalendarChanged> {
    let calendar = working_calendars::table.find(tx.company).select(CalendarRow::as_select());
    let found = calendar.first(tx.conn()).await.optional()?;
    let to_jiff = |days: Vec<sql::Date>| days.into_iter().map(sql::Date::to_jiff).collect();
    Ok(match found {
        Some(row) => WorkingCalendarChanged {
            non_working_days: to_jiff(row.non_working_days),
            working_days: to_jiff(row.working_days),
            version: row.version,
        },
        None => WorkingCalendarChanged { non_working_days: Vec::new(), working_days: Vec::new(), version: 0 },
    })
}

pub async fn save(tx: &mut Tx, calendar: &WorkingCalendarChanged) -> Result<()> {
    let to_diesel = |days: &[Date]| days.iter().map(|day| day.to_diesel()).collect();
    let row = CalendarRow {
        company_id: tx.company,
        non_working_days: to_diesel(&calendar.non_working_days),
        working_days: to_diesel(&calendar.working_days),
        version: calendar.version,
    };
    diesel::insert_into(working_calendars::table)
        .values(&row)
        .on_conflict(working_calendars::company_id)
        .do_update()
        .set(&row)
        .cached()
        .execute(tx.conn())
        .await?;
    Ok(())
}
