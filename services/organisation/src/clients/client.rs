use diesel::pg::Pg;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::schema::clients;

/// A machine client, without its secret.
#[derive(Clone, Debug, Insertable, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = clients, check_for_backend(Pg))]
pub struct ClientView {
    /// The `client_id`.
    pub id: Uuid,
    pub name: String,
    /// What it may do: `payroll.read`, `facts.write`.
    pub scopes: Vec<String>,
    pub version: i64,
}

/// A machine client to be created.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClient {
    /// 1 to 200 characters.
    pub name: String,
    /// At least one of: `payroll.read` (the payroll feed), `facts.write` (facts of cycles).
    #[schema(min_items = 1)]
    pub scopes: Vec<String>,
}

/// A machine client with its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
pub struct ClientWithSecret {
    pub client_id: Uuid,
    /// Null when this answer is repeated for an `Idempotency-Key`: secrets are not kept. Ask for a new one.
    pub client_secret: Option<String>,
    pub name: String,
    pub scopes: Vec<String>,
    pub version: i64,
}

impl ClientWithSecret {
    pub fn without_secret(client: ClientView) -> Self {
        Self {
            client_id: client.id,
            client_secret: None,
            name: client.name,
            scopes: client.scopes,
            version: client.version,
        }
    }
}
