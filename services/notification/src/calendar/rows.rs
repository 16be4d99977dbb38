use basics::workdays::WorkingCalendar;
use diesel::query_dsl::methods::FilterDsl;
use diesel::upsert::excluded;
use diesel::{AsChangeset, ExpressionMethods, Insertable, OptionalExtension, QueryDsl};
use diesel_async::RunQueryDsl;
use events::WorkingCalendarChanged;
use jiff::civil::Date;
use platform::sql::{self, Cached, ToDiesel};
use platform::{Result, Tx};
use uuid::Uuid;

use crate::schema::working_calendars;

#[derive(AsChangeset, Insertable)]
#[diesel(table_name = working_calendars, primary_key(company_id))]
struct Row {
    company_id: Uuid,
    non_working_days: Vec<sql::Date>,
    working_days: Vec<sql::Date>,
    version: i64,
}

/// Keeps a calendar, unless a newer one has been kept.
pub async fn keep(tx: &mut Tx, calendar: &WorkingCalendarChanged) -> Result<()> {
    let days = |days: &[Date]| days.iter().map(|day| day.to_diesel()).collect::<Vec<_>>();
    let row = Row {
        company_id: tx.company,
        non_working_days: days(&calendar.non_working_days),
        working_days: days(&calendar.working_days),
        version: calendar.version,
    };
    diesel::insert_into(working_calendars::table)
        .values(&row)
        .on_conflict(working_calendars::company_id)
        .do_update()
        .set(&row)
        .filter(working_calendars::version.lt(excluded(working_calendars::version)))
        .cached()
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The company's working calendar; plain weekdays while it has none.
pub async fn find(tx: &mut Tx) -> Result<WorkingCalendar> {
    let days = (working_calendars::non_working_days, working_calendars::working_days);
    let found = working_calendars::table.find(tx.company).select(days).first(tx.conn()).await.optional()?;
    let (non_working, working): (Vec<sql::Date>, Vec<sql::Date>) = found.unwrap_or_default();
    let days = |days: Vec<sql::Date>| days.into_iter().map(sql::Date::to_jiff).collect();
    Ok(WorkingCalendar { non_working: days(non_working), working: days(working) })
}
