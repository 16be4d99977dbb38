use std::time::Duration;

use jiff::SignedDuration;
use platform::{Job, Platform, Problem, Result};

use super::rows;

/// Days for which it is remembered where somebody has signed in.
const KNOWN_FOR: i64 = 90;

/// Forgets failed sign-ins after a day, so that names nobody has do not pile up.
pub fn forget_failures() -> Job {
    Job::new("sign-ins.forget-failures", Duration::from_secs(600), |platform| Box::pin(forget(platform)))
}

async fn forget(platform: Platform) -> Result<bool> {
    let now = platform.clock.now();
    let yesterday = now.checked_sub(SignedDuration::from_hours(24)).map_err(Problem::internal)?;
    let long_ago = now.checked_sub(SignedDuration::from_hours(24 * KNOWN_FOR)).map_err(Problem::internal)?;
    let mut tx = platform.store.begin_across_companies(now).await?;
    rows::forget_attempts(&mut tx, yesterday, long_ago).await?;
    tx.commit().await?;
    Ok(false)
}
