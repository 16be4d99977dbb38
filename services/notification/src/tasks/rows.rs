use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::{TasksChanged, Within};
use jiff::civil;
use platform::clock::date_of;
use platform::sql::ToDiesel;
use platform::{Result, Tx};
use uuid::Uuid;

use super::task::{OpenTask, Place, Source, Task};

/// In place of a cycle, with tasks about plans and pay inputs that are none's.
const NO_CYCLE: Uuid = Uuid::nil();

pub async fn keep(tx: &mut Tx, source: Source, changed: &TasksChanged) -> Result<()> {
    let (cycle, plan) = match &changed.within {
        Within::Cycle(cycle) => (*cycle, None),
        Within::Scheme { scheme_zh, scheme_en, period } => (NO_CYCLE, Some((scheme_zh, scheme_en, period))),
    };
    tx.sql(
        "insert into tasks as t (company_id, cycle, source, key, stage, label_zh, label_en, holder, about, about_name, count, due,
             operation, path, done, version, scheme_zh, scheme_en, period, opened_on)
         select distinct on (n.key) $1, $2, $3, n.key, n.stage, n.label_zh, n.label_en, n.holder, n.about, n.about_name, n.count,
             n.due, n.operation, n.path, n.done, n.version, $5, $6, $7, $8
         from jsonb_to_recordset($4) as n(key text, stage text, label_zh text, label_en text, holder text, about text,
             about_name text, count bigint, due date, operation text, path text, done boolean, version bigint)
         order by n.key, n.version desc
         on conflict (company_id, cycle, source, key) do update set stage = excluded.stage, label_zh = excluded.label_zh,
             label_en = excluded.label_en, holder = excluded.holder, about = excluded.about, about_name = excluded.about_name,
             count = excluded.count, due = excluded.due, operation = excluded.operation, path = excluded.path,
             done = excluded.done, version = excluded.version
         where excluded.version > t.version",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(source)
    .bind::<Jsonb, _>(serde_json::to_value(&changed.tasks)?)
    .bind::<Nullable<Text>, _>(plan.map(|(zh, ..)| zh))
    .bind::<Nullable<Text>, _>(plan.map(|(_, en, _)| en))
    .bind::<Nullable<Text>, _>(plan.map(|(.., period)| period))
    .bind::<Date, _>(date_of(tx.now).to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Tasks of cycles that go on; `$1` is the company, `$2` today.
macro_rules! tasks {
    ($rest:literal) => {
        concat!(
            "select t.cycle as place, nullif(t.cycle, '00000000-0000-0000-0000-000000000000') as cycle, coalesce(c.name_zh, t.scheme_zh) as scheme_zh,
                 coalesce(c.name_en, t.scheme_en) as scheme_en, coalesce(c.period, t.period) as period, c.name as cycle_name, t.source, t.key, t.stage,
                 t.label_zh, t.label_en, t.holder,
                 case when t.holder like 'person:%' then (select e.name from employees e
                         where e.company_id = $1 and e.number = substr(t.holder, 8))
                     when t.holder like 'body:%' then (select b.name_zh from bodies b
                         where b.company_id = $1 and b.code = split_part(substr(t.holder, 6), '/', 1)) end as holder_name,
                 case when t.holder like 'body:%' then (select b.name_en from bodies b
                         where b.company_id = $1 and b.code = split_part(substr(t.holder, 6), '/', 1)) end as holder_name_en,
                 t.about, t.about_name, t.count, t.opened_on, t.due, not t.done and t.due is not null and t.due < $2 as overdue, t.done,
                 t.operation, t.path
             from tasks t left join cycles c on c.company_id = $1 and c.cycle = t.cycle
             where t.company_id = $1 and c.cancelled is not true ",
            $rest
        )
    };
}

/// Which tasks a list shows.
pub struct Filter<'a> {
    /// Whose: their holders.
    pub holders: &'a [String],
    /// Those whose forms somebody else may fill in.
    pub rated_for: &'a [String],
    /// Those for whom somebody else may decide.
    pub decided_for: &'a [String],
    /// Without what somebody decides about another's appeal, which is nobody else's to know.
    pub without_appeals: bool,
    /// None: done and open ones.
    pub done: Option<bool>,
    pub overdue: bool,
    pub cycle: Option<Uuid>,
    pub after: Option<Place>,
    pub limit: i64,
}

/// Tasks of some holders, soonest first, those without a day last.
pub async fn list(tx: &mut Tx, today: civil::Date, filter: &Filter<'_>) -> Result<Vec<Task>> {
    let after = filter.after.as_ref();
    Ok(tx
        .sql(tasks!(
            "and (t.holder = any($3) or (t.holder = any($12) and t.operation in ('enter_ratings', 'enter_facts'))
                 or (t.holder = any($13) and (t.operation like 'decide\\_%' or t.operation in ('answer_spot_check', 'answer_opinion')))) and ($4::boolean is null or t.done = $4) and (not $5 or (not t.done and t.due < $2))
             and ($6::uuid is null or t.cycle = $6) and (not $14 or t.source <> 'appeals')
             and ($8::uuid is null or (coalesce(t.due, 'infinity'), t.cycle, t.source, t.key)
                 > (coalesce($7::date, 'infinity'), $8, $9::text, $10::text))
             order by coalesce(t.due, 'infinity'), t.cycle, t.source, t.key limit $11"
        ))
        .bind::<Date, _>(today.to_diesel())
        .bind::<Array<Text>, _>(filter.holders)
        .bind::<Nullable<Bool>, _>(filter.done)
        .bind::<Bool, _>(filter.overdue)
        .bind::<Nullable<SqlUuid>, _>(filter.cycle)
        .bind::<Nullable<Date>, _>(after.and_then(|place| place.due).to_diesel())
        .bind::<Nullable<SqlUuid>, _>(after.map(|place| place.cycle))
        .bind::<Nullable<Text>, _>(after.map(|place| place.source.as_str()))
        .bind::<Nullable<Text>, _>(after.map(|place| place.key.as_str()))
        .bind::<BigInt, _>(filter.limit)
        .bind::<Array<Text>, _>(filter.rated_for)
        .bind::<Array<Text>, _>(filter.decided_for)
        .bind::<Bool, _>(filter.without_appeals)
        .load(tx.conn())
        .await?)
}

