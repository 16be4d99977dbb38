use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::{SettledSheet, Subject};
use platform::{Problem, Result, Tx, say};
use serde_json::{Value, json};
use uuid::Uuid;

use super::sheet::{Sheet, id_of_edition};
use crate::assignments::assignment::Rater;
use crate::assignments::rows::pairs;
use crate::subjects::subject::{Kind, ids, kinds};

/// Sheets; `$1` is the company.
macro_rules! sheets {
    ($rest:literal) => {
        concat!(
            "select t.id, t.cycle, t.kind, t.subject, t.edition, t.counts, t.rows, t.weights, t.priorities, t.version
             from sheets t where t.company_id = $1 ",
            $rest
        )
    };
}

/// Stores settled sheets. A newer edition counts in place of the one before.
pub async fn settle(tx: &mut Tx, cycle: Uuid, settled: &[SettledSheet]) -> Result<()> {
    let rows: Value = settled
        .iter()
        .map(|sheet| {
            json!({ "kind": sheet.subject.kind.code(), "subject": sheet.subject.id, "edition": sheet.edition,
                "id": id_of_edition(cycle, &sheet.subject, sheet.edition), "rows": sheet.rows, "weights": sheet.weights,
                "priorities": sheet.priorities, "version": sheet.version })
        })
        .collect();
    tx.sql(
        "update sheets t set counts = false, version = t.version + 1
         from jsonb_to_recordset($3) as n(kind text, subject text, edition int)
         where t.company_id = $1 and t.cycle = $2 and t.kind = n.kind and t.subject = n.subject and t.counts and t.edition < n.edition",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Jsonb, _>(&rows)
    .execute(tx.conn())
    .await?;
    tx.sql(
        "insert into sheets (company_id, cycle, kind, subject, edition, id, counts, rows, weights, priorities, settled_version, version)
         select distinct on (n.kind, n.subject, n.edition) $1, $2, n.kind, n.subject, n.edition, n.id,
             not exists (select from sheets t where t.company_id = $1 and t.cycle = $2 and t.kind = n.kind and t.subject = n.subject
                 and t.edition > n.edition),
             n.rows, n.weights, array(select jsonb_array_elements_text(n.priorities)), n.version, 1
         from jsonb_to_recordset($3) as n(kind text, subject text, edition int, id uuid, rows jsonb, weights jsonb, priorities jsonb, version bigint)
         order by n.kind, n.subject, n.edition, n.version desc
         on conflict (company_id, cycle, kind, subject, edition) do update
         set rows = excluded.rows, weights = excluded.weights, priorities = excluded.priorities,
             settled_version = excluded.settled_version, version = sheets.version + 1
         where excluded.settled_version > sheets.settled_version",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Jsonb, _>(&rows)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn find(tx: &mut Tx, id: Uuid) -> Result<Option<Sheet>> {
    let found: Vec<Sheet> = tx.sql(sheets!("and t.id = $2")).bind::<SqlUuid, _>(id).load(tx.conn()).await?;
    Ok(found.into_iter().next())
}

pub async fn get(tx: &mut Tx, id: Uuid) -> Result<Sheet> {
    find(tx, id).await?.ok_or_else(|| Problem::not_found(say!("考核表", "sheet")))
}

/// The sheets of these subjects that count, locked in one order.
pub async fn lock_many(tx: &mut Tx, cycle: Uuid, wanted: &[Subject]) -> Result<Vec<Sheet>> {
    Ok(tx
        .sql(sheets!(
            "and t.cycle = $2 and t.counts and (t.kind, t.subject) in (select * from unnest($3::text[], $4::text[]))
             order by t.kind, t.subject for update"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(kinds(wanted))
        .bind::<Array<Text>, _>(ids(wanted))
        .load(tx.conn())
        .await?)
}

/// The sheets that count of some units, or of the whole cycle.
pub async fn of_units(tx: &mut Tx, cycle: Uuid, units: Option<&[String]>) -> Result<Vec<Sheet>> {
    Ok(tx
        .sql(sheets!(
            "and t.cycle = $2 and t.counts and ($3::text[] is null or exists (select from subjects s where s.company_id = $1
                 and s.cycle = $2 and s.kind = t.kind and s.subject = t.subject and s.unit = any($3)))"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Array<Text>>, _>(units)
        .load(tx.conn())
        .await?)
}

/// What was entered about these subjects changed their sheets.
pub async fn touch(tx: &mut Tx, cycle: Uuid, changed: &[Subject]) -> Result<()> {
    tx.sql(
        "update sheets t set version = t.version + 1 from unnest($3::text[], $4::text[]) n(kind, subject)
         where t.company_id = $1 and t.cycle = $2 and t.counts and t.kind = n.kind and t.subject = n.subject",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(kinds(changed))
    .bind::<Array<Text>, _>(ids(changed))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Which sheets a list shows.
#[derive(Clone, Default)]
pub struct Filter {
    pub cycle: Option<Uuid>,
    pub kind: Option<Kind>,
    pub unit: Option<String>,
    pub state: Option<&'static str>,
    pub mine: Option<&'static str>,
    /// A part of a number, a code or a name.
    pub search: Option<String>,
    /// Everybody's; else only those the person is concerned with.
    pub all: bool,
    /// The caller's employee number.
    pub number: Option<String>,
    /// As whom the caller rates.
    pub raters: Vec<Rater>,
    pub after: Option<(Uuid, String)>,
}

/// A sheet in a list.
#[derive(QueryableByName, Clone, Debug)]
pub struct Listed {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub unit: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub category: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub superior: Option<String>,
    #[diesel(sql_type = Integer)]
    pub edition: i32,
    /// Forms that are waited for.
    #[diesel(sql_type = BigInt)]
    pub open: i64,
    /// Of these, forms that lack something.
    #[diesel(sql_type = BigInt)]
    pub lacking: i64,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
}

/// The sheets that count, each with its subject and how far its forms are.
pub async fn list(tx: &mut Tx, filter: &Filter, limit: i64) -> Result<Vec<Listed>> {
    let (after_cycle, after_subject) = filter.after.clone().unzip();
    let (rater_kinds, raters) = pairs(&filter.raters);
    Ok(tx
        .sql(
            "select t.id, t.cycle, t.kind, t.subject, s.name, s.unit, s.category, s.superior, t.edition, f.open, f.lacking, t.version
             from sheets t
             join subjects s on s.company_id = $1 and s.cycle = t.cycle and s.kind = t.kind and s.subject = t.subject and s.standing <> 'out'
             cross join lateral (select count(*) filter (where a.state = 'open' and not a.optional) as open,
                     count(*) filter (where a.state = 'open' and not a.optional and a.missing > 0) as lacking
                 from assignments a where a.company_id = $1 and a.cycle = t.cycle and a.kind = t.kind and a.subject = t.subject
                     and a.edition = t.edition) f
             where t.company_id = $1 and t.counts and ($2::uuid is null or t.cycle = $2) and ($3::text is null or t.kind = $3)
               and ($4::text is null or s.unit = $4)
               and ($5::text is null or case $5 when 'complete' then f.open = 0 when 'ready' then f.open > 0 and f.lacking = 0
                    else f.lacking > 0 end)
               and ($6::text is null or s.name ilike '%' || $6 || '%' or s.subject ilike '%' || $6 || '%')
               and ($7 or (s.kind = 'person' and s.subject = $8) or $8 in (s.superior, s.head, s.co_head, s.leader)
                    or exists (select from assignments a where a.company_id = $1 and a.cycle = t.cycle and a.kind = t.kind
                        and a.subject = t.subject and a.state in ('open', 'submitted')
                        and (a.rater_kind, a.rater) in (select * from unnest($9::text[], $10::text[]))))
               and ($11::text is null or case $11 when 'appraisee' then s.kind = 'person' and s.subject = $8
                    else exists (select from assignments a where a.company_id = $1 and a.cycle = t.cycle and a.kind = t.kind
                        and a.subject = t.subject and a.state in ('open', 'submitted') and a.rater_column <> 'self'
                        and (a.rater_kind, a.rater) in (select * from unnest($9::text[], $10::text[]))) end)
               and ($12::uuid is null or (t.cycle, t.kind || ':' || t.subject) > ($12, $13))
             order by t.cycle, t.kind || ':' || t.subject limit $14",
        )
        .bind::<Nullable<SqlUuid>, _>(filter.cycle)
        .bind::<Nullable<Text>, _>(filter.kind)
        .bind::<Nullable<Text>, _>(&filter.unit)
        .bind::<Nullable<Text>, _>(filter.state)
        .bind::<Nullable<Text>, _>(&filter.search)
        .bind::<Bool, _>(filter.all)
        .bind::<Nullable<Text>, _>(&filter.number)
        .bind::<Array<Text>, _>(rater_kinds)
        .bind::<Array<Text>, _>(raters)
        .bind::<Nullable<Text>, _>(filter.mine)
        .bind::<Nullable<SqlUuid>, _>(after_cycle)
        .bind::<Nullable<Text>, _>(after_subject)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}
