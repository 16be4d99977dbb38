use std::collections::HashSet;

use actix_web::{HttpResponse, get, patch, post, web};
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{Errors, versioned};
use platform::{
    Caller, IfMatch, JsonBody, Page, PageQuery, Platform, Problem, Reply, Result, Role, Tx, Write, say,
    web as platform_web,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rows::{self, AccountRow, Fresh, NewPassword};
use super::rules;
use crate::passwords::Passwords;
use crate::permissions::ManageAccounts;
use crate::settings::{InitialPasswords, Settings};
use crate::{companies, employees, news, tokens};

pub fn configure(config: &mut ServiceConfig) {
    config
        .service(create_account)
        .service(create_accounts)
        .service(list_accounts)
        .service(get_account)
        .service(change_account);
}

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
    pub employee: Option<String>,
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

impl From<AccountRow> for AccountView {
    fn from(row: AccountRow) -> Self {
        let roles = rows::roles(&row.roles);
        Self {
            id: row.id,
            unattributed: rules::is_unattributed(row.employee.as_deref(), &roles),
            roles,
            username: row.username,
            employee: row.employee,
            disabled: row.disabled,
            must_change_password: row.must_change_password,
            version: row.version,
        }
    }
}

/// Creates an account.
#[utoipa::path(
    tag = "accounts",
    request_body = NewAccount,
    responses(
        (status = 201, body = AccountView),
    ),
    security(("bearer" = []))
)]
#[post("/v1/accounts")]
pub async fn create_account(
    caller: Caller<ManageAccounts>,
    write: Write,
    settings: web::Data<Settings>,
    passwords: web::Data<Passwords>,
    body: JsonBody<NewAccount>,
) -> Result<HttpResponse> {
    let new = body.0;
    let mut errors = Errors::default();
    rules::check_new(&mut errors, "", &new, &settings.exclusive_roles);
    errors.check()?;
    let hash = passwords.hash(new.password.clone()).await?;
    write
        .run(&caller, async |tx| {
            let created = create(tx, &settings, std::slice::from_ref(&new), vec![hash], |_| String::new()).await?;
            let account = created
                .into_iter()
                .next()
                .ok_or_else(|| Problem::internal(say!("没有创建任何账号", "no account was created")))?;
            Ok(Reply::created(format!("/v1/accounts/{}", account.id), &account)?.version(account.version))
        })
        .await
}

/// Creates up to 1000 accounts, all or none.
#[utoipa::path(
    tag = "accounts",
    request_body = NewAccounts,
    responses(
        (status = 201, body = CreatedAccounts),
    ),
    security(("bearer" = []))
)]
#[post("/v1/accounts/batch")]
pub async fn create_accounts(
    caller: Caller<ManageAccounts>,
    write: Write,
    settings: web::Data<Settings>,
    passwords: web::Data<Passwords>,
    body: JsonBody<NewAccounts>,
) -> Result<HttpResponse> {
    let new = body.0.accounts;
    rules::check_batch(&new, &settings.exclusive_roles).check()?;
    let hashes = passwords.hash_all(new.iter().map(|account| account.password.clone()).collect()).await?;
    write
        .run(&caller, async |tx| {
            let items = create(tx, &settings, &new, hashes, |index| format!("/accounts/{index}")).await?;
            Reply::created("/v1/accounts", &CreatedAccounts { items })
        })
        .await
}

