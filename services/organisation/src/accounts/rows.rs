use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use platform::sql::ToDiesel;
use platform::{Problem, Result, Role, Tx};
use serde_json::Value;
use uuid::Uuid;

/// An account to be inserted.
pub struct Fresh {
    pub id: Uuid,
    pub username: String,
    pub password_hash: String,
    pub employee: Option<String>,
    pub roles: Vec<Role>,
    pub must_change_password: bool,
}

#[derive(Clone, Debug, QueryableByName)]
pub struct AccountRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub username: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub employee: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    pub roles: Vec<String>,
    #[diesel(sql_type = Bool)]
    pub disabled: bool,
    #[diesel(sql_type = Bool)]
    pub must_change_password: bool,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
}

/// Roles as they are stored; what is unknown to this version is left out.
pub fn roles(stored: &[String]) -> Vec<Role> {
    stored.iter().filter_map(|role| serde_json::from_value(Value::String(role.clone())).ok()).collect()
}

fn stored(role: Role) -> Result<String> {
    match serde_json::to_value(role)? {
        Value::String(name) => Ok(name),
        _ => Err(Problem::internal("a role has no name")),
    }
}

pub async fn insert(tx: &mut Tx, accounts: &[Fresh], now: Timestamp) -> Result<()> {
    let mut granted = Vec::with_capacity(accounts.len());
    for account in accounts {
        let names: Vec<String> = account.roles.iter().map(|role| stored(*role)).collect::<Result<_>>()?;
        granted.push(names.join(","));
    }
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
    .bind::<Array<Text>, _>(granted)
    .bind::<Array<Bool>, _>(accounts.iter().map(|a| a.must_change_password).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
pub struct Taken {
    #[diesel(sql_type = Nullable<Text>)]
    pub username: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub employee: Option<String>,
}

/// User names (in lower case) and employees of this list that have an account.
pub async fn taken(tx: &mut Tx, usernames: &[String], employees: &[String]) -> Result<Vec<Taken>> {
    Ok(tx
        .sql(
            "select lower(username) as username, employee from accounts
         where company_id = $1 and (lower(username) = any($2) or employee = any($3))",
        )
        .bind::<Array<Text>, _>(usernames)
        .bind::<Array<Text>, _>(employees)
        .load(tx.conn())
        .await?)
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = Text)]
    number: String,
}

/// Numbers of employees who are called, whatever the case, like one of these names (in lower case).
pub async fn numbers_like(tx: &mut Tx, names: &[String]) -> Result<Vec<String>> {
    let found: Vec<Number> = tx
        .sql("select number from employees where company_id = $1 and lower(number) = any($2)")
        .bind::<Array<Text>, _>(names)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|row| row.number).collect())
}

#[derive(QueryableByName)]
pub struct Own {
    #[diesel(sql_type = Text)]
    pub username: String,
    #[diesel(sql_type = Text)]
    pub password_hash: String,
}

/// The account whose password its owner changes.
pub async fn own(tx: &mut Tx, id: Uuid) -> Result<Option<Own>> {
    let found: Vec<Own> = tx
        .sql("select username, password_hash from accounts where company_id = $1 and id = $2 and not disabled")
        .bind::<SqlUuid, _>(id)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next())
}

pub async fn page(tx: &mut Tx, after: Option<Uuid>, limit: i64) -> Result<Vec<AccountRow>> {
    Ok(tx
        .sql(
            "select id, username, employee, roles, disabled, must_change_password, version from accounts
         where company_id = $1 and ($2::uuid is null or id > $2) order by id limit $3",
        )
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

pub async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<AccountRow>> {
    let found: Vec<AccountRow> = tx.sql(
        "select id, username, employee, roles, disabled, must_change_password, version from accounts where company_id = $1 and id = $2",
    )
    .bind::<SqlUuid, _>(id)
    .load(tx.conn())
    .await?;
    Ok(found.into_iter().next())
}

/// A password that was hashed, and whether its owner has to choose another one.
#[derive(Clone, Debug)]
pub struct NewPassword {
    pub hash: String,
    pub must_change: bool,
}

pub async fn change(
    tx: &mut Tx,
    id: Uuid,
    roles: Option<&[Role]>,
    disabled: Option<bool>,
    password: Option<&NewPassword>,
) -> Result<AccountRow> {
    let roles: Option<Vec<String>> =
        roles.map(|roles| roles.iter().map(|role| stored(*role)).collect::<Result<_>>()).transpose()?;
    Ok(tx
        .sql(
            "update accounts set roles = coalesce($3, roles), disabled = coalesce($4, disabled),
             password_hash = coalesce($5, password_hash), must_change_password = coalesce($6, must_change_password),
             version = version + 1
         where company_id = $1 and id = $2
         returning id, username, employee, roles, disabled, must_change_password, version",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<Nullable<Array<Text>>, _>(roles)
        .bind::<Nullable<Bool>, _>(disabled)
        .bind::<Nullable<Text>, _>(password.map(|password| password.hash.as_str()))
        .bind::<Nullable<Bool>, _>(password.map(|password| password.must_change))
        .get_result(tx.conn())
        .await?)
}

#[derive(QueryableByName)]
struct Any {
    #[diesel(sql_type = Bool)]
    any: bool,
}

/// Whether somebody can administer the company.
pub async fn has_admin(tx: &mut Tx) -> Result<bool> {
    let found: Any = tx.sql(
        "select exists (select from accounts where company_id = $1 and not disabled and 'admin' = any(roles)) as any",
    )
    .get_result(tx.conn())
    .await?;
    Ok(found.any)
}
