use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::sql::NullableTimestamp;
use platform::{Missing, Result, Tx, What};
use uuid::Uuid;

use super::sheet::{Sheet, SheetState};
use crate::cycles::cycle::Cycle;
use crate::subjects::subject::{Kind, Subject};
use crate::viewer::Viewer;

/// Rows in one statement.
const AT_ONCE: usize = 5000;

/// Stores editions as they are now, new or not, in this order.
pub async fn write(tx: &mut Tx, cycle: Uuid, sheets: &[Sheet]) -> Result<()> {
    for batch in sheets.chunks(AT_ONCE) {
        tx.sql(
            "insert into settled_sheets (company_id, cycle, kind, subject, edition, state, told, rows, weights, priorities,
                 why, rows_by, settled_by, settled_at, version)
             select $1, $2, n.one->>'kind', n.one->>'subject', (n.one->>'edition')::int, n.one->>'state',
                 (n.one->>'told')::boolean, n.one->'rows', n.one->'weights', n.one->'priorities', n.one->>'why',
                 n.one->>'rows_by', n.one->>'settled_by', (n.one->>'settled_at')::timestamptz, (n.one->>'version')::bigint
             from jsonb_array_elements($3) with ordinality as n(one, place)
             order by n.place
             on conflict (company_id, cycle, kind, subject, edition) do update set state = excluded.state,
                 told = excluded.told, rows = excluded.rows, weights = excluded.weights,
                 priorities = excluded.priorities, why = excluded.why, rows_by = excluded.rows_by, settled_by = excluded.settled_by,
                 settled_at = excluded.settled_at, version = excluded.version",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Jsonb, _>(serde_json::to_value(batch)?)
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// The editions that count, of these subjects of a kind; nobody else changes them until the transaction ends.
pub async fn current(tx: &mut Tx, cycle: Uuid, kind: Kind, subjects: &[String]) -> Result<Vec<Sheet>> {
    Ok(tx
        .sql(
            "select kind, subject, edition, state, told, rows, weights, priorities, why, rows_by, settled_by, settled_at, version
             from settled_sheets
             where company_id = $1 and cycle = $2 and kind = $3 and subject = any($4) and state in ('draft', 'proposed', 'settled')
             order by subject for update",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(kind)
        .bind::<Array<Text>, _>(subjects)
        .load(tx.conn())
        .await?)
}

/// All editions of a subject's sheet, oldest first.
pub async fn editions(tx: &mut Tx, cycle: Uuid, kind: Kind, subject: &str) -> Result<Vec<Sheet>> {
    Ok(tx
        .sql(
            "select kind, subject, edition, state, told, rows, weights, priorities, why, rows_by, settled_by, settled_at, version
             from settled_sheets where company_id = $1 and cycle = $2 and kind = $3 and subject = $4 order by edition",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(kind)
        .bind::<Text, _>(subject)
        .load(tx.conn())
        .await?)
}

/// Subjects (`p`) of a cycle (`$2`) who take part and whose sheets are drafts, with their unit's plan (`g`) and their own
/// (`l`). Whether these are far enough: `$3` asks for the unit's plan, `$4` for their own.
macro_rules! drafts {
    ($rest:literal) => {
        concat!(
            "select p.kind, p.subject, p.name, p.unit, p.position, p.category, p.category_by, p.own_category, p.superior,
                 p.superior_above, p.head, p.co_head, p.head_since, p.leader, p.dotted, p.hired_on, p.left_on, p.facts,
                 p.standing, p.why, p.decided_by, p.published, p.version
             from settled_sheets s
             join subjects p on p.company_id = $1 and p.cycle = $2 and p.kind = s.kind and p.subject = s.subject
             left join plans g on g.company_id = $1 and g.cycle = $2 and g.kind = 'unit' and g.subject = p.unit
             left join plans l on l.company_id = $1 and l.cycle = $2 and l.kind = p.kind and l.subject = p.subject
             where s.company_id = $1 and s.cycle = $2 and s.state = 'draft' and p.standing = 'in'
               and (not $3 or coalesce(g.state, 'approved') = 'approved')
               and ($3 or not $4 or l.id is null or l.state = 'approved' or l.edition > 1) ",
            $rest
        )
    };
}

/// The next subjects whose sheets are drafts and ready to be settled, by kind and code. Not compared as a row: joined to
/// subjects, PostgreSQL would look for each of them from where the page before ended.
pub async fn ready(tx: &mut Tx, cycle: &Cycle, after: Option<&Subject>, limit: i64) -> Result<Vec<Subject>> {
    Ok(tx
        .sql(drafts!(
            "and ($5::text is null or s.kind > $5 or (s.kind = $5 and s.subject > $6)) order by s.kind, s.subject limit $7"
        ))
        .bind::<SqlUuid, _>(cycle.id)
        .bind::<Bool, _>(cycle.has_unit_plans)
        .bind::<Bool, _>(cycle.has_plans)
        .bind::<Nullable<Text>, _>(after.map(|subject| subject.kind))
        .bind::<Nullable<Text>, _>(after.map(|subject| subject.subject.clone()))
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many subjects of a unit have plans that are not far enough for their sheets to be settled.
pub async fn count_unready(tx: &mut Tx, cycle: &Cycle, unit: &str) -> Result<i64> {
    let unready: Count = tx
        .sql(
            "select count(*) as count from subjects p
             left join plans g on g.company_id = $1 and g.cycle = $2 and g.kind = 'unit' and g.subject = p.unit
             left join plans l on l.company_id = $1 and l.cycle = $2 and l.kind = p.kind and l.subject = p.subject
             where p.company_id = $1 and p.cycle = $2 and p.unit = $5 and p.standing = 'in'
               and not ((not $3 or coalesce(g.state, 'approved') = 'approved')
                   and ($3 or not $4 or l.id is null or l.state = 'approved' or l.edition > 1))",
        )
        .bind::<SqlUuid, _>(cycle.id)
        .bind::<Bool, _>(cycle.has_unit_plans)
        .bind::<Bool, _>(cycle.has_plans)
        .bind::<Text, _>(unit)
        .get_result(tx.conn())
        .await?;
    Ok(unready.count)
}

/// The goals of an approved plan.
#[derive(QueryableByName)]
pub struct ApprovedGoals {
    #[diesel(sql_type = Text)]
    pub scheme: String,
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Jsonb)]
    pub goals: serde_json::Value,
}

/// The goals of the cycle's approved plans, of plans of its scheme that are made for longer (by kind and period), and of
/// other schemes' for the same period. While a plan is changed after its
/// approval, what was approved before stands.
pub async fn approved_goals(
    tx: &mut Tx,
    cycle: &Cycle,
    schemes: &[String],
    longer: &[(Kind, String)],
) -> Result<Vec<ApprovedGoals>> {
    let (kinds, periods): (Vec<Kind>, Vec<&str>) = longer.iter().map(|(kind, period)| (*kind, period.as_str())).unzip();
    Ok(tx
        .sql(
            "select scheme, kind, subject, goals from (
                 select l.scheme, l.kind, l.subject, case when l.state = 'approved' then l.goals else (
                     select e.goals from plan_editions e
                     where e.company_id = $1 and e.plan = l.id order by e.edition desc limit 1) end as goals
                 from plans l
                 where l.company_id = $1
                   and (l.cycle = $2 or (l.cycle is null and l.scheme = $5
                           and (l.kind, l.period) in (select * from unnest($6::text[], $7::text[])))
                       or (l.scheme = any($4) and l.period = $3 and not exists (
                       select from cycles c where c.company_id = $1 and c.id = l.cycle
                         and (c.state = 'cancelled' or c.scheme_code = (
                             select scheme_code from cycles where company_id = $1 and id = $2)))))) approved
             where goals is not null",
        )
        .bind::<SqlUuid, _>(cycle.id)
        .bind::<Text, _>(&cycle.period)
        .bind::<Array<Text>, _>(schemes)
        .bind::<Text, _>(&cycle.scheme_code)
        .bind::<Array<Text>, _>(kinds)
        .bind::<Array<Text>, _>(periods)
        .load(tx.conn())
        .await?)
}

/// A sheet in the list of its unit.
#[derive(QueryableByName, Clone, Debug)]
pub struct Listed {
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub category: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub edition: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    pub state: Option<SheetState>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub rows: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub weights: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub priorities: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Text>)]
    pub settled_by: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = NullableTimestamp)]
    pub settled_at: Option<jiff::Timestamp>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub version: Option<i64>,
}

