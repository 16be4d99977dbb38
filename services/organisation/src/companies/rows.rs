use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::civil::Date;
use platform::sql::{Cached, ToDiesel, lower};
use platform::{Problem, Result, Tx, say};
use uuid::Uuid;

use super::company::Company;
use crate::schema::companies;

/// Heads are derived from the next day on; whoever listens now is told everything as it comes.
pub async fn insert(tx: &mut Tx, company: &Company, heads_on: Date) -> Result<()> {
    let heads_on = companies::heads_on.eq(heads_on.to_diesel());
    let created_at = companies::created_at.eq(tx.now.to_diesel());
    let inserted = diesel::insert_into(companies::table)
        .values((company, heads_on, created_at, companies::told_to.eq(LISTENERS)))
        .on_conflict_do_nothing()
        .execute(tx.conn())
        .await?;
    if inserted == 1 {
        Ok(())
    } else {
        Err(Problem::conflict(say!("已有使用此代码的公司", "there is a company with this code")))
    }
}

/// The company of the transaction.
pub async fn current(tx: &mut Tx) -> Result<Option<Company>> {
    let company = companies::table.find(tx.company).select(Company::as_select());
    Ok(company.first(tx.conn()).await.optional()?)
}

pub async fn id_of_code(tx: &mut Tx, code: &str) -> Result<Option<Uuid>> {
    let company = companies::table.filter(lower(companies::code).eq(lower(code))).select(companies::id);
    Ok(company.first(tx.conn()).await.optional()?)
}

/// Raised when a service begins to listen: 1 since pay does to people and notification to calendars, 2 since scoring does
/// to people and units tell who leads them, 3 since scoring does to units, 4 since notification does to roles and bodies and
/// appeals to people, bodies and calendars, 5 since scoring does to roles, and all of them to the rules of bodies,
/// 6 since scoring does to calendars, 7 since planning does to roles, rules of bodies and delegations, 8 since pay does to
/// roles, bodies and delegations.
const LISTENERS: i32 = 8;

/// A company that not all listeners have been told of, held until the transaction ends.
pub async fn untold(tx: &mut Tx) -> Result<Option<Uuid>> {
    let untold = companies::table.filter(companies::told_to.lt(LISTENERS)).select(companies::id).limit(1);
    Ok(untold.for_update().skip_locked().get_result(tx.conn()).await.optional()?)
}

pub async fn told(tx: &mut Tx) -> Result<()> {
    let company = diesel::update(companies::table.find(tx.company));
    company.set(companies::told_to.eq(LISTENERS)).cached().execute(tx.conn()).await?;
    Ok(())
}

/// A company whose units' heads were last derived before today, held until the transaction ends.
pub async fn with_old_heads(tx: &mut Tx, today: Date) -> Result<Option<Uuid>> {
    let due = companies::table
        .filter(companies::heads_on.lt(today.to_diesel()))
        .order(companies::heads_on)
        .select(companies::id)
        .limit(1);
    Ok(due.for_update().skip_locked().get_result(tx.conn()).await.optional()?)
}

pub async fn heads_derived(tx: &mut Tx, today: Date) -> Result<()> {
    let company = diesel::update(companies::table.find(tx.company));
    company.set(companies::heads_on.eq(today.to_diesel())).cached().execute(tx.conn()).await?;
    Ok(())
}

/// Lets one transaction at a time change a company's people and units: what it checks stays true.
pub async fn lock(tx: &mut Tx) -> Result<()> {
    tx.sql("select pg_advisory_xact_lock(hashtextextended('organisation ' || $1::text, 0))").execute(tx.conn()).await?;
    Ok(())
}
