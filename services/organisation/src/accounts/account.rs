use diesel::pg::Pg;
use diesel::prelude::*;
use events::EmployeeNumber;
use platform::Role;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::schema::accounts;

/// An account to be created.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// 1 to 100 letters, digits, `-`, `_`, `.`, `+` or `@`; unique in the company, whatever the case.
    pub username: String,
    /// 12 to 200 characters.
    #[schema(min_length = 12, max_length = 200)]
    pub password: String,
    /// Number of the employee whose account it is; null for nobody's.
    pub employee: Option<String>,
    /// Any of `hr`, `executive`, `committee_member`, `finance`, `auditor` and `admin`. `employee`, `manager` and
    /// `unit_head` follow from whose account it is.
    #[serde(default)]
    pub roles: Vec<Role>,
}

/// Accounts to be created, all or none.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccounts {
    /// 1 to 1000.
    #[schema(min_items = 1, max_items = 1000)]
    pub accounts: Vec<NewAccount>,
}

/// Accounts in the order of the request.
#[derive(Serialize, ToSchema)]
pub struct CreatedAccounts {
    pub items: Vec<AccountView>,
}

/// What is to be different; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountChange {
    /// All roles that are granted from now on.
    pub roles: Option<Vec<Role>>,
    /// True keeps the account from signing in; false lets it, and lifts what keeps it waiting after wrong passwords.
    pub disabled: Option<bool>,
    /// A new password, 12 to 200 characters, for one sign-in, at which its owner chooses another; it also lifts what
    /// keeps the account waiting.
    #[schema(min_length = 12, max_length = 200)]
    pub password: Option<String>,
}

/// An account, without its password.
#[derive(Serialize, ToSchema)]
pub struct AccountView {
    pub id: Uuid,
    pub username: String,
    /// Employee number.
    #[schema(value_type = Option<String>)]
    pub employee: Option<EmployeeNumber>,
    /// Roles that are granted; those that follow from the reporting line are added at sign-in.
    pub roles: Vec<Role>,
    pub disabled: bool,
    /// Somebody else has set the password: its owner chooses another one at the next sign-in.
    pub must_change_password: bool,
    /// True for an account that decides about people (`hr`, `executive`, `finance`) and belongs to nobody: no rule can
    /// keep whoever uses it from deciding about themselves. Such accounts are noted in the audit log.
    pub unattributed: bool,
    /// The `ETag`.
    pub version: i64,
}

/// An account as it is stored, without its password.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = accounts, check_for_backend(Pg))]
pub struct AccountRow {
    pub id: Uuid,
    pub username: String,
    pub employee: Option<EmployeeNumber>,
    pub roles: Vec<String>,
    pub disabled: bool,
    pub must_change_password: bool,
    pub version: i64,
}

impl From<AccountRow> for AccountView {
    fn from(row: AccountRow) -> Self {
        let roles = roles(&row.roles);
        Self {
            id: row.id,
            unattributed: is_unattributed(row.employee.as_deref(), &roles),
            roles,
            username: row.username,
            employee: row.employee,
            disabled: row.disabled,
            must_change_password: row.must_change_password,
            version: row.version,
        }
    }
}

/// An account to be inserted.
pub struct Fresh {
    pub id: Uuid,
    pub username: String,
    pub password_hash: String,
    pub employee: Option<EmployeeNumber>,
    pub roles: Vec<Role>,
    pub must_change_password: bool,
}

impl From<Fresh> for AccountView {
    fn from(fresh: Fresh) -> Self {
        Self {
            id: fresh.id,
            unattributed: is_unattributed(fresh.employee.as_deref(), &fresh.roles),
            username: fresh.username,
            employee: fresh.employee,
            roles: fresh.roles,
            disabled: false,
            must_change_password: fresh.must_change_password,
            version: 1,
        }
    }
}

/// Roles as they are stored; what is unknown to this version is left out.
pub fn roles(stored: &[String]) -> Vec<Role> {
    stored.iter().filter_map(|role| serde_json::from_value(Value::String(role.clone())).ok()).collect()
}

/// Whether an account decides about people and is nobody's, so that no rule can keep its user from deciding about
/// themselves.
fn is_unattributed(employee: Option<&str>, roles: &[Role]) -> bool {
    employee.is_none() && roles.iter().any(|role| DECIDES.contains(role))
}

/// The roles that decide about people.
const DECIDES: [Role; 3] = [Role::Hr, Role::Executive, Role::Finance];

/// A password that was hashed, and whether its owner has to choose another one.
#[derive(Clone, Debug)]
pub struct NewPassword {
    pub hash: String,
    pub must_change: bool,
}

/// Another password for oneself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    pub old_password: String,
    /// 12 to 200 characters.
    #[schema(min_length = 12, max_length = 200)]
    pub new_password: String,
}

/// An account whose owner changes the password.
#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts, check_for_backend(Pg))]
pub struct Own {
    pub username: String,
    pub password_hash: String,
}
