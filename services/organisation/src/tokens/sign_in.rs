//! How somebody signs in, what is known of them, and what they get.

use diesel::pg::Pg;
use diesel::prelude::*;
use jiff::Timestamp;
use platform::{Role, sql};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::schema::accounts;

/// How somebody signs in.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "grant_type", rename_all = "snake_case", deny_unknown_fields)]
pub enum TokenRequest {
    /// A person, with the company's code, their user name and their password. With `new_password` (12 to 200
    /// characters) they choose another one at the same time, as they must after somebody else has set it.
    Password {
        company: String,
        username: String,
        password: String,
        #[serde(default)]
        new_password: Option<String>,
    },
    /// A machine client.
    ClientCredentials { client_id: Uuid, client_secret: String },
}

/// An access token.
#[derive(Serialize, ToSchema)]
pub struct TokenAnswer {
    /// To be sent as `Authorization: Bearer …`.
    pub access_token: String,
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds for which the token is good.
    #[schema(example = 900)]
    pub expires_in: i64,
}

/// A person who wants to sign in.
pub struct Knock {
    pub company: String,
    pub username: String,
    pub password: String,
    pub new_password: Option<String>,
    pub address: String,
}

/// What attempts are counted under. Companies that do not exist share the nil company.
pub struct Door {
    pub company: Uuid,
    pub name: String,
    pub address: String,
}

/// An account that is signed in to.
#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts, check_for_backend(Pg))]
pub struct Login {
    pub id: Uuid,
    pub username: String,
    pub password_hash: String,
    pub employee: Option<String>,
    pub roles: Vec<String>,
    pub must_change_password: bool,
}

/// What is known of a name that knocks from an address.
#[derive(Queryable)]
pub struct Attempts {
    locked_until: Option<sql::Timestamp>,
    /// Somebody has signed in under this name from this address.
    pub known: bool,
    /// Wrong passwords for this name from any address in the last minutes.
    pub failures: i64,
}

impl Attempts {
    pub fn locked_until(&self) -> Option<Timestamp> {
        self.locked_until.map(sql::Timestamp::to_jiff)
    }
}

/// What follows from a person's place in the company.
#[derive(Clone, Copy, Debug, Default, Queryable)]
pub struct Standing {
    pub has_reports: bool,
    pub heads_unit: bool,
    pub sits_in_body: bool,
}

/// Who signs in: an account or a client.
pub struct Subject {
    pub id: Uuid,
    pub company: Uuid,
    pub employee: Option<String>,
    pub name: String,
    pub roles: Vec<Role>,
    pub scopes: Vec<String>,
}
