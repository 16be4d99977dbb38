use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Date as SqlDate};
use diesel_async::RunQueryDsl;
use events::WorkingCalendarChanged;
use jiff::civil::Date;
use platform::sql::{self, ToDiesel};
use platform::{Result, Tx};

#[derive(QueryableByName)]
struct CalendarRow {
    #[diesel(sql_type = Array<SqlDate>)]
    non_working_days: Vec<sql::Date>,
    #[diesel(sql_type = Array<SqlDate>)]
    working_days: Vec<sql::Date>,
    #[diesel(sql_type = BigInt)]
    version: i64,
}

fn to_jiff(days: Vec<sql::Date>) -> Vec<Date> {
    days.into_iter().map(sql::Date::to_jiff).collect()
}

/// The calendar; one that was never written has version 0.
pub async fn load(tx: &mut Tx) -> Result<WorkingCalendarChanged> {
    let found: Vec<CalendarRow> = tx
        .sql("select non_working_days, working_days, version from working_calendars where company_id = $1")
        .load(tx.conn())
        .await?;
    let row = found.into_iter().next();
    let row = row.unwrap_or(CalendarRow { non_working_days: Vec::new(), working_days: Vec::new(), version: 0 });
    Ok(WorkingCalendarChanged {
        non_working_days: to_jiff(row.non_working_days),
        working_days: to_jiff(row.working_days),
        version: row.version,
    })
}

pub async fn save(tx: &mut Tx, calendar: &WorkingCalendarChanged) -> Result<()> {
    let to_diesel = |days: &[Date]| days.iter().map(|day| day.to_diesel()).collect::<Vec<_>>();
    tx.sql(
        "insert into working_calendars (company_id, non_working_days, working_days, version) values ($1, $2, $3, $4)
         on conflict (company_id) do update set non_working_days = excluded.non_working_days,
             working_days = excluded.working_days, version = excluded.version",
    )
    .bind::<Array<SqlDate>, _>(to_diesel(&calendar.non_working_days))
    .bind::<Array<SqlDate>, _>(to_diesel(&calendar.working_days))
    .bind::<BigInt, _>(calendar.version)
    .execute(tx.conn())
    .await?;
    Ok(())
}
