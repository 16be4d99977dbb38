use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::EmployeeNumber;
use platform::sql::{Cached, ToDiesel, lower};
use platform::{Result, Role, Tx, page};
use uuid::Uuid;

use super::account::{AccountRow, Fresh, NewPassword, Own};
use crate::schema::accounts;

fn stored(roles: &[Role]) -> Vec<&'static str> {
    roles.iter().map(|role| role.name()).collect()
}

pub async fn insert(tx: &mut Tx, accounts: &[Fresh]) -> Result<()> {
    tx.sql(
        "insert into accounts (company_id, id, username, password_hash, employee, roles, must_change_password, created_at)
         select $1, t.id, t.username, t.password_hash, t.employee, string_to_array(t.roles, ','), t.must_change, $8
         from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[])
              as t (id, username, password_hash, employee, roles, must_change)",
    )
    .bind::<Array<SqlUuid>, _>(accounts.iter().map(|a| a.id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(accounts.iter().map(|a| a.username.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(accounts.iter().map(|a| a.password_hash.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(accounts.iter().map(|a| a.employee.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(accounts.iter().map(|a| stored(&a.roles).join(",")).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(accounts.iter().map(|a| a.must_change_password).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(tx.now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// User names (in lower case) and employees that have an account, of these lists.
pub async fn taken(
    tx: &mut Tx,
    usernames: &[String],
    employees: &[EmployeeNumber],
) -> Result<Vec<(String, Option<EmployeeNumber>)>> {
    let of_these = lower(accounts::username).eq_any(usernames).or(accounts::employee.eq_any(employees));
    let taken = accounts::table.filter(accounts::company_id.eq(tx.company)).filter(of_these);
    Ok(taken.select((lower(accounts::username), accounts::employee)).load(tx.conn()).await?)
}

/// The account whose password its owner changes.
pub async fn own(tx: &mut Tx, id: Uuid) -> Result<Option<Own>> {
    let account = accounts::table.find((tx.company, id)).filter(not(accounts::disabled));
    Ok(account.select(Own::as_select()).first(tx.conn()).await.optional()?)
}

pub async fn page(tx: &mut Tx, after: Option<Uuid>, limit: i64) -> Result<Vec<AccountRow>> {
    let all = accounts::table.filter(accounts::company_id.eq(tx.company)).select(AccountRow::as_select());
    Ok(page!(all, accounts::id, after, limit).load(tx.conn()).await?)
}

pub async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<AccountRow>> {
    let account = accounts::table.find((tx.company, id)).select(AccountRow::as_select());
    Ok(account.first(tx.conn()).await.optional()?)
}

/// What is to be different; what is none stays.
#[derive(AsChangeset)]
#[diesel(table_name = accounts)]
struct Changed<'a> {
    roles: Option<Vec<&'static str>>,
    disabled: Option<bool>,
    password_hash: Option<&'a str>,
    must_change_password: Option<bool>,
}

pub async fn change(
    tx: &mut Tx,
    id: Uuid,
    roles: Option<&[Role]>,
    disabled: Option<bool>,
    password: Option<&NewPassword>,
) -> Result<AccountRow> {
    let changed = Changed {
        roles: roles.map(stored),
        disabled,
        password_hash: password.map(|password| password.hash.as_str()),
        must_change_password: password.map(|password| password.must_change),
    };
    let account = diesel::update(accounts::table.find((tx.company, id)));
    let changed = account.set((changed, accounts::version.eq(accounts::version + 1_i64)));
    Ok(changed.returning(AccountRow::as_returning()).cached().get_result(tx.conn()).await?)
}

/// Whether somebody can administer the company.
pub async fn has_admin(tx: &mut Tx) -> Result<bool> {
    let admins = accounts::table
        .filter(accounts::company_id.eq(tx.company))
        .filter(not(accounts::disabled))
        .filter(accounts::roles.contains(vec![Role::Admin.name()]));
    Ok(diesel::select(exists(admins)).get_result(tx.conn()).await?)
}
