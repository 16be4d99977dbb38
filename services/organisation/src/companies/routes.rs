use actix_web::{HttpRequest, HttpResponse, get, post, web};
use platform::auth::{Role, bearer};
use platform::clock::date_of;
use platform::store::Actor;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::{Caller, Code, JsonBody, Platform, Problem, Reply, Result, Tx, say, web as platform_web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rows::{self, Company};
use super::rules;
use crate::accounts::rows::{self as account_rows, Fresh};
use crate::passwords::Passwords;
use crate::permissions::ReadCompany;
use crate::settings::{InitialPasswords, Settings};

pub fn configure(config: &mut ServiceConfig) {
    config.service(found_company).service(get_company);
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

/// The company's first account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstAdmin {
    pub username: String,
    /// 12 to 200 characters.
    #[schema(min_length = 12, max_length = 200)]
    pub password: String,
}

fn yuan() -> String {
    "CNY".to_owned()
}

/// A company and its first account.
#[derive(Serialize, ToSchema)]
pub struct FoundedCompany {
    #[serde(flatten)]
    pub company: Company,
    /// The account with the role `admin`.
    pub admin: Uuid,
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
    if !bearer(request.headers()).is_ok_and(|token| settings.may_bootstrap(token)) {
        return Err(Problem::new(
            Code::Unauthenticated,
            say!("创建公司需要初始令牌", "founding a company needs the bootstrap token"),
        ));
    }
    let new = body.0;
    rules::check(&new).check()?;
    let hash = passwords.hash(new.admin.password.clone()).await?;
    let company = Company { id: Uuid::now_v7(), code: new.code, name: new.name, currency: new.currency };
    let mut tx = platform.store.begin(company.id, Actor::system(), platform.clock.now()).await?;
    let admin = Fresh {
        id: Uuid::now_v7(),
        username: new.admin.username,
        password_hash: hash,
        employee: None,
        roles: vec![Role::Admin],
        must_change_password: settings.initial_passwords == InitialPasswords::Once,
    };
    let founded = match found(&mut tx, company, admin).await {
        Ok(founded) => founded,
        Err(problem) => {
            tx.rollback().await?;
            return Err(problem);
        }
    };
    tx.commit().await?;
    Ok(Reply::created("/v1/company", &founded)?.into_response())
}

async fn found(tx: &mut Tx, company: Company, admin: Fresh) -> Result<FoundedCompany> {
    let now = tx.now;
    rows::insert(tx, &company, date_of(now), now).await?;
    let id = admin.id;
    account_rows::insert(tx, &[admin], now).await?;
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
        let id = tx.company;
        rows::by_id(tx, id).await?.ok_or_else(|| Problem::not_found(say!("公司", "company")))
    })
    .await?;
    Ok(HttpResponse::Ok().json(company))
}
