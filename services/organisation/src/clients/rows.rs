use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use platform::sql::ToDiesel;
use platform::{Result, Tx};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A machine client, without its secret.
#[derive(Clone, Debug, QueryableByName, Serialize, ToSchema)]
pub struct ClientView {
    /// The `client_id`.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    /// What it may do, such as `payroll.read`.
    #[diesel(sql_type = Array<Text>)]
    pub scopes: Vec<String>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
}

pub async fn insert(tx: &mut Tx, client: &ClientView, secret_hash: &[u8], now: Timestamp) -> Result<()> {
    tx.sql(
        "insert into clients (company_id, id, name, scopes, secret_hash, created_at) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind::<SqlUuid, _>(client.id)
    .bind::<Text, _>(&client.name)
    .bind::<Array<Text>, _>(&client.scopes)
    .bind::<Binary, _>(secret_hash)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    tx.sql("insert into client_homes (tenant, client) values ($1, $2)")
        .bind::<SqlUuid, _>(client.id)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub async fn page(tx: &mut Tx, after: Option<Uuid>, limit: i64) -> Result<Vec<ClientView>> {
    Ok(tx
        .sql(
            "select id, name, scopes, version from clients
         where company_id = $1 and ($2::uuid is null or id > $2) order by id limit $3",
        )
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// Replaces the secret; none when there is no such client.
pub async fn set_secret(tx: &mut Tx, id: Uuid, secret_hash: &[u8]) -> Result<Option<ClientView>> {
    let changed: Vec<ClientView> = tx
        .sql(
            "update clients set secret_hash = $3, version = version + 1 where company_id = $1 and id = $2
         returning id, name, scopes, version",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<Binary, _>(secret_hash)
        .load(tx.conn())
        .await?;
    Ok(changed.into_iter().next())
}

pub async fn delete(tx: &mut Tx, id: Uuid) -> Result<Option<ClientView>> {
    let deleted: Vec<ClientView> = tx
        .sql("delete from clients where company_id = $1 and id = $2 returning id, name, scopes, version")
        .bind::<SqlUuid, _>(id)
        .load(tx.conn())
        .await?;
    tx.sql("delete from client_homes where tenant = $1 and client = $2")
        .bind::<SqlUuid, _>(id)
        .execute(tx.conn())
        .await?;
    Ok(deleted.into_iter().next())
}
