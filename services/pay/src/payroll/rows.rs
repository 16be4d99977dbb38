use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use platform::sql::ToDiesel;
use platform::{Result, Tx};
use uuid::Uuid;

/// Some statements in feed order, put together by PostgreSQL: no row costs a value of its own here. Positions
/// have no gaps, so a page is a range of them, whatever the planner believes about the table.
#[derive(QueryableByName)]
pub struct Lines {
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub last: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    pub lines: Option<String>,
}

pub async fn lines(tx: &mut Tx, after: i64, limit: i64) -> Result<Lines> {
    Ok(tx.sql(
        "select count(*) as count, max(position) as last, string_agg(document, E'\\n' order by position) || E'\\n' as lines
         from statements where company_id = $1 and position > $2 and position <= $2 + $3",
    )
    .bind::<BigInt, _>(after)
    .bind::<BigInt, _>(limit)
    .get_result(tx.conn())
    .await?)
}

/// How far a client says it has come.
#[derive(QueryableByName)]
pub struct Acknowledged {
    #[diesel(sql_type = SqlUuid)]
    pub client: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = BigInt)]
    pub cursor: i64,
    #[diesel(sql_type = Timestamptz)]
    pub acknowledged_at: platform::sql::Timestamp,
}

/// Moves a client's cursor, never back; where it stands then.
pub async fn acknowledge(tx: &mut Tx, client: Uuid, name: &str, cursor: i64, now: Timestamp) -> Result<Acknowledged> {
    Ok(tx.sql(
        "insert into acknowledgements as a (company_id, client, name, cursor, acknowledged_at) values ($1, $2, $3, $4, $5)
         on conflict (company_id, client) do update
         set name = excluded.name, cursor = greatest(a.cursor, excluded.cursor),
             acknowledged_at = case when excluded.cursor > a.cursor then excluded.acknowledged_at else a.acknowledged_at end
         returning client, name, cursor, acknowledged_at",
    )
    .bind::<SqlUuid, _>(client)
    .bind::<Text, _>(name)
    .bind::<BigInt, _>(cursor)
    .bind::<Timestamptz, _>(now.to_diesel())
    .get_result(tx.conn())
    .await?)
}

/// Where clients stand: one, or all of the company.
pub async fn acknowledged(tx: &mut Tx, client: Option<Uuid>) -> Result<Vec<Acknowledged>> {
    Ok(tx
        .sql(
            "select client, name, cursor, acknowledged_at from acknowledgements
         where company_id = $1 and ($2 is null or client = $2) order by client",
        )
        .bind::<Nullable<SqlUuid>, _>(client)
        .load(tx.conn())
        .await?)
}
