use diesel::QueryableByName;
use diesel::sql_types::{Integer, Jsonb, Nullable, Text, Uuid as SqlUuid};
use events::{OtherRater, Subject};
use platform::Result;
use serde_json::Value;
use uuid::Uuid;

use crate::subjects::subject::Kind;

/// An annulled result that is redone.
#[derive(Clone, Debug, QueryableByName)]
pub struct Redo {
    /// Whose decision it is.
    #[diesel(sql_type = SqlUuid)]
    pub appeal: Uuid,
    #[diesel(sql_type = Integer)]
    pub attempt: i32,
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    #[diesel(sql_type = Text)]
    pub subject: String,
    /// Of the sheet, from which the annulled result was computed.
    #[diesel(sql_type = Integer)]
    pub annulled_edition: i32,
    /// Of the sheet on which it is redone, once that is settled.
    #[diesel(sql_type = Nullable<Integer>)]
    pub edition: Option<i32>,
    #[diesel(sql_type = Jsonb)]
    raters: Value,
    #[diesel(sql_type = Text)]
    pub reason: String,
    #[diesel(sql_type = Text)]
    pub decided_by: String,
}

impl Redo {
    pub fn key(&self) -> Subject {
        self.kind.subject(&self.subject)
    }

    /// Who rates anew, kind of rater by kind of rater.
    pub fn raters(&self) -> Result<Vec<OtherRater>> {
        Ok(serde_json::from_value(self.raters.clone())?)
    }
}
