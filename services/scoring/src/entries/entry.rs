use diesel::QueryableByName;
use diesel::sql_types::{Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use events::Subject;
use platform::sql::{NullableTimestamp, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use crate::fact_checks::fact_check::FactState;
use crate::subjects::subject::Kind;

/// An entry of a list.
#[derive(QueryableByName, Clone, Debug)]
pub struct Entry {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub list: String,
    #[diesel(sql_type = Jsonb)]
    pub cells: Value,
    #[diesel(sql_type = Nullable<Text>)]
    pub said: Option<String>,
    /// What it rests on.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub document: Option<Uuid>,
    #[diesel(sql_type = Text)]
    pub made_by: String,
    #[diesel(sql_type = Timestamptz, deserialize_as = Timestamp)]
    pub made_at: jiff::Timestamp,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = NullableTimestamp)]
    pub withdrawn_at: Option<jiff::Timestamp>,
    #[diesel(sql_type = Text)]
    pub state: FactState,
    /// Of what was recorded together and is checked.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub report: Option<Uuid>,
}

impl Entry {
    /// Somebody checked and approved it.
    pub fn is_checked(&self) -> bool {
        self.state == FactState::Approved && self.report.is_some()
    }

    pub fn about(&self) -> Subject {
        self.kind.subject(&self.subject)
    }
}
