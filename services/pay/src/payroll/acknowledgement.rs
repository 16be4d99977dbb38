use diesel::pg::Pg;
use diesel::{Queryable, Selectable};
use jiff::Timestamp;
use platform::sql;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::input::Cursor;
use crate::schema::acknowledgements;

/// How far a client says it has come.
#[derive(Queryable, Selectable)]
#[diesel(table_name = acknowledgements, check_for_backend(Pg))]
pub struct Acknowledged {
    client: Uuid,
    name: String,
    cursor: i64,
    #[diesel(deserialize_as = sql::Timestamp)]
    acknowledged_at: Timestamp,
}

/// How far a client has taken the feed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgementBody {
    /// The `cursor` of the last statement taken.
    pub cursor: String,
}

/// How far a client has taken the feed.
#[derive(Serialize, ToSchema)]
pub struct Acknowledgement {
    client: Uuid,
    /// Name of the client.
    name: String,
    /// Everything up to here was taken.
    cursor: String,
    acknowledged_at: Timestamp,
    /// Statements issued since.
    outstanding: i64,
}

impl Acknowledgement {
    /// Positions have no gaps: what lies between two of them is a number of statements.
    pub fn new(row: Acknowledged, last: i64) -> Self {
        Self {
            client: row.client,
            name: row.name,
            cursor: Cursor::at(row.cursor).to_string(),
            acknowledged_at: row.acknowledged_at,
            outstanding: last - row.cursor,
        }
    }
}
