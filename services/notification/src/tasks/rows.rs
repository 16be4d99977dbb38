use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::{TasksChanged, WorkItem};
use jiff::civil;
use platform::sql::ToDiesel;
use platform::{Result, Tx};

use super::{OpenTask, Source};

/// The columns of [`OpenTask`].
type OpenColumns = (Text, Text, Text, Text, Text, Date, Nullable<Text>, Nullable<Text>, Nullable<Text>, BigInt);

pub async fn keep(tx: &mut Tx, source: Source, changed: &TasksChanged) -> Result<()> {
    let tasks = &changed.tasks;
    let texts = |of: fn(&WorkItem) -> &str| tasks.iter().map(of).collect::<Vec<_>>();
    tx.sql(
        "insert into work_items as t (company_id, cycle, source, key, label_zh, label_en, assignee, subject, subject_name, due, done, version)
         select distinct on (n.key) $1, $2, $3, n.*
         from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::date[], $11::boolean[], $12::bigint[])
             n(key, label_zh, label_en, assignee, subject, subject_name, due, done, version)
         order by n.key, n.version desc
         on conflict (company_id, cycle, source, key) do update set
             label_zh = excluded.label_zh, label_en = excluded.label_en, assignee = excluded.assignee,
             subject = excluded.subject, subject_name = excluded.subject_name, due = excluded.due, done = excluded.done,
             version = excluded.version
         where excluded.version > t.version",
    )
    .bind::<SqlUuid, _>(changed.cycle)
    .bind::<Text, _>(source)
    .bind::<Array<Text>, _>(texts(|task| &task.key))
    .bind::<Array<Text>, _>(texts(|task| &task.label_zh))
    .bind::<Array<Text>, _>(texts(|task| &task.label_en))
    .bind::<Array<Text>, _>(texts(|task| &task.assignee))
    .bind::<Array<Text>, _>(texts(|task| &task.subject))
    .bind::<Array<Text>, _>(texts(|task| &task.subject_name))
    .bind::<Array<Nullable<Date>>, _>(tasks.iter().map(|task| task.due.map(|day| day.to_diesel())).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(tasks.iter().map(|task| task.done).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(tasks.iter().map(|task| task.version).collect::<Vec<_>>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The first `most` open tasks of each assignee that are due by a day, soonest first; none of cancelled cycles.
pub async fn open(tx: &mut Tx, assignees: &[&str], by: civil::Date, most: i64) -> Result<Vec<OpenTask>> {
    Ok(tx
        .sql(
            "select w.assignee, w.label_zh, w.label_en, w.subject, w.subject_name, w.due, c.name_zh, c.name_en, c.period, w.total
             from (select *, row_number() over (partition by assignee order by due, cycle, source, key) as place,
                          count(*) over (partition by assignee) as total
                   from work_items i where company_id = $1 and not done and due <= $2 and assignee = any($3)
                     and not exists (select from cycles c where c.company_id = $1 and c.cycle = i.cycle and c.cancelled)) w
             left join cycles c on c.company_id = $1 and c.cycle = w.cycle
             where w.place <= $4 order by w.assignee, w.place",
        )
        .bind::<Date, _>(by.to_diesel())
        .bind::<Array<Text>, _>(assignees)
        .bind::<BigInt, _>(most)
        .columns::<OpenColumns>()
        .load(tx.conn())
        .await?)
}
