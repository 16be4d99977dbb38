use std::collections::HashMap;

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Date as SqlDate, Jsonb, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use events::Values;
use jiff::Timestamp;
use jiff::civil::Date;
use platform::sql::ToDiesel;
use platform::{Result, Tx};
use serde_json::Value;

use super::rules::{Change, Stored};

/// How many profiles one statement writes.
const AT_ONCE: usize = 5000;

/// Keeps the company's profiles as they are until the transaction ends. Whoever reckons pay takes this before
/// reading profiles and holding results, so that no change of a profile passes by a result that waits for it.
pub async fn keep(tx: &mut Tx) -> Result<()> {
    tx.sql("select pg_advisory_xact_lock_shared(hashtextextended('pay profiles ' || $1::text, 0))")
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Waits for everybody who reckons with the company's profiles; to be taken before they are changed.
pub async fn lock_for_change(tx: &mut Tx) -> Result<()> {
    tx.sql("select pg_advisory_xact_lock(hashtextextended('pay profiles ' || $1::text, 0))").execute(tx.conn()).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Inputs {
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Jsonb)]
    inputs: Value,
}

/// The inputs in force on a day, by number; where none was in force yet, the newest.
pub async fn inputs_on(tx: &mut Tx, numbers: &[&str], day: Date) -> Result<HashMap<String, Values>> {
    let found: Vec<Inputs> = tx
        .sql(
            "select distinct on (number) number, inputs from pay_profiles where company_id = $1 and number = any($2)
         order by number, (effective_on <= $3) desc, effective_on desc",
        )
        .bind::<Array<Text>, _>(numbers)
        .bind::<SqlDate, _>(day.to_diesel())
        .load(tx.conn())
        .await?;
    found.into_iter().map(|row| Ok((row.number, serde_json::from_value(row.inputs)?))).collect()
}

#[derive(QueryableByName)]
struct InputName {
    #[diesel(sql_type = Text)]
    name: String,
}

/// What the company's profiles have called their inputs.
pub async fn input_names(tx: &mut Tx) -> Result<Vec<String>> {
    let found: Vec<InputName> = tx.sql(
        "select distinct name from pay_profiles, jsonb_object_keys(inputs) name where company_id = $1 order by name",
    )
    .load(tx.conn())
    .await?;
    Ok(found.into_iter().map(|row| row.name).collect())
}

#[derive(QueryableByName)]
struct InForce {
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Nullable<Jsonb>)]
    inputs: Option<Value>,
    #[diesel(sql_type = BigInt)]
    version: i64,
}

/// What is stored about people, as it is in force on a day.
pub async fn stored(tx: &mut Tx, numbers: &[&str], day: Date) -> Result<HashMap<String, Stored>> {
    let found: Vec<InForce> = tx
        .sql(
            "select number, max(version) as version,
                (array_agg(inputs order by effective_on desc) filter (where effective_on <= $3))[1] as inputs
         from pay_profiles where company_id = $1 and number = any($2) group by number",
        )
        .bind::<Array<Text>, _>(numbers)
        .bind::<SqlDate, _>(day.to_diesel())
        .load(tx.conn())
        .await?;
    let stored = |row: InForce| {
        let inputs = row.inputs.map(serde_json::from_value).transpose()?;
        Ok((row.number, Stored { inputs, version: row.version }))
    };
    found.into_iter().map(stored).collect()
}

/// Writes profiles that take effect on a day.
pub async fn write(tx: &mut Tx, day: Date, changes: &[Change], by: &str, now: Timestamp) -> Result<()> {
    for chunk in changes.chunks(AT_ONCE) {
        let numbers: Vec<&str> = chunk.iter().map(|c| c.number.as_str()).collect();
        let inputs = chunk.iter().map(|c| serde_json::to_string(&c.inputs)).collect::<Result<Vec<_>, _>>()?;
        let versions: Vec<i64> = chunk.iter().map(|c| c.version).collect();
        tx.sql(
            "insert into pay_profiles (company_id, number, effective_on, inputs, version, changed_at, changed_by)
             select $1, n.number, $2, n.inputs::jsonb, n.version, $3, $7
             from unnest($4::text[], $5::text[], $6::bigint[]) n(number, inputs, version)
             on conflict (company_id, number, effective_on)
             do update set inputs = excluded.inputs, version = excluded.version, changed_at = excluded.changed_at,
                 changed_by = excluded.changed_by",
        )
        .bind::<SqlDate, _>(day.to_diesel())
        .bind::<Timestamptz, _>(now.to_diesel())
        .bind::<Array<Text>, _>(numbers)
        .bind::<Array<Text>, _>(inputs)
        .bind::<Array<BigInt>, _>(versions)
        .bind::<Text, _>(by)
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// A person's profile with everything that was and will be in force.
#[derive(QueryableByName)]
pub struct Profile {
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = Jsonb)]
    pub revisions: Value,
}

/// Profiles in order of their numbers: all of them, those of numbers that nobody has, or the others. While nobody of
/// the company is known here, no number is unknown.
pub async fn page(tx: &mut Tx, unknown: Option<bool>, after: &str, limit: i64) -> Result<Vec<Profile>> {
    Ok(tx.sql(
        "select number, max(version) as version,
                jsonb_agg(jsonb_build_object('effective_on', effective_on, 'inputs', inputs) order by effective_on) as revisions
         from pay_profiles p
         where company_id = $1 and number > $2
           and ($4::boolean is null or $4 = (
               exists (select from employees e where e.company_id = $1)
               and not exists (select from employees e where e.company_id = $1 and e.number = p.number)))
         group by number order by number limit $3",
    )
    .bind::<Text, _>(after)
    .bind::<BigInt, _>(limit)
    .bind::<Nullable<Bool>, _>(unknown)
    .load(tx.conn())
    .await?)
}

pub async fn find(tx: &mut Tx, number: &str) -> Result<Option<Profile>> {
    let found: Vec<Profile> = tx.sql(
        "select number, max(version) as version,
                jsonb_agg(jsonb_build_object('effective_on', effective_on, 'inputs', inputs) order by effective_on) as revisions
         from pay_profiles where company_id = $1 and number = $2 group by number",
    )
    .bind::<Text, _>(number)
    .load(tx.conn())
    .await?;
    Ok(found.into_iter().next())
}

/// One change of a profile; a later one of the same day stands in its place, and it stays.
#[derive(QueryableByName)]
pub struct Revision {
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = SqlDate)]
    pub effective_on: platform::sql::Date,
    #[diesel(sql_type = Jsonb)]
    pub inputs: Value,
    #[diesel(sql_type = Nullable<Text>)]
    pub changed_by: Option<String>,
    #[diesel(sql_type = Timestamptz, deserialize_as = platform::sql::Timestamp)]
    pub changed_at: Timestamp,
}

/// Every change of a person's profile, newest first.
pub async fn revisions(tx: &mut Tx, number: &str, before: Option<i64>, limit: i64) -> Result<Vec<Revision>> {
    Ok(tx
        .sql(
            "select version, effective_on, inputs, changed_by, changed_at from pay_profile_revisions
         where company_id = $1 and number = $2 and ($3::bigint is null or version < $3) order by version desc limit $4",
        )
        .bind::<Text, _>(number)
        .bind::<Nullable<BigInt>, _>(before)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}
