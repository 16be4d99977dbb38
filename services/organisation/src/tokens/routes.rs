use actix_web::{HttpRequest, HttpResponse, get, post, web};
use jiff::SignedDuration;
use platform::clock::date_of;
use platform::store::Actor;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{Errors, origin};
use platform::{Code, JsonBody, Platform, Problem, Result, Role, Tx, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::SemaphorePermit;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rows::{self, Login};
use super::rules::{self, LIFETIME, LOCKED_FOR, Standing, Subject};
use crate::accounts::rules::check_password;
use crate::passwords::{Guest, LONGEST, Passwords};
use crate::settings::Settings;
use crate::{accounts, clients, companies};

pub fn configure(config: &mut ServiceConfig) {
    config.service(issue_token).service(list_keys);
}

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

/// Signs a person or a machine client in. After ten wrong passwords in a row a name has to wait for 15 minutes at the
/// address they came from (429), unless this installation is run otherwise. Where too many sign in at once, some are
/// asked to try again (503). Both say when in `Retry-After`. Who has left the company cannot sign in.
#[utoipa::path(
    tag = "tokens",
    request_body = TokenRequest,
    responses(
        (status = 200, body = TokenAnswer),
        (status = 401),
        (status = 403),
    ),
    security(())
)]
#[post("/v1/tokens")]
pub async fn issue_token(
    request: HttpRequest,
    platform: Platform,
    settings: web::Data<Settings>,
    passwords: web::Data<Passwords>,
    body: JsonBody<TokenRequest>,
) -> Result<HttpResponse> {
    let subject = match body.0 {
        TokenRequest::Password { company, username, password, new_password } => {
            let knock = Knock { company, username, password, new_password, address: origin(&request).to_string() };
            person(&platform, &settings, &passwords, knock).await?
        }
        TokenRequest::ClientCredentials { client_id, client_secret } => {
            machine(&platform, client_id, &client_secret).await?
        }
    };
    let access_token = settings.sign(&rules::claims(subject, platform.clock.now()))?;
    let answer = TokenAnswer { access_token, token_type: "Bearer", expires_in: LIFETIME };
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(answer))
}

/// A person who wants to sign in.
struct Knock {
    company: String,
    username: String,
    password: String,
    new_password: Option<String>,
    address: String,
}

/// What attempts are counted under. Companies that do not exist share the nil company.
pub struct Door {
    pub company: Uuid,
    pub name: String,
    pub address: String,
}

async fn person(platform: &Platform, settings: &Settings, passwords: &Passwords, knock: Knock) -> Result<Subject> {
    if [&knock.company, &knock.username, &knock.password].iter().any(|text| text.chars().count() > LONGEST) {
        return Err(refused());
    }
    check_new_password(&knock)?;
    let _place = place(platform, passwords, &knock).await?;
    let (door, login) = open(platform, settings, &knock).await?;
    let fits = passwords.check(knock.password, login.as_ref().map(|login| login.password_hash.clone())).await?;
    let fresh = match &knock.new_password {
        Some(password) if fits => Some(passwords.hash(password.clone()).await?),
        _ => None,
    };
    let mut tx = begin(platform, door.company).await?;
    let outcome = match login {
        Some(login) if fits => admit(&mut tx, &door, login, fresh.as_deref()).await,
        login => turn_away(&mut tx, &door, login.as_ref().map(|login| login.username.as_str()), settings).await,
    };
    tx.commit().await?;
    outcome
}

fn check_new_password(knock: &Knock) -> Result<()> {
    let Some(password) = &knock.new_password else { return Ok(()) };
    let mut errors = Errors::default();
    check_password(&mut errors, "/new_password", password);
    if *password == knock.password {
        errors.add("/new_password", say!("新密码不能与旧密码相同", "the new password is the old one"));
    }
    errors.check()
}

/// A place at the desk; where one has to be waited for, who is known at this address waits longer.
async fn place<'a>(platform: &Platform, passwords: &'a Passwords, knock: &Knock) -> Result<SemaphorePermit<'a>> {
    if let Some(place) = passwords.free_place() {
        return Ok(place);
    }
    let mut tx = begin(platform, Uuid::nil()).await?;
    let door = door(&mut tx, knock).await?;
    let now = tx.now;
    let known = rows::attempts(&mut tx, &door.name, &door.address, now).await?.known;
    tx.commit().await?;
    passwords.place(if known { Guest::Known } else { Guest::Stranger }).await
}

