use events::EmployeeNumber;
use std::collections::HashSet;

use actix_web::{HttpRequest, HttpResponse, get, patch, post, put, web};
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{origin, versioned};
use platform::{
    Caller, IfMatch, JsonBody, Page, PageQuery, Platform, Problem, Reply, Result, Tx, Write, say, web as platform_web,
};
use serde_json::json;
use uuid::Uuid;

use super::account::{
    AccountChange, AccountView, CreatedAccounts, Fresh, NewAccount, NewAccounts, NewPassword, PasswordChange,
};
use super::rules::Stored;
use super::{own, rows, rules};
use crate::passwords::{Guest, Passwords};
use crate::permissions::{ChangeOwnPassword, ManageAccounts};
use crate::settings::{InitialPasswords, Settings};
use crate::{companies, employees, news, tokens};

pub fn configure(config: &mut ServiceConfig) {
    config
        .service(create_account)
        .service(create_accounts)
        .service(list_accounts)
        .service(get_account)
        .service(change_account)
        .service(change_own_password);
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
    rules::check_one(&new, &settings.exclusive_roles).check()?;
    let hash = passwords.hash(new.password.clone()).await?;
    write
        .run(&caller, async |tx| {
            let created = create(tx, &settings, &[new], vec![hash], |_| String::new()).await?.pop();
            let account =
                created.ok_or_else(|| Problem::internal(say!("没有创建任何账号", "no account was created")))?;
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
    companies::rows::lock(tx).await?;
    rules::check_stored(new, &stored(tx, new).await?, at).check()?;
    let fresh = |(account, password_hash): (&NewAccount, String)| Fresh {
        id: Uuid::now_v7(),
        username: account.username.clone(),
        password_hash,
        employee: account.employee.as_deref().map(EmployeeNumber::from),
        roles: rules::tidy(account.roles.clone()),
        must_change_password: settings.initial_passwords == InitialPasswords::Once,
    };
    let fresh: Vec<Fresh> = new.iter().zip(hashes).map(fresh).collect();
    rows::insert(tx, &fresh).await?;
    let views: Vec<AccountView> = fresh.into_iter().map(AccountView::from).collect();
    for view in &views {
        tx.audit("accounts.created", &view.username, json!({ "employee": view.employee, "roles": view.roles })).await?;
        note_unattributed(tx, view).await?;
    }
    let granted = views.iter().filter(|view| !view.roles.is_empty()).filter_map(|view| view.employee.clone());
    news::roles_changed(tx, &granted.collect::<Vec<_>>()).await?;
    Ok(views)
}

async fn stored(tx: &mut Tx, new: &[NewAccount]) -> Result<Stored> {
    let usernames: Vec<String> = new.iter().map(|account| account.username.to_lowercase()).collect();
    let numbers: Vec<EmployeeNumber> =
        new.iter().filter_map(|account| account.employee.as_deref().map(EmployeeNumber::from)).collect();
    let (usernames_taken, with_account): (HashSet<_>, Vec<_>) =
        rows::taken(tx, &usernames, &numbers).await?.into_iter().unzip();
    Ok(Stored {
        usernames: usernames_taken,
        with_account: with_account.into_iter().flatten().collect(),
        employees: employees::rows::known(tx, &numbers).await?.into_iter().collect(),
        called_alike: employees::rows::numbers_like(tx, &usernames).await?,
    })
}

/// Who watches over the company learns of an account that decides about people and is nobody's.
async fn note_unattributed(tx: &mut Tx, account: &AccountView) -> Result<()> {
    if !account.unattributed {
        return Ok(());
    }
    tx.audit("accounts.unattributed", &account.username, json!({ "roles": account.roles })).await
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
    let after = query.after_key()?;
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
    rules::check_not_own(caller.account, *id)?;
    change.roles = change.roles.map(rules::tidy);
    let password = initial_password(&settings, &passwords, change.password.clone()).await?;
    write
        .run(&caller, async |tx| {
            let view = apply(tx, *id, if_match, &change, password.as_ref()).await?;
            let version = view.version;
            Ok(Reply::ok(&view)?.version(version))
        })
        .await
}

/// A password that the caller sets for somebody else.
async fn initial_password(
    settings: &Settings,
    passwords: &Passwords,
    password: Option<String>,
) -> Result<Option<NewPassword>> {
    let Some(password) = password else { return Ok(None) };
    let must_change = settings.initial_passwords == InitialPasswords::Once;
    Ok(Some(NewPassword { hash: passwords.hash(password).await?, must_change }))
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

/// Changes one's own password. A wrong old one counts like one at sign-in.
#[utoipa::path(
    tag = "accounts",
    request_body = PasswordChange,
    responses(
        (status = 204),
    ),
    security(("bearer" = []))
)]
#[put("/v1/me/password")]
pub async fn change_own_password(
    caller: Caller<ChangeOwnPassword>,
    request: HttpRequest,
    write: Write,
    settings: web::Data<Settings>,
    passwords: web::Data<Passwords>,
    body: JsonBody<PasswordChange>,
) -> Result<HttpResponse> {
    let change = body.0;
    rules::check_own_password(&change.old_password, &change.new_password).check()?;
    let _place = passwords.place(Guest::Known).await?;
    let address = origin(&request).to_string();
    let username = own::prove(write.platform(), &caller, &settings, &passwords, change.old_password, address).await?;
    let hash = passwords.hash(change.new_password).await?;
    write
        .run(&caller, async |tx| {
            own::change_password(tx, caller.account, &username, &hash).await?;
            Ok(Reply::no_content())
        })
        .await
}
