use diesel::QueryableByName;
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use jiff::Timestamp;
use platform::sql::ToDiesel;
use platform::{Problem, Result, say};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Keeps somebody from rating a person in this cycle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRecusal {
    /// Employee number of the person appraised.
    pub number: String,
    /// Employee number of whoever is recused.
    pub rater: String,
    /// Why, 1 to 4000 characters.
    pub reason: String,
}

#[derive(Serialize, QueryableByName, ToSchema)]
pub struct Recusal {
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Text)]
    pub rater: String,
    #[diesel(sql_type = Text)]
    pub reason: String,
    #[diesel(sql_type = Text)]
    pub recorded_by: String,
}

pub async fn insert(
    conn: &mut AsyncPgConnection,
    company: Uuid,
    cycle: Uuid,
    recusal: &NewRecusal,
    by: &str,
    now: Timestamp,
) -> Result<()> {
    let inserted = diesel::sql_query(
        "insert into recusals (company_id, cycle, number, rater, reason, recorded_by, recorded_at)
         select $1, $2, number, $4, $5, $6, $7 from sheets where company_id = $1 and cycle = $2 and number = $3
         on conflict (company_id, cycle, number, rater) do update set reason = excluded.reason",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(&recusal.number)
    .bind::<Text, _>(&recusal.rater)
    .bind::<Text, _>(&recusal.reason)
    .bind::<Text, _>(by)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(conn)
    .await?;
    if inserted == 0 {
        return Err(Problem::field(
            "/number",
            say!("该员工在本周期没有考核表", "this person has no sheet in the cycle"),
        ));
    }
    Ok(())
}

pub async fn list(conn: &mut AsyncPgConnection, company: Uuid, cycle: Uuid) -> Result<Vec<Recusal>> {
    Ok(diesel::sql_query(
        "select number, rater, reason, recorded_by from recusals where company_id = $1 and cycle = $2 order by number, rater",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<SqlUuid, _>(cycle)
    .load(conn)
    .await?)
}