async fn create(
    tx: &mut Tx,
    settings: &Settings,
    new: &[NewAccount],
    hashes: Vec<String>,
    at: impl Fn(usize) -> String,
) -> Result<Vec<AccountView>> {
    let now = tx.now;
    companies::rows::lock(tx).await?;
    check_stored(tx, new, at).await?;
    let fresh: Vec<Fresh> = new
        .iter()
        .zip(hashes)
        .map(|(account, password_hash)| Fresh {
            id: Uuid::now_v7(),
            username: account.username.clone(),
            password_hash,
            employee: account.employee.clone(),
            roles: rules::tidy(account.roles.clone()),
            must_change_password: settings.initial_passwords == InitialPasswords::Once,
        })
        .collect();
    rows::insert(tx, &fresh, now).await?;
    let views: Vec<AccountView> = fresh.into_iter().map(view_of_fresh).collect();
    for view in &views {
        tx.audit("accounts.created", &view.username, json!({ "employee": view.employee, "roles": view.roles })).await?;
        note_unattributed(tx, view).await?;
    }
    let granted = views.iter().filter(|view| !view.roles.is_empty()).filter_map(|view| view.employee.clone());
    news::roles_changed(tx, &granted.collect::<Vec<_>>()).await?;
    Ok(views)
}

/// Who watches over the company learns of an account that decides about people and is nobody's.
async fn note_unattributed(tx: &mut Tx, account: &AccountView) -> Result<()> {
    if !account.unattributed {
        return Ok(());
    }
    tx.audit("accounts.unattributed", &account.username, json!({ "roles": account.roles })).await
}

fn view_of_fresh(fresh: Fresh) -> AccountView {
    AccountView {
        id: fresh.id,
        unattributed: rules::is_unattributed(fresh.employee.as_deref(), &fresh.roles),
        username: fresh.username,
        employee: fresh.employee,
        roles: fresh.roles,
        disabled: false,
        must_change_password: fresh.must_change_password,
        version: 1,
    }
}

async fn check_stored(tx: &mut Tx, new: &[NewAccount], at: impl Fn(usize) -> String) -> Result<()> {
    let usernames: Vec<String> = new.iter().map(|account| account.username.to_lowercase()).collect();
    let numbers: Vec<String> = new.iter().filter_map(|account| account.employee.clone()).collect();
    let taken = rows::taken(tx, &usernames, &numbers).await?;
    let names_taken: HashSet<&str> = taken.iter().filter_map(|t| t.username.as_deref()).collect();
    let employees_taken: HashSet<&str> = taken.iter().filter_map(|t| t.employee.as_deref()).collect();
    let known: HashSet<String> = employees::rows::known(tx, &numbers).await?.into_iter().collect();
    let numbers_like = rows::numbers_like(tx, &usernames).await?;
    let is_anothers = |account: &NewAccount| {
        let called = |number: &&String| number.to_lowercase() == account.username.to_lowercase();
        numbers_like.iter().find(called).is_some_and(|number| account.employee.as_ref() != Some(number))
    };
    let mut errors = Errors::default();
    for (index, account) in new.iter().enumerate() {
        if is_anothers(account) {
            let detail = say!(
                "这是某员工的工号，只能用于其本人的账号",
                "this is an employee's number: only their own account has it"
            );
            errors.add(format!("{}/username", at(index)), detail);
        }
        if names_taken.contains(account.username.to_lowercase().as_str()) {
            errors.add(format!("{}/username", at(index)), say!("该用户名已被使用", "this user name is taken"));
        }
        let Some(employee) = account.employee.as_deref() else { continue };
        if !known.contains(employee) {
            errors.add(format!("{}/employee", at(index)), say!("没有该员工", "there is no such employee"));
        } else if employees_taken.contains(employee) {
            errors.add(format!("{}/employee", at(index)), say!("该员工已有账号", "this employee has an account"));
        }
    }
    errors.check()
}

/// The company's accounts, oldest first.
#[utoipa::path(
    tag = "accounts",
    params(PageQuery),
    responses(
        (status = 200, body = Page<AccountView>),
    ),
    security(("bearer" = []))
)]
#[get("/v1/accounts")]
pub async fn list_accounts(
    caller: Caller<ManageAccounts>,
    platform: Platform,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse> {
    let limit = query.limit()?;
    let after = match query.after.as_deref() {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| {
            Problem::field("/after", say!("after 须为分页返回的 `next`", "after is the `next` of a page"))
        })?),
    };
    let found = platform_web::read(&platform, &caller, async |tx| rows::page(tx, after, limit + 1).await).await?;
    let views: Vec<AccountView> = found.into_iter().map(AccountView::from).collect();
    Ok(HttpResponse::Ok().json(Page::cut(views, limit, |account| account.id.to_string())))
}

