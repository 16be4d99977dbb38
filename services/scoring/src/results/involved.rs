//! Who gave what a result was computed from, moves among it: they do not decide about it alone.

use std::collections::{BTreeSet, HashMap};

use diesel::sql_types::{Array, Bool, Jsonb, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::EmployeeNumber;
use platform::{Result, Tx};
use serde::Serialize;
use uuid::Uuid;

use crate::subjects::subject::Kind;

/// Somebody who approved: for whom they decided, about which unit (empty: everything) and which categories of people (empty:
/// all).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Decider {
    pub unit: String,
    pub categories: Vec<String>,
    /// By employee number.
    pub number: String,
    /// Whose place they took; themselves unless it was delegated.
    pub acted_for: String,
}

/// Some of the results of units that nobody approved but those who scored them, or whom they are about: whoever acts for
/// somebody counts as both.
pub async fn approved_by_nobody_else(
    tx: &mut Tx,
    cycle: Uuid,
    units: &[&str],
    deciders: &BTreeSet<Decider>,
) -> Result<Vec<String>> {
    Ok(tx
        .sql(
            "select r.kind || ':' || r.subject from results r
             left join subjects u on u.company_id = $1 and u.cycle = $2 and u.kind = r.kind and u.subject = r.subject
             where r.company_id = $1 and r.cycle = $2 and r.publication is null and r.excluded is null and r.unit = any($3)
               and not exists (
                 select from jsonb_to_recordset($4) as d(unit text, categories text[], number text, acted_for text)
                 where d.unit in ('', r.unit)
                   and (d.categories = '{}' or r.kind = 'unit' or r.category is null or r.category = any(d.categories))
                   and not (r.kind = 'person' and r.subject in (d.number, d.acted_for))
                   and not (r.kind = 'unit' and (coalesce(u.head, '') in (d.number, d.acted_for) or coalesce(u.co_head, '') in (d.number, d.acted_for)))
                   and not exists (select from assignments a where a.company_id = $1 and a.cycle = $2 and a.kind = r.kind
                       and a.subject = r.subject and a.state = 'submitted'
                       and (a.acted_by in (d.number, d.acted_for) or (a.rater_kind = 'person' and a.rater in (d.number, d.acted_for))))
                   and not exists (select from moves m where m.company_id = $1 and m.cycle = $2 and m.kind = r.kind and m.subject = r.subject
                       and m.withdrawn_at is null and m.made_by in (d.number, d.acted_for))
                   and not exists (select from facts f where f.company_id = $1 and f.cycle = $2 and f.kind = 'unit'
                       and f.subject = r.unit and f.path = 'score' and f.latest and f.made_by in (d.number, d.acted_for)))
             order by 1 limit 5",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(units)
        .bind::<Jsonb, _>(serde_json::to_value(deciders)?)
        .columns::<Text>()
        .load(tx.conn())
        .await?)
}

/// Whoever submitted a form about these subjects, moved a figure of theirs or gave their unit's score, by subject; but not a person themselves.
pub async fn of(
    tx: &mut Tx,
    cycle: Uuid,
    kind: Kind,
    subjects: &[&str],
) -> Result<HashMap<String, Vec<EmployeeNumber>>> {
    all(tx, cycle, kind, subjects, true).await
}

/// As [`of`], but not whoever only moved a figure.
pub async fn raters(
    tx: &mut Tx,
    cycle: Uuid,
    kind: Kind,
    subjects: &[&str],
) -> Result<HashMap<String, Vec<EmployeeNumber>>> {
    all(tx, cycle, kind, subjects, false).await
}

async fn all(
    tx: &mut Tx,
    cycle: Uuid,
    kind: Kind,
    subjects: &[&str],
    movers: bool,
) -> Result<HashMap<String, Vec<EmployeeNumber>>> {
    let found: Vec<(String, EmployeeNumber)> = tx
        .sql(
            "select distinct g.subject, g.number from (
                 select a.subject, n.number from assignments a
                 cross join lateral (values (case when a.rater_kind = 'person' then a.rater end), (a.acted_by)) n(number)
                 where a.company_id = $1 and a.cycle = $2 and a.kind = $3 and a.subject = any($4) and a.state = 'submitted'
                 union all
                 select m.subject, m.made_by from moves m
                 where m.company_id = $1 and m.cycle = $2 and m.kind = $3 and m.subject = any($4) and m.withdrawn_at is null and $5
                 union all
                 select s.subject, f.made_by from subjects s
                 join facts f on f.company_id = $1 and f.cycle = $2 and f.kind = 'unit' and f.subject = s.unit and f.path = 'score' and f.latest
                 where s.company_id = $1 and s.cycle = $2 and s.kind = $3 and s.subject = any($4)) g
             where g.number is not null and g.number not like '@%' and g.number <> 'system'
               and ($3 <> 'person' or g.number <> g.subject) order by g.subject, g.number",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(kind)
        .bind::<Array<Text>, _>(subjects)
        .bind::<Bool, _>(movers)
        .columns::<(Text, Text)>()
        .load(tx.conn())
        .await?;
    let mut involved: HashMap<String, Vec<EmployeeNumber>> = HashMap::new();
    for (subject, number) in found {
        involved.entry(subject).or_default().push(number);
    }
    Ok(involved)
}
