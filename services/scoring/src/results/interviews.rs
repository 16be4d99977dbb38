use diesel::QueryableByName;
use diesel::sql_types::{Array, Date, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use platform::sql::ToDiesel;
use platform::{Result, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// An interview that was held.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInterview {
    /// YYYY-MM-DD.
    #[schema(value_type = String, format = Date)]
    pub held_on: jiff::civil::Date,
    /// What was said, 1 to 4000 characters.
    pub notes: String,
}

/// An interview that was held.
#[derive(Clone, QueryableByName, Serialize, ToSchema)]
pub struct Interview {
    /// Employee number.
    #[diesel(sql_type = Text)]
    pub number: String,
    /// YYYY-MM-DD.
    #[diesel(sql_type = Text)]
    pub held_on: String,
    #[diesel(sql_type = Text)]
    pub notes: String,
    #[diesel(sql_type = Text)]
    pub recorded_by: String,
}

pub async fn record(
    tx: &mut Tx,
    cycle: Uuid,
    number: &str,
    interview: &NewInterview,
    by: &str,
    now: Timestamp,
) -> Result<()> {
    tx.sql(
        "insert into interviews (company_id, cycle, number, held_on, notes, recorded_by, recorded_at) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (company_id, cycle, number) do update
         set held_on = excluded.held_on, notes = excluded.notes, recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(number)
    .bind::<Date, _>(interview.held_on.to_diesel())
    .bind::<Text, _>(&interview.notes)
    .bind::<Text, _>(by)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The interviews held with these people.
pub async fn held(tx: &mut Tx, cycle: Uuid, numbers: &[String]) -> Result<Vec<Interview>> {
    Ok(tx.sql(
        "select number, held_on::text as held_on, notes, recorded_by from interviews where company_id = $1 and cycle = $2 and number = any($3)",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(numbers)
    .load(tx.conn())
    .await?)
}
