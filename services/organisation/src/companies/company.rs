use diesel::pg::Pg;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::schema::companies;

/// A company that appraises its people here.
#[derive(Clone, Debug, Insertable, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = companies, check_for_backend(Pg))]
pub struct Company {
    pub id: Uuid,
    /// What people type when they sign in.
    pub code: String,
    pub name: String,
    /// ISO 4217, such as `CNY`.
    pub currency: String,
}

/// A company to be founded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCompany {
    /// What people type when they sign in: 1 to 64 letters, digits, `-`, `_` or `.`; unique.
    pub code: String,
    /// 1 to 200 characters.
    pub name: String,
    /// ISO 4217.
    #[serde(default = "yuan")]
    #[schema(default = "CNY", pattern = "^[A-Z]{3}$")]
    pub currency: String,
    pub admin: FirstAdmin,
}

fn yuan() -> String {
    "CNY".to_owned()
}

/// The company's first account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstAdmin {
    pub username: String,
    /// 12 to 200 characters.
    #[schema(min_length = 12, max_length = 200)]
    pub password: String,
}

/// A company and its first account.
#[derive(Serialize, ToSchema)]
pub struct FoundedCompany {
    #[serde(flatten)]
    pub company: Company,
    /// The account with the role `admin`.
    pub admin: Uuid,
}
