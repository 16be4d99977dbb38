use diesel::QueryableByName;
use diesel::sql_types::{Array, Date as SqlDate, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use jiff::Timestamp;
use jiff::civil::Date;
use platform::sql;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Somebody who sits where a body decides.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Employee number.
    #[diesel(sql_type = Text)]
    pub number: String,
    /// Whom they speak for, such as `staff`.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(default)]
    pub represents: Option<String>,
    /// Why they take no part: they are concerned.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(default)]
    pub withdrew_why: Option<String>,
    /// Employee number of a member who withdrew, whose seat they fill.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(default)]
    pub fills: Option<String>,
}

impl Member {
    pub fn sits(&self) -> bool {
        self.withdrew_why.is_none()
    }
}

/// How a vote went, in counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Votes {
    /// For what was decided.
    #[serde(rename = "for")]
    pub in_favour: u32,
    pub against: u32,
    #[serde(default)]
    pub abstained: u32,
}

/// A session in which a body decided, as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSession {
    /// The day on which it was held.
    pub held_on: Date,
    /// Employee numbers of the members who were there and took part.
    pub present: Vec<String>,
    /// Employee numbers of members who are concerned and withdrew; they do not count among those who sit.
    #[serde(default)]
    pub withdrew: Vec<String>,
    /// Absent where nobody voted.
    #[serde(default)]
    pub votes: Option<Votes>,
    /// What was said and why it was decided so, 1 to 4000 characters.
    pub minutes: String,
}

/// A session as it is stored; none is ever changed.
#[derive(Clone, Debug, QueryableByName)]
pub struct Session {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub step: Uuid,
    #[diesel(sql_type = Text)]
    pub body: String,
    #[diesel(sql_type = SqlDate, deserialize_as = sql::Date)]
    pub held_on: Date,
    #[diesel(sql_type = Array<Text>)]
    pub present: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    pub withdrew: Vec<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub votes_for: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub votes_against: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub abstained: Option<i32>,
    #[diesel(sql_type = Text)]
    pub minutes: String,
    #[diesel(sql_type = Text)]
    pub by: String,
    #[diesel(sql_type = Timestamptz, deserialize_as = sql::Timestamp)]
    pub at: Timestamp,
}
