use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::Subject;
use platform::sql::ToDiesel;
use platform::{Problem, Result, Tx, say};
use serde_json::{Value, json};
use uuid::Uuid;

use super::figure_move::{Moved, Planned};
use crate::subjects::subject::{ids, kinds};

/// Moves of the company `$1`.
macro_rules! moves {
    ($rest:literal) => {
        concat!(
            "select m.id, m.cycle, m.kind, m.subject, m.figure, m.points::text as points, m.code, m.from_value, m.reason, m.made_by,
                 coalesce(p.name, m.made_by) as made_by_name, m.made_at, m.withdrawn_by, m.withdrawn_why, m.withdrawn_at
             from moves m left join directory_people p on p.company_id = $1 and p.number = m.made_by
             where m.company_id = $1 ",
            $rest
        )
    };
}

/// A move that counts.
pub async fn get(tx: &mut Tx, id: Uuid) -> Result<Moved> {
    let found: Vec<Moved> =
        tx.sql(moves!("and m.id = $2 and m.withdrawn_at is null")).bind::<SqlUuid, _>(id).load(tx.conn()).await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("调整", "move")))
}

/// What counts about the subjects of some units, or of the cycle, in the order in which it was moved.
pub async fn of_units(tx: &mut Tx, cycle: Uuid, units: Option<&[String]>) -> Result<Vec<Moved>> {
    Ok(tx
        .sql(moves!(
            "and m.cycle = $2 and m.withdrawn_at is null and ($3::text[] is null or exists (select from subjects s
                 where s.company_id = $1 and s.cycle = $2 and s.kind = m.kind and s.subject = m.subject and s.unit = any($3)))
             order by m.id"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Array<Text>>, _>(units)
        .load(tx.conn())
        .await?)
}

/// What counts about some subjects.
pub async fn of_subjects(tx: &mut Tx, cycle: Uuid, wanted: &[Subject]) -> Result<Vec<Moved>> {
    Ok(tx
        .sql(moves!(
            "and m.cycle = $2 and m.withdrawn_at is null and (m.kind, m.subject) in (select * from unnest($3::text[], $4::text[]))
             order by m.id"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(kinds(wanted))
        .bind::<Array<Text>, _>(ids(wanted))
        .load(tx.conn())
        .await?)
}

/// All of a cycle, those that were taken back among them; of some only what they made, and of everybody nothing about
/// themselves before it is published.
pub async fn list(
    tx: &mut Tx,
    cycle: Uuid,
    by: Option<&str>,
    viewer: Option<&str>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Moved>> {
    Ok(tx
        .sql(moves!(
            "and m.cycle = $2 and ($3::text is null or m.made_by = $3) and ($4::uuid is null or m.id > $4)
             and (m.kind <> 'person' or m.subject is distinct from $5 or exists (select from results r where r.company_id = $1 and r.cycle = $2
                 and r.kind = m.kind and r.subject = m.subject and r.publication is not null)) order by m.id limit $6"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Text>, _>(by)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<Nullable<Text>, _>(viewer)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

pub async fn insert(tx: &mut Tx, cycle: Uuid, moves: &[Planned]) -> Result<Vec<Uuid>> {
    let (now, by) = (tx.now, tx.actor.name.clone());
    let ids: Vec<Uuid> = moves.iter().map(|_| Uuid::now_v7()).collect();
    let row = |(id, one): (&Uuid, &Planned)| {
        json!({ "id": id, "kind": one.subject.kind.code(), "subject": one.subject.id, "figure": one.figure,
            "points": one.points, "code": one.code, "from_value": one.from, "reason": one.reason })
    };
    tx.sql(
        "insert into moves (company_id, id, cycle, kind, subject, figure, points, code, from_value, reason, made_by, made_at)
         select $1, n.id, $2, n.kind, n.subject, n.figure, n.points, n.code, n.from_value, n.reason, $4, $5
         from jsonb_to_recordset($3) as n(id uuid, kind text, subject text, figure text, points numeric, code text, from_value text, reason text)",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Jsonb, _>(ids.iter().zip(moves).map(row).collect::<Value>())
    .bind::<Text, _>(by)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(ids)
}

pub async fn withdraw(tx: &mut Tx, id: Uuid, reason: &str) -> Result<()> {
    let (now, by) = (tx.now, tx.actor.name.clone());
    tx.sql(
        "update moves set withdrawn_by = $3, withdrawn_why = $4, withdrawn_at = $5 where company_id = $1 and id = $2",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(by)
    .bind::<Text, _>(reason)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}