/// Open tasks of a cycle, the longest overdue first.
pub async fn open_of_cycle(tx: &mut Tx, today: civil::Date, cycle: Uuid, limit: i64) -> Result<Vec<Task>> {
    Ok(tx
        .sql(tasks!("and t.cycle = $3 and not t.done order by t.due nulls last, t.holder, t.stage, t.about limit $4"))
        .bind::<Date, _>(today.to_diesel())
        .bind::<SqlUuid, _>(cycle)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// How many tasks each stage of a cycle has: code, all, done, overdue.
pub async fn counts(tx: &mut Tx, today: civil::Date, cycle: Uuid) -> Result<Vec<(String, i64, i64, i64)>> {
    Ok(tx
        .sql(
            "select stage, count(*), count(*) filter (where done), count(*) filter (where not done and due < $2)
             from tasks where company_id = $1 and cycle = $3 group by stage",
        )
        .bind::<Date, _>(today.to_diesel())
        .bind::<SqlUuid, _>(cycle)
        .columns::<(Text, BigInt, BigInt, BigInt)>()
        .load(tx.conn())
        .await?)
}

/// The people who hold open tasks of cycles that go on, on a day (`$2`): by themselves, by a role, in a body. All tasks, or
/// those of a cycle (`$3`), of a stage (`$4`), or due by a day (`$5`) with what has no day and is spoken of again (`$6`).
macro_rules! people {
    ($rest:literal) => {
        concat!(
            "with recursive waiting as materialized (
                 select distinct t.holder from tasks t where t.company_id = $1 and not t.done
                   and ($3::uuid is null or t.cycle = $3) and ($4::text is null or t.stage = $4)
                   and ($5::date is null or t.due <= $5 or (t.due is null and $6::int is not null and t.opened_on < $2 and mod($2 - t.opened_on, $6) = 0))
                   and not exists (select from cycles c where c.company_id = $1 and c.cycle = t.cycle and c.cancelled)),
             people as (
                 select substr(w.holder, 8) as number from waiting w where w.holder like 'person:%'
                 union
                 select e.number from waiting w
                 join employees e on e.company_id = $1 and substr(w.holder, 6) = any(e.roles) where w.holder like 'role:%'
                 union
                 select s.number from waiting w
                 join seats s on s.company_id = $1 and w.holder in ('body:' || s.body, 'body:' || s.body || '/' || s.office)
                     and s.from_on <= $2 and (s.until_on is null or s.until_on >= $2)) ",
            $rest
        )
    };
}

/// Of which tasks people are reminded.
pub struct Days {
    /// Due by this day.
    pub until: civil::Date,
    /// Due before the first of these days, the superior is reminded of them too; before the second, the one above; and so on.
    /// Empty: nobody is.
    pub escalated: Vec<civil::Date>,
    /// What has no day is spoken of whenever so many days have gone by.
    pub undated_every: i32,
}

/// As what each of some people (`$3`) holds tasks on a day (`$2`).
macro_rules! held {
    ($rest:literal) => {
        concat!(
            "with recursive held(number, holder) as (
                 select n.number, 'person:' || n.number from unnest($3::text[]) n(number)
                 union all
                 select e.number, 'role:' || r from employees e, unnest(e.roles) r where e.company_id = $1 and e.number = any($3)
                 union all
                 select distinct s.number, h from seats s, unnest(array['body:' || s.body, 'body:' || s.body || '/' || s.office]) h
                 where s.company_id = $1 and s.number = any($3) and s.from_on <= $2 and (s.until_on is null or s.until_on >= $2)) ",
            $rest
        )
    };
}

