use std::collections::HashMap;

use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName};
use diesel_async::RunQueryDsl;
use events::{PublishedResult, Values};
use jiff::{SignedDuration, Timestamp};
use platform::sql::{Cached, ToDiesel};
use platform::{Clock, Result, Tx};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cycles::cycle::Cycle;
use crate::engine::computing::{History, Past, PersonFound, UnitFound};
use crate::schema::{closing_units, corrections, cycles, results, unit_results};
use crate::sheets::sheet::Sheet;

const AT_ONCE: usize = 1000;

/// Who made a version of results, when and why.
pub struct Making<'a> {
    pub version: i64,
    pub by: &'a str,
    pub at: Timestamp,
    /// Of a correction.
    pub reason: Option<&'a str>,
}

/// Stores what was found for people; `sheets` stand in the same order.
pub async fn insert(tx: &mut Tx, cycle: Uuid, made: &Making<'_>, found: &[(&Sheet, &PersonFound)]) -> Result<()> {
    for chunk in found.chunks(AT_ONCE) {
        insert_chunk(tx, cycle, made, chunk).await?;
    }
    Ok(())
}

async fn insert_chunk(tx: &mut Tx, cycle: Uuid, made: &Making<'_>, found: &[(&Sheet, &PersonFound)]) -> Result<()> {
    let number = |of: fn(&PersonFound) -> Option<Decimal>| {
        found.iter().map(|(_, f)| of(f).map(|n| n.to_string())).collect::<Vec<_>>()
    };
    let json = |of: &dyn Fn(&PersonFound) -> serde_json::Result<Value>| {
        found.iter().map(|(_, f)| of(f)).collect::<serde_json::Result<Vec<Value>>>()
    };
    tx.sql(
        "insert into results (company_id, cycle, number, version, id, unit, name, category, superior, excluded, score, grade, coefficient,
                              outcomes, interview, scores, carried, explanation, reason, made_by, made_at)
         select $1, $2, n.number, $3, n.id, n.unit, n.name, n.category, n.superior, n.excluded, n.score::numeric, n.grade, n.coefficient::numeric,
                array(select jsonb_array_elements_text(n.outcomes)), array(select jsonb_array_elements_text(n.interview)),
                n.scores, n.carried, n.explanation, $4, $5, $6
         from unnest($7::text[], $8::uuid[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[],
                     $16::text[], $17::jsonb[], $18::jsonb[], $19::jsonb[], $20::jsonb[], $21::text[])
              n(number, id, unit, name, category, superior, excluded, score, grade, coefficient, outcomes, interview, scores, carried, explanation)
         on conflict do nothing",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<BigInt, _>(made.version)
    .bind::<Nullable<Text>, _>(made.reason)
    .bind::<Text, _>(made.by)
    .bind::<Timestamptz, _>(made.at.to_diesel())
    .bind::<Array<Text>, _>(found.iter().map(|(s, _)| s.number.as_str()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(found.iter().map(|(s, _)| s.id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(found.iter().map(|(s, _)| s.unit.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(found.iter().map(|(s, _)| s.name.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(found.iter().map(|(s, _)| s.category.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(found.iter().map(|(s, _)| s.superior.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(found.iter().map(|(_, f)| f.excluded.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(number(|f| f.score))
    .bind::<Array<Nullable<Text>>, _>(found.iter().map(|(_, f)| f.grade.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(number(|f| f.coefficient))
    .bind::<Array<Jsonb>, _>(json(&|f| serde_json::to_value(&f.outcomes))?)
    .bind::<Array<Jsonb>, _>(json(&|f| serde_json::to_value(&f.interview))?)
    .bind::<Array<Jsonb>, _>(json(&|f| serde_json::to_value(&f.scores))?)
    .bind::<Array<Jsonb>, _>(json(&|f| serde_json::to_value(&f.carried))?)
    .bind::<Array<Text>, _>(found.iter().map(|(_, f)| f.explanation.as_str()).collect::<Vec<_>>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn insert_units(tx: &mut Tx, cycle: Uuid, units: &[UnitFound]) -> Result<()> {
    let json = |of: &dyn Fn(&UnitFound) -> serde_json::Result<Value>| {
        units.iter().map(of).collect::<serde_json::Result<Vec<Value>>>()
    };
    tx.sql(
        "insert into unit_results (company_id, cycle, unit, score, grade, coefficient, outcomes, carried)
         select $1, $2, n.unit, n.score::numeric, n.grade, n.coefficient::numeric, array(select jsonb_array_elements_text(n.outcomes)), n.carried
         from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $8::jsonb[]) n(unit, score, grade, coefficient, outcomes, carried)
         on conflict do nothing",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(units.iter().map(|u| u.code.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(units.iter().map(|u| u.score.map(|n| n.to_string())).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(units.iter().map(|u| u.grade.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(units.iter().map(|u| u.coefficient.map(|n| n.to_string())).collect::<Vec<_>>())
    .bind::<Array<Jsonb>, _>(json(&|u| serde_json::to_value(&u.outcomes))?)
    .bind::<Array<Jsonb>, _>(json(&|u| serde_json::to_value(&u.carried))?)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes back unpublished results, to be computed again.
pub async fn delete_unpublished(tx: &mut Tx, cycle: Uuid) -> Result<()> {
    let company = tx.company;
    diesel::delete(results::table.filter(results::company_id.eq(company).and(results::cycle.eq(cycle))))
        .execute(tx.conn())
        .await?;
    diesel::delete(unit_results::table.filter(unit_results::company_id.eq(company).and(unit_results::cycle.eq(cycle))))
        .execute(tx.conn())
        .await?;
    let pieces = closing_units::company_id.eq(company).and(closing_units::cycle.eq(cycle));
    diesel::delete(closing_units::table.filter(pieces)).execute(tx.conn()).await?;
    diesel::update(cycles::table.find((company, cycle)))
        .set(cycles::company_carried.eq(json!({})))
        .cached()
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Lets nobody publish or correct results of the company until the transaction ends. Whoever computes from earlier
/// results takes this first: then what they read is what was there at their transaction's own time, for ever.
pub async fn keep_history(tx: &mut Tx) -> Result<()> {
    tx.sql("select pg_advisory_xact_lock_shared(hashtextextended('published results ' || $1::text, 0))")
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Waits for everybody who computes from the company's published results; to be taken before these change. The
/// transaction's time becomes the present, so that it comes after those who have gone by; where another replica's
/// clock is ahead, it becomes the moment right after the last of them.
pub async fn lock_history(tx: &mut Tx, clock: &Clock) -> Result<()> {
    tx.sql("select pg_advisory_xact_lock(hashtextextended('published results ' || $1::text, 0))")
        .execute(tx.conn())
        .await?;
    let latest = latest_change(tx).await?;
    let now = clock.now();
    tx.now = latest.and_then(|latest| latest.checked_add(TICK).ok()).map_or(now, |after| after.max(now));
    Ok(())
}

/// The least that PostgreSQL tells moments apart by.
const TICK: SignedDuration = SignedDuration::from_micros(1);

/// When a result of the company was made or published last.
async fn latest_change(tx: &mut Tx) -> Result<Option<Timestamp>> {
    let latest: Option<platform::sql::Timestamp> = tx
        .sql(
            "select greatest((select max(made_at) from results where company_id = $1),
                 (select max(published_at) from cycles where company_id = $1))",
        )
        .columns::<Nullable<Timestamptz>>()
        .get_result(tx.conn())
        .await?;
    Ok(latest.map(platform::sql::Timestamp::to_jiff))
}

/// When closing computed a person's result.
pub async fn closed_at(tx: &mut Tx, cycle: Uuid, number: &str) -> Result<Timestamp> {
    let first = results::table.find((tx.company, cycle, number, 1));
    let made: platform::sql::Timestamp = first.select(results::made_at).get_result(tx.conn()).await?;
    Ok(made.to_jiff())
}

/// The other published results of these people under a cycle's scheme as they stood at a moment, each in the
/// version it had then.
pub async fn history(tx: &mut Tx, cycle: &Cycle, numbers: &[String], at: Timestamp) -> Result<History> {
    let rows: Vec<(String, Past)> = tx
        .sql(
            "select distinct on (r.cycle, r.number) r.number, c.period, trim_scale(r.score)::text, r.grade
             from cycles c join results r on r.company_id = $1 and r.cycle = c.id and r.number = any($4) and r.made_at <= $5
             where c.company_id = $1 and c.id <> $2 and c.scheme_code = $3 and c.published_at <= $5 and r.excluded is null
             order by r.cycle, r.number, r.version desc",
        )
        .bind::<SqlUuid, _>(cycle.id)
        .bind::<Text, _>(&cycle.scheme_code)
        .bind::<Array<Text>, _>(numbers)
        .bind::<Timestamptz, _>(at.to_diesel())
        .columns::<(Text, (Text, Nullable<Text>, Nullable<Text>))>()
        .load(tx.conn())
        .await?;
    let mut history: History = HashMap::new();
    for (number, past) in rows {
        history.entry(number).or_default().push(past);
    }
    Ok(history)
}

/// Somebody's result.
#[derive(Clone, QueryableByName, Serialize, ToSchema)]
pub struct ResultRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    /// Such as `2026-10`.
    #[diesel(sql_type = Text)]
    pub period: String,
    #[diesel(sql_type = Text)]
    pub scheme: String,
    /// Employee number.
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Unit code.
    #[diesel(sql_type = Text)]
    pub unit: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub unit_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub category: Option<String>,
    /// The `ETag`: 1 as closing found it, one more with each correction.
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    /// Code of the reason why the person is not appraised.
    #[diesel(sql_type = Nullable<Text>)]
    pub excluded: Option<String>,
    /// Points, a decimal.
    #[diesel(sql_type = Nullable<Text>)]
    #[schema(pattern = r"^-?[0-9]+(\.[0-9]+)?$")]
    pub score: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub grade: Option<String>,
    /// Share of performance pay or the like, a decimal.
    #[diesel(sql_type = Nullable<Text>)]
    #[schema(pattern = r"^-?[0-9]+(\.[0-9]+)?$")]
    pub coefficient: Option<String>,
    /// Codes of what the result leads to.
    #[diesel(sql_type = Array<Text>)]
    pub outcomes: Vec<String>,
    /// Codes of the reasons for an interview.
    #[diesel(sql_type = Array<Text>)]
    pub interview: Vec<String>,
    /// Further scores by name, decimals.
    #[diesel(sql_type = Jsonb)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub scores: Value,
    /// Why this version was made; only in corrections.
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
    /// RFC 3339.
    #[diesel(sql_type = Text)]
    pub made_at: String,
    /// Whether everybody concerned can see it.
    #[diesel(sql_type = Bool)]
    pub published: bool,
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip)]
    pub superior: Option<String>,
}

/// Results with what their cycle says of them; the rest of the statement says which.
macro_rules! results_where {
    ($rest:literal) => {
        concat!(
            "select r.id, r.cycle, c.period, c.scheme_code as scheme, r.number, r.name, r.unit,
    (select u.name from units u where u.company_id = r.company_id and u.cycle = r.cycle and u.code = r.unit) as unit_name, r.category, r.version, r.excluded,
    trim_scale(r.score)::text as score, r.grade, trim_scale(r.coefficient)::text as coefficient, r.outcomes, r.interview, r.scores,
    r.reason, to_char(r.made_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as made_at, c.state = 'published' as published, r.superior
             from results r join cycles c on c.company_id = $1 and c.id = r.cycle where r.company_id = $1 and ",
            $rest
        )
    };
}

/// Every version of a result, newest first.
pub async fn versions(tx: &mut Tx, id: Uuid) -> Result<Vec<ResultRow>> {
    Ok(tx.sql(results_where!("r.id = $2 order by r.version desc")).bind::<SqlUuid, _>(id).load(tx.conn()).await?)
}

/// A person's published results, newest period first, each in its latest version.
pub async fn of_person(tx: &mut Tx, number: &str, after: Option<Uuid>, limit: i64) -> Result<Vec<ResultRow>> {
    Ok(tx.sql(results_where!("r.number = $2 and c.state = 'published'
           and r.version = (select max(v.version) from results v where v.company_id = $1 and v.cycle = r.cycle and v.number = $2)
           and ($3::uuid is null or (c.published_at, c.id) < (select a.published_at, a.id from cycles a where a.company_id = $1 and a.id = $3))
         order by c.published_at desc, c.id desc limit $4"
    ))
    .bind::<Text, _>(number)
    .bind::<Nullable<SqlUuid>, _>(after)
    .bind::<BigInt, _>(limit)
    .load(tx.conn())
    .await?)
}

/// Which results of a cycle a list shows.
#[derive(Default)]
pub struct Filter {
    pub unit: Option<String>,
    pub grade: Option<String>,
    /// Only people with a reason for an interview.
    pub interview: bool,
    /// Only people led by this person.
    pub led_by: Option<String>,
    /// Whoever looks: before publication their own result is not there.
    pub viewer: Option<String>,
    pub after: String,
}

/// Latest versions of a cycle's results by number.
pub async fn of_cycle(tx: &mut Tx, cycle: Uuid, filter: &Filter, limit: i64) -> Result<Vec<ResultRow>> {
    Ok(tx.sql(results_where!("r.cycle = $2 and r.number > $3 and ($4::text is null or r.unit = $4)
           and ($5::text is null or r.grade = $5) and (not $6 or cardinality(r.interview) > 0)
           and ($7::text is null or r.superior = $7) and (c.state = 'published' or r.number is distinct from $9)
           and r.version = (select max(v.version) from results v where v.company_id = $1 and v.cycle = $2 and v.number = r.number)
         order by r.number limit $8"
    ))
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(&filter.after)
    .bind::<Nullable<Text>, _>(&filter.unit)
    .bind::<Nullable<Text>, _>(&filter.grade)
    .bind::<Bool, _>(filter.interview)
    .bind::<Nullable<Text>, _>(&filter.led_by)
    .bind::<BigInt, _>(limit)
    .bind::<Nullable<Text>, _>(&filter.viewer)
    .load(tx.conn())
    .await?)
}

pub async fn explanation(tx: &mut Tx, cycle: Uuid, number: &str, version: i64) -> Result<String> {
    let version = results::table.find((tx.company, cycle, number, version));
    Ok(version.select(results::explanation).get_result(tx.conn()).await?)
}

/// A cycle's results in numbers.
#[derive(QueryableByName)]
pub struct Totals {
    #[diesel(sql_type = BigInt)]
    pub people: i64,
    #[diesel(sql_type = BigInt)]
    pub excluded: i64,
    #[diesel(sql_type = BigInt)]
    pub interviews: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub mean: Option<String>,
}

#[derive(QueryableByName)]
pub struct GradeCount {
    #[diesel(sql_type = Text)]
    pub grade: String,
    #[diesel(sql_type = BigInt)]
    pub people: i64,
}

/// What a query makes of the latest versions of a cycle's results.
macro_rules! of_latest {
    ($rest:literal) => {
        concat!(
            "with r as (select distinct on (number) excluded, score, grade, interview from results
                 where company_id = $1 and cycle = $2 order by number, version desc)
             select ",
            $rest
        )
    };
}

pub async fn totals(tx: &mut Tx, cycle: Uuid) -> Result<Totals> {
    Ok(tx.sql(of_latest!("count(*) as people, count(excluded) as excluded, count(*) filter (where cardinality(interview) > 0) as interviews,
                trim_scale(round(avg(score), 2))::text as mean from r"
    ))
    .bind::<SqlUuid, _>(cycle)
    .get_result(tx.conn())
    .await?)
}

pub async fn grades(tx: &mut Tx, cycle: Uuid) -> Result<Vec<GradeCount>> {
    Ok(tx
        .sql(of_latest!("grade, count(*) as people from r where grade is not null group by grade order by grade"))
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?)
}

#[derive(QueryableByName)]
struct PublishedRow {
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    category: Option<String>,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Nullable<Text>)]
    excluded: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    score: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    grade: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    coefficient: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    outcomes: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    interview: Vec<String>,
    #[diesel(sql_type = Jsonb)]
    carried: Value,
}

/// A page of a unit's results as they are told to others, in their first version.
pub async fn to_publish(tx: &mut Tx, cycle: Uuid, unit: &str, after: &str, limit: i64) -> Result<Vec<PublishedResult>> {
    let rows: Vec<PublishedRow> = tx.sql(
        "select number, name, category, version, excluded, trim_scale(score)::text as score, grade,
                trim_scale(coefficient)::text as coefficient, outcomes, interview, carried
         from results where company_id = $1 and cycle = $2 and unit = $3 and number > $4 and version = 1 order by number limit $5",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(unit)
    .bind::<Text, _>(after)
    .bind::<BigInt, _>(limit)
    .load(tx.conn())
    .await?;
    rows.into_iter()
        .map(|r| {
            Ok(PublishedResult {
                number: r.number.into(),
                name: r.name,
                category: r.category,
                version: r.version,
                excluded: r.excluded,
                score: r.score,
                grade: r.grade,
                coefficient: r.coefficient,
                outcomes: r.outcomes,
                interview: r.interview,
                carried: serde_json::from_value(r.carried)?,
            })
        })
        .collect()
}

/// What pay needs to know of a unit.
pub async fn unit_carried(tx: &mut Tx, cycle: Uuid, unit: &str) -> Result<Values> {
    let of_unit = unit_results::table.find((tx.company, cycle, unit)).select(unit_results::carried);
    match of_unit.get_result::<Value>(tx.conn()).await.optional()? {
        Some(carried) => Ok(serde_json::from_value(carried)?),
        None => Ok(Values::new()),
    }
}

pub async fn count(tx: &mut Tx, cycle: Uuid) -> Result<i64> {
    let of_cycle = results::company_id.eq(tx.company).and(results::cycle.eq(cycle));
    Ok(results::table.filter(of_cycle.and(results::version.eq(1))).count().get_result(tx.conn()).await?)
}

/// The inputs of a person's latest correction, if there was one, on their sheet.
pub async fn with_corrections(tx: &mut Tx, sheet: Sheet) -> Result<Sheet> {
    let of_person = corrections::company_id
        .eq(tx.company)
        .and(corrections::cycle.eq(sheet.cycle))
        .and(corrections::number.eq(&sheet.number));
    let latest: Option<(Value, Value)> = corrections::table
        .filter(of_person)
        .select((corrections::inputs, corrections::evidence))
        .order(corrections::version.desc())
        .first(tx.conn())
        .await
        .optional()?;
    match latest {
        None => Ok(sheet),
        Some((inputs, evidence)) => {
            Ok(Sheet { inputs: serde_json::from_value(inputs)?, evidence: serde_json::from_value(evidence)?, ..sheet })
        }
    }
}

pub async fn insert_correction(tx: &mut Tx, sheet: &Sheet, version: i64) -> Result<()> {
    let correction = (
        corrections::company_id.eq(tx.company),
        corrections::cycle.eq(sheet.cycle),
        corrections::number.eq(&sheet.number),
        corrections::version.eq(version),
        corrections::inputs.eq(serde_json::to_value(&sheet.inputs)?),
        corrections::evidence.eq(serde_json::to_value(&sheet.evidence)?),
    );
    diesel::insert_into(corrections::table).values(correction).execute(tx.conn()).await?;
    Ok(())
}
