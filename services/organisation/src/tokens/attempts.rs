//! Wrong passwords are counted, and after too many a name has to wait.

use jiff::SignedDuration;
use platform::{Code, Problem, Result, Tx, say};
use serde_json::json;

use super::rows;
use super::rules::{self, LOCKED_FOR};
use super::sign_in::Door;
use crate::settings::Settings;

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

/// Counts a wrong password. What was typed is a stranger's: the log has the name of an account, or nothing.
pub async fn count_failure(tx: &mut Tx, door: &Door, account: Option<&str>, settings: &Settings) -> Result<()> {
    let until = tx.now.checked_add(SignedDuration::from_secs(LOCKED_FOR)).map_err(Problem::internal)?;
    let locks = rows::count_failure(tx, &door.name, &door.address, settings.failures_allowed, until).await?;
    if let Some(account) = account.filter(|_| locks) {
        let detail = json!({ "until": until.to_string(), "address": door.address });
        tx.audit("accounts.locked", account, detail).await?;
    }
    Ok(())
}
