use std::time::Duration;

use jiff::SignedDuration;
use platform::{Job, Platform, Problem, Result};

use super::rows;

/// Forgets failed sign-ins after a day, so that names nobody has do not pile up.
pub fn forget_failures() -> Job {
    Job::new("sign-ins.forget-failures", Duration::from_secs(600), |platform| Box::pin(forget(platform)))
}

async fn forget(platform: Platform) -> Result<bool> {
    let now = platform.clock.now();
    let yesterday = now.checked_sub(SignedDuration::from_hours(24)).map_err(Problem::internal)?;
    let mut tx = platform.store.begin_across_companies(now).await?;
    rows::forget_failures_before(tx.conn(), yesterday).await?;
    tx.commit().await?;
    Ok(false)
}
