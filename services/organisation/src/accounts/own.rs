//! One's own password.

use platform::auth::Permission;
use platform::{Caller, Platform, Problem, Result, Tx, say, web as platform_web};
use serde_json::json;
use uuid::Uuid;

use super::account::{NewPassword, Own};
use super::rows;
use crate::passwords::Passwords;
use crate::settings::Settings;
use crate::tokens::attempts::{check_attempts, count_failure};
use crate::tokens::sign_in::Door;

/// The name of the caller's account, if this is its password. A wrong one counts like one at sign-in.
pub async fn prove<P: Permission>(
    platform: &Platform,
    caller: &Caller<P>,
    settings: &Settings,
    passwords: &Passwords,
    password: String,
    address: String,
) -> Result<String> {
    let (door, own) = platform_web::read(platform, caller, async |tx| {
        let own = rows::own(tx, caller.account).await?.ok_or_else(|| Problem::not_found(say!("账号", "account")))?;
        let door = Door { company: tx.company, name: own.username.clone(), address: address.clone() };
        check_attempts(tx, &door, settings).await?;
        Ok((door, own))
    })
    .await?;
    let Own { username, password_hash } = own;
    if passwords.check(password, Some(password_hash)).await? {
        return Ok(username);
    }
    platform_web::read(platform, caller, async |tx| count_failure(tx, &door, Some(&username), settings).await).await?;
    Err(Problem::field("/old_password", say!("旧密码不正确", "this is not your password")))
}

/// Puts a password in place that the account's owner has chosen.
pub async fn change_password(tx: &mut Tx, account: Uuid, username: &str, hash: &str) -> Result<()> {
    let password = NewPassword { hash: hash.to_owned(), must_change: false };
    rows::change(tx, account, None, None, Some(&password)).await?;
    tx.audit("accounts.password-changed", username, json!({})).await
}