/// The sheets of a unit and its people that a viewer may know of, the unit's first, then by number.
pub async fn list(
    tx: &mut Tx,
    cycle: Uuid,
    unit: &str,
    viewer: &Viewer,
    after: Option<(Kind, String)>,
    limit: i64,
) -> Result<Vec<Listed>> {
    let (after_kind, after_subject) = after.unzip();
    Ok(tx
        .sql(
            "select p.kind, p.subject, p.name, p.category, s.edition, s.state, s.rows, s.weights, s.priorities,
                 s.settled_by, s.settled_at, s.version
             from subjects p
             left join settled_sheets s on s.company_id = $1 and s.cycle = $2 and s.kind = p.kind
                 and s.subject = p.subject and s.state in ('draft', 'proposed', 'settled')
             where p.company_id = $1 and p.cycle = $2 and p.unit = $3 and p.standing <> 'out'
               and ($4 or $5 in (p.superior, p.head, p.co_head, p.leader) or (p.kind = 'person' and p.subject = $5))
               and ($6::text is null or (p.kind, p.subject) > ($6, $7::text))
             order by p.kind, p.subject limit $8",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(unit)
        .bind::<Bool, _>(viewer.all)
        .bind::<Nullable<Text>, _>(&viewer.number)
        .bind::<Nullable<Text>, _>(after_kind)
        .bind::<Nullable<Text>, _>(after_subject)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// How many sheets of those who take part are not settled.
pub async fn count_unsettled(tx: &mut Tx, cycle: Uuid) -> Result<i64> {
    let unsettled: Count = tx
        .sql(
            "select count(*) as count from settled_sheets s
             join subjects p on p.company_id = $1 and p.cycle = $2 and p.kind = s.kind and p.subject = s.subject
             where s.company_id = $1 and s.cycle = $2 and s.state in ('draft', 'proposed') and p.standing = 'in'",
        )
        .bind::<SqlUuid, _>(cycle)
        .get_result(tx.conn())
        .await?;
    Ok(unsettled.count)
}

/// Somebody or something whose sheet is not settled, and how far their plans are.
#[derive(QueryableByName)]
pub struct Unsettled {
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub unit: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub plan: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub unit_plan: Option<String>,
}

impl From<Unsettled> for Missing {
    fn from(sheet: Unsettled) -> Self {
        let number = Some(sheet.subject).filter(|_| sheet.kind == Kind::Person);
        Self {
            what: What::Approval,
            number,
            name: Some(sheet.name),
            unit: sheet.unit,
            plan: sheet.plan,
            unit_plan: sheet.unit_plan,
            ..Self::default()
        }
    }
}

/// Whose sheets are not settled, at most 200.
pub async fn unsettled(tx: &mut Tx, cycle: Uuid) -> Result<Vec<Unsettled>> {
    Ok(tx
        .sql(
            "select p.kind, p.subject, p.name, p.unit, l.state as plan, g.state as unit_plan
             from settled_sheets s
             join subjects p on p.company_id = $1 and p.cycle = $2 and p.kind = s.kind and p.subject = s.subject
             left join plans g on g.company_id = $1 and g.cycle = $2 and g.kind = 'unit' and g.subject = p.unit
             left join plans l on l.company_id = $1 and l.cycle = $2 and l.kind = p.kind and l.subject = p.subject
             where s.company_id = $1 and s.cycle = $2 and s.state in ('draft', 'proposed') and p.standing = 'in'
             order by p.kind, p.unit, p.subject limit 200",
        )
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?)
}

/// The next settled sheets that scoring has not been told of, of subjects that take part or are excluded. Compared as `ready` has it.
pub async fn untold(tx: &mut Tx, cycle: Uuid, after: Option<(Kind, String)>, limit: i64) -> Result<Vec<Sheet>> {
    let (after_kind, after_subject) = after.unzip();
    Ok(tx
        .sql(
            "select s.kind, s.subject, s.edition, s.state, s.told, s.rows, s.weights, s.priorities, s.why, s.rows_by,
                 s.settled_by, s.settled_at, s.version
             from settled_sheets s
             join subjects p on p.company_id = $1 and p.cycle = $2 and p.kind = s.kind and p.subject = s.subject
             where s.company_id = $1 and s.cycle = $2 and s.state = 'settled' and not s.told and p.standing <> 'out'
               and ($3::text is null or s.kind > $3 or (s.kind = $3 and s.subject > $4))
             order by s.kind, s.subject limit $5",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Text>, _>(after_kind)
        .bind::<Nullable<Text>, _>(after_subject)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// Marks all settled sheets of a cycle as told.
pub async fn mark_told(tx: &mut Tx, cycle: Uuid) -> Result<()> {
    tx.sql("update settled_sheets set told = true where company_id = $1 and cycle = $2 and state = 'settled'")
        .bind::<SqlUuid, _>(cycle)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Whether somebody takes part in a unit.
pub async fn is_member(tx: &mut Tx, cycle: Uuid, unit: &str, caller: Option<&str>) -> Result<bool> {
    let Some(caller) = caller else { return Ok(false) };
    let found: Count = tx
        .sql(
            "select count(*) as count from subjects
             where company_id = $1 and cycle = $2 and kind = 'person' and subject = $4 and unit = $3
               and standing <> 'out'",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(unit)
        .bind::<Text, _>(caller)
        .get_result(tx.conn())
        .await?;
    Ok(found.count > 0)
}

/// How the sheets of a unit and its people stand that take part: kind, subject, state.
pub async fn states_of_unit(tx: &mut Tx, cycle: Uuid, unit: &str) -> Result<Vec<(Kind, String, SheetState)>> {
    Ok(tx
        .sql(
            "select s.kind, s.subject, s.state from settled_sheets s
             join subjects p on p.company_id = $1 and p.cycle = $2 and p.kind = s.kind and p.subject = s.subject
             where s.company_id = $1 and s.cycle = $2 and p.unit = $3 and p.standing = 'in'
               and s.state in ('draft', 'proposed', 'settled')",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(unit)
        .columns::<(Text, Text, Text)>()
        .load(tx.conn())
        .await?)
}

/// Sheets that wait for somebody to confirm them are drafts again.
pub async fn reopen(tx: &mut Tx, cycle: Uuid, kind: Kind, subjects: &[String]) -> Result<()> {
    tx.sql(
        "update settled_sheets set state = 'draft', settled_by = null, settled_at = null, version = version + 1
         where company_id = $1 and cycle = $2 and kind = $3 and subject = any($4) and state = 'proposed'",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(kind)
    .bind::<Array<Text>, _>(subjects)
    .execute(tx.conn())
    .await?;
    Ok(())
}
