use diesel::sql_types::{Array, BigInt, Bool, Date as SqlDate, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::civil::Date;
use platform::sql::{self, ToDiesel};
use platform::{Result, Tx};
use uuid::Uuid;

use super::Task;

type Columns = (Text, Nullable<SqlDate>, Bool, BigInt);

/// Gives a step's task to these people and groups by a day, and takes it from all others; what changed.
pub async fn bring_up_to_date(tx: &mut Tx, step: Uuid, holders: &[String], due: Option<Date>) -> Result<Vec<Task>> {
    let changed: Vec<(String, Option<sql::Date>, bool, i64)> = tx
        .sql(
            "with put as (
                 insert into step_tasks as t (company_id, step, holder, due, done, version)
                 select $1, $2, n.holder, $4, false, 1 from (select distinct unnest($3::text[])) n(holder) order by n.holder
                 on conflict (company_id, step, holder) do update
                 set due = excluded.due, done = false, version = t.version + 1
                 where t.done or t.due is distinct from excluded.due
                 returning holder, due, done, version),
             gone as (
                 update step_tasks set done = true, version = version + 1
                 where company_id = $1 and step = $2 and not done and not holder = any($3)
                 returning holder, due, done, version)
             select * from put union all select * from gone order by holder",
        )
        .bind::<SqlUuid, _>(step)
        .bind::<Array<Text>, _>(holders)
        .bind::<Nullable<SqlDate>, _>(due.map(ToDiesel::to_diesel))
        .columns::<Columns>()
        .load(tx.conn())
        .await?;
    let task = |(holder, due, done, version): (String, Option<sql::Date>, bool, i64)| Task {
        step,
        holder,
        due: due.map(sql::Date::to_jiff),
        done,
        version,
    };
    Ok(changed.into_iter().map(task).collect())
}
