use std::collections::HashMap;

use diesel::sql_types::{Array, BigInt, Bool, Date as SqlDate, Jsonb, Nullable, Text, Timestamptz};
use diesel::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use events::{EmployeeNumber, Values};
use jiff::civil::Date;
use platform::sql::{self, ToDiesel};
use platform::{Result, Tx};
use serde_json::Value;

use super::profile::{Change, PayProfile, Stored, StoredRevision};
use crate::people;
use crate::schema::pay_profile_revisions as revisions;

/// How many profiles one statement writes.
const AT_ONCE: usize = 5000;

/// Keeps the company's profiles as they are until the transaction ends. Whoever reckons pay takes this before
/// reading profiles and holding results, so that no change of a profile passes by a result that waits for it.
pub async fn lock_to_reckon(tx: &mut Tx) -> Result<()> {
    tx.sql("select pg_advisory_xact_lock_shared(hashtextextended('pay profiles ' || $1::text, 0))")
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Waits for everybody who reckons with the company's profiles; to be taken before they are changed.
pub async fn lock_to_change(tx: &mut Tx) -> Result<()> {
    tx.sql("select pg_advisory_xact_lock(hashtextextended('pay profiles ' || $1::text, 0))").execute(tx.conn()).await?;
    Ok(())
}

/// The inputs in force on a day, by number; where none was in force yet, the newest.
pub async fn inputs_on(tx: &mut Tx, numbers: &[&str], day: Date) -> Result<HashMap<EmployeeNumber, Values>> {
    let found: Vec<(EmployeeNumber, Value)> = tx
        .sql(
            "select distinct on (number) number, inputs from pay_profiles where company_id = $1 and number = any($2)
             order by number, (effective_on <= $3) desc, effective_on desc",
        )
        .bind::<Array<Text>, _>(numbers)
        .bind::<SqlDate, _>(day.to_diesel())
        .columns::<(Text, Jsonb)>()
        .load(tx.conn())
        .await?;
    found.into_iter().map(|(number, inputs)| Ok((number, serde_json::from_value(inputs)?))).collect()
}

/// What the company's profiles have called their inputs.
pub async fn input_names(tx: &mut Tx) -> Result<Vec<String>> {
    Ok(tx
        .sql("select distinct name from pay_profiles, jsonb_object_keys(inputs) name where company_id = $1 order by name")
        .columns::<Text>()
        .load(tx.conn())
        .await?)
}

/// What is stored about people, as it is in force on a day.
pub async fn stored(tx: &mut Tx, numbers: &[&str], day: Date) -> Result<HashMap<EmployeeNumber, Stored>> {
    let found: Vec<(EmployeeNumber, i64, Option<Value>)> = tx
        .sql(
            "select number, max(version), (array_agg(inputs order by effective_on desc) filter (where effective_on <= $3))[1]
             from pay_profiles where company_id = $1 and number = any($2) group by number",
        )
        .bind::<Array<Text>, _>(numbers)
        .bind::<SqlDate, _>(day.to_diesel())
        .columns::<(Text, BigInt, Nullable<Jsonb>)>()
        .load(tx.conn())
        .await?;
    let stored = |(number, version, inputs): (EmployeeNumber, i64, Option<Value>)| {
        let inputs = inputs.map(serde_json::from_value).transpose()?;
        Ok((number, Stored { inputs, version }))
    };
    found.into_iter().map(stored).collect()
}

/// What of people takes effect after a day, in its order.
pub async fn after(tx: &mut Tx, numbers: &[&str], day: Date) -> Result<HashMap<EmployeeNumber, Vec<(Date, Values)>>> {
    let found: Vec<(EmployeeNumber, sql::Date, Value)> = tx
        .sql(
            "select number, effective_on, inputs from pay_profiles
             where company_id = $1 and number = any($2) and effective_on > $3 order by number, effective_on",
        )
        .bind::<Array<Text>, _>(numbers)
        .bind::<SqlDate, _>(day.to_diesel())
        .columns::<(Text, SqlDate, Jsonb)>()
        .load(tx.conn())
        .await?;
    let mut after: HashMap<EmployeeNumber, Vec<(Date, Values)>> = HashMap::new();
    for (number, day, inputs) in found {
        after.entry(number).or_default().push((day.to_jiff(), serde_json::from_value(inputs)?));
    }
    Ok(after)
}

/// Writes profiles that take effect on a day.
pub async fn write(tx: &mut Tx, day: Date, changes: &[Change]) -> Result<()> {
    let (now, by) = (tx.now, tx.actor.name.clone());
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
        .bind::<Text, _>(&by)
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// Number, version, what was and will be in force, and what waits to be checked.
type ProfileColumns = (Text, BigInt, Jsonb, Jsonb);
type ProfileRow = (EmployeeNumber, i64, Value, Value);

/// Profiles of the company `$1`, each of one number.
macro_rules! profiles {
    ($rest:literal) => {
        concat!(
            "select number, max(version),
                 jsonb_agg(jsonb_build_object('effective_on', effective_on, 'inputs', inputs) order by effective_on),
                 coalesce((
                     select jsonb_agg(jsonb_build_object('check', c.id, 'effective_on', c.effective_on, 'input', v.input,
                         'value', v.value) order by c.id, v.input)
                     from profile_check_values v join profile_checks c on c.company_id = $1 and c.id = v.profile_check
                     where v.company_id = $1 and v.number = p.number and v.state = 'reported'), '[]')
             from pay_profiles p where company_id = $1 ",
            $rest
        )
    };
}

/// Profiles in order of their numbers: all of them, those of numbers that nobody has, or the others. While nobody of
/// the company is known here, no number is unknown.
pub async fn page(tx: &mut Tx, unknown: Option<bool>, after: &str, limit: i64) -> Result<Vec<PayProfile>> {
    let found: Vec<ProfileRow> = tx
        .sql(profiles!(
            "and number > $2
             and ($4::boolean is null or $4 = (
                 exists (select from employees e where e.company_id = $1)
                 and not exists (select from employees e where e.company_id = $1 and e.number = p.number)))
             group by number order by number limit $3"
        ))
        .bind::<Text, _>(after)
        .bind::<BigInt, _>(limit)
        .bind::<Nullable<Bool>, _>(unknown)
        .columns::<ProfileColumns>()
        .load(tx.conn())
        .await?;
    shown(tx, found).await
}

/// A person's profile, also where something of it waits to be checked and nothing is in force yet.
pub async fn find(tx: &mut Tx, number: &str) -> Result<Option<PayProfile>> {
    let found: Vec<ProfileRow> = tx
        .sql(profiles!("and number = $2 group by number"))
        .bind::<Text, _>(number)
        .columns::<ProfileColumns>()
        .load(tx.conn())
        .await?;
    match shown(tx, found).await?.pop() {
        Some(profile) => Ok(Some(profile)),
        None => nothing_yet(tx, number).await,
    }
}

/// The profile of somebody of whom nothing is in force yet, and something waits to be checked.
async fn nothing_yet(tx: &mut Tx, number: &str) -> Result<Option<PayProfile>> {
    let found: Vec<ProfileRow> = tx
        .sql(
            "select v.number, 0::bigint, '[]'::jsonb,
                 jsonb_agg(jsonb_build_object('check', c.id, 'effective_on', c.effective_on, 'input', v.input,
                     'value', v.value) order by c.id, v.input)
             from profile_check_values v join profile_checks c on c.company_id = $1 and c.id = v.profile_check
             where v.company_id = $1 and v.number = $2 and v.state = 'reported' group by v.number",
        )
        .bind::<Text, _>(number)
        .columns::<ProfileColumns>()
        .load(tx.conn())
        .await?;
    Ok(shown(tx, found).await?.pop())
}

/// Profiles with whether anybody has their numbers.
async fn shown(tx: &mut Tx, profiles: Vec<ProfileRow>) -> Result<Vec<PayProfile>> {
    let numbers: Vec<&str> = profiles.iter().map(|(number, ..)| number.as_str()).collect();
    let mut unknown = people::rows::unknown(tx, &numbers).await?;
    let shown = |(number, version, revisions, waiting): ProfileRow| {
        let near = unknown.remove(&number);
        PayProfile::new(number, version, revisions, waiting, near)
    };
    Ok(profiles.into_iter().map(shown).collect())
}

/// Every change of a person's profile, newest first.
pub async fn revisions(tx: &mut Tx, number: &str, before: Option<i64>, limit: i64) -> Result<Vec<StoredRevision>> {
    let mut query = revisions::table
        .filter(revisions::company_id.eq(tx.company))
        .filter(revisions::number.eq(number))
        .order(revisions::version.desc())
        .limit(limit)
        .select(StoredRevision::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(revisions::version.lt(before));
    }
    Ok(query.load(tx.conn()).await?)
}
