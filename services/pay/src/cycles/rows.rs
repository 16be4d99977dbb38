use diesel::sql_types::{Integer, Jsonb, Nullable, Uuid as SqlUuid};
use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use events::{CycleOpened, CyclePublished};
use jiff::civil::Date;
use platform::sql::{self, Cached, ToDiesel};
use platform::{Result, Tx};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Cycle, schemes};
use crate::schema::{cycles, pay_warnings};

#[derive(Insertable)]
#[diesel(table_name = cycles)]
struct NewCycle<'a> {
    company_id: Uuid,
    id: Uuid,
    scheme_code: &'a str,
    scheme_source: &'a str,
    cadence: &'a str,
    period: &'a str,
    last_day: sql::Date,
    parameters: &'a Value,
    company_facts: Value,
}

/// Keeps a cycle; one that is there already stays as it is.
pub async fn insert(tx: &mut Tx, opened: &CycleOpened, last_day: Date) -> Result<()> {
    let cycle = NewCycle {
        company_id: tx.company,
        id: opened.cycle,
        scheme_code: &opened.scheme_code,
        scheme_source: &opened.scheme_source,
        cadence: &opened.cadence,
        period: &opened.period,
        last_day: last_day.to_diesel(),
        parameters: &opened.parameters,
        company_facts: serde_json::to_value(&opened.company_facts)?,
    };
    diesel::insert_into(cycles::table).values(cycle).on_conflict_do_nothing().cached().execute(tx.conn()).await?;
    Ok(())
}

pub async fn find(tx: &mut Tx, id: Uuid) -> Result<Option<Cycle>> {
    let query = cycles::table.find((tx.company, id)).select(Cycle::as_select());
    Ok(prepared(query.first(tx.conn()).await.optional()?).await)
}

/// The cycle, which nobody else may lock until the transaction ends.
pub async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<Cycle>> {
    let query = cycles::table.find((tx.company, id)).select(Cycle::as_select()).for_update();
    Ok(prepared(query.first(tx.conn()).await.optional()?).await)
}

async fn prepared(cycle: Option<Cycle>) -> Option<Cycle> {
    if let Some(cycle) = &cycle {
        schemes::prepare(cycle).await;
    }
    cycle
}

/// The cycle with the latest period of each scheme and cadence.
pub async fn latest_of_each(tx: &mut Tx) -> Result<Vec<Cycle>> {
    Ok(cycles::table
        .filter(cycles::company_id.eq(tx.company))
        .filter(cycles::cancelled.is_null())
        .distinct_on((cycles::scheme_code, cycles::cadence))
        .order((cycles::scheme_code, cycles::cadence, cycles::last_day.desc(), cycles::id))
        .select(Cycle::as_select())
        .load(tx.conn())
        .await?)
}

/// Notes that a cycle was cancelled; false when it is not known.
pub async fn cancel(tx: &mut Tx, id: Uuid, reason: &str) -> Result<bool> {
    let change = cycles::cancelled.eq(reason);
    let cycle = cycles::table.find((tx.company, id));
    Ok(diesel::update(cycle).set(change).cached().execute(tx.conn()).await? == 1)
}

/// Keeps what the scheme warns of, beside what it warned of before.
pub async fn add_warnings(tx: &mut Tx, id: Uuid, unit: &str, codes: &[String]) -> Result<()> {
    let company = tx.company;
    let warning = |code: &String| {
        (
            pay_warnings::company_id.eq(company),
            pay_warnings::cycle.eq(id),
            pay_warnings::unit.eq(unit.to_owned()),
            pay_warnings::code.eq(code.clone()),
        )
    };
    let warnings: Vec<_> = codes.iter().map(warning).collect();
    diesel::insert_into(pay_warnings::table).values(warnings).on_conflict_do_nothing().execute(tx.conn()).await?;
    Ok(())
}

/// Keeps what the scheme warns of people who are reckoned together, in place of what it warned of before.
pub async fn set_warnings(tx: &mut Tx, id: Uuid, unit: &str, codes: &[String]) -> Result<()> {
    let before = pay_warnings::table
        .filter(pay_warnings::company_id.eq(tx.company))
        .filter(pay_warnings::cycle.eq(id))
        .filter(pay_warnings::unit.eq(unit));
    diesel::delete(before).cached().execute(tx.conn()).await?;
    add_warnings(tx, id, unit, codes).await
}

/// Codes of what the scheme warns of in a cycle.
pub async fn warnings(tx: &mut Tx, id: Uuid) -> Result<Vec<String>> {
    Ok(pay_warnings::table
        .select(pay_warnings::code)
        .distinct()
        .filter(pay_warnings::company_id.eq(tx.company))
        .filter(pay_warnings::cycle.eq(id))
        .order(pay_warnings::code)
        .load(tx.conn())
        .await?)
}

/// Keeps what scoring published of a cycle as a whole; figures that it did not tell stay as they are.
pub async fn set_published(tx: &mut Tx, published: &CyclePublished) -> Result<()> {
    tx.sql(
        "update cycles set publications = publications || $3, company_carried = coalesce($4, company_carried),
             publication_begun = greatest(publication_begun, $5),
             results_published = (select sum(v.value::bigint) from jsonb_each_text(publications || $3) v)
         where company_id = $1 and id = $2",
    )
    .bind::<SqlUuid, _>(published.cycle)
    .bind::<Jsonb, _>(json!({ published.publication.to_string(): published.results }))
    .bind::<Nullable<Jsonb>, _>(published.company_carried.as_ref().map(serde_json::to_value).transpose()?)
    .bind::<Integer, _>(published.publication)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes that results of a publication come.
pub async fn begin_publication(tx: &mut Tx, id: Uuid, publication: i32) -> Result<()> {
    let cycle = cycles::table.find((tx.company, id)).filter(cycles::publication_begun.lt(publication));
    diesel::update(cycle).set(cycles::publication_begun.eq(publication)).cached().execute(tx.conn()).await?;
    Ok(())
}
