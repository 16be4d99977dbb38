use diesel::sql_types::{Array, BigInt, Jsonb, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use platform::sql::ToDiesel;
use platform::{Result, Tx};
use serde_json::{Value, json};

use super::imported::Checked;
use crate::subjects::subject::Kind;

/// Keeps imported results; a later import of the same replaces what was there.
pub async fn keep(tx: &mut Tx, results: &[Checked]) -> Result<()> {
    let (now, by) = (tx.now, tx.actor.name.clone());
    for chunk in results.chunks(2000) {
        let rows: Value = chunk
            .iter()
            .map(|one| {
                json!({ "scheme": one.scheme, "cadence": one.cadence, "period": one.period, "kind": one.subject.kind.code(),
                    "subject": one.subject.id, "score": one.score.map(|score| score.to_string()), "grade": one.grade, "outcomes": one.outcomes })
            })
            .collect();
        tx.sql(
            "insert into imported_results (company_id, scheme, cadence, period, kind, subject, score, grade, outcomes, made_by, made_at, version)
             select $1, n.scheme, n.cadence, n.period, n.kind, n.subject, n.score::numeric, n.grade,
                 array(select jsonb_array_elements_text(n.outcomes)), $3, $4, 1
             from jsonb_to_recordset($2) as n(scheme text, cadence text, period text, kind text, subject text, score text, grade text, outcomes jsonb)
             on conflict (company_id, scheme, cadence, kind, subject, period) do update set score = excluded.score, grade = excluded.grade,
                 outcomes = excluded.outcomes, made_by = excluded.made_by, made_at = excluded.made_at, version = imported_results.version + 1",
        )
        .bind::<Jsonb, _>(rows)
        .bind::<Text, _>(&by)
        .bind::<Timestamptz, _>(now.to_diesel())
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// Those of some results that were published here: their places in the list, from 0.
pub async fn published(tx: &mut Tx, results: &[Checked]) -> Result<Vec<i64>> {
    let kinds: Vec<Kind> = results.iter().map(|one| Kind::of(one.subject.kind)).collect();
    Ok(tx
        .sql(
            "select n.no - 1 from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) with ordinality
                 n(scheme, cadence, period, kind, subject, no)
             where exists (select from cycles c join results r on r.company_id = $1 and r.cycle = c.id and r.kind = n.kind
                 and r.subject = n.subject and r.publication is not null
                 where c.company_id = $1 and c.scheme_code = n.scheme and c.cadence = n.cadence and c.period = n.period
                   and c.state <> 'cancelled')
             order by n.no",
        )
        .bind::<Array<Text>, _>(results.iter().map(|one| one.scheme.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(results.iter().map(|one| one.cadence.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(results.iter().map(|one| one.period.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(kinds)
        .bind::<Array<Text>, _>(results.iter().map(|one| one.subject.id.as_str()).collect::<Vec<_>>())
        .columns::<BigInt>()
        .load(tx.conn())
        .await?)
}
