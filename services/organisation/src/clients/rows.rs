use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use platform::sql::{Cached, ToDiesel};
use platform::{Result, Tx, page};
use uuid::Uuid;

use super::client::ClientView;
use crate::schema::{client_homes, clients};

pub async fn insert(tx: &mut Tx, client: &ClientView, secret_hash: &[u8]) -> Result<()> {
    let company = clients::company_id.eq(tx.company);
    let secret = clients::secret_hash.eq(secret_hash);
    let created_at = clients::created_at.eq(tx.now.to_diesel());
    diesel::insert_into(clients::table).values((company, client, secret, created_at)).execute(tx.conn()).await?;
    let home = (client_homes::client.eq(client.id), client_homes::tenant.eq(tx.company));
    diesel::insert_into(client_homes::table).values(home).execute(tx.conn()).await?;
    Ok(())
}

pub async fn page(tx: &mut Tx, after: Option<Uuid>, limit: i64) -> Result<Vec<ClientView>> {
    let all = clients::table.filter(clients::company_id.eq(tx.company)).select(ClientView::as_select());
    Ok(page!(all, clients::id, after, limit).load(tx.conn()).await?)
}

/// Replaces the secret; none when there is no such client.
pub async fn set_secret(tx: &mut Tx, id: Uuid, secret_hash: &[u8]) -> Result<Option<ClientView>> {
    let client = diesel::update(clients::table.find((tx.company, id)));
    let replaced = (clients::secret_hash.eq(secret_hash), clients::version.eq(clients::version + 1_i64));
    let changed = client.set(replaced).returning(ClientView::as_returning());
    Ok(changed.cached().get_result(tx.conn()).await.optional()?)
}

pub async fn delete(tx: &mut Tx, id: Uuid) -> Result<Option<ClientView>> {
    let client = diesel::delete(clients::table.find((tx.company, id))).returning(ClientView::as_returning());
    let deleted = client.get_result(tx.conn()).await.optional()?;
    let home = client_homes::table.find(id).filter(client_homes::tenant.eq(tx.company));
    diesel::delete(home).execute(tx.conn()).await?;
    Ok(deleted)
}

/// The company of a machine client.
pub async fn home_of(tx: &mut Tx, client: Uuid) -> Result<Option<Uuid>> {
    let home = client_homes::table.find(client).select(client_homes::tenant);
    Ok(home.first(tx.conn()).await.optional()?)
}

/// The client, if this is the hash of its secret. Of a hash nothing can be learnt by timing.
pub async fn with_secret(tx: &mut Tx, id: Uuid, secret_hash: &[u8]) -> Result<Option<ClientView>> {
    let client = clients::table.find((tx.company, id)).filter(clients::secret_hash.eq(secret_hash));
    Ok(client.select(ClientView::as_select()).first(tx.conn()).await.optional()?)
}
