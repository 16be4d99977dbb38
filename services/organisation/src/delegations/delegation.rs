use basics::day;
use diesel::pg::Pg;
use diesel::{Insertable, Queryable, Selectable};
use events::EmployeeNumber;
use jiff::Timestamp;
use jiff::civil::Date;
use platform::sql;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::schema::delegations;

platform::stored_enum! {
    /// What somebody does for somebody else.
    pub enum Purpose {
        /// Fills in their forms.
        Rating = "rating",
        /// Approves, reviews, and decides about appeals.
        Deciding = "deciding",
        All = "all",
    }
}

/// Somebody is to act for somebody else.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "to": "E010", "purpose": "rating", "until_on": "2026-12-31", "reason": "出差" }))]
pub struct NewDelegation {
    /// Employee number of whoever is stood in for; oneself unless HR says somebody else.
    #[serde(default)]
    pub of: Option<String>,
    /// Employee number of whoever acts for them.
    pub to: String,
    #[schema(inline)]
    pub purpose: Purpose,
    /// The first day; today unless said.
    #[serde(default, deserialize_with = "day::told_if_any")]
    pub from_on: Option<Date>,
    /// The last day, at most a year later.
    #[serde(deserialize_with = "day::told")]
    pub until_on: Date,
    /// 1 to 4000 characters.
    pub reason: String,
}

/// A delegation as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = delegations, check_for_backend(Pg))]
pub struct Delegation {
    pub company_id: Uuid,
    pub id: Uuid,
    pub delegator: EmployeeNumber,
    pub delegate: EmployeeNumber,
    pub purpose: Purpose,
    pub from_on: sql::Date,
    pub until_on: sql::Date,
    pub reason: String,
    pub made_by: String,
    pub made_at: sql::Timestamp,
    pub revoked_by: Option<String>,
    pub revoked_at: Option<sql::Timestamp>,
    pub version: i64,
}

impl Delegation {
    /// As others are told of it.
    pub fn told(&self) -> events::Delegation {
        events::Delegation {
            id: self.id,
            of: self.delegator.clone(),
            to: self.delegate.clone(),
            purpose: self.purpose.to_string(),
            from: self.from_on.to_jiff(),
            until: self.until_on.to_jiff(),
            revoked: self.revoked_at.is_some(),
            version: self.version,
        }
    }
}

/// A delegation as people see it.
#[derive(Serialize, ToSchema)]
pub struct DelegationView {
    pub id: Uuid,
    /// Employee number of whoever is stood in for.
    pub of: String,
    /// Employee number of whoever acts for them.
    pub to: String,
    #[schema(inline)]
    pub purpose: Purpose,
    #[schema(value_type = String)]
    pub from_on: Date,
    #[schema(value_type = String)]
    pub until_on: Date,
    pub reason: String,
    pub made_by: String,
    #[schema(value_type = String)]
    pub made_at: Timestamp,
    pub revoked_by: Option<String>,
    #[schema(value_type = Option<String>)]
    pub revoked_at: Option<Timestamp>,
}

impl From<Delegation> for DelegationView {
    fn from(one: Delegation) -> Self {
        Self {
            id: one.id,
            of: one.delegator.to_string(),
            to: one.delegate.to_string(),
            purpose: one.purpose,
            from_on: one.from_on.to_jiff(),
            until_on: one.until_on.to_jiff(),
            reason: one.reason,
            made_by: one.made_by,
            made_at: one.made_at.to_jiff(),
            revoked_by: one.revoked_by,
            revoked_at: one.revoked_at.map(sql::Timestamp::to_jiff),
        }
    }
}
