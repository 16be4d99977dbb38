use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::sql::{Timestamp, ToDiesel};
use platform::{Problem, Result, Tx, say};
use uuid::Uuid;

use super::subject::{Kind, Standing, Subject};
use crate::viewer::Viewer;

/// Rows in one statement.
const AT_ONCE: usize = 5000;

/// Subjects of a cycle (`$2`).
macro_rules! subjects {
    ($rest:literal) => {
        concat!(
            "select p.kind, p.subject, p.name, p.unit, p.position, p.category, p.category_by, p.own_category, p.superior,
                 p.superior_above, p.head, p.co_head, p.head_since, p.leader, p.dotted, p.hired_on, p.left_on, p.facts,
                 p.standing, p.why, p.decided_by, p.published, p.version
             from subjects p where p.company_id = $1 and p.cycle = $2 ",
            $rest
        )
    };
}

/// All subjects of a cycle.
pub async fn all(tx: &mut Tx, cycle: Uuid) -> Result<Vec<Subject>> {
    Ok(tx.sql(subjects!("order by p.unit, p.kind desc, p.subject")).bind::<SqlUuid, _>(cycle).load(tx.conn()).await?)
}

/// The subject, if there is one; nobody else changes it until the transaction ends.
pub async fn find(tx: &mut Tx, cycle: Uuid, kind: Kind, subject: &str) -> Result<Option<Subject>> {
    let found: Vec<Subject> = tx
        .sql(subjects!("and p.kind = $3 and p.subject = $4 for update of p"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(kind)
        .bind::<Text, _>(subject)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next())
}

/// Those of a cycle among the named ones of a kind.
pub async fn some(tx: &mut Tx, cycle: Uuid, kind: Kind, subjects: &[String]) -> Result<Vec<Subject>> {
    Ok(tx
        .sql(subjects!("and p.kind = $3 and p.subject = any($4) order by p.subject"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(kind)
        .bind::<Array<Text>, _>(subjects)
        .load(tx.conn())
        .await?)
}

/// Whoever takes part or is excluded in a unit, and the unit itself where it is appraised.
pub async fn of_unit(tx: &mut Tx, cycle: Uuid, unit: &str) -> Result<Vec<Subject>> {
    Ok(tx
        .sql(subjects!("and p.unit = $3 and p.standing <> 'out' order by p.kind, p.subject"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(unit)
        .load(tx.conn())
        .await?)
}

/// Stores subjects as they are now, new or not.
pub async fn write(tx: &mut Tx, cycle: Uuid, subjects: &[Subject]) -> Result<()> {
    for batch in subjects.chunks(AT_ONCE) {
        tx.sql(
            "insert into subjects (company_id, cycle, kind, subject, name, unit, position, category, category_by,
                 own_category, superior, superior_above, head, co_head, head_since, leader, dotted, hired_on, left_on,
                 facts, standing, why, decided_by, version)
             select $1, $2, n.kind, n.subject, n.name, n.unit, n.position, n.category, n.category_by, n.own_category,
                 n.superior, n.superior_above, n.head, n.co_head, n.head_since, n.leader, n.dotted, n.hired_on,
                 n.left_on, n.facts, n.standing, n.why, n.decided_by, n.version
             from jsonb_to_recordset($3) as n(kind text, subject text, name text, unit text, position text,
                 category text, category_by text, own_category text, superior text, superior_above text, head text,
                 co_head text, head_since date, leader text, dotted text, hired_on date, left_on date, facts jsonb,
                 standing text, why text, decided_by text, version bigint)
             on conflict (company_id, cycle, kind, subject) do update set name = excluded.name, unit = excluded.unit,
                 position = excluded.position, category = excluded.category, category_by = excluded.category_by,
                 own_category = excluded.own_category, superior = excluded.superior,
                 superior_above = excluded.superior_above, head = excluded.head, co_head = excluded.co_head,
                 head_since = excluded.head_since, leader = excluded.leader, dotted = excluded.dotted,
                 hired_on = excluded.hired_on, left_on = excluded.left_on, facts = excluded.facts,
                 standing = excluded.standing, why = excluded.why, decided_by = excluded.decided_by,
                 version = excluded.version",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Jsonb, _>(serde_json::to_value(batch)?)
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// Takes note of whose results are published.
pub async fn mark_published(tx: &mut Tx, cycle: Uuid, people: &[&str], unit: Option<&str>) -> Result<()> {
    tx.sql(
        "update subjects set published = true, version = version + 1
         where company_id = $1 and cycle = $2 and not published
           and ((kind = 'person' and subject = any($3)) or (kind = 'unit' and subject = $4))",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(people)
    .bind::<Nullable<Text>, _>(unit)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Counts anew who takes part in a cycle.
pub async fn count(tx: &mut Tx, cycle: Uuid) -> Result<()> {
    tx.sql(
        "update cycles set participants = (select count(*) from subjects
             where company_id = $1 and cycle = $2 and kind = 'person' and standing = 'in')
         where company_id = $1 and id = $2",
    )
    .bind::<SqlUuid, _>(cycle)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A subject with what those around it are called.
#[derive(QueryableByName, Clone, Debug)]
pub struct Listed {
    #[diesel(embed)]
    pub subject: Subject,
    #[diesel(sql_type = Nullable<Text>)]
    pub unit_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub superior_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub superior_above_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub head_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub co_head_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub leader_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub dotted_name: Option<String>,
}

/// Subjects of a cycle (`$2`) that a viewer (`$3` all, `$4` number) may know of: oneself, those one leads, or all.
macro_rules! listed {
    ($rest:literal) => {
        concat!(
            "select p.kind, p.subject, p.name, p.unit, p.position, p.category, p.category_by, p.own_category, p.superior,
                 p.superior_above, p.head, p.co_head, p.head_since, p.leader, p.dotted, p.hired_on, p.left_on, p.facts,
                 p.standing, p.why, p.decided_by, p.published, p.version,
                 (select name from units where company_id = $1 and code = p.unit) as unit_name,
                 (select name from employees where company_id = $1 and number = p.superior) as superior_name,
                 (select name from employees where company_id = $1 and number = p.superior_above) as superior_above_name,
                 (select name from employees where company_id = $1 and number = p.head) as head_name,
                 (select name from employees where company_id = $1 and number = p.co_head) as co_head_name,
                 (select name from employees where company_id = $1 and number = p.leader) as leader_name,
                 (select name from employees where company_id = $1 and number = p.dotted) as dotted_name
             from subjects p
             where p.company_id = $1 and p.cycle = $2
               and ($3 or $4 in (p.superior, p.head, p.co_head, p.leader) or (p.kind = 'person' and p.subject = $4)) ",
            $rest
        )
    };
}

/// Which subjects are wanted.
#[derive(Default)]
pub struct Filter<'a> {
    pub kind: Option<Kind>,
    pub standing: Option<Standing>,
    pub unit: Option<&'a str>,
    /// Part of a name, a number or a code.
    pub q: Option<&'a str>,
    pub after: Option<(Kind, String)>,
    pub limit: i64,
}

/// The subjects that a viewer may know of, by kind and code.
pub async fn list(tx: &mut Tx, cycle: Uuid, viewer: &Viewer, filter: &Filter<'_>) -> Result<Vec<Listed>> {
    let (after_kind, after_subject) = filter.after.clone().unzip();
    Ok(tx
        .sql(listed!(
            "and ($5::text is null or p.kind = $5) and ($6::text is null or p.standing = $6)
             and ($7::text is null or p.unit = $7)
             and ($8::text is null or position(lower($8) in lower(p.name)) > 0
                  or position(lower($8) in lower(p.subject)) > 0)
             and ($9::text is null or (p.kind, p.subject) > ($9, $10::text))
             order by p.kind, p.subject limit $11"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Bool, _>(viewer.all)
        .bind::<Nullable<Text>, _>(viewer.number.clone())
        .bind::<Nullable<Text>, _>(filter.kind)
        .bind::<Nullable<Text>, _>(filter.standing)
        .bind::<Nullable<Text>, _>(filter.unit.map(str::to_owned))
        .bind::<Nullable<Text>, _>(filter.q.map(str::to_owned))
        .bind::<Nullable<Text>, _>(after_kind)
        .bind::<Nullable<Text>, _>(after_subject)
        .bind::<BigInt, _>(filter.limit)
        .load(tx.conn())
        .await?)
}

/// The subject, if the viewer may know of it.
pub async fn get(tx: &mut Tx, cycle: Uuid, kind: Kind, subject: &str, viewer: &Viewer) -> Result<Listed> {
    let found: Vec<Listed> = tx
        .sql(listed!("and p.kind = $5 and p.subject = $6"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Bool, _>(viewer.all)
        .bind::<Nullable<Text>, _>(viewer.number.clone())
        .bind::<Text, _>(kind)
        .bind::<Text, _>(subject)
        .load(tx.conn())
        .await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("考核对象", "subject")))
}

platform::stored_enum! {
    /// What came of a change in the organisation.
    pub enum Consequence {
        /// The cycle has it, too.
        Followed = "followed",
        /// The cycle stays as it was.
        Kept = "kept",
        /// Somebody has joined the cycle.
        Added = "added",
    }
}

/// Something that the organisation changed after a cycle was opened.
#[derive(QueryableByName, Clone, Debug)]
pub struct Change {
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    #[diesel(sql_type = Integer)]
    pub no: i32,
    #[diesel(sql_type = Jsonb)]
    pub what: serde_json::Value,
    #[diesel(sql_type = Text)]
    pub followed: Consequence,
    #[diesel(sql_type = Timestamptz, deserialize_as = Timestamp)]
    pub at: jiff::Timestamp,
    #[diesel(sql_type = Nullable<Text>)]
    pub seen_by: Option<String>,
}

/// A change to be noted.
#[derive(serde::Serialize)]
pub struct NewChange {
    pub kind: Kind,
    pub subject: String,
    pub what: serde_json::Value,
    pub followed: Consequence,
}

/// Notes changes, each after those of its subject that there are.
pub async fn note(tx: &mut Tx, cycle: Uuid, changes: &[NewChange]) -> Result<()> {
    let now = tx.now;
    for batch in changes.chunks(AT_ONCE) {
        tx.sql(
            "insert into subject_changes (company_id, cycle, kind, subject, no, what, followed, at)
             select $1, $2, n.kind, n.subject,
                 coalesce((select max(no) from subject_changes c where c.company_id = $1 and c.cycle = $2
                     and c.kind = n.kind and c.subject = n.subject), 0)
                     + row_number() over (partition by n.kind, n.subject order by n.place),
                 n.one->'what', n.one->>'followed', $4
             from (select e.one, e.place, e.one->>'kind' as kind, e.one->>'subject' as subject
                   from jsonb_array_elements($3) with ordinality as e(one, place)) n",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Jsonb, _>(serde_json::to_value(batch)?)
        .bind::<Timestamptz, _>(now.to_diesel())
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// What was last noted of each person as not followed.
pub async fn kept(tx: &mut Tx, cycle: Uuid) -> Result<Vec<(String, serde_json::Value)>> {
    Ok(tx
        .sql(
            "select distinct on (subject) subject, what from subject_changes
             where company_id = $1 and cycle = $2 and kind = 'person' and followed = 'kept'
             order by subject, no desc",
        )
        .bind::<SqlUuid, _>(cycle)
        .columns::<(Text, Jsonb)>()
        .load(tx.conn())
        .await?)
}

/// Changes since a cycle was opened, by subject and number, after a certain one.
pub async fn changes(tx: &mut Tx, cycle: Uuid, after: Option<(Kind, String, i32)>, limit: i64) -> Result<Vec<Change>> {
    let (kind, subject, no) =
        after.map_or((None, None, None), |(kind, subject, no)| (Some(kind), Some(subject), Some(no)));
    Ok(tx
        .sql(
            "select c.kind, c.subject, p.name, c.no, c.what, c.followed, c.at, c.seen_by
             from subject_changes c
             left join subjects p on p.company_id = $1 and p.cycle = $2 and p.kind = c.kind and p.subject = c.subject
             where c.company_id = $1 and c.cycle = $2
               and ($3::text is null or (c.kind, c.subject, c.no) > ($3, $4::text, $5::int))
             order by c.kind, c.subject, c.no limit $6",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Text>, _>(kind)
        .bind::<Nullable<Text>, _>(subject)
        .bind::<Nullable<Integer>, _>(no)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// Marks all changes of a cycle as seen; how many had not been.
pub async fn mark_seen(tx: &mut Tx, cycle: Uuid) -> Result<usize> {
    let by = tx.actor.name.clone();
    Ok(tx
        .sql("update subject_changes set seen_by = $3 where company_id = $1 and cycle = $2 and seen_by is null")
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(by)
        .execute(tx.conn())
        .await?)
}
