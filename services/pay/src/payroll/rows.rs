use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{ExpressionMethods, QueryDsl, Queryable, SelectableHelper};
use diesel_async::RunQueryDsl;
use platform::sql::ToDiesel;
use platform::{Result, Tx};
use uuid::Uuid;

use super::acknowledgement::Acknowledged;
use crate::schema::acknowledgements;

/// Some statements in feed order, put together by PostgreSQL: no row costs a value of its own here. Positions
/// have no gaps, so a page is a range of them, whatever the planner believes about the table.
#[derive(Queryable)]
pub struct Lines {
    pub count: i64,
    pub last: Option<i64>,
    pub lines: Option<String>,
}

pub async fn lines(tx: &mut Tx, after: i64, limit: i64) -> Result<Lines> {
    Ok(tx
        .sql(
            "select count(*), max(position), string_agg(document, E'\\n' order by position) || E'\\n'
             from statements where company_id = $1 and position > $2 and position <= $2 + $3",
        )
        .bind::<BigInt, _>(after)
        .bind::<BigInt, _>(limit)
        .columns::<(BigInt, Nullable<BigInt>, Nullable<Text>)>()
        .get_result(tx.conn())
        .await?)
}

/// Moves a client's cursor, never back; where it stands then.
pub async fn acknowledge(tx: &mut Tx, client: Uuid, name: &str, cursor: i64) -> Result<Acknowledged> {
    let now = tx.now;
    Ok(tx
        .sql(
            "insert into acknowledgements as a (company_id, client, name, cursor, acknowledged_at) values ($1, $2, $3, $4, $5)
             on conflict (company_id, client) do update
             set name = excluded.name, cursor = greatest(a.cursor, excluded.cursor),
                 acknowledged_at =
                     case when excluded.cursor > a.cursor then excluded.acknowledged_at else a.acknowledged_at end
             returning client, name, cursor, acknowledged_at",
        )
        .bind::<SqlUuid, _>(client)
        .bind::<Text, _>(name)
        .bind::<BigInt, _>(cursor)
        .bind::<Timestamptz, _>(now.to_diesel())
        .columns::<(SqlUuid, Text, BigInt, Timestamptz)>()
        .get_result(tx.conn())
        .await?)
}

/// Where clients stand: one, or all of the company.
pub async fn acknowledged(tx: &mut Tx, client: Option<Uuid>) -> Result<Vec<Acknowledged>> {
    let mut query = acknowledgements::table
        .filter(acknowledgements::company_id.eq(tx.company))
        .order(acknowledgements::client)
        .select(Acknowledged::as_select())
        .into_boxed();
    if let Some(client) = client {
        query = query.filter(acknowledgements::client.eq(client));
    }
    Ok(query.load(tx.conn()).await?)
}
