use std::collections::BTreeSet;

use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::Subject;
use platform::sql::ToDiesel;
use platform::{Problem, Result, Tx, say};
use serde_json::{Value, json};
use uuid::Uuid;

use super::assignment::{Assignment, FormState, Naming, NewAssignment, Rater, RaterKind};
use crate::cycles::cycle::State;
use crate::subjects::subject::{ids, kinds};

/// Forms; `$1` is the company.
macro_rules! forms {
    ($rest:literal) => {
        concat!(
            "select a.id, a.cycle, a.kind, a.subject, a.edition, a.rater_column, a.items, a.rater_kind, a.rater, a.named_by, a.until,
                 a.state, a.optional, a.may_decline, a.missing, a.reason, a.replaces, a.acted_by, a.given, a.evidence, a.submitted_at, a.version
             from assignments a where a.company_id = $1 ",
            $rest
        )
    };
}

/// Sets for which kinds of rater HR has to name somebody, of these subjects.
pub async fn set_namings(tx: &mut Tx, cycle: Uuid, about: &[Subject], namings: &[Naming]) -> Result<()> {
    let row = |one: &Naming| json!({ "kind": one.subject.kind.code(), "subject": one.subject.id, "rater_column": one.column, "item": one.item, "whole": one.whole });
    tx.sql(
        "with wanted as (
             select * from jsonb_to_recordset($5) as n(kind text, subject text, rater_column text, item text, whole boolean)),
         gone as (
             delete from namings g where g.company_id = $1 and g.cycle = $2
                 and (g.kind, g.subject) in (select * from unnest($3::text[], $4::text[]))
                 and (g.kind, g.subject, g.rater_column, g.item) not in (select kind, subject, rater_column, item from wanted))
         insert into namings (company_id, cycle, kind, subject, rater_column, item, whole)
         select $1, $2, kind, subject, rater_column, item, whole from wanted
         on conflict (company_id, cycle, kind, subject, rater_column, item) do update set whole = excluded.whole
         where namings.whole <> excluded.whole",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(kinds(about))
    .bind::<Array<Text>, _>(ids(about))
    .bind::<Jsonb, _>(namings.iter().map(row).collect::<Value>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

const AT_ONCE: usize = 2000;

/// Hands out forms; those that are there already stay.
pub async fn insert(tx: &mut Tx, cycle: Uuid, new: &[NewAssignment]) -> Result<Vec<Uuid>> {
    let mut ids = Vec::new();
    for chunk in new.chunks(AT_ONCE) {
        let rows: Value = chunk
            .iter()
            .map(|form| {
                json!({ "id": Uuid::now_v7(), "kind": form.subject.kind.code(), "subject": form.subject.id, "edition": form.edition,
                    "rater_column": form.column, "items": form.items, "rater_kind": form.rater.kind, "rater": form.rater.id,
                    "named_by": form.named_by, "until": form.until, "optional": form.optional, "may_decline": form.may_decline, "missing": form.missing,
                    "replaces": form.replaces })
            })
            .collect();
        let inserted: Vec<Uuid> = tx
            .sql(
                "insert into assignments (company_id, id, cycle, kind, subject, edition, rater_column, items, rater_kind, rater, named_by,
                     until, state, optional, may_decline, missing, replaces)
                 select $1, n.id, $2, n.kind, n.subject, n.edition, n.rater_column,
                     case when jsonb_typeof(n.items) = 'array' then array(select jsonb_array_elements_text(n.items)) end,
                     n.rater_kind, n.rater, n.named_by, n.until, 'open', n.optional, n.may_decline, n.missing, n.replaces
                 from jsonb_to_recordset($3) as n(id uuid, kind text, subject text, edition int, rater_column text, items jsonb,
                     rater_kind text, rater text, named_by text, until date, optional boolean, may_decline boolean, missing int, replaces uuid)
                 on conflict do nothing returning id",
            )
            .bind::<SqlUuid, _>(cycle)
            .bind::<Jsonb, _>(rows)
            .columns::<SqlUuid>()
            .load(tx.conn())
            .await?;
        ids.extend(inserted);
    }
    Ok(ids)
}

pub async fn get(tx: &mut Tx, id: Uuid) -> Result<Assignment> {
    let found: Vec<Assignment> =
        tx.sql(forms!("and a.id = $2 for update")).bind::<SqlUuid, _>(id).load(tx.conn()).await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("评分任务", "assignment")))
}