/// The first `most` open tasks of each of some people, and what is long overdue: of those who are below them in the line, and
/// for executives of groups. Soonest first; none of cancelled cycles.
pub async fn open(tx: &mut Tx, numbers: &[&str], today: civil::Date, days: &Days, most: i64) -> Result<Vec<OpenTask>> {
    Ok(tx
        .sql(held!(
            ", below(above, number, name, level, is_here) as (
                 select e.superior, e.number, e.name, 1, e.left_on is null or e.left_on >= $2 from employees e
                 where e.company_id = $1 and e.superior = any($3) and cardinality($6::date[]) > 0
                 union all
                 select b.above, e.number, e.name, b.level + 1, e.left_on is null or e.left_on >= $2 from below b
                 join employees e on e.company_id = $1 and e.superior = b.number
                 where b.level < cardinality($6)),
             late_groups(holder, name, name_en) as (
                 select t.holder, coalesce(b.name_zh, t.holder), coalesce(b.name_en, t.holder)
                 from (select distinct holder from tasks where company_id = $1 and not done and due < ($6)[1]
                       and (holder like 'role:%' or holder like 'body:%') and holder <> 'role:executive') t
                 left join bodies b on b.company_id = $1 and b.code = split_part(substr(t.holder, 6), '/', 1) and t.holder like 'body:%'),
             wanted(number, holder, of_name, of_name_en, before) as (
                 select number, holder, null, null, null::date from held
                 union all
                 select above, 'person:' || number, name, name, ($6)[level] from below where is_here
                 union all
                 select h.number, g.holder, g.name, g.name_en, ($6)[1] from held h cross join late_groups g
                 where h.holder = 'role:executive'
                     and not exists (select from held o where o.number = h.number and o.holder = g.holder))
             select w.number, w.of_name, w.of_name_en, w.label_zh, w.label_en, w.about, w.about_name, w.due, coalesce(c.name_zh, w.scheme_zh) as scheme_zh,
                 coalesce(c.name_en, w.scheme_en) as scheme_en, coalesce(c.period, w.period) as period, w.total
             from (select i.*, h.number, h.of_name, h.of_name_en,
                          row_number() over (partition by h.number, h.of_name is null order by i.due, i.cycle, i.source, i.key) as place,
                          count(*) filter (where h.of_name is null) over (partition by h.number) as total
                   from wanted h join tasks i on i.company_id = $1 and i.holder = h.holder and not i.done
                       and (i.due <= $4 or (i.due is null and i.opened_on < $2 and mod($2 - i.opened_on, $7) = 0))
                       and (h.before is null or (i.due < h.before and i.source <> 'appeals'))
                   where not exists (select from cycles c where c.company_id = $1 and c.cycle = i.cycle and c.cancelled)) w
             left join cycles c on c.company_id = $1 and c.cycle = w.cycle
             where w.place <= $5 order by w.number, w.of_name nulls first, w.place"
        ))
        .bind::<Date, _>(today.to_diesel())
        .bind::<Array<Text>, _>(numbers)
        .bind::<Date, _>(days.until.to_diesel())
        .bind::<BigInt, _>(most)
        .bind::<Array<Date>, _>(days.escalated.iter().map(|day| day.to_diesel()).collect::<Vec<_>>())
        .bind::<Integer, _>(days.undated_every)
        .load(tx.conn())
        .await?)
}

