use std::time::Duration;

use platform::clock::date_of;
use platform::{Job, Platform, Result};

use crate::{companies, news};

/// Derives every company's unit heads once a day: a move dated ahead may begin on it.
pub fn derive_heads() -> Job {
    Job::new("units.derive-heads", Duration::from_secs(30), |platform| Box::pin(derive(platform)))
}

async fn derive(platform: Platform) -> Result<bool> {
    let mut tx = platform.store.begin_across_companies(platform.clock.now()).await?;
    let today = date_of(tx.now);
    let Some(company) = companies::rows::with_old_heads(&mut tx, today).await? else {
        tx.rollback().await?;
        return Ok(false);
    };
    tx.enter(company).await?;
    companies::rows::lock(&mut tx).await?;
    news::units_changed(&mut tx, Vec::new(), today).await?;
    companies::rows::heads_derived(&mut tx, today).await?;
    tx.commit().await?;
    Ok(true)
}
