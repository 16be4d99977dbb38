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
        "select u.code, count(s.number) as people
         from units u left join sheets s on s.company_id = $1 and s.cycle = $2 and s.unit = u.code
         where u.company_id = $1 and u.cycle = $2 and ($3::text is null or u.code = $3) group by u.code order by u.code",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Nullable<Text>, _>(unit)
    .load(tx.conn())
    .await?)
}
