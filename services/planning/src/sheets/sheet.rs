use std::collections::BTreeMap;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz};
use events::{Row, SettledSheet};
use platform::Result;
use platform::sql::NullableTimestamp;
use serde::{Deserialize, Serialize};

use crate::subjects::subject::Kind;

platform::stored_enum! {
    /// Where an edition of a sheet stands.
    pub enum SheetState {
        /// Something about it is not settled yet.
        Draft = "draft",
        /// HR has settled it, and somebody has to confirm it.
        Proposed = "proposed",
        Settled = "settled",
        /// A later edition counts.
        Superseded = "superseded",
        /// It counts no more.
        Annulled = "annulled",
    }
}

/// An edition of a subject's sheet, as it is stored.
#[derive(QueryableByName, Clone, Debug, Serialize, Deserialize)]
pub struct Sheet {
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Integer)]
    pub edition: i32,
    #[diesel(sql_type = Text)]
    pub state: SheetState,
    /// Whether scoring has been told of this edition.
    #[diesel(sql_type = Bool)]
    pub told: bool,
    #[diesel(sql_type = Jsonb)]
    pub rows: serde_json::Value,
    #[diesel(sql_type = Jsonb)]
    pub weights: serde_json::Value,
    #[diesel(sql_type = Jsonb)]
    pub priorities: serde_json::Value,
    #[diesel(sql_type = Nullable<Text>)]
    pub why: Option<String>,
    /// Who wrote its rows by hand; none: they come from a plan or a set.
    #[diesel(sql_type = Nullable<Text>)]
    pub rows_by: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub settled_by: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = NullableTimestamp)]
    pub settled_at: Option<jiff::Timestamp>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
}

impl Sheet {
    pub fn rows(&self) -> Result<Vec<Row>> {
        Ok(serde_json::from_value(self.rows.clone())?)
    }

    /// The weights that differ from the scheme's; empty: none do.
    pub fn weights(&self) -> Result<BTreeMap<String, String>> {
        Ok(serde_json::from_value(self.weights.clone())?)
    }

    pub fn priorities(&self) -> Result<Vec<String>> {
        Ok(serde_json::from_value(self.priorities.clone())?)
    }

    /// As scoring is told it.
    pub fn settled(&self) -> Result<SettledSheet> {
        Ok(SettledSheet {
            subject: self.kind.id(&self.subject),
            edition: self.edition,
            rows: self.rows()?,
            weights: self.weights()?,
            priorities: self.priorities()?,
            version: self.version,
        })
    }
}