pub async fn by_ids(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<Assignment>> {
    Ok(tx.sql(forms!("and a.id = any($2) order by a.id")).bind::<Array<SqlUuid>, _>(ids).load(tx.conn()).await?)
}

/// All forms about these subjects, whatever became of them.
pub async fn of_subjects(tx: &mut Tx, cycle: Uuid, wanted: &[Subject]) -> Result<Vec<Assignment>> {
    Ok(tx
        .sql(forms!(
            "and a.cycle = $2 and (a.kind, a.subject) in (select * from unnest($3::text[], $4::text[]))
             order by a.kind, a.subject, a.rater_column, a.rater, a.id"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(kinds(wanted))
        .bind::<Array<Text>, _>(ids(wanted))
        .load(tx.conn())
        .await?)
}

/// What was submitted about the subjects of some units, or of the cycle, on the sheets that count.
pub async fn submitted(tx: &mut Tx, cycle: Uuid, units: Option<&[String]>) -> Result<Vec<Assignment>> {
    Ok(tx
        .sql(forms!(
            "and a.cycle = $2 and a.state = 'submitted' and exists (select from sheets t where t.company_id = $1 and t.cycle = $2
                 and t.kind = a.kind and t.subject = a.subject and t.edition = a.edition and t.counts)
             and ($3::text[] is null or exists (select from subjects s where s.company_id = $1 and s.cycle = $2 and s.kind = a.kind
                 and s.subject = a.subject and s.unit = any($3)))
             order by a.kind, a.subject, a.rater_column, a.rater, a.id"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Array<Text>>, _>(units)
        .load(tx.conn())
        .await?)
}

/// Which forms a list shows.
#[derive(Default)]
pub struct Filter {
    pub cycle: Option<Uuid>,
    pub subject: Option<Subject>,
    pub state: Option<FormState>,
    /// Only those of these raters.
    pub mine: Option<Vec<Rater>>,
    pub after: Option<Uuid>,
}

pub async fn list(tx: &mut Tx, filter: &Filter, limit: i64) -> Result<Vec<Assignment>> {
    let (kind, subject) = filter.subject.as_ref().map(|subject| (subject.kind.code(), subject.id.clone())).unzip();
    let (kinds, raters) = pairs(filter.mine.as_deref().unwrap_or_default());
    Ok(tx
        .sql(forms!(
            "and ($2::uuid is null or a.cycle = $2) and ($3::text is null or (a.kind = $3 and a.subject = $4))
             and ($5::text is null or a.state = $5)
             and (not $6 or (a.state in ('open', 'submitted') and a.rater = any($8)
                 and (a.rater_kind, a.rater) in (select * from unnest($7::text[], $8::text[]))))
             and ($9::uuid is null or a.id > $9)
             order by a.id limit $10"
        ))
        .bind::<Nullable<SqlUuid>, _>(filter.cycle)
        .bind::<Nullable<Text>, _>(kind)
        .bind::<Nullable<Text>, _>(subject)
        .bind::<Nullable<Text>, _>(filter.state)
        .bind::<Bool, _>(filter.mine.is_some())
        .bind::<Array<Text>, _>(kinds)
        .bind::<Array<Text>, _>(raters)
        .bind::<Nullable<SqlUuid>, _>(filter.after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// Raters as two lists, kind by kind and name by name.
pub fn pairs(raters: &[Rater]) -> (Vec<RaterKind>, Vec<&str>) {
    raters.iter().map(|rater| (rater.kind, rater.id.as_str())).unzip()
}

/// Those of some forms on which nobody can enter anything now: the cycle is being computed or was cancelled, or the
/// subject has a published result.
pub async fn closed(tx: &mut Tx, forms: &[Assignment]) -> Result<BTreeSet<Uuid>> {
    let closed: Vec<Uuid> = tx
        .sql(
            "select a.id from assignments a where a.company_id = $1 and a.id = any($2)
               and (not exists (select from cycles c where c.company_id = $1 and c.id = a.cycle
                        and c.state = any($3))
                    or exists (select from results r where r.company_id = $1 and r.cycle = a.cycle and r.kind = a.kind
                        and r.subject = a.subject and r.publication is not null)
                    and not exists (select from redos d where d.company_id = $1 and d.cycle = a.cycle and d.kind = a.kind
                        and d.subject = a.subject and d.edition = a.edition and d.done_at is null))",
        )
        .bind::<Array<SqlUuid>, _>(forms.iter().map(|form| form.id).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(State::ENTERING.to_vec())
        .columns::<SqlUuid>()
        .load(tx.conn())
        .await?;
    Ok(closed.into_iter().collect())
}

/// The subjects of a page of open forms that the caller may fill in.
pub async fn subjects_to_submit(
    tx: &mut Tx,
    cycle: Uuid,
    mine: &[Rater],
    stands_in: bool,
    after: &str,
    limit: i64,
) -> Result<Vec<Subject>> {
    let (kinds, raters) = pairs(mine);
    let found: Vec<(String, String)> = tx
        .sql(
            "select distinct a.kind, a.subject from assignments a
             where a.company_id = $1 and a.cycle = $2 and a.state = 'open' and a.kind || ':' || a.subject > $3
               and ((a.rater = any($5) and (a.rater_kind, a.rater) in (select * from unnest($4::text[], $5::text[])))
                   or ($6 and exists (select from recusals r where r.company_id = $1 and r.cycle = $2 and r.kind = a.kind
                       and r.subject = a.subject and r.rater = a.rater)))
             order by a.kind, a.subject limit $7",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(after)
        .bind::<Array<Text>, _>(kinds)
        .bind::<Array<Text>, _>(raters)
        .bind::<Bool, _>(stands_in)
        .bind::<BigInt, _>(limit)
        .columns::<(Text, Text)>()
        .load(tx.conn())
        .await?;
    let subject = |(kind, id): (String, String)| format!("{kind}:{id}").parse::<Subject>().ok();
    Ok(found.into_iter().filter_map(subject).collect())
}

/// Writes forms back as they are now, one version on.
pub async fn store(tx: &mut Tx, forms: &[Assignment]) -> Result<()> {
    for chunk in forms.chunks(AT_ONCE) {
        store_chunk(tx, chunk).await?;
    }
    Ok(())
}

async fn store_chunk(tx: &mut Tx, forms: &[Assignment]) -> Result<()> {
    let json = |of: &dyn Fn(&Assignment) -> serde_json::Result<Value>| {
        forms.iter().map(of).collect::<serde_json::Result<Vec<Value>>>()
    };
    tx.sql(
        "update assignments a set given = n.given, evidence = n.evidence, state = n.state, missing = n.missing, reason = n.reason,
             acted_by = n.acted_by, submitted_at = n.submitted_at, version = a.version + 1
         from unnest($2::uuid[], $3::jsonb[], $4::jsonb[], $5::text[], $6::int[], $7::text[], $8::text[], $9::timestamptz[])
              n(id, given, evidence, state, missing, reason, acted_by, submitted_at)
         where a.company_id = $1 and a.id = n.id",
    )
    .bind::<Array<SqlUuid>, _>(forms.iter().map(|form| form.id).collect::<Vec<_>>())
    .bind::<Array<Jsonb>, _>(json(&|form| serde_json::to_value(form.given()))?)
    .bind::<Array<Jsonb>, _>(json(&|form| serde_json::to_value(form.evidence()))?)
    .bind::<Array<Text>, _>(forms.iter().map(|form| form.state).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(forms.iter().map(|form| form.missing).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(forms.iter().map(|form| form.reason.clone()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(forms.iter().map(|form| form.acted_by.clone()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(forms.iter().map(|form| form.submitted_at.to_diesel()).collect::<Vec<_>>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Puts forms into another state.
pub async fn set_state(tx: &mut Tx, ids: &[Uuid], state: FormState, reason: Option<&str>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    tx.sql(
        "update assignments set state = $3, reason = coalesce($4, reason), version = version + 1
         where company_id = $1 and id = any($2)",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Text, _>(state)
    .bind::<Nullable<Text>, _>(reason)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The open forms of a rater in a cycle.
pub async fn open_of(tx: &mut Tx, cycle: Uuid, rater: &Rater) -> Result<Vec<Assignment>> {
    Ok(tx
        .sql(forms!(
            "and a.cycle = $2 and a.state = 'open' and a.rater_kind = $3 and a.rater = $4 order by a.id for update"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(rater.kind)
        .bind::<Text, _>(&rater.id)
        .load(tx.conn())
        .await?)
}
