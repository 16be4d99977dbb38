use diesel::QueryableByName;
use diesel::sql_types::{Array, Binary, Bool, Date as SqlDate, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use jiff::Timestamp;
use jiff::civil::Date;
use platform::Result;
use platform::sql::{self, ToDiesel};
use uuid::Uuid;

use super::rules::Standing;

#[derive(QueryableByName)]
pub struct Login {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub username: String,
    #[diesel(sql_type = Text)]
    pub password_hash: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub employee: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    pub roles: Vec<String>,
}

/// The account of this name, unless it is disabled.
pub async fn login(conn: &mut AsyncPgConnection, company: Uuid, username: &str) -> Result<Option<Login>> {
    let found: Vec<Login> = diesel::sql_query(
        "select id, username, password_hash, employee, roles from accounts
         where company_id = $1 and lower(username) = lower($2) and not disabled",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<Text, _>(username)
    .load(conn)
    .await?;
    Ok(found.into_iter().next())
}

#[derive(QueryableByName)]
struct Lock {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    locked_until: Option<sql::Timestamp>,
}

pub async fn is_locked(conn: &mut AsyncPgConnection, company: Uuid, name: &str, now: Timestamp) -> Result<bool> {
    let found: Vec<Lock> =
        diesel::sql_query("select locked_until from sign_in_failures where company_id = $1 and name = lower($2)")
            .bind::<SqlUuid, _>(company)
            .bind::<Text, _>(name)
            .load(conn)
            .await?;
    Ok(found.iter().any(|lock| lock.locked_until.is_some_and(|until| until.to_jiff() > now)))
}

/// Counts a failure; true when it is the one that locks the name.
pub async fn count_failure(
    conn: &mut AsyncPgConnection,
    company: Uuid,
    name: &str,
    allowed: i32,
    now: Timestamp,
    lock_until: Timestamp,
) -> Result<bool> {
    let lock: Lock = diesel::sql_query(
        "insert into sign_in_failures as f (company_id, name, failures, last_at) values ($1, lower($2), 1, $4)
         on conflict (company_id, name) do update set
             failures = case when f.failures + 1 >= $3 then 0 else f.failures + 1 end,
             locked_until = case when f.failures + 1 >= $3 then $5 end,
             last_at = $4
         returning locked_until",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<Text, _>(name)
    .bind::<Integer, _>(allowed)
    .bind::<Timestamptz, _>(now.to_diesel())
    .bind::<Timestamptz, _>(lock_until.to_diesel())
    .get_result(conn)
    .await?;
    Ok(lock.locked_until.is_some())
}

pub async fn forget_failures(conn: &mut AsyncPgConnection, company: Uuid, name: &str) -> Result<()> {
    diesel::sql_query("delete from sign_in_failures where company_id = $1 and name = lower($2)")
        .bind::<SqlUuid, _>(company)
        .bind::<Text, _>(name)
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets what failed before a moment, in every company.
pub async fn forget_failures_before(conn: &mut AsyncPgConnection, moment: Timestamp) -> Result<usize> {
    Ok(diesel::sql_query("delete from sign_in_failures where last_at < $1")
        .bind::<Timestamptz, _>(moment.to_diesel())
        .execute(conn)
        .await?)
}

#[derive(QueryableByName)]
struct StandingRow {
    #[diesel(sql_type = Bool)]
    has_reports: bool,
    #[diesel(sql_type = Bool)]
    heads_unit: bool,
}

/// Whether somebody reports to this person, in a solid or a dotted line, and whether they lead a unit.
pub async fn standing(conn: &mut AsyncPgConnection, company: Uuid, number: &str, today: Date) -> Result<Standing> {
    let row: StandingRow = diesel::sql_query(
        "select exists (
             select from assignments a
             join employees e on e.company_id = a.company_id and e.number = a.number
             where a.company_id = $1 and (a.superior = $2 or a.dotted_superior = $2) and a.from_day <= $3
               and (e.left_on is null or e.left_on >= $3)
               and not exists (
                   select from assignments later
                   where later.company_id = $1 and later.number = a.number
                     and later.from_day > a.from_day and later.from_day <= $3)
         ) as has_reports,
         exists (select from units where company_id = $1 and head = $2) as heads_unit",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<Text, _>(number)
    .bind::<SqlDate, _>(today.to_diesel())
    .get_result(conn)
    .await?;
    Ok(Standing { has_reports: row.has_reports, heads_unit: row.heads_unit })
}

#[derive(QueryableByName)]
struct Home {
    #[diesel(sql_type = SqlUuid)]
    tenant: Uuid,
}

/// The company of a machine client.
pub async fn home_of(conn: &mut AsyncPgConnection, client: Uuid) -> Result<Option<Uuid>> {
    let found: Vec<Home> = diesel::sql_query("select tenant from client_homes where client = $1")
        .bind::<SqlUuid, _>(client)
        .load(conn)
        .await?;
    Ok(found.into_iter().next().map(|home| home.tenant))
}

#[derive(QueryableByName)]
pub struct MachineLogin {
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Array<Text>)]
    pub scopes: Vec<String>,
}

/// The client, if this is the hash of its secret. Of a hash nothing can be learnt by timing.
pub async fn machine_login(
    conn: &mut AsyncPgConnection,
    company: Uuid,
    client: Uuid,
    secret_hash: &[u8],
) -> Result<Option<MachineLogin>> {
    let found: Vec<MachineLogin> =
        diesel::sql_query("select name, scopes from clients where company_id = $1 and id = $2 and secret_hash = $3")
            .bind::<SqlUuid, _>(company)
            .bind::<SqlUuid, _>(client)
            .bind::<Binary, _>(secret_hash)
            .load(conn)
            .await?;
    Ok(found.into_iter().next())
}
