//! One's own account.

use actix_web::{HttpRequest, HttpResponse, put, web};
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{Errors, origin};
use platform::{Caller, JsonBody, Problem, Reply, Result, Tx, Write, say, web as platform_web};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rows::{self, NewPassword, Own};
use super::rules::check_password;
use crate::passwords::{Guest, Passwords};
use crate::permissions::ChangeOwnPassword;
use crate::settings::Settings;
use crate::tokens::routes::{Door, check_attempts, count_failure};

pub fn configure(config: &mut ServiceConfig) {
    config.service(change_own_password);
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
    check(&change)?;
    let _place = passwords.place(Guest::Known).await?;
    let (door, own) = platform_web::read(write.platform(), &caller, async |tx| {
        let company = tx.company;
        let own = rows::own(tx, caller.account).await?.ok_or_else(|| Problem::not_found(say!("账号", "account")))?;
        let door = Door { company, name: own.username.clone(), address: origin(&request).to_string() };
        check_attempts(tx, &door, &settings).await?;
        Ok((door, own))
    })
    .await?;
    let Own { username, password_hash } = own;
    if !passwords.check(change.old_password, Some(password_hash)).await? {
        platform_web::read(write.platform(), &caller, async |tx| {
            count_failure(tx, &door, Some(&username), &settings).await
        })
        .await?;
        return Err(Problem::field("/old_password", say!("旧密码不正确", "this is not your password")));
    }
    let hash = passwords.hash(change.new_password).await?;
    write
        .run(&caller, async |tx| {
            change_password(tx, caller.account, &username, &hash).await?;
            Ok(Reply::no_content())
        })
        .await
}

fn check(change: &PasswordChange) -> Result<()> {
    let mut errors = Errors::default();
    check_password(&mut errors, "/new_password", &change.new_password);
    if change.new_password == change.old_password {
        errors.add("/new_password", say!("新密码不能与旧密码相同", "the new password is the old one"));
    }
    errors.check()
}

/// Puts a password in place that the account's owner has chosen.
pub async fn change_password(tx: &mut Tx, account: Uuid, username: &str, hash: &str) -> Result<()> {
    let password = NewPassword { hash: hash.to_owned(), must_change: false };
    rows::change(tx, account, None, None, Some(&password)).await?;
    tx.audit("accounts.password-changed", username, json!({})).await
}
