use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::{Result, Tx};
use uuid::Uuid;

/// A unit and how many people it has.
#[derive(QueryableByName)]
pub struct UnitSize {
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = BigInt)]
    pub people: i64,
}

/// The units of a cycle, or the one that is named.
pub async fn unit_sizes(tx: &mut Tx, cycle: Uuid, unit: Option<&str>) -> Result<Vec<UnitSize>> {
    Ok(tx.sql(
        "select unit as code, count(*) as people from subjects
         where company_id = $1 and cycle = $2 and ($3::text is null or unit = $3) and standing <> 'out' and left_out_why is null
         group by unit order by unit",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Nullable<Text>, _>(unit)
    .load(tx.conn())
    .await?)
}
