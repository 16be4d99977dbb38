use std::time::Duration;

use platform::clock::date_of;
use platform::{Job, Platform, Result};

use super::rows;
use crate::{bodies, calendar, delegations, employees, news, units};

/// Tells a company's units, people, bodies, delegations and calendar once more when a service has begun to listen that did not before.
pub fn tell_again() -> Job {
    Job::new("companies.tell-again", Duration::from_secs(60), |platform| Box::pin(tell(platform)))
}

async fn tell(platform: Platform) -> Result<bool> {
    let mut tx = platform.store.begin_across_companies(platform.clock.now()).await?;
    let Some(company) = rows::untold(&mut tx).await? else {
        tx.rollback().await?;
        return Ok(false);
    };
    tx.enter(company).await?;
    rows::lock(&mut tx).await?;
    let units = units::rows::load(&mut tx, None).await?;
    news::tell_units(&mut tx, &units).await?;
    let people = employees::rows::load(&mut tx, None).await?;
    news::tell_employees(&mut tx, &people).await?;
    let bodies = bodies::rows::load(&mut tx, None).await?;
    news::tell_bodies(&mut tx, bodies.into_iter().map(|(body, _)| body).collect()).await?;
    let delegations = delegations::rows::running(&mut tx, date_of(platform.clock.now())).await?;
    news::delegations_changed(&mut tx, &delegations).await?;
    let calendar = calendar::rows::load(&mut tx).await?;
    if calendar.version > 0 {
        news::tell_calendar(&mut tx, calendar).await?;
    }
    rows::told(&mut tx).await?;
    tx.commit().await?;
    Ok(true)
}
