use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::civil::Date;
use platform::sql::{Cached, ToDiesel};
use platform::{Problem, Result, Tx, say};
use uuid::Uuid;

use super::delegation::Delegation;
use crate::schema::delegations;

pub async fn insert(tx: &mut Tx, delegation: &Delegation) -> Result<()> {
    diesel::insert_into(delegations::table).values(delegation.clone()).cached().execute(tx.conn()).await?;
    Ok(())
}

/// A delegation, held until the transaction ends.
pub async fn get(tx: &mut Tx, id: Uuid) -> Result<Delegation> {
    let found = delegations::table.find((tx.company, id)).select(Delegation::as_select()).for_update();
    let found = found.first(tx.conn()).await.optional()?;
    found.ok_or_else(|| Problem::not_found(say!("委托", "delegation")))
}

/// All of the company, or those of and to somebody; the newest first.
pub async fn list(tx: &mut Tx, whose: Option<&str>) -> Result<Vec<Delegation>> {
    let mut wanted = delegations::table.filter(delegations::company_id.eq(tx.company)).into_boxed();
    if let Some(number) = whose {
        let (of, to) = (delegations::delegator.eq(number.to_owned()), delegations::delegate.eq(number.to_owned()));
        wanted = wanted.filter(of.or(to));
    }
    let newest = wanted.order(delegations::id.desc()).limit(500).select(Delegation::as_select());
    Ok(newest.load(tx.conn()).await?)
}

/// Those that somebody may act by, today or later.
pub async fn running(tx: &mut Tx, today: Date) -> Result<Vec<Delegation>> {
    let wanted = delegations::table
        .filter(delegations::company_id.eq(tx.company))
        .filter(delegations::revoked_at.is_null())
        .filter(delegations::until_on.ge(today.to_diesel()));
    Ok(wanted.order(delegations::id).select(Delegation::as_select()).load(tx.conn()).await?)
}

pub async fn revoke(tx: &mut Tx, id: Uuid) -> Result<()> {
    let change = (
        delegations::revoked_by.eq(tx.actor.name.clone()),
        delegations::revoked_at.eq(tx.now.to_diesel()),
        delegations::version.eq(delegations::version + 1_i64),
    );
    diesel::update(delegations::table.find((tx.company, id))).set(change).cached().execute(tx.conn()).await?;
    Ok(())
}
