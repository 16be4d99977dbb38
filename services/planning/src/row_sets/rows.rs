use std::collections::HashMap;

use diesel::sql_types::{Jsonb, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use events::Row;
use platform::sql::ToDiesel;
use platform::{Result, Tx};

/// All sets of a scheme, by place and holder.
pub async fn of(tx: &mut Tx, scheme: &str) -> Result<HashMap<(String, String), Vec<Row>>> {
    let sets: Vec<(String, String, serde_json::Value)> = tx
        .sql("select place, holder, rows from row_sets where company_id = $1 and scheme = $2")
        .bind::<Text, _>(scheme)
        .columns::<(Text, Text, Jsonb)>()
        .load(tx.conn())
        .await?;
    sets.into_iter().map(|(place, holder, rows)| Ok(((place, holder), serde_json::from_value(rows)?))).collect()
}

/// Keeps a set in the place of the one there was; without rows there is none any more.
pub async fn put(tx: &mut Tx, scheme: &str, place: &str, holder: &str, rows: &[Row]) -> Result<()> {
    let (now, author) = (tx.now, tx.actor.name.clone());
    if rows.is_empty() {
        tx.sql("delete from row_sets where company_id = $1 and scheme = $2 and place = $3 and holder = $4")
            .bind::<Text, _>(scheme)
            .bind::<Text, _>(place)
            .bind::<Text, _>(holder)
            .execute(tx.conn())
            .await?;
        return Ok(());
    }
    tx.sql(
        "insert into row_sets (company_id, scheme, place, holder, rows, made_by, made_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (company_id, scheme, place, holder) do update set rows = excluded.rows,
             made_by = excluded.made_by, made_at = excluded.made_at",
    )
    .bind::<Text, _>(scheme)
    .bind::<Text, _>(place)
    .bind::<Text, _>(holder)
    .bind::<Jsonb, _>(serde_json::to_value(rows)?)
    .bind::<Text, _>(author)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}
