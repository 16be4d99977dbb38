use actix_web::{HttpRequest, HttpResponse, get, post, web};
use platform::auth::{Role, bearer};
use platform::clock::date_of;
use platform::store::Actor;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::{Caller, Code, JsonBody, Platform, Problem, Reply, Result, Tx, say, web as platform_web};
use serde_json::json;
use uuid::Uuid;

use super::company::{Company, FirstAdmin, FoundedCompany, NewCompany};
use super::{rows, rules};
use crate::accounts::account::Fresh;
use crate::accounts::rows as account_rows;
use crate::passwords::Passwords;
use crate::permissions::ReadCompany;
use crate::settings::{InitialPasswords, Settings};

pub fn configure(config: &mut ServiceConfig) {
    config.service(found_company).service(get_company);
}

/// Founds a company with an account that administers it, and whose password its owner changes at the first sign-in. Not for people of a company: whoever runs Steelyard
/// sends the bootstrap token as `Authorization: Bearer …`.
#[utoipa::path(
    tag = "companies",
    request_body = NewCompany,
    responses(
        (status = 201, body = FoundedCompany),
    ),
    security(("bootstrap" = []))
)]
#[post("/v1/companies")]
pub async fn found_company(
    request: HttpRequest,
    platform: Platform,
    settings: web::Data<Settings>,
    passwords: web::Data<Passwords>,
    body: JsonBody<NewCompany>,
) -> Result<HttpResponse> {
    check_bootstrap_token(&request, &settings)?;
    let new = body.0;
    rules::check(&new).check()?;
    let company = Company { id: Uuid::now_v7(), code: new.code, name: new.name, currency: new.currency };
    let admin = first_account(new.admin, &settings, &passwords).await?;
    let founded = found(&platform, company, admin).await?;
    Ok(Reply::created("/v1/company", &founded)?.into_response())
}

fn check_bootstrap_token(request: &HttpRequest, settings: &Settings) -> Result<()> {
    if bearer(request.headers()).is_ok_and(|token| settings.may_bootstrap(token)) {
        return Ok(());
    }
    let detail = say!("创建公司需要初始令牌", "founding a company needs the bootstrap token");
    Err(Problem::new(Code::Unauthenticated, detail))
}

async fn first_account(admin: FirstAdmin, settings: &Settings, passwords: &Passwords) -> Result<Fresh> {
    Ok(Fresh {
        id: Uuid::now_v7(),
        username: admin.username,
        password_hash: passwords.hash(admin.password).await?,
        employee: None,
        roles: vec![Role::Admin],
        must_change_password: settings.initial_passwords == InitialPasswords::Once,
    })
}

/// In a transaction of the company itself, which nobody is signed in to yet.
async fn found(platform: &Platform, company: Company, admin: Fresh) -> Result<FoundedCompany> {
    let mut tx = platform.store.begin(company.id, Actor::system(), platform.clock.now()).await?;
    match insert(&mut tx, company, admin).await {
        Ok(founded) => {
            tx.commit().await?;
            Ok(founded)
        }
        Err(problem) => {
            tx.rollback().await?;
            Err(problem)
        }
    }
}

async fn insert(tx: &mut Tx, company: Company, admin: Fresh) -> Result<FoundedCompany> {
    let today = date_of(tx.now);
    rows::insert(tx, &company, today).await?;
    let id = admin.id;
    account_rows::insert(tx, &[admin]).await?;
    tx.audit("companies.founded", &company.code, json!({ "name": company.name, "admin": id })).await?;
    Ok(FoundedCompany { company, admin: id })
}

/// The caller's own company.
#[utoipa::path(
    tag = "companies",
    responses(
        (status = 200, body = Company), (status = 404),
    ),
    security(("bearer" = []))
)]
#[get("/v1/company")]
pub async fn get_company(caller: Caller<ReadCompany>, platform: Platform) -> Result<HttpResponse> {
    let company = platform_web::read(&platform, &caller, async |tx| {
        rows::current(tx).await?.ok_or_else(|| Problem::not_found(say!("公司", "company")))
    })
    .await?;
    Ok(HttpResponse::Ok().json(company))
}
