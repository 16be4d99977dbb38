use actix_web::{HttpResponse, get, post, web};
use jiff::SignedDuration;
use platform::clock::date_of;
use platform::problem::ProblemDocument;
use platform::store::Actor;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::{Code, JsonBody, Platform, Problem, Result, Role, Tx, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rows::{self, Login};
use super::rules::{self, FAILURES_ALLOWED, LIFETIME, LOCKED_FOR, Standing, Subject};
use crate::passwords::{LONGEST, Passwords};
use crate::settings::Settings;
use crate::{accounts, clients, companies};

pub fn configure(config: &mut ServiceConfig) {
    config.service(issue_token).service(list_keys);
}

/// How somebody signs in.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "grant_type", rename_all = "snake_case", deny_unknown_fields)]
pub enum TokenRequest {
    /// A person, with the company's code, their user name and their password.
    Password { company: String, username: String, password: String },
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

/// Signs a person or a machine client in. Ten wrong passwords in a row lock a name for 15 minutes (429).
#[utoipa::path(
    tag = "tokens",
    request_body = TokenRequest,
    responses(
        (status = 200, body = TokenAnswer),
        (status = "4XX", body = ProblemDocument, content_type = "application/problem+json"),
    ),
    security(())
)]
#[post("/v1/tokens")]
pub async fn issue_token(
    platform: Platform,
    settings: web::Data<Settings>,
    passwords: web::Data<Passwords>,
    body: JsonBody<TokenRequest>,
) -> Result<HttpResponse> {
    let subject = match body.0 {
        TokenRequest::Password { company, username, password } => {
            person(&platform, &passwords, &company, &username, password).await?
        }
        TokenRequest::ClientCredentials { client_id, client_secret } => {
            machine(&platform, client_id, &client_secret).await?
        }
    };
    let access_token = settings.sign(&rules::claims(subject, platform.clock.now()))?;
    let answer = TokenAnswer { access_token, token_type: "Bearer", expires_in: LIFETIME };
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(answer))
}

/// The name that failures are counted under. Companies that do not exist share the nil company.
struct Door {
    company: Uuid,
    name: String,
}

async fn person(
    platform: &Platform,
    passwords: &Passwords,
    code: &str,
    username: &str,
    password: String,
) -> Result<Subject> {
    if [code, username, &password].iter().any(|text| text.chars().count() > LONGEST || text.contains('\0')) {
        return Err(refused());
    }
    let _place = passwords.place().await?;
    let (door, login) = knock(platform, code, username).await?;
    let fits = passwords.check(password, login.as_ref().map(|login| login.password_hash.clone())).await?;
    let mut tx = begin(platform, door.company).await?;
    let outcome = match login.filter(|_| fits) {
        Some(login) => admit(&mut tx, &door, login).await,
        None => turn_away(&mut tx, &door).await,
    };
    tx.commit().await?;
    outcome
}

async fn begin(platform: &Platform, company: Uuid) -> Result<Tx> {
    platform.store.begin(company, Actor::system(), platform.clock.now()).await
}

/// Finds the account, unless its name is locked.
async fn knock(platform: &Platform, code: &str, username: &str) -> Result<(Door, Option<Login>)> {
    let mut tx = begin(platform, Uuid::nil()).await?;
    let now = tx.now;
    let door = match companies::rows::by_code(tx.conn(), code).await? {
        Some(company) => Door { company: company.id, name: username.to_owned() },
        None => Door { company: Uuid::nil(), name: format!("{code}/{username}") },
    };
    tx.enter(door.company).await?;
    let locked = rows::is_locked(tx.conn(), door.company, &door.name, now).await?;
    let login = rows::login(tx.conn(), door.company, &door.name).await?;
    tx.commit().await?;
    if locked {
        return Err(Problem::new(
            Code::TooManyRequests,
            say!("密码错误次数过多，请 15 分钟后再试", "too many wrong passwords; try again in 15 minutes"),
        ));
    }
    Ok((door, login))
}

async fn admit(tx: &mut Tx, door: &Door, login: Login) -> Result<Subject> {
    let today = date_of(tx.now);
    tx.actor = Actor { account: Some(login.id), name: login.employee.clone().unwrap_or(login.username.clone()) };
    rows::forget_failures(tx.conn(), door.company, &door.name).await?;
    let standing = match &login.employee {
        Some(number) => rows::standing(tx.conn(), door.company, number, today).await?,
        None => Standing::default(),
    };
    tx.audit("accounts.signed-in", &login.username, json!({})).await?;
    Ok(Subject {
        id: login.id,
        company: door.company,
        roles: rules::roles(accounts::rows::roles(&login.roles), login.employee.is_some(), standing),
        employee: login.employee,
        name: login.username,
        scopes: Vec::new(),
    })
}

async fn turn_away(tx: &mut Tx, door: &Door) -> Result<Subject> {
    let now = tx.now;
    let until = now.checked_add(SignedDuration::from_secs(LOCKED_FOR)).map_err(Problem::internal)?;
    let locks = rows::count_failure(tx.conn(), door.company, &door.name, FAILURES_ALLOWED, now, until).await?;
    if locks && door.company != Uuid::nil() {
        tx.audit("accounts.locked", &door.name, json!({ "until": until.to_string() })).await?;
    }
    Err(refused())
}

/// The same for every reason.
fn refused() -> Problem {
    Problem::new(
        Code::Unauthenticated,
        say!("公司、用户名或密码错误", "the company, the user name or the password is wrong"),
    )
}

async fn machine(platform: &Platform, client: Uuid, secret: &str) -> Result<Subject> {
    let refused =
        || Problem::new(Code::Unauthenticated, say!("客户端或其密钥错误", "the client or its secret is wrong"));
    let mut tx = begin(platform, Uuid::nil()).await?;
    let company = rows::home_of(tx.conn(), client).await?.unwrap_or_default();
    tx.enter(company).await?;
    let login = rows::machine_login(tx.conn(), company, client, &clients::rules::hash(secret)).await?;
    let Some(login) = login else {
        tx.rollback().await?;
        return Err(refused());
    };
    tx.actor = Actor { account: Some(client), name: login.name.clone() };
    tx.audit("clients.signed-in", &client.to_string(), json!({ "name": login.name })).await?;
    tx.commit().await?;
    Ok(Subject {
        id: client,
        company,
        employee: None,
        name: login.name,
        roles: vec![Role::Machine],
        scopes: login.scopes,
    })
}

/// The public keys by which tokens are checked, as a JSON Web Key Set (RFC 7517).
#[utoipa::path(tag = "tokens", responses((status = 200, body = Object)), security(()))]
#[get("/.well-known/jwks.json")]
pub async fn list_keys(settings: web::Data<Settings>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().insert_header(("cache-control", "public, max-age=60")).json(settings.public_keys()))
}
