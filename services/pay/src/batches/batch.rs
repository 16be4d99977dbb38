use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use events::{EmployeeNumber, UnitCode};
use jiff::Timestamp;
use platform::sql;
use serde::Deserialize;
use serde_json::Value;
use steps::steps::NewSession;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::statements::{Entry, Reckoned};
use crate::steps_view::Verdict;

platform::stored_enum! {
    /// How far a batch is.
    pub enum BatchState {
        /// Waits to be approved, or for the other results of its cycle.
        Open = "open",
        /// Was sent back: HR sees to what is wrong and hands it in again.
        Returned = "returned",
        /// All have approved it: its statements are being issued.
        Approved = "approved",
        /// Its statements are issued.
        Issued = "issued",
        /// Its cycle was cancelled.
        Void = "void",
    }
}

/// A batch as it is stored.
#[derive(Clone, Debug, QueryableByName)]
pub struct Batch {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    /// Of those of its cycle, from 1.
    #[diesel(sql_type = Integer)]
    pub no: i32,
    #[diesel(sql_type = Text)]
    pub state: BatchState,
    /// In which it is decided about now.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub step: Option<Uuid>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = Timestamptz, deserialize_as = sql::Timestamp)]
    pub opened_at: Timestamp,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = sql::NullableTimestamp)]
    pub issued_at: Option<Timestamp>,
}

impl Batch {
    /// What its steps are about.
    pub fn about(&self) -> String {
        format!("{ABOUT}{}", self.id)
    }

    /// The batch that a step is about.
    pub fn of(about: &str) -> Option<Uuid> {
        about.strip_prefix(ABOUT)?.parse().ok()
    }
}

const ABOUT: &str = "batch:";

/// In the order of a batch's steps: where whoever mends what was sent back hands it in again.
pub const MENDING: i32 = 0;

/// How much is in a batch.
#[derive(Clone, Debug, QueryableByName)]
pub struct Sums {
    #[diesel(sql_type = SqlUuid)]
    pub batch: Uuid,
    #[diesel(sql_type = BigInt)]
    pub people: i64,
    /// Money by currency and component.
    #[diesel(sql_type = Jsonb)]
    pub totals: Value,
    #[diesel(sql_type = Jsonb)]
    pub differences: Value,
}

/// A statement that waits in a batch.
pub struct NewDraft {
    pub reckoned: Reckoned,
    pub entry: Entry,
}

/// A draft as a list shows it.
#[derive(Debug, QueryableByName)]
pub struct DraftRow {
    #[diesel(sql_type = Text)]
    pub number: EmployeeNumber,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub unit: UnitCode,
    #[diesel(sql_type = BigInt)]
    pub result_version: i64,
    #[diesel(sql_type = Jsonb)]
    pub entry: Value,
}

/// What of a batch goes into the ledger in one go: of one reckoning, some at most.
#[derive(QueryableByName)]
pub struct Due {
    #[diesel(sql_type = SqlUuid)]
    pub reckoning: Uuid,
    #[diesel(sql_type = Array<Text>)]
    pub reckoned: Vec<String>,
}

/// What somebody decides about a batch.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "verdict": "approved", "version": 3 }))]
pub struct BatchDecision {
    #[schema(inline)]
    pub verdict: Verdict,
    /// The version of the batch that was looked at.
    pub version: i64,
    /// Why; needed where it is sent back. 1 to 4000 characters.
    #[serde(default)]
    pub reason: Option<String>,
    /// Where a body decides: the session.
    #[serde(default)]
    pub session: Option<NewSession>,
}
