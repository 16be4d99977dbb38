use diesel::sql_types::{Array, Jsonb, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use platform::sql::ToDiesel;
use platform::{Result, Tx};

use super::placement::{Placement, Placements};

/// The company's rules beside a scheme.
pub async fn of(tx: &mut Tx, scheme: &str) -> Result<Placements> {
    let rows: Vec<(String, Option<String>, String)> = tx
        .sql("select kind, category, rule from placements where company_id = $1 and scheme = $2 order by kind, place")
        .bind::<Text, _>(scheme)
        .columns::<(Text, Nullable<Text>, Text)>()
        .load(tx.conn())
        .await?;
    let mut placements = Placements::default();
    for (kind, category, rule) in rows {
        let of_kind = if kind == "unit" { &mut placements.units } else { &mut placements.people };
        of_kind.push(Placement { category, rule });
    }
    Ok(placements)
}

/// Puts rules in the place of those that there were.
pub async fn replace(tx: &mut Tx, scheme: &str, placements: &Placements) -> Result<()> {
    let (now, author) = (tx.now, tx.actor.name.clone());
    tx.sql("delete from placements where company_id = $1 and scheme = $2")
        .bind::<Text, _>(scheme)
        .execute(tx.conn())
        .await?;
    for (kind, all) in [("person", &placements.people), ("unit", &placements.units)] {
        tx.sql(
            "insert into placements (company_id, scheme, kind, place, category, rule, made_by, made_at)
             select $1, $2, $3, n.place, n.one->>'category', n.one->>'rule', $5, $6
             from unnest($4::jsonb[]) with ordinality as n(one, place)",
        )
        .bind::<Text, _>(scheme)
        .bind::<Text, _>(kind)
        .bind::<Array<Jsonb>, _>(all.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?)
        .bind::<Text, _>(&author)
        .bind::<Timestamptz, _>(now.to_diesel())
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}
