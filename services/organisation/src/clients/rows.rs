use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use jiff::Timestamp;
use platform::Result;
use platform::sql::ToDiesel;
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

pub async fn insert(
    conn: &mut AsyncPgConnection,
    company: Uuid,
    client: &ClientView,
    secret_hash: &[u8],
    now: Timestamp,
) -> Result<()> {
    diesel::sql_query(
        "insert into clients (company_id, id, name, scopes, secret_hash, created_at) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<SqlUuid, _>(client.id)
    .bind::<Text, _>(&client.name)
    .bind::<Array<Text>, _>(&client.scopes)
    .bind::<Binary, _>(secret_hash)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(conn)
    .await?;
    diesel::sql_query("insert into client_homes (client, tenant) values ($1, $2)")
        .bind::<SqlUuid, _>(client.id)
        .bind::<SqlUuid, _>(company)
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn page(
    conn: &mut AsyncPgConnection,
    company: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<ClientView>> {
    Ok(diesel::sql_query(
        "select id, name, scopes, version from clients
         where company_id = $1 and ($2::uuid is null or id > $2) order by id limit $3",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<Nullable<SqlUuid>, _>(after)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// Replaces the secret; none when there is no such client.
pub async fn set_secret(
    conn: &mut AsyncPgConnection,
    company: Uuid,
    id: Uuid,
    secret_hash: &[u8],
) -> Result<Option<ClientView>> {
    let changed: Vec<ClientView> = diesel::sql_query(
        "update clients set secret_hash = $3, version = version + 1 where company_id = $1 and id = $2
         returning id, name, scopes, version",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<SqlUuid, _>(id)
    .bind::<Binary, _>(secret_hash)
    .load(conn)
    .await?;
    Ok(changed.into_iter().next())
}

pub async fn delete(conn: &mut AsyncPgConnection, company: Uuid, id: Uuid) -> Result<Option<ClientView>> {
    let deleted: Vec<ClientView> =
        diesel::sql_query("delete from clients where company_id = $1 and id = $2 returning id, name, scopes, version")
            .bind::<SqlUuid, _>(company)
            .bind::<SqlUuid, _>(id)
            .load(conn)
            .await?;
    diesel::sql_query("delete from client_homes where client = $1 and tenant = $2")
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(company)
        .execute(conn)
        .await?;
    Ok(deleted.into_iter().next())
}
