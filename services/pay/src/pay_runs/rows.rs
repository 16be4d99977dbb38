use diesel::dsl::{count, count_star, not};
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel::{AggregateExpressionMethods, ExpressionMethods, PgAnyJsonExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use platform::{Page, Result, Tx};
use uuid::Uuid;

use super::pay_run::{Findings, Issued, Missing, Standing, Totals};
use crate::cycles;
use crate::schema::{held_results, statements};

/// What is known of a cycle's payment, with the people that are missing behind a number.
pub async fn standing(tx: &mut Tx, cycle: Uuid, findings: Findings, after: &str, limit: i64) -> Result<Standing> {
    // Each query sees what was committed when it began: who is counted as waiting has been there for the list, too.
    let (drafted, waiting) = count_waiting(tx, cycle).await?;
    let missing = missing(tx, cycle, after, limit + 1).await?;
    Ok(Standing {
        issued: issued(tx, cycle).await?,
        totals: totals(tx, cycle).await?,
        drafted,
        waiting,
        missing: Page::cut(missing, limit, |person| person.number.to_string()),
        findings,
        warnings: cycles::rows::warnings(tx, cycle).await?,
    })
}

async fn issued(tx: &mut Tx, cycle: Uuid) -> Result<Issued> {
    Ok(statements::table
        .select((count_star(), count(statements::number).aggregate_distinct()))
        .filter(statements::company_id.eq(tx.company))
        .filter(statements::cycle.eq(cycle))
        .first(tx.conn())
        .await?)
}

/// What has been issued in all: differences add up to the latest statements.
async fn totals(tx: &mut Tx, cycle: Uuid) -> Result<Totals> {
    let found: Vec<(String, String, String)> = tx
        .sql(
            "select s.document ->> 'currency', d.key, sum(d.value::numeric)::text
             from (select document::jsonb as document from statements where company_id = $1 and cycle = $2) s
             cross join lateral jsonb_each_text(s.document -> 'difference') d group by 1, 2",
        )
        .bind::<SqlUuid, _>(cycle)
        .columns::<(Text, Text, Text)>()
        .load(tx.conn())
        .await?;
    let mut totals = Totals::new();
    for (currency, component, total) in found {
        totals.entry(currency).or_default().insert(component, total);
    }
    Ok(totals)
}

async fn missing(tx: &mut Tx, cycle: Uuid, after: &str, limit: i64) -> Result<Vec<Missing>> {
    let name_in = |part: &'static str| held_results::held.retrieve_as_object(part).retrieve_as_text("name");
    let waiting = held_results::table
        .select((
            held_results::number,
            name_in("result"),
            held_results::unit,
            name_in("unit"),
            held_results::missing,
            held_results::problem,
        ))
        .filter(held_results::company_id.eq(tx.company))
        .filter(held_results::cycle.eq(cycle))
        .filter(not(held_results::settled));
    Ok(platform::page!(waiting, held_results::number, Some(after), limit).load(tx.conn()).await?)
}

/// How many people's pay waits in a batch, and for how many it has not been reckoned.
async fn count_waiting(tx: &mut Tx, cycle: Uuid) -> Result<(i64, i64)> {
    Ok(tx
        .sql(
            "select (select count(*) from drafts where company_id = $1 and cycle = $2),
                 (select count(*) from held_results where company_id = $1 and cycle = $2 and not settled)",
        )
        .bind::<SqlUuid, _>(cycle)
        .columns::<(BigInt, BigInt)>()
        .get_result(tx.conn())
        .await?)
}
