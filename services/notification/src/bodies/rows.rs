use diesel::sql_types::{Array, Date, Jsonb, Text};
use diesel_async::RunQueryDsl;
use events::Body;
use jiff::civil;
use platform::sql::ToDiesel;
use platform::{Result, Tx};

/// Takes bodies with everybody who sits in them, as far as they are news.
pub async fn keep(tx: &mut Tx, bodies: &[Body]) -> Result<()> {
    let news = serde_json::to_value(bodies)?;
    let fresh: Vec<String> = tx
        .sql(
            "insert into bodies as t (company_id, code, name_zh, name_en, version)
             select distinct on (n.code) $1, n.code, n.name_zh, n.name_en, n.version
             from jsonb_to_recordset($2) as n(code text, name_zh text, name_en text, version bigint)
             order by n.code, n.version desc
             on conflict (company_id, code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en,
                 version = excluded.version
             where excluded.version > t.version
             returning code",
        )
        .bind::<Jsonb, _>(&news)
        .columns::<Text>()
        .load(tx.conn())
        .await?;
    tx.sql("delete from seats where company_id = $1 and body = any($2)")
        .bind::<Array<Text>, _>(&fresh)
        .execute(tx.conn())
        .await?;
    tx.sql(
        "insert into seats (company_id, body, place, number, office, from_on, until_on)
         select $1, n.code, s.place, s.seat->>'number', s.seat->>'office', (s.seat->>'from')::date, (s.seat->>'until')::date
         from (select distinct on (code) code, seats
               from jsonb_to_recordset($2) as b(code text, version bigint, seats jsonb)
               where code = any($3) order by code, version desc) n
         cross join lateral jsonb_array_elements(n.seats) with ordinality as s(seat, place)",
    )
    .bind::<Jsonb, _>(&news)
    .bind::<Array<Text>, _>(&fresh)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The bodies and offices in which somebody sits on a day, as tasks name them: `body:LG`, `body:LG/leader`.
pub async fn of(tx: &mut Tx, number: &str, today: civil::Date) -> Result<Vec<String>> {
    Ok(tx
        .sql(
            "select distinct h from seats s, unnest(array['body:' || s.body, 'body:' || s.body || '/' || s.office]) h
             where s.company_id = $1 and s.number = $2 and s.from_on <= $3 and (s.until_on is null or s.until_on >= $3)
             order by h",
        )
        .bind::<Text, _>(number)
        .bind::<Date, _>(today.to_diesel())
        .columns::<Text>()
        .load(tx.conn())
        .await?)
}
