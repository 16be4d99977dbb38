//! Who gave what a result was computed from: they do not decide about it alone.

use std::collections::{BTreeSet, HashMap};

use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::EmployeeNumber;
use platform::{Result, Tx};
use uuid::Uuid;

use crate::subjects::subject::Kind;

/// Some of the results of units whose every decider had scored them; deciders by the unit that they decided about, or
/// nothing where it was everything.
pub async fn scored_by_all(
    tx: &mut Tx,
    cycle: Uuid,
    units: &[&str],
    deciders: &BTreeSet<(String, String)>,
) -> Result<Vec<String>> {
    let (of, numbers): (Vec<&str>, Vec<&str>) =
        deciders.iter().map(|(unit, number)| (unit.as_str(), number.as_str())).unzip();
    Ok(tx
        .sql(
            "select r.kind || ':' || r.subject from results r
             where r.company_id = $1 and r.cycle = $2 and r.publication is null and r.unit = any($3)
               and not exists (
                 select from unnest($4::text[], $5::text[]) d(unit, number)
                 where d.unit in ('', r.unit)
                   and not exists (select from assignments a where a.company_id = $1 and a.cycle = $2 and a.kind = r.kind
                       and a.subject = r.subject and a.state = 'submitted'
                       and (a.acted_by = d.number or (a.rater_kind = 'person' and a.rater = d.number)))
                   and not exists (select from facts f where f.company_id = $1 and f.cycle = $2 and f.kind = 'unit'
                       and f.subject = r.unit and f.path = 'score' and f.latest and f.made_by = d.number))
             order by 1 limit 5",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(units)
        .bind::<Array<Text>, _>(of)
        .bind::<Array<Text>, _>(numbers)
        .columns::<Text>()
        .load(tx.conn())
        .await?)
}

/// Whoever submitted a form about these subjects or gave their unit's score, by subject; but not a person themselves.
pub async fn of(
    tx: &mut Tx,
    cycle: Uuid,
    kind: Kind,
    subjects: &[&str],
) -> Result<HashMap<String, Vec<EmployeeNumber>>> {
    let found: Vec<(String, EmployeeNumber)> = tx
        .sql(
            "select distinct g.subject, g.number from (
                 select a.subject, n.number from assignments a
                 cross join lateral (values (case when a.rater_kind = 'person' then a.rater end), (a.acted_by)) n(number)
                 where a.company_id = $1 and a.cycle = $2 and a.kind = $3 and a.subject = any($4) and a.state = 'submitted'
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
        .columns::<(Text, Text)>()
        .load(tx.conn())
        .await?;
    let mut involved: HashMap<String, Vec<EmployeeNumber>> = HashMap::new();
    for (subject, number) in found {
        involved.entry(subject).or_default().push(number);
    }
    Ok(involved)
}