async fn begin(platform: &Platform, company: Uuid) -> Result<Tx> {
    platform.store.begin(company, Actor::system(), platform.clock.now()).await
}

/// The door that is knocked at; the transaction has entered its company.
async fn door(tx: &mut Tx, knock: &Knock) -> Result<Door> {
    let address = knock.address.clone();
    let door = match companies::rows::by_code(tx, &knock.company).await? {
        Some(company) => Door { company: company.id, name: knock.username.clone(), address },
        None => Door { company: Uuid::nil(), name: format!("{}/{}", knock.company, knock.username), address },
    };
    tx.enter(door.company).await?;
    Ok(door)
}

/// Finds the account, unless its name has to wait.
async fn open(platform: &Platform, settings: &Settings, knock: &Knock) -> Result<(Door, Option<Login>)> {
    let mut tx = begin(platform, Uuid::nil()).await?;
    let door = door(&mut tx, knock).await?;
    check_attempts(&mut tx, &door, settings).await?;
    let today = date_of(tx.now);
    let login = rows::login(&mut tx, &door.name, today).await?;
    tx.commit().await?;
    Ok((door, login))
}

/// Refuses a name that has to wait.
pub async fn check_attempts(tx: &mut Tx, door: &Door, settings: &Settings) -> Result<()> {
    let now = tx.now;
    let since = now.checked_sub(SignedDuration::from_secs(LOCKED_FOR)).map_err(Problem::internal)?;
    let attempts = rows::attempts(tx, &door.name, &door.address, since).await?;
    match rules::wait(&attempts, settings.failures_allowed, now) {
        None => Ok(()),
        Some(seconds) => {
            let detail =
                say!("密码错误次数过多，请在 {seconds} 秒后重试", "too many wrong passwords; try again in {seconds} s");
            Err(Problem::new(Code::TooManyRequests, detail).after(seconds))
        }
    }
}

async fn admit(tx: &mut Tx, door: &Door, login: Login, fresh: Option<&str>) -> Result<Subject> {
    let (today, now) = (date_of(tx.now), tx.now);
    tx.actor = Actor::of(login.id, login.employee.as_deref(), &login.username);
    rows::note_success(tx, &door.name, &door.address, now).await?;
    match fresh {
        Some(hash) => accounts::own::change_password(tx, login.id, &login.username, hash).await?,
        None if login.must_change_password => {
            let detail = say!(
                "此密码由他人设置：请用 `new_password` 提供您自己的新密码",
                "somebody else has set this password: send one of your own as `new_password`"
            );
            return Err(Problem::new(Code::PasswordChangeRequired, detail));
        }
        None => {}
    }
    let standing = match &login.employee {
        Some(number) => rows::standing(tx, number, today).await?,
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

async fn turn_away(tx: &mut Tx, door: &Door, account: Option<&str>, settings: &Settings) -> Result<Subject> {
    count_failure(tx, door, account, settings).await?;
    Err(refused())
}

/// Counts a wrong password. What was typed is a stranger's: the log has the name of an account, or nothing.
pub async fn count_failure(tx: &mut Tx, door: &Door, account: Option<&str>, settings: &Settings) -> Result<()> {
    let now = tx.now;
    let until = now.checked_add(SignedDuration::from_secs(LOCKED_FOR)).map_err(Problem::internal)?;
    let allowed = settings.failures_allowed;
    let locks = rows::count_failure(tx, &door.name, &door.address, allowed, now, until).await?;
    if let Some(account) = account.filter(|_| locks) {
        let detail = json!({ "until": until.to_string(), "address": door.address });
        tx.audit("accounts.locked", account, detail).await?;
    }
    Ok(())
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
    let company = rows::home_of(&mut tx, client).await?.unwrap_or_default();
    tx.enter(company).await?;
    let login = rows::machine_login(&mut tx, client, &clients::rules::hash(secret)).await?;
    let Some(login) = login else {
        tx.rollback().await?;
        return Err(refused());
    };
    tx.actor = Actor::of(client, None, &login.name);
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
