use diesel::dsl::not;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date as SqlDate, Integer, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use jiff::civil::Date;
use platform::sql::{self, Cached, ToDiesel, lower};
use platform::{Result, Tx};

use super::sign_in::{Attempts, Login, Standing};
use crate::schema::{accounts, employees, sign_in_attempts};

/// The account of this name, unless it is disabled or its owner has left.
pub async fn login(tx: &mut Tx, username: &str, today: Date) -> Result<Option<Login>> {
    let owner = employees::company_id.eq(accounts::company_id).and(accounts::employee.eq(employees::number.nullable()));
    let is_here = employees::left_on.is_null().or(employees::left_on.ge(today.to_diesel()));
    let account = accounts::table
        .left_join(employees::table.on(owner))
        .filter(accounts::company_id.eq(tx.company))
        .filter(lower(accounts::username).eq(lower(username)))
        .filter(not(accounts::disabled))
        .filter(is_here);
    Ok(account.select(Login::as_select()).first(tx.conn()).await.optional()?)
}

pub async fn attempts(tx: &mut Tx, name: &str, address: &str, since: Timestamp) -> Result<Attempts> {
    Ok(tx
        .sql(
            "select max(locked_until) filter (where address = $3),
                coalesce(bool_or(address = $3 and succeeded_at is not null), false),
                coalesce(sum(failures) filter (where last_at > $4), 0)::bigint
         from sign_in_attempts where company_id = $1 and name = lower($2)",
        )
        .bind::<Text, _>(name)
        .bind::<Text, _>(address)
        .bind::<Timestamptz, _>(since.to_diesel())
        .columns::<(Nullable<Timestamptz>, Bool, BigInt)>()
        .get_result(tx.conn())
        .await?)
}

/// Counts a wrong password; true when it is one that makes the name wait at this address.
pub async fn count_failure(
    tx: &mut Tx,
    name: &str,
    address: &str,
    allowed: u16,
    lock_until: Timestamp,
) -> Result<bool> {
    let locked = tx
        .sql(
            "insert into sign_in_attempts as a (company_id, name, address, failures, last_at, locked_until)
         values ($1, lower($2), $3, 1, $5, case when $4 = 1 then $6::timestamptz end)
         on conflict (company_id, name, address) do update set
             failures = a.failures + 1, last_at = $5,
             locked_until = case when (a.failures + 1) % nullif($4, 0) = 0 then $6 end
         returning coalesce(locked_until > $5, false)",
        )
        .bind::<Text, _>(name)
        .bind::<Text, _>(address)
        .bind::<Integer, _>(i32::from(allowed))
        .bind::<Timestamptz, _>(tx.now.to_diesel())
        .bind::<Timestamptz, _>(lock_until.to_diesel())
        .columns::<Bool>()
        .get_result(tx.conn())
        .await?;
    Ok(locked)
}

/// Remembers where somebody has signed in, and forgets the wrong passwords before.
pub async fn note_success(tx: &mut Tx, name: &str, address: &str) -> Result<()> {
    let now = tx.now.to_diesel();
    let success = (
        sign_in_attempts::failures.eq(0),
        sign_in_attempts::locked_until.eq(None::<sql::Timestamp>),
        sign_in_attempts::succeeded_at.eq(now),
        sign_in_attempts::last_at.eq(now),
    );
    let whose = (
        sign_in_attempts::company_id.eq(tx.company),
        sign_in_attempts::name.eq(lower(name)),
        sign_in_attempts::address.eq(address),
    );
    diesel::insert_into(sign_in_attempts::table)
        .values((whose, success))
        .on_conflict((sign_in_attempts::company_id, sign_in_attempts::name, sign_in_attempts::address))
        .do_update()
        .set(success)
        .cached()
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Lets a name try again everywhere.
pub async fn forget_failures(tx: &mut Tx, name: &str) -> Result<()> {
    let attempts = sign_in_attempts::table
        .filter(sign_in_attempts::company_id.eq(tx.company))
        .filter(sign_in_attempts::name.eq(lower(name)));
    let none = (sign_in_attempts::failures.eq(0), sign_in_attempts::locked_until.eq(None::<sql::Timestamp>));
    diesel::update(attempts).set(none).cached().execute(tx.conn()).await?;
    Ok(())
}

/// Forgets the attempts before a moment, in every company, and where people signed in before another.
pub async fn forget_attempts(tx: &mut Tx, failed: Timestamp, succeeded: Timestamp) -> Result<()> {
    let is_forgotten =
        sign_in_attempts::succeeded_at.is_null().or(sign_in_attempts::succeeded_at.lt(succeeded.to_diesel()));
    let old = sign_in_attempts::table.filter(sign_in_attempts::last_at.lt(failed.to_diesel())).filter(is_forgotten);
    diesel::delete(old).execute(tx.conn()).await?;
    Ok(())
}

/// Whether somebody reports to this person, in a solid or a dotted line, and whether they lead a unit or sit in a body.
pub async fn standing(tx: &mut Tx, number: &str, today: Date) -> Result<Standing> {
    let standing = tx
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
         ),
         exists (select from units where company_id = $1 and head = $2),
         exists (select from seats where company_id = $1 and number = $2 and from_on <= $3
                 and (until_on is null or until_on >= $3))",
        )
        .bind::<Text, _>(number)
        .bind::<SqlDate, _>(today.to_diesel())
        .columns::<(Bool, Bool, Bool)>()
        .get_result(tx.conn())
        .await?;
    Ok(standing)
}
