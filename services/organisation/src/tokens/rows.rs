use diesel::QueryableByName;
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Date as SqlDate, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use jiff::civil::Date;
use platform::sql::{self, ToDiesel};
use platform::{Result, Tx};
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
    #[diesel(sql_type = Bool)]
    pub must_change_password: bool,
}

/// The account of this name, unless it is disabled or its owner has left.
pub async fn login(tx: &mut Tx, username: &str, today: Date) -> Result<Option<Login>> {
    let found: Vec<Login> = tx
        .sql(
            "select a.id, a.username, a.password_hash, a.employee, a.roles, a.must_change_password from accounts a
         left join employees e on e.company_id = a.company_id and e.number = a.employee
         where a.company_id = $1 and lower(a.username) = lower($2) and not a.disabled
           and (e.left_on is null or e.left_on >= $3)",
        )
        .bind::<Text, _>(username)
        .bind::<SqlDate, _>(today.to_diesel())
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next())
}

/// What is known of a name that knocks from an address.
#[derive(QueryableByName)]
pub struct Attempts {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    locked_until: Option<sql::Timestamp>,
    /// Somebody has signed in under this name from this address.
    #[diesel(sql_type = Bool)]
    pub known: bool,
    /// Wrong passwords for this name from any address in the last minutes.
    #[diesel(sql_type = BigInt)]
    pub failures: i64,
}

impl Attempts {
    pub fn locked_until(&self) -> Option<Timestamp> {
        self.locked_until.map(sql::Timestamp::to_jiff)
    }
}

pub async fn attempts(tx: &mut Tx, name: &str, address: &str, since: Timestamp) -> Result<Attempts> {
    Ok(tx
        .sql(
            "select max(locked_until) filter (where address = $3) as locked_until,
                coalesce(bool_or(address = $3 and succeeded_at is not null), false) as known,
                coalesce(sum(failures) filter (where last_at > $4), 0)::bigint as failures
         from sign_in_attempts where company_id = $1 and name = lower($2)",
        )
        .bind::<Text, _>(name)
        .bind::<Text, _>(address)
        .bind::<Timestamptz, _>(since.to_diesel())
        .get_result(tx.conn())
        .await?)
}

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

/// Counts a wrong password; true when it is one that makes the name wait at this address.
pub async fn count_failure(
    tx: &mut Tx,
    name: &str,
    address: &str,
    allowed: u16,
    now: Timestamp,
    lock_until: Timestamp,
) -> Result<bool> {
    let locked: Locked = tx
        .sql(
            "insert into sign_in_attempts as a (company_id, name, address, failures, last_at, locked_until)
         values ($1, lower($2), $3, 1, $5, case when $4 = 1 then $6 end)
         on conflict (company_id, name, address) do update set
             failures = a.failures + 1, last_at = $5,
             locked_until = case when (a.failures + 1) % nullif($4, 0) = 0 then $6 end
         returning coalesce(locked_until > $5, false) as locked",
        )
        .bind::<Text, _>(name)
        .bind::<Text, _>(address)
        .bind::<Integer, _>(i32::from(allowed))
        .bind::<Timestamptz, _>(now.to_diesel())
        .bind::<Timestamptz, _>(lock_until.to_diesel())
        .get_result(tx.conn())
        .await?;
    Ok(locked.locked)
}

/// Remembers where somebody has signed in, and forgets the wrong passwords before.
pub async fn note_success(tx: &mut Tx, name: &str, address: &str, now: Timestamp) -> Result<()> {
    tx.sql(
        "insert into sign_in_attempts (company_id, name, address, failures, succeeded_at, last_at)
         values ($1, lower($2), $3, 0, $4, $4)
         on conflict (company_id, name, address) do update set
             failures = 0, locked_until = null, succeeded_at = $4, last_at = $4",
    )
    .bind::<Text, _>(name)
    .bind::<Text, _>(address)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Lets a name try again everywhere.
pub async fn forget_failures(tx: &mut Tx, name: &str) -> Result<()> {
    tx.sql("update sign_in_attempts set failures = 0, locked_until = null where company_id = $1 and name = lower($2)")
        .bind::<Text, _>(name)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Forgets the attempts before a moment, in every company, and where people signed in before another.
pub async fn forget_attempts(tx: &mut Tx, failed: Timestamp, succeeded: Timestamp) -> Result<usize> {
    Ok(tx
        .sql_of_all("delete from sign_in_attempts where last_at < $1 and (succeeded_at is null or succeeded_at < $2)")
        .bind::<Timestamptz, _>(failed.to_diesel())
        .bind::<Timestamptz, _>(succeeded.to_diesel())
        .execute(tx.conn())
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
pub async fn standing(tx: &mut Tx, number: &str, today: Date) -> Result<Standing> {
    let row: StandingRow = tx
        .sql(
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
        .bind::<Text, _>(number)
        .bind::<SqlDate, _>(today.to_diesel())
        .get_result(tx.conn())
        .await?;
    Ok(Standing { has_reports: row.has_reports, heads_unit: row.heads_unit })
}

#[derive(QueryableByName)]
struct Home {
    #[diesel(sql_type = SqlUuid)]
    tenant: Uuid,
}

/// The company of a machine client.
pub async fn home_of(tx: &mut Tx, client: Uuid) -> Result<Option<Uuid>> {
    let found: Vec<Home> = tx
        .sql_of_all("select tenant from client_homes where client = $1")
        .bind::<SqlUuid, _>(client)
        .load(tx.conn())
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
pub async fn machine_login(tx: &mut Tx, client: Uuid, secret_hash: &[u8]) -> Result<Option<MachineLogin>> {
    let found: Vec<MachineLogin> = tx
        .sql("select name, scopes from clients where company_id = $1 and id = $2 and secret_hash = $3")
        .bind::<SqlUuid, _>(client)
        .bind::<Binary, _>(secret_hash)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next())
}
