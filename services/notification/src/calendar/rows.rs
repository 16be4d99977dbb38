use basics::workdays::WorkingCalendar;
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Date as SqlDate};
use diesel_async::RunQueryDsl;
use events::WorkingCalendarChanged;
use jiff::civil::Date;
use platform::sql::{self, ToDiesel};
use platform::{Result, Tx};

pub async fn keep(tx: &mut Tx, calendar: &WorkingCalendarChanged) -> Result<()> {
    let days = |days: &[Date]| days.iter().map(|day| day.to_diesel()).collect::<Vec<_>>();
    tx.sql(
        "insert into working_calendars as t (company_id, non_working_days, working_days, version) values ($1, $2, $3, $4)
         on conflict (company_id) do update set non_working_days = excluded.non_working_days,
             working_days = excluded.working_days, version = excluded.version
         where excluded.version > t.version",
    )
    .bind::<Array<SqlDate>, _>(days(&calendar.non_working_days))
    .bind::<Array<SqlDate>, _>(days(&calendar.working_days))
    .bind::<BigInt, _>(calendar.version)
    .execute(tx.conn())
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Array<SqlDate>)]
    non_working_days: Vec<sql::Date>,
    #[diesel(sql_type = Array<SqlDate>)]
    working_days: Vec<sql::Date>,
}

/// The company's working calendar; plain weekdays while it has none.
pub async fn find(tx: &mut Tx) -> Result<WorkingCalendar> {
    let found: Vec<Row> = tx
        .sql("select non_working_days, working_days from working_calendars where company_id = $1")
        .load(tx.conn())
        .await?;
    let days = |days: Vec<sql::Date>| days.into_iter().map(sql::Date::to_jiff).collect();
    Ok(found.into_iter().next().map_or_else(WorkingCalendar::default, |row| WorkingCalendar {
        non_working: days(row.non_working_days),
        working: days(row.working_days),
    }))
}
