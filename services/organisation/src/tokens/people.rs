//! People sign in with the company's code, a name and a password.

use platform::clock::date_of;
use platform::store::Actor;
use platform::{Code, Platform, Problem, Result, Tx, say};
use serde_json::json;
use tokio::sync::SemaphorePermit;
use uuid::Uuid;

use super::attempts::{check_attempts, count_failure};
use super::sign_in::{Door, Knock, Login, Standing, Subject};
use super::{begin, rows, rules};
use crate::accounts::account;
use crate::accounts::own::change_password;
use crate::accounts::rules::check_own_password;
use crate::companies;
use crate::passwords::{Guest, LONGEST, Passwords};
use crate::settings::Settings;

/// Lets a person in who knows the password.
pub async fn sign_in(platform: &Platform, settings: &Settings, passwords: &Passwords, knock: Knock) -> Result<Subject> {
    if [&knock.company, &knock.username, &knock.password].iter().any(|text| text.chars().count() > LONGEST) {
        return Err(refused());
    }
    if let Some(password) = &knock.new_password {
        check_own_password(&knock.password, password).check()?;
    }
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

/// The door that is knocked at; the transaction has entered its company.
async fn door(tx: &mut Tx, knock: &Knock) -> Result<Door> {
    let address = knock.address.clone();
    let door = match companies::rows::id_of_code(tx, &knock.company).await? {
        Some(company) => Door { company, name: knock.username.clone(), address },
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

async fn admit(tx: &mut Tx, door: &Door, login: Login, fresh: Option<&str>) -> Result<Subject> {
    let today = date_of(tx.now);
    tx.actor = Actor::of(login.id, login.employee.as_deref(), &login.username);
    rows::note_success(tx, &door.name, &door.address).await?;
    match fresh {
        Some(hash) => change_password(tx, login.id, &login.username, hash).await?,
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
        roles: rules::roles(account::roles(&login.roles), login.employee.is_some(), standing),
        employee: login.employee,
        name: login.username,
        scopes: Vec::new(),
    })
}

async fn turn_away(tx: &mut Tx, door: &Door, account: Option<&str>, settings: &Settings) -> Result<Subject> {
    count_failure(tx, door, account, settings).await?;
    Err(refused())
}

/// The same for every reason.
fn refused() -> Problem {
    Problem::new(
        Code::Unauthenticated,
        say!("公司、用户名或密码错误", "the company, the user name or the password is wrong"),
    )
}