/// One account.
#[utoipa::path(
    tag = "accounts",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = AccountView),
    ),
    security(("bearer" = []))
)]
#[get("/v1/accounts/{id}")]
pub async fn get_account(
    caller: Caller<ManageAccounts>,
    platform: Platform,
    id: web::Path<Uuid>,
) -> Result<HttpResponse> {
    let found = platform_web::read(&platform, &caller, async |tx| {
        rows::by_id(tx, *id).await?.ok_or_else(|| Problem::not_found(say!("账号", "account")))
    })
    .await?;
    let version = found.version;
    Ok(versioned(&AccountView::from(found), version))
}

/// Grants or takes roles, disables or enables, sets a new password; never of one's own account. Tokens that are out stay good for the
/// rest of their 15 minutes.
#[utoipa::path(
    tag = "accounts",
    request_body = AccountChange,
    params(("id" = Uuid, Path), ("If-Match" = String, Header, description = "The account's ETag")),
    responses(
        (status = 200, body = AccountView),
    ),
    security(("bearer" = []))
)]
#[patch("/v1/accounts/{id}")]
pub async fn change_account(
    caller: Caller<ManageAccounts>,
    write: Write,
    settings: web::Data<Settings>,
    passwords: web::Data<Passwords>,
    id: web::Path<Uuid>,
    if_match: IfMatch,
    body: JsonBody<AccountChange>,
) -> Result<HttpResponse> {
    let mut change = body.0;
    rules::check_change(&change, &settings.exclusive_roles).check()?;
    if caller.account == *id {
        let detail = say!(
            "任何人不得变更自己的账号；修改密码请用 PUT /v1/me/password",
            "nobody decides about their own account; change your password with PUT /v1/me/password"
        );
        return Err(Problem::not_permitted(detail));
    }
    change.roles = change.roles.map(rules::tidy);
    let password = match change.password.clone() {
        Some(password) => Some(NewPassword {
            hash: passwords.hash(password).await?,
            must_change: settings.initial_passwords == InitialPasswords::Once,
        }),
        None => None,
    };
    write
        .run(&caller, async |tx| {
            let view = apply(tx, *id, if_match, &change, password.as_ref()).await?;
            let version = view.version;
            Ok(Reply::ok(&view)?.version(version))
        })
        .await
}

async fn apply(
    tx: &mut Tx,
    id: Uuid,
    if_match: IfMatch,
    change: &AccountChange,
    password: Option<&NewPassword>,
) -> Result<AccountView> {
    companies::rows::lock(tx).await?;
    let before = rows::by_id(tx, id).await?.ok_or_else(|| Problem::not_found(say!("账号", "account")))?;
    if_match.check(before.version)?;
    let after = rows::change(tx, id, change.roles.as_deref(), change.disabled, password).await?;
    if !rows::has_admin(tx).await? {
        return Err(Problem::conflict(say!("这样公司将没有管理员", "nobody would be left to administer the company")));
    }
    if password.is_some() || change.disabled == Some(false) {
        tokens::rows::forget_failures(tx, &after.username).await?;
    }
    let detail = json!({ "roles": after.roles, "disabled": after.disabled, "new_password": password.is_some() });
    tx.audit("accounts.changed", &after.username, detail).await?;
    let told = (&before.roles, before.disabled) != (&after.roles, after.disabled);
    if let Some(number) = after.employee.clone().filter(|_| told) {
        news::roles_changed(tx, &[number]).await?;
    }
    let view = AccountView::from(after);
    if change.roles.is_some() {
        note_unattributed(tx, &view).await?;
    }
    Ok(view)
}
