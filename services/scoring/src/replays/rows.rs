use basics::money::parse_plain;
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use platform::replay::Closed;
use platform::{Problem, Result, Tx};
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use crate::cycles::rows::Number;
use crate::engine::computing::{PersonFound, UnitFound};
use crate::sheets::sheet::{Evidence, Inputs};

/// Cycles with results, of every company.
pub async fn closed(tx: &mut Tx) -> Result<Vec<Closed>> {
    Ok(tx
        .sql_of_all(
            "select company_id as company, id as cycle, scheme_code as scheme, period from cycles
         where state in ('closed', 'published') order by company_id, closed_at, id",
        )
        .load(tx.conn())
        .await?)
}

/// A version of a result as it is stored.
pub struct Stored {
    pub version: i64,
    pub made_at: Timestamp,
    pub found: PersonFound,
}

#[derive(QueryableByName)]
struct ResultRow {
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Timestamptz, deserialize_as = platform::sql::Timestamp)]
    made_at: Timestamp,
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
    scores: Value,
    #[diesel(sql_type = Jsonb)]
    carried: Value,
    #[diesel(sql_type = Text)]
    explanation: String,
}

impl ResultRow {
    fn read(self) -> Result<Stored> {
        let found = PersonFound {
            number: self.number,
            excluded: self.excluded,
            score: decimal(self.score)?,
            grade: self.grade,
            coefficient: decimal(self.coefficient)?,
            outcomes: self.outcomes,
            interview: self.interview,
            scores: serde_json::from_value(self.scores)?,
            carried: serde_json::from_value(self.carried)?,
            explanation: self.explanation,
        };
        Ok(Stored { version: self.version, made_at: self.made_at, found })
    }
}

fn decimal(text: Option<String>) -> Result<Option<Decimal>> {
    let read = |text: String| parse_plain(&text).ok_or_else(|| Problem::internal(format!("no decimal: {text}")));
    text.map(read).transpose()
}

/// Every version of the results of a unit, or of the whole cycle.
pub async fn results(tx: &mut Tx, cycle: Uuid, unit: Option<&str>) -> Result<Vec<Stored>> {
    let rows: Vec<ResultRow> = tx.sql(
        "select number, version, made_at, excluded, score::text as score, grade, coefficient::text as coefficient, outcomes, interview,
                scores, carried, explanation
         from results where company_id = $1 and cycle = $2 and ($3::text is null or unit = $3) order by number, version",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Nullable<Text>, _>(unit)
    .load(tx.conn())
    .await?;
    rows.into_iter().map(ResultRow::read).collect()
}

/// How many results of a cycle are stored, corrections among them.
pub async fn count(tx: &mut Tx, cycle: Uuid) -> Result<i64> {
    let found: Number = tx
        .sql("select count(*) as number from results where company_id = $1 and cycle = $2")
        .bind::<SqlUuid, _>(cycle)
        .get_result(tx.conn())
        .await?;
    Ok(found.number)
}

#[derive(QueryableByName)]
struct UnitRow {
    #[diesel(sql_type = Text)]
    unit: String,
    #[diesel(sql_type = Nullable<Text>)]
    score: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    grade: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    coefficient: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    outcomes: Vec<String>,
    #[diesel(sql_type = Jsonb)]
    carried: Value,
}

/// What is stored of a unit, or of all units.
pub async fn units(tx: &mut Tx, cycle: Uuid, unit: Option<&str>) -> Result<Vec<UnitFound>> {
    let rows: Vec<UnitRow> = tx
        .sql(
            "select unit, score::text as score, grade, coefficient::text as coefficient, outcomes, carried
         from unit_results where company_id = $1 and cycle = $2 and ($3::text is null or unit = $3) order by unit",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Text>, _>(unit)
        .load(tx.conn())
        .await?;
    let read = |row: UnitRow| {
        Ok(UnitFound {
            code: row.unit,
            score: decimal(row.score)?,
            grade: row.grade,
            coefficient: decimal(row.coefficient)?,
            outcomes: row.outcomes,
            carried: serde_json::from_value(row.carried)?,
        })
    };
    rows.into_iter().map(read).collect()
}

#[derive(QueryableByName)]
struct InputsRow {
    #[diesel(sql_type = Jsonb)]
    inputs: Value,
    #[diesel(sql_type = Jsonb)]
    evidence: Value,
}

/// What a corrected version was computed from.
pub async fn corrected_inputs(
    tx: &mut Tx,
    cycle: Uuid,
    number: &str,
    version: i64,
) -> Result<Option<(Inputs, Evidence)>> {
    let rows: Vec<InputsRow> = tx.sql(
        "select inputs, evidence from corrections where company_id = $1 and cycle = $2 and number = $3 and version = $4",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(number)
    .bind::<BigInt, _>(version)
    .load(tx.conn())
    .await?;
    let read = |row: InputsRow| Ok((serde_json::from_value(row.inputs)?, serde_json::from_value(row.evidence)?));
    rows.into_iter().next().map(read).transpose()
}
