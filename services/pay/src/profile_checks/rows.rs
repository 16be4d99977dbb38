use std::collections::{BTreeMap, HashMap};

use diesel::sql_types::{Array, BigInt, Bool, Date as SqlDate, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::EmployeeNumber;
use jiff::civil::Date;
use platform::sql::{self, ToDiesel};
use platform::{Problem, Result, Tx, say};
use serde_json::json;
use steps::steps::Actor;
use uuid::Uuid;

use super::check::{Part, ProfileCheck, Reported, ReturnedInput, StoredInput};
use crate::profiles::profile::Checked;

/// Inputs that one statement writes.
const AT_ONCE: usize = 5000;

/// Checks of the company `$1`.
macro_rules! checks {
    ($rest:literal) => {
        concat!(
            "select id, effective_on, chain, scheme_zh, scheme_en, reported_by, reported_at, sha256, step,
                 case when step is null then 0 else (select count(*) from profile_check_values v
                     where v.company_id = $1 and v.profile_check = c.id and v.state = 'reported') end as waiting
             from profile_checks c where company_id = $1 ",
            $rest
        )
    };
}

/// A check; held until the transaction ends.
pub async fn lock(tx: &mut Tx, id: Uuid) -> Result<ProfileCheck> {
    let found: Vec<ProfileCheck> =
        tx.sql(checks!("and id = $2 for update")).bind::<SqlUuid, _>(id).load(tx.conn()).await?;
    found.into_iter().next().ok_or_else(nowhere)
}

pub async fn get(tx: &mut Tx, id: Uuid) -> Result<ProfileCheck> {
    let found: Vec<ProfileCheck> = tx.sql(checks!("and id = $2")).bind::<SqlUuid, _>(id).load(tx.conn()).await?;
    found.into_iter().next().ok_or_else(nowhere)
}

pub fn nowhere() -> Problem {
    Problem::not_found(say!("薪酬基数核对", "check of pay inputs"))
}

/// Checks, oldest first: those in which one of these is asked, where they are given.
pub async fn list(
    tx: &mut Tx,
    actors: Option<&[String]>,
    open: bool,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<ProfileCheck>> {
    Ok(tx
        .sql(checks!(
            "and (not $3 or step is not null)
             and ($2::text[] is null or exists (select from steps s
                 where s.company_id = $1 and s.about = 'profile-check:' || c.id::text and s.actors && $2))
             and ($4::uuid is null or id > $4) order by id limit $5"
        ))
        .bind::<Nullable<Array<Text>>, _>(actors)
        .bind::<Bool, _>(open)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

pub async fn insert(tx: &mut Tx, day: Date, part: &Part, sha256: Option<&str>) -> Result<Uuid> {
    let (now, by, id) = (tx.now, tx.actor.name.clone(), Uuid::now_v7());
    let chain: Vec<Vec<String>> =
        part.places.iter().map(|place| place.iter().map(Actor::to_string).collect()).collect();
    tx.sql(
        "insert into profile_checks (company_id, id, effective_on, chain, scheme_zh, scheme_en, reported_by, reported_at, sha256)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<SqlDate, _>(day.to_diesel())
    .bind::<Jsonb, _>(json!(chain))
    .bind::<Text, _>(&part.scheme.0)
    .bind::<Text, _>(&part.scheme.1)
    .bind::<Text, _>(by)
    .bind::<Timestamptz, _>(now.to_diesel())
    .bind::<Nullable<Text>, _>(sha256)
    .execute(tx.conn())
    .await?;
    Ok(id)
}

pub async fn insert_values(tx: &mut Tx, check: Uuid, reported: &[Reported]) -> Result<()> {
    for some in reported.chunks(AT_ONCE) {
        tx.sql(
            "insert into profile_check_values (company_id, profile_check, number, input, before, value, state)
             select $1, $2, n.number, n.input, n.before, n.value, 'reported'
             from unnest($3::text[], $4::text[], $5::text[], $6::text[]) n(number, input, before, value)",
        )
        .bind::<SqlUuid, _>(check)
        .bind::<Array<Text>, _>(some.iter().map(|one| one.number.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(some.iter().map(|one| one.input.as_str()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(some.iter().map(|one| one.before.as_deref()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(some.iter().map(|one| one.value.as_deref()).collect::<Vec<_>>())
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// Where it is decided about a check now.
pub async fn set_step(tx: &mut Tx, check: Uuid, step: Option<Uuid>) -> Result<()> {
    tx.sql("update profile_checks set step = $3 where company_id = $1 and id = $2")
        .bind::<SqlUuid, _>(check)
        .bind::<Nullable<SqlUuid>, _>(step)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// What is said of a pay input, by number and name: a value, or that the profile shall have it no more.
pub type Said<'a> = (&'a str, &'a str, Option<&'a str>);

/// What waits of these inputs from a day on waits no more: another was reported. In which checks, and whose they were.
pub async fn replace(tx: &mut Tx, day: Date, said: &[Said<'_>]) -> Result<Vec<(Uuid, EmployeeNumber)>> {
    let mut replaced = Vec::new();
    for some in said.chunks(AT_ONCE) {
        let found: Vec<(Uuid, EmployeeNumber)> = tx
            .sql(
                "update profile_check_values v set state = 'replaced' from profile_checks c
                 where v.company_id = $1 and v.state = 'reported' and c.company_id = $1
                   and c.id = v.profile_check and c.effective_on = $2
                   and (v.number, v.input) in (select * from unnest($3::text[], $4::text[]))
                 returning v.profile_check, v.number",
            )
            .bind::<SqlDate, _>(day.to_diesel())
            .bind::<Array<Text>, _>(some.iter().map(|(number, ..)| *number).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(some.iter().map(|(_, input, _)| *input).collect::<Vec<_>>())
            .columns::<(SqlUuid, Text)>()
            .load(tx.conn())
            .await?;
        replaced.extend(found);
    }
    Ok(replaced)
}

/// Those of some checks in which nothing waits any more, with the steps in which they were.
pub async fn emptied(tx: &mut Tx, checks: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>> {
    Ok(tx
        .sql(
            "select c.id, c.step from profile_checks c
             where c.company_id = $1 and c.id = any($2) and c.step is not null and not exists (
                 select from profile_check_values v where v.company_id = $1 and v.profile_check = c.id and v.state = 'reported')
             order by c.id",
        )
        .bind::<Array<SqlUuid>, _>(checks)
        .columns::<(SqlUuid, SqlUuid)>()
        .load(tx.conn())
        .await?)
}

/// Those of these inputs of which something else is not through that was reported last until a day: it waits from an earlier day
/// on, or was sent back.
pub async fn unsettled_otherwise<'a>(tx: &mut Tx, day: Date, said: &[Said<'a>]) -> Result<Vec<Said<'a>>> {
    let mut otherwise = Vec::new();
    for some in said.chunks(AT_ONCE) {
        let found: Vec<i64> = tx
            .sql(
                "select n.at from unnest($3::text[], $4::text[], $5::text[]) with ordinality n(number, input, value, at)
                 join lateral (
                     select v.value, v.state from profile_check_values v
                     join profile_checks c on c.company_id = $1 and c.id = v.profile_check and c.effective_on <= $2
                     where v.company_id = $1 and v.number = n.number and v.input = n.input and v.state <> 'replaced'
                     order by c.effective_on desc, c.id desc limit 1) w
                     on w.state = 'returned' or w.state = 'reported' and w.value is distinct from n.value
                 order by n.at",
            )
            .bind::<SqlDate, _>(day.to_diesel())
            .bind::<Array<Text>, _>(some.iter().map(|(number, ..)| *number).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(some.iter().map(|(_, input, _)| *input).collect::<Vec<_>>())
            .bind::<Array<Nullable<Text>>, _>(some.iter().map(|(.., value)| *value).collect::<Vec<_>>())
            .columns::<BigInt>()
            .load(tx.conn())
            .await?;
        otherwise.extend(found.into_iter().filter_map(|at| some.get(usize::try_from(at - 1).ok()?).copied()));
    }
    Ok(otherwise)
}

/// What was reported in a check, by number and input, behind one of them.
pub async fn page(tx: &mut Tx, check: Uuid, after: (&str, &str), limit: i64) -> Result<Vec<StoredInput>> {
    Ok(tx
        .sql(
            "select v.number, coalesce(e.name, '') as name, v.input, v.before, v.value, v.state
             from profile_check_values v left join directory_people e on e.company_id = $1 and e.number = v.number
             where v.company_id = $1 and v.profile_check = $2 and (v.number, v.input) > ($3, $4)
             order by v.number, v.input limit $5",
        )
        .bind::<SqlUuid, _>(check)
        .bind::<Text, _>(after.0)
        .bind::<Text, _>(after.1)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// Why somebody does not decide about a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    Reported,
    /// Something that waits in it is about them.
    Concerned,
    /// They have decided at an earlier place.
    Decided,
}

/// Why somebody does not decide where a check is now, if they do not.
pub async fn barred(tx: &mut Tx, check: &ProfileCheck, number: &str) -> Result<Option<Barred>> {
    if check.reported_by == number {
        return Ok(Some(Barred::Reported));
    }
    let (concerned, decided): (bool, bool) = tx
        .sql(
            "select exists (select from profile_check_values
                     where company_id = $1 and profile_check = $2 and number = $3 and state = 'reported'),
                 exists (select from steps s join decisions d on d.company_id = $1 and d.step = s.id and d.by = $3
                     where s.company_id = $1 and s.about = $4 and s.state = 'done')",
        )
        .bind::<SqlUuid, _>(check.id)
        .bind::<Text, _>(number)
        .bind::<Text, _>(check.about())
        .columns::<(Bool, Bool)>()
        .get_result(tx.conn())
        .await?;
    Ok(if concerned { Some(Barred::Concerned) } else { decided.then_some(Barred::Decided) })
}

/// What waits in a check is through. What it shall be, and from which later day on another was reported.
pub async fn approve(tx: &mut Tx, check: &ProfileCheck) -> Result<BTreeMap<EmployeeNumber, Vec<Checked>>> {
    tx.sql(
        "update profile_check_values set state = 'approved'
         where company_id = $1 and profile_check = $2 and state = 'reported'",
    )
    .bind::<SqlUuid, _>(check.id)
    .execute(tx.conn())
    .await?;
    let found: Vec<(EmployeeNumber, String, Option<String>, Option<sql::Date>)> = tx
        .sql(
            "select v.number, v.input, v.value, (
                 select min(c.effective_on) from profile_check_values o
                 join profile_checks c on c.company_id = $1 and c.id = o.profile_check and c.effective_on > $3
                 where o.company_id = $1 and o.number = v.number and o.input = v.input and o.state in ('reported', 'approved'))
             from profile_check_values v where v.company_id = $1 and v.profile_check = $2 and v.state = 'approved'
             order by v.number, v.input",
        )
        .bind::<SqlUuid, _>(check.id)
        .bind::<SqlDate, _>(check.effective_on.to_diesel())
        .columns::<(Text, Text, Nullable<Text>, Nullable<SqlDate>)>()
        .load(tx.conn())
        .await?;
    let mut approved: BTreeMap<EmployeeNumber, Vec<Checked>> = BTreeMap::new();
    for (number, input, value, until) in found {
        let until = until.map(sql::Date::to_jiff);
        approved.entry(number).or_default().push(Checked { input, value, until });
    }
    Ok(approved)
}

/// Sends inputs of a check back: these, or all that wait. Whose they were, once for each input.
pub async fn send_back(tx: &mut Tx, check: Uuid, inputs: Option<&[ReturnedInput]>) -> Result<Vec<EmployeeNumber>> {
    let numbers: Option<Vec<&str>> = inputs.map(|all| all.iter().map(|one| one.number.as_str()).collect());
    let names: Option<Vec<&str>> = inputs.map(|all| all.iter().map(|one| one.input.as_str()).collect());
    Ok(tx
        .sql(
            "update profile_check_values set state = 'returned' where company_id = $1 and profile_check = $2 and state = 'reported'
               and ($3::text[] is null or (number, input) in (select * from unnest($3::text[], $4::text[])))
             returning number",
        )
        .bind::<SqlUuid, _>(check)
        .bind::<Nullable<Array<Text>>, _>(numbers)
        .bind::<Nullable<Array<Text>>, _>(names)
        .columns::<Text>()
        .load(tx.conn())
        .await?)
}

/// Which inputs of people are still checked, or were sent back, that would be reckoned with on a day: the newest that was
/// reported for it, or where nothing was in force yet, for a later one. Since when each would be in force.
pub async fn waiting(
    tx: &mut Tx,
    numbers: &[&str],
    day: Date,
) -> Result<HashMap<EmployeeNumber, BTreeMap<String, Date>>> {
    let found: Vec<(EmployeeNumber, String, sql::Date)> = tx
        .sql(
            "select number, input, effective_on from (
                 select distinct on (v.number, v.input) v.number, v.input, v.state, c.effective_on
                 from profile_check_values v join profile_checks c on c.company_id = $1 and c.id = v.profile_check
                 where v.company_id = $1 and v.number = any($2) and v.state <> 'replaced'
                   and (c.effective_on <= $3 or not exists (
                       select from pay_profiles p
                       where p.company_id = $1 and p.number = v.number and p.effective_on <= $3))
                 order by v.number, v.input, (c.effective_on <= $3) desc, c.effective_on desc, c.id desc) newest
             where state in ('reported', 'returned')",
        )
        .bind::<Array<Text>, _>(numbers)
        .bind::<SqlDate, _>(day.to_diesel())
        .columns::<(Text, Text, SqlDate)>()
        .load(tx.conn())
        .await?;
    let mut waiting: HashMap<EmployeeNumber, BTreeMap<String, Date>> = HashMap::new();
    for (number, input, day) in found {
        waiting.entry(number).or_default().insert(input, day.to_jiff());
    }
    Ok(waiting)
}