/// Everybody who has an open task in a stage of a cycle, whether by themselves, by a role or in a body.
pub async fn waiting_in(tx: &mut Tx, cycle: Uuid, stage: &str, today: civil::Date) -> Result<Vec<String>> {
    Ok(tx
        .sql(people!(
            "select p.number from people p
             join employees e on e.company_id = $1 and e.number = p.number and (e.left_on is null or e.left_on >= $2)
             order by p.number"
        ))
        .bind::<Date, _>(today.to_diesel())
        .bind::<Nullable<SqlUuid>, _>(Some(cycle))
        .bind::<Nullable<Text>, _>(Some(stage))
        .bind::<Nullable<Date>, _>(None::<civil::Date>.to_diesel())
        .bind::<Nullable<Integer>, _>(None::<i32>)
        .columns::<Text>()
        .load(tx.conn())
        .await?)
}

/// People with open tasks of cycles that go on, or whose people are long late with theirs, who have had no digest today.
/// The digests are counted for each: an anti-join goes through all mails for each of them as long as PostgreSQL thinks
/// that they are few.
pub async fn to_remind(tx: &mut Tx, today: civil::Date, days: &Days, most: i64) -> Result<Vec<String>> {
    Ok(tx
        .sql(people!(
            ", late as materialized (
                 select t.holder, min(t.due) as oldest from tasks t
                 where t.company_id = $1 and not t.done and t.due < ($8::date[])[1] and t.source <> 'appeals'
                   and not exists (select from cycles c where c.company_id = $1 and c.cycle = t.cycle and c.cancelled)
                 group by t.holder),
             above(number, oldest, level) as (
                 select e.superior, l.oldest, 1 from late l
                 join employees e on e.company_id = $1 and l.holder = 'person:' || e.number and e.superior is not null
                     and (e.left_on is null or e.left_on >= $2)
                 union
                 select e.superior, a.oldest, a.level + 1 from above a
                 join employees e on e.company_id = $1 and e.number = a.number and e.superior is not null
                 where a.oldest < ($8)[a.level + 1]),
             over_groups as (
                 select e.number from employees e where e.company_id = $1 and 'executive' = any(e.roles)
                   and exists (select from late l where l.holder not like 'person:%' and l.holder <> 'role:executive'))
             select p.number from (select number from people union select number from above union select number from over_groups) p
             join employees e on e.company_id = $1 and e.number = p.number and (e.left_on is null or e.left_on >= $2)
             where (select count(*) from mails m where m.company_id = $1
                               and m.dedupe_key = 'digest/' || p.number || '/' || to_char($2, 'YYYY-MM-DD')) = 0
             order by p.number limit $7"
        ))
        .bind::<Date, _>(today.to_diesel())
        .bind::<Nullable<SqlUuid>, _>(None::<Uuid>)
        .bind::<Nullable<Text>, _>(None::<&str>)
        .bind::<Nullable<Date>, _>(Some(days.until).to_diesel())
        .bind::<Nullable<Integer>, _>(Some(days.undated_every))
        .bind::<BigInt, _>(most)
        .bind::<Array<Date>, _>(days.escalated.iter().map(|day| day.to_diesel()).collect::<Vec<_>>())
        .columns::<Text>()
        .load(tx.conn())
        .await?)
}
