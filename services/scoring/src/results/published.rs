//! Which subjects of a cycle have a published result: about these nothing changes but by a correction.

use std::collections::BTreeSet;

use diesel::sql_types::{Array, BigInt, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::Subject;
use platform::{Problem, Result, Tx, say};
use uuid::Uuid;

use crate::redos::rows as redos;
use crate::subjects::subject::{Kind, ids, keys, kinds};

pub async fn subjects(tx: &mut Tx, cycle: Uuid, wanted: &[Subject]) -> Result<BTreeSet<Subject>> {
    let found: Vec<(Kind, String)> = tx
        .sql(
            "select distinct kind, subject from results where company_id = $1 and cycle = $2 and publication is not null
               and (kind, subject) in (select * from unnest($3::text[], $4::text[]))",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(kinds(wanted))
        .bind::<Array<Text>, _>(ids(wanted))
        .columns::<(Text, Text)>()
        .load(tx.conn())
        .await?;
    Ok(keys(found))
}

/// Those about whom no form is filled in any more: their result is published, and is not just rated anew.
pub async fn to_raters(tx: &mut Tx, cycle: Uuid, wanted: &[Subject]) -> Result<BTreeSet<Subject>> {
    let published = subjects(tx, cycle, wanted).await?;
    if published.is_empty() {
        return Ok(published);
    }
    let redone = redos::being_redone(tx, cycle, wanted).await?;
    Ok(published.difference(&redone).cloned().collect())
}

/// How many take part in a cycle and have no published result.
pub async fn late(tx: &mut Tx, cycle: Uuid) -> Result<i64> {
    Ok(tx
        .sql(
            "select count(*) from subjects s where s.company_id = $1 and s.cycle = $2 and s.standing <> 'out' and s.left_out_why is null
               and not exists (select from results r where r.company_id = $1 and r.cycle = $2 and r.kind = s.kind
                   and r.subject = s.subject and r.publication is not null)",
        )
        .bind::<SqlUuid, _>(cycle)
        .columns::<BigInt>()
        .get_result(tx.conn())
        .await?)
}

pub async fn must_not_be(tx: &mut Tx, cycle: Uuid, subject: &Subject) -> Result<()> {
    let published = subjects(tx, cycle, std::slice::from_ref(subject)).await?;
    if published.is_empty() { Ok(()) } else { Err(changes_by_a_correction()) }
}

/// Forms about the subject may still be filled in.
pub async fn must_be_open_to_raters(tx: &mut Tx, cycle: Uuid, subject: &Subject) -> Result<()> {
    let closed = to_raters(tx, cycle, std::slice::from_ref(subject)).await?;
    if closed.is_empty() { Ok(()) } else { Err(changes_by_a_correction()) }
}

fn changes_by_a_correction() -> Problem {
    Problem::wrong_state(say!(
        "结果已发布，只能通过更正修改",
        "the result is published and changes only by a correction"
    ))
}
