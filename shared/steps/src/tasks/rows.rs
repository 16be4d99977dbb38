use diesel::sql_types::{Array, BigInt, Bool, Date as SqlDate, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::sql::{self, ToDiesel};
use platform::{Result, Tx};
use uuid::Uuid;

use super::{Task, Waiting};
use crate::steps::{Step, StepState, rows as steps};

type Columns = (SqlUuid, Text, Nullable<SqlDate>, Bool, BigInt);

/// Gives the tasks of steps in which several may decide together to those who have not yet; what changed.
pub async fn of_deciding(tx: &mut Tx, wanted: &[Step]) -> Result<Vec<Task>> {
    // Where one decides alone, the step is over with their decision.
    let together = wanted.iter().filter(|step| step.state == StepState::Open && step.actors.len() > 1);
    let together: Vec<Uuid> = together.map(|step| step.id).collect();
    let decisions = if together.is_empty() { Vec::new() } else { steps::decisions(tx, &together).await? };
    let waiting: Vec<Waiting> = wanted.iter().map(|step| Waiting::deciding(step, &decisions)).collect();
    bring_up_to_date(tx, &waiting).await
}

/// Gives the tasks of some steps to those who have to act by a day, and takes them from all others; what changed.
pub async fn bring_up_to_date(tx: &mut Tx, wanted: &[Waiting]) -> Result<Vec<Task>> {
    let steps: Vec<Uuid> = wanted.iter().map(|one| one.step).collect();
    let given: Vec<(&Waiting, &str)> =
        wanted.iter().flat_map(|one| one.holders.iter().map(move |holder| (one, holder.as_str()))).collect();
    let of: Vec<Uuid> = given.iter().map(|(one, _)| one.step).collect();
    let holders: Vec<&str> = given.iter().map(|(_, holder)| *holder).collect();
    let days: Vec<Option<sql::Date>> = given.iter().map(|(one, _)| one.due.map(ToDiesel::to_diesel)).collect();
    let changed: Vec<(Uuid, String, Option<sql::Date>, bool, i64)> = tx
        .sql(
            "with wanted as (select distinct * from unnest($3::uuid[], $4::text[], $5::date[]) w(step, holder, due)),
             put as (
                 insert into step_tasks as t (company_id, step, holder, due, done, version)
                 select $1, step, holder, due, false, 1 from wanted order by step, holder
                 on conflict (company_id, step, holder) do update
                 set due = excluded.due, done = false, version = t.version + 1
                 where t.done or t.due is distinct from excluded.due
                 returning step, holder, due, done, version),
             gone as (
                 update step_tasks t set done = true, version = version + 1
                 where t.company_id = $1 and t.step = any($2) and not t.done
                   and not exists (select from wanted w where w.step = t.step and w.holder = t.holder)
                 returning step, holder, due, done, version)
             select * from put union all select * from gone order by step, holder",
        )
        .bind::<Array<SqlUuid>, _>(steps)
        .bind::<Array<SqlUuid>, _>(of)
        .bind::<Array<Text>, _>(holders)
        .bind::<Array<Nullable<SqlDate>>, _>(days)
        .columns::<Columns>()
        .load(tx.conn())
        .await?;
    let task = |(step, holder, due, done, version): (Uuid, String, Option<sql::Date>, bool, i64)| Task {
        step,
        holder,
        due: due.map(sql::Date::to_jiff),
        done,
        version,
    };
    Ok(changed.into_iter().map(task).collect())
}
